import { frameCopier } from '../../adapters/dicom/frame-copier.ts';
import { seriesToCopy } from '../../adapters/postgres/imaging-view-copies.ts';
import { Fault } from '../../kernel/fault.ts';
import type { ImagingDependencies } from '../flows/imaging/imaging-work.ts';
import { copyOneSeries } from '../flows/imaging/view-copies.ts';
import { takeTurns, type Worker } from './turns.ts';

const TURN_MS = 2_000;
const LOOKED_AT = 50;

/**
 * Makes view copies of closed series, one after the other, the last closed first. A series that cannot be copied for an
 * unforeseen reason is told and left alone until the program starts again: the others do not wait behind it.
 */
export const startCopying = (
  dependencies: ImagingDependencies,
  onError: (error: unknown) => void,
): Worker => {
  const copier = frameCopier();
  const stopping = new AbortController();
  const givenUp = new Set<string>();
  const worker = takeTurns(async () => {
    const waiting = await seriesToCopy(dependencies.database, LOOKED_AT + givenUp.size);
    const series = waiting.find(({ manifest }) => !givenUp.has(manifest));
    if (!series) {
      await copier.rest();
      return TURN_MS;
    }
    try {
      await copyOneSeries({ ...dependencies, copier }, series, stopping.signal);
    } catch (error) {
      // A database that is away or a full disk is no fault of this series.
      if (!(error instanceof Fault && error.status === 503)) givenUp.add(series.manifest);
      throw error;
    }
    return 0;
  }, onError);
  return {
    async stop() {
      stopping.abort();
      // Ends the frame under way, which on a busy machine could take longer than anybody waits for a stop.
      await copier.close();
      await worker.stop();
    },
  };
};
