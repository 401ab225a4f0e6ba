import type { ConsentActAnswer, ConsentOverview } from './wire/consent.ts';

/** What an act is about, in words. */
export interface EffectScope {
  /** The hospital whose results are meant; null: all of them. */
  readonly hospitalZh: string | null;
  /** The restricted class; null: what is not restricted. */
  readonly classZh: string | null;
  /** The hospital whose doctors are meant; null: all that treat the patient. */
  readonly readerZh: string | null;
}

/** What an act about everything is about. */
export const ALL_HOSPITALS: EffectScope = { hospitalZh: null, classZh: null, readerZh: null };

type ToldKind = 'consented' | 'denied' | 'withdrawn';

/**
 * By which act's words a kind is told. Being informed opens what an agreement opens, except where the rule is to ask first
 * and of a restricted class: there it leaves things as they are without an agreement.
 */
export const toldKind = (
  kind: ConsentActAnswer['kind'],
  fallback: ConsentOverview['default'],
  isOfClass: boolean,
): ToldKind =>
  kind !== 'informed' ? kind : fallback === 'required' || isOfClass ? 'withdrawn' : 'consented';

const MEMBERS = { consented: 'consentedZh', denied: 'deniedZh', withdrawn: 'withdrawnZh' } as const;

/**
 * What follows from an act, in the plain words of the jurisdiction: those for one hospital or one class where the act is
 * about one. A wording that has none of these says what the act is about before its general words.
 */
export const consentEffect = (
  wording: Pick<ConsentOverview['wording'], 'effects' | 'hospitalEffects' | 'classEffects'>,
  kind: ToldKind,
  { hospitalZh, classZh, readerZh }: EffectScope,
): string => {
  const special =
    classZh !== null ? wording.classEffects : hospitalZh !== null ? wording.hospitalEffects : null;
  const about = [
    ...(hospitalZh !== null && (classZh !== null || special === null) ? [`只涉及${hospitalZh}的结果`] : []),
    ...(classZh !== null && special === null ? [`只涉及“${classZh}”类别`] : []),
    ...(readerZh !== null && special === null ? [`只对${readerZh}`] : []),
  ].join('，');
  const text = (special ?? wording.effects)[MEMBERS[kind]]
    .replaceAll('{hospital}', hospitalZh ?? '')
    .replaceAll('{class}', classZh ?? '')
    .replaceAll('{reader}', readerZh === null ? '其他医院的医生' : `${readerZh}的医生`);
  return about === '' ? text : `（${about}）${text}`;
};
