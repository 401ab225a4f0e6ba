import variationTable from '../../data/biological-variation.json' with { type: 'json' };
import {
  compareResults,
  convertValue,
  type ItemDefinition,
  type Side,
  specimenFit,
} from '../catalogue/index.ts';
import { parseReferenceInterval } from './reference-interval.ts';
import { isIssued, type Standing } from './standing.ts';

/** How a value was got and printed: the same for all that one laboratory reports of an item by one procedure. */
export interface SeriesCircumstances {
  /** UCUM; null when not understood; '' when none was stated. */
  readonly unit: string | null;
  readonly unitText: string;
  readonly referenceText: string;
  readonly methodClass: string | null;
  /** Who did the analysis; results of one laboratory are compared with each other even where no method is stated. */
  readonly performer: string;
  readonly specimen: string | null;
  readonly side: Side | null;
  readonly timePoint: string | null;
  readonly pointOfCare: boolean;
}

/** What of a single value decides its place. */
export interface SeriesValue {
  readonly standing: Standing;
  /** Somebody says that it is another person's; being looked into. */
  readonly disputed: boolean;
  readonly number: number | null;
  readonly comparator: string | null;
}

/** Why a value stands on its curve, or on none. */
export type CurveFinding =
  | 'standardised'
  | 'same-method'
  | 'same-laboratory'
  | 'not-issued'
  | 'disputed'
  | 'no-number'
  | 'beyond-limit'
  | 'unit-not-understood'
  | 'unit-not-stated'
  | 'unit-not-convertible';

/** Where values got in the same circumstances go in the series of their item. */
export interface SeriesTrack {
  /** Limits of the interval that this laboratory printed, in the item's unit. */
  readonly low: number | null;
  readonly high: number | null;
  /** A line may join two values if and only if they name the same curve. */
  readonly curve: string | null;
  readonly finding: CurveFinding;
  /** A number as printed in the item's unit; null when that cannot be done with certainty. */
  readonly toItemUnit: (printed: number) => number | null;
}

/** A value in the unit of its item, with the curve on which it may be joined to others. */
export interface SeriesPoint {
  /** In the item's unit; null when that cannot be done with certainty. */
  readonly value: number | null;
  /** True when `value` is not the printed number. */
  readonly converted: boolean;
  /** False: the value stands alone, whatever others of its circumstances do. */
  readonly joined: boolean;
  readonly finding: CurveFinding;
}

const convert = (value: number, unit: string, item: ItemDefinition | null): number | null =>
  item?.unit ? convertValue(value, unit, item.unit, item.code) : value;

const limitsOf = (
  referenceText: string,
  unit: string,
  item: ItemDefinition | null,
): { low: number | null; high: number | null } => {
  const interval = parseReferenceInterval(referenceText);
  switch (interval?.kind) {
    case 'between':
      return { low: convert(interval.low, unit, item), high: convert(interval.high, unit, item) };
    case 'below':
      return { low: null, high: convert(interval.limit, unit, item) };
    case 'above':
      return { low: convert(interval.limit, unit, item), high: null };
    default:
      return { low: null, high: null };
  }
};

/** Everything about how a value was got that keeps it apart from values got otherwise. */
const circumstancesOf = (
  item: ItemDefinition | null,
  reading: SeriesCircumstances,
): readonly (string | boolean | null)[] => [
  item !== null && specimenFit(item, reading.specimen) === 'fits' ? null : reading.specimen,
  reading.side,
  reading.timePoint,
  reading.pointOfCare,
  item?.unit ? null : reading.unitText,
];

const UNIT_FINDINGS: ReadonlySet<string> = new Set([
  'unit-not-understood',
  'unit-not-stated',
  'unit-not-convertible',
]);

/** By what values may be joined to others, as part of the curve's name; or why they may not. */
const basisOf = (
  item: ItemDefinition | null,
  reading: SeriesCircumstances,
): { readonly finding: CurveFinding; readonly basis: string | null } => {
  const { methodClass } = reading;
  const inOneLaboratory = { finding: 'same-laboratory', basis: `laboratory ${reading.performer}` } as const;
  if (item) {
    // Against itself: says what makes it comparable at all.
    const { finding } = compareResults(item, reading, { methodClass }, 'series');
    if (UNIT_FINDINGS.has(finding)) return { finding: finding as CurveFinding, basis: null };
    if (finding === 'standardised') return { finding, basis: 'standardised' };
  }
  if (item === null || methodClass === null) return inOneLaboratory;
  return { finding: 'same-method', basis: `method ${methodClass}` };
};

/**
 * The track of an item (null: a local code that waits for its mapping) for some circumstances (U5). Joined are only values
 * of which a difference may be read: class A of the catalogue always, others by the same method, and where the reports
 * name no method, values of one laboratory.
 */
export const seriesTrack = (item: ItemDefinition | null, circumstances: SeriesCircumstances): SeriesTrack => {
  const { finding, basis } = basisOf(item, circumstances);
  if (basis === null) return { low: null, high: null, curve: null, finding, toItemUnit: () => null };
  const unit = circumstances.unit ?? '';
  return {
    ...limitsOf(circumstances.referenceText, unit, item),
    curve: JSON.stringify([basis, ...circumstancesOf(item, circumstances)]),
    finding,
    toItemUnit: (printed) => convert(printed, unit, item),
  };
};

/**
 * Places one value on its track. Values below or beyond a limit, preliminary, withdrawn and disputed ones stand alone.
 */
export const seriesPoint = (
  track: SeriesTrack,
  { standing, disputed, number, comparator }: SeriesValue,
): SeriesPoint => {
  const value = number === null ? null : track.toItemUnit(number);
  const converted = value !== null && value !== number;
  const alone = (finding: CurveFinding): SeriesPoint => ({ value, converted, joined: false, finding });
  if (number === null) return alone('no-number');
  if (track.curve === null) return alone(track.finding);
  if (disputed) return alone('disputed');
  if (!isIssued(standing)) return alone('not-issued');
  if (comparator !== null) return alone('beyond-limit');
  return { value, converted, joined: true, finding: track.finding };
};

/** True while the table of biological variation waits for its check against the source: what rests on it says so. */
export const IS_VARIATION_DRAFT = variationTable.status === 'draft';

interface Variation {
  readonly withinPerson: number;
  readonly analytical: number;
  readonly bias: number | null;
}

const VARIATIONS: Readonly<Record<string, Variation | undefined>> = variationTable.items;
/** Two-sided 95 %. */
const Z = 1.96;

/**
 * The reference change value of an item in per cent: √2 · 1.96 · √(CVa² + CVi²), with the largest imprecision that is
 * allowed. Between two laboratories each may be off by the largest allowed bias, so twice that comes on top; where no
 * limit of bias is known nothing is claimed between them.
 */
export const referenceChangePercent = (item: string, sameLaboratory: boolean): number | null => {
  const variation = Object.hasOwn(VARIATIONS, item) ? VARIATIONS[item] : undefined;
  if (!variation) return null;
  const within = Math.SQRT2 * Z * Math.hypot(variation.analytical, variation.withinPerson);
  if (sameLaboratory) return within;
  return variation.bias === null ? null : within + 2 * variation.bias;
};

/**
 * Is the difference of one value from the one before it on its curve more than variation explains?
 *
 * @param limitPercent the reference change value; null: not known
 * @returns null when that cannot be said
 */
export const exceedsVariation = (
  earlier: number,
  later: number,
  limitPercent: number | null,
): boolean | null =>
  earlier === 0 || limitPercent === null ? null : Math.abs((later - earlier) / earlier) * 100 > limitPercent;
