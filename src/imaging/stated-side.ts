import type { Side } from '../catalogue/index.ts';
import type { StatedSide } from './study-facts.ts';

/** A side that images state, and another that their report or their order does. */
export interface SideContradiction {
  /** Of the images; `unclear` where their own headers contradict each other. */
  readonly images: Side | 'unclear';
  readonly stated: Side;
}

/**
 * Whether images are of another side than their report, or than what was ordered. Nothing contradicts several sides, none, or
 * images that show both; what images do not state they do not contradict.
 *
 * @param others side of each result of the report, or of each line of the order
 */
export const contradictedSide = (
  images: StatedSide,
  others: readonly (Side | null)[],
): SideContradiction | null => {
  const sides = new Set(others.filter((side) => side !== null));
  const [stated] = sides;
  if (stated === undefined || stated === 'both' || sides.size > 1) return null;
  if (images === null || images === 'both' || images === stated) return null;
  return { images, stated };
};
