import { foldColdSeries } from '../flows/imaging/fold-series.ts';
import { type ProofDependencies, proveNextStudy } from '../flows/imaging/prove-study.ts';
import { takeTurns, type Worker } from './turns.ts';

const TURN_MS = 10_000;

/**
 * What keeps images beside receiving them: rows of series that are no longer hot go, and studies are proved one after
 * another. It rests as long as it worked, so that half of a disk is always left to those who read and send.
 */
export const startKeeping = (dependencies: ProofDependencies, onError: (error: unknown) => void): Worker =>
  takeTurns(async () => {
    const { clock } = dependencies;
    const startedAt = clock();
    const hasFolded = (await foldColdSeries(dependencies)) > 0;
    const hasProved = await proveNextStudy(dependencies);
    return hasFolded || hasProved ? Math.max(1, clock() - startedAt) : TURN_MS;
  }, onError);
