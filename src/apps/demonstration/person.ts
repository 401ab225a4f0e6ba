import type { ZONES } from './region.ts';

/** Lasting conditions of an invented person; each shifts laboratory values and brings its own visits. */
export type Condition =
  | 'diabetes'
  | 'hypertension'
  | 'ckd'
  | 'hepatitis-b'
  | 'hyperthyroid'
  | 'hypothyroid'
  | 'thyroid-nodule'
  | 'tumour'
  | 'coronary'
  | 'gout'
  | 'hyperlipidaemia'
  | 'anaemia'
  | 'knee'
  | 'spine'
  | 'pregnancy';

/** Where a household lives: the county, or one of the two cities. */
export type Home = keyof Pick<typeof ZONES, 'consortium' | 'wangxi' | 'qinglan'>;

/** An invented person as the truth knows them. What a hospital writes down of them may differ. */
export interface DemonstrationPerson {
  /** Stable inside one seed: `h12-p2`, or the cast's own key. */
  readonly key: string;
  /** Number over the whole region, from 1; record numbers are made from it. */
  readonly number: number;
  readonly name: string;
  readonly sex: 'male' | 'female';
  /** `19850412`. */
  readonly birthDate: string;
  /** 18-digit number with a valid check digit; null for a newborn that has none yet and for visitors. */
  readonly nationalId: string | null;
  /** Another document, for those without a national ID. */
  readonly document?: {
    readonly kind: 'passport' | 'hk-macao-permit' | 'taiwan-permit';
    readonly number: string;
  };
  readonly phone: string;
  readonly address: string;
  readonly home: Home;
  readonly mother?: DemonstrationPerson;
  /** Among children of one birth. */
  readonly birthOrder?: number;
  readonly multipleBirth?: boolean;
  readonly conditions: readonly Condition[];
}

/** Full years of age on a day given as `YYYYMMDD`. */
export const ageOn = (birthDate: string, day: string): number =>
  Math.floor((Number(day) - Number(birthDate)) / 10_000);
