import type { Side } from '../catalogue/index.ts';
import type { StatedSide } from './study-facts.ts';

/** A side that images state, and another that their report does. */
export interface SideContradiction {
  /** Of the images; `unclear` where their own headers contradict each other. */
  readonly images: Side | 'unclear';
  readonly report: Side;
}

/**
 * Whether images are of another side than their report. Nothing contradicts a report of several sides, a report of none, or
 * images that show both; what images do not state they do not contradict.
 *
 * @param reported side of each result of the report
 */
export const contradictedSide = (
  images: StatedSide,
  reported: readonly (Side | null)[],
): SideContradiction | null => {
  const sides = new Set(reported.filter((side) => side !== null));
  const [report] = sides;
  if (report === undefined || report === 'both' || sides.size > 1) return null;
  if (images === null || images === 'both' || images === report) return null;
  return { images, report };
};
