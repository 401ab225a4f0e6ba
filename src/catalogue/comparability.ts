import type { ItemDefinition } from './item.ts';
import { areConvertible } from './unit-conversion.ts';

/** What of a result decides whether it can be set beside another one. */
export interface ComparedValue {
  /** Class of `data/methods.json` or a platform named by a code map; null when unknown. */
  readonly methodClass: string | null;
  /** UCUM; null when not understood; '' when none was stated. */
  readonly unit: string | null;
}

/**
 * What the comparison is for. `finding`: the earlier value answers the question once. `series`: values are put in a row
 * and differences are read from them, which needs the same method.
 */
export type ComparisonUse = 'finding' | 'series';

/** Outcome, and the finding that explains it. */
export interface Comparability {
  readonly comparable: 'yes' | 'no' | 'unknown';
  readonly finding:
    | 'standardised'
    | 'harmonised'
    | 'same-method'
    | 'single-finding'
    | 'method-differs'
    | 'method-unknown'
    | 'class-unknown'
    | 'unit-not-understood'
    | 'unit-not-stated'
    | 'unit-not-convertible';
}

const outcome = (
  comparable: Comparability['comparable'],
  finding: Comparability['finding'],
): Comparability => ({
  comparable,
  finding,
});

const compareUnits = (item: ItemDefinition, unit: string | null): Comparability | null => {
  if (!item.unit) return null;
  if (unit === null) return outcome('unknown', 'unit-not-understood');
  if (unit === '') return outcome('unknown', 'unit-not-stated');
  return areConvertible(unit, item.unit, item.code) ? null : outcome('no', 'unit-not-convertible');
};

/**
 * Whether an earlier value of the item can stand beside what is asked for now (U5). Class A compares everywhere; B
 * inside an EQA-harmonised group, which for a series means the same method; C depends on the platform: good for a single
 * finding unless another method is asked for, and for a series only by the same one. An item without a class is not
 * compared in a series.
 *
 * @param asked method the ordering side wants or follows; null when it says nothing
 */
export const compareResults = (
  item: ItemDefinition,
  earlier: ComparedValue,
  asked: { readonly methodClass: string | null },
  use: ComparisonUse,
): Comparability => {
  const byUnit = compareUnits(item, earlier.unit);
  if (byUnit) return byUnit;
  if (item.comparability === 'A') return outcome('yes', 'standardised');
  const known = earlier.methodClass !== null && asked.methodClass !== null;
  if (known && earlier.methodClass === asked.methodClass) return outcome('yes', 'same-method');
  if (use === 'series') {
    if (!item.comparability) return outcome('unknown', 'class-unknown');
    return known ? outcome('no', 'method-differs') : outcome('unknown', 'method-unknown');
  }
  if (item.comparability === 'B') return outcome('yes', 'harmonised');
  if (item.comparability === 'C' && known) return outcome('no', 'method-differs');
  if (item.comparability === 'C' && asked.methodClass !== null) return outcome('unknown', 'method-unknown');
  return outcome('yes', 'single-finding');
};
