import { isTakenBack, type ReportDifference, type Standing } from '../result/index.ts';
import type { CorrectionKind } from './correction.ts';

/** What a ticket is about, as far as an amended report can answer it. */
export interface DisputedPart {
  readonly kind: CorrectionKind;
  /** The value; null: the report as a whole. */
  readonly ordinal: number | null;
}

/** A later version of the report that a ticket is about. */
export interface Amendment {
  /** True when the whole report was withdrawn, cancelled or entered in error. */
  readonly isGone: boolean;
  readonly differences: readonly ReportDifference[];
}

/** True when the line that a ticket is about, or the whole report, was taken back. */
export const isPartTakenBack = ({ ordinal }: Pick<DisputedPart, 'ordinal'>, amendment: Amendment): boolean =>
  amendment.isGone ||
  (ordinal !== null &&
    amendment.differences.some(
      (each) =>
        each.ordinal === ordinal &&
        ((each.field === 'standing' && isTakenBack(each.to as Standing)) ||
          (each.field === 'line' && each.to === null)),
    ));

/**
 * What a later version does to an open ticket. `closes`: the disputed value itself is now stated otherwise, or is gone,
 * so the source has answered. `offers`: something else changed, or whose result it is was in question and only a person
 * can say; the desk is shown the version and decides. Another person's result is never given back by a message alone.
 */
export const amendmentAnswers = (disputed: DisputedPart, amendment: Amendment): 'closes' | 'offers' => {
  if (isPartTakenBack(disputed, amendment)) return 'closes';
  const { kind, ordinal } = disputed;
  if (kind !== 'wrong-value' && kind !== 'wrong-unit') return 'offers';
  const isAnswered = amendment.differences.some(({ ordinal: line, field }) =>
    ordinal === null
      ? kind === 'wrong-value' && (field === 'findings' || field === 'impression')
      : line === ordinal && (kind === 'wrong-value' ? field === 'value' : field === 'unit'),
  );
  return isAnswered ? 'closes' : 'offers';
};
