import type { Plan } from './figures.ts';
import { type Figure, figure } from './measure.ts';
import { timeViewer, type ViewingTimes } from './viewer.ts';
import { SLICES } from './viewer-site.ts';

const ROUNDS = 5;
const ROUNDS_QUICK = 3;
/** The originals' pixels. */
const ORIGINAL_BYTES = SLICES * 512 * 512 * 2;

/** Figures of the viewer, for the table; none where no browser is installed, which is said. */
export const viewerFigures = async (plan: Plan): Promise<readonly Figure[]> => {
  const times = await timeViewer(plan.folder, plan.seconds < 10 ? ROUNDS_QUICK : ROUNDS, plan.say);
  if (typeof times === 'string') {
    plan.say(times);
    return [];
  }
  const { original, copy, floor, copySeconds, copyBytes } = times;
  const of = (what: string, { preview, pixels, kilobytes, allSeconds, drawnPerSecond }: ViewingTimes) => [
    figure({ name: `viewer, ${what}: preview`, value: preview, unit: 'ms', atMost: 400 }),
    figure({
      name: `viewer, ${what}: first real pixels`,
      value: pixels,
      unit: 'ms',
      floor: floor.pixels,
      ratio: pixels / floor.pixels,
      atMost: 1_200,
    }),
    figure({
      name: `viewer, ${what}: came down the line before them`,
      value: kilobytes,
      unit: 'kB',
      floor: floor.kilobytes,
      ratio: kilobytes / floor.kilobytes,
    }),
    figure({ name: `viewer, ${what}: all ${SLICES} slices`, value: allSeconds, unit: 's' }),
    figure({
      name: `viewer, ${what}: slices drawn while scrolling`,
      value: drawnPerSecond,
      unit: '/s',
      atLeast: 30,
    }),
  ];
  return [
    ...of('CT at 20 Mbit/s, originals', original),
    ...of('CT at 20 Mbit/s, view copy', copy),
    figure({ name: `view copy of ${SLICES} slices, proven`, value: SLICES / copySeconds, unit: 'slices/s' }),
    figure({
      name: 'view copy, beside the pixels of its original',
      value: copyBytes / 1e6,
      unit: 'MB',
      floor: ORIGINAL_BYTES / 1e6,
      ratio: copyBytes / ORIGINAL_BYTES,
    }),
  ];
};
