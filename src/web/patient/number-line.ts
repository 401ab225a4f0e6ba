import type { HistoryPoint } from '../kit/history.ts';

/** Where a value stands beside the interval that its own laboratory printed, on a line of 100 units. */
export interface NumberLine {
  /** Ends of the band; 0 or 100 where the laboratory printed no limit on that side. */
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly position: 'below' | 'within' | 'above';
}

/** Room beside the band, as a share of its width. */
const MARGIN = 0.6;
/** The line ends here for values far outside; where exactly they would be, the number says. */
const EDGE = 3;

type LinedPoint = Pick<HistoryPoint, 'value' | 'low' | 'high' | 'comparator' | 'standing'>;

/**
 * The number line of a value; null where one would claim too much: no number, beyond a detection limit, or no limits
 * printed. The band is that of the laboratory that measured, never a common one.
 */
export const numberLine = ({ value, low, high, comparator }: LinedPoint): NumberLine | null => {
  if (value === null || comparator !== null || (low === null && high === null)) return null;
  const bottom = low ?? 0;
  const top = high ?? (low as number) * 2;
  const width = top - bottom;
  if (width <= 0) return null;
  const start = low === null ? bottom : bottom - width * MARGIN;
  const end = high === null ? top : top + width * MARGIN;
  const placed = (number: number): number => ((number - start) / (end - start)) * 100;
  return {
    from: low === null ? 0 : placed(bottom),
    to: high === null ? 100 : placed(top),
    at: Math.min(100 - EDGE, Math.max(EDGE, placed(value))),
    low,
    high,
    position: low !== null && value < low ? 'below' : high !== null && value > high ? 'above' : 'within',
  };
};
