import { HOUR_MS, type Instant } from '../kernel/instant.ts';

/** How long after the last image the rest of an announced study is waited for. */
const UPLOAD_HOURS = 24;

/** What is counted of the images of a study or a report. */
export interface CountedImages {
  readonly received: number;
  /** Images that the sender announced; null: none. */
  readonly announced: number | null;
  /** Whether a series of it is still open. */
  readonly isOpen: boolean;
  readonly lastAt: Instant;
}

/**
 * How far the images have come: `receiving` while more are on the way (上传中), `incomplete` where announced ones have not
 * come for a day, `complete` otherwise. Images on the way are never missing ones (影像缺失).
 */
export const IMAGE_ARRIVALS = ['receiving', 'incomplete', 'complete'] as const;
/** One of `IMAGE_ARRIVALS`. */
export type ImageArrival = (typeof IMAGE_ARRIVALS)[number];

/** How far counted images have come at a moment. */
export const imageArrival = (
  { received, announced, isOpen, lastAt }: CountedImages,
  at: Instant,
): ImageArrival => {
  if (isOpen) return 'receiving';
  if (announced === null || announced <= received) return 'complete';
  return at - lastAt < UPLOAD_HOURS * HOUR_MS ? 'receiving' : 'incomplete';
};
