import { HOUR_MS, type Instant, instant } from '../../kernel/instant.ts';
import type { ImagingDependencies } from '../flows/imaging/imaging-work.ts';
import { closeQuietSeries } from '../flows/imaging/close-series.ts';
import { takeTurns, type Worker } from './turns.ts';

const TURN_MS = 2_000;
/** Nobody who still sends adds nothing for this long: what lies half written was left by a crash. */
const ABANDONED_MS = HOUR_MS;

/** Closes series to which nothing was added for a while, turn after turn, and sweeps half-written objects away. */
export const startClosing = (
  dependencies: ImagingDependencies,
  onError: (error: unknown) => void,
): Worker => {
  let sweptAt: Instant | undefined;
  return takeTurns(async () => {
    const at = dependencies.clock();
    if (sweptAt === undefined || at - sweptAt > ABANDONED_MS) {
      sweptAt = at;
      await dependencies.images.sweep(instant(at - ABANDONED_MS));
    }
    return (await closeQuietSeries(dependencies)) > 0 ? 0 : TURN_MS;
  }, onError);
};
