import { foldColdSeries } from '../flows/imaging/fold-series.ts';
import { readFactsAnew } from '../flows/imaging/read-facts-anew.ts';
import { type ProofDependencies, studyProver } from '../flows/imaging/prove-study.ts';
import { DAY_MS } from '../../kernel/instant.ts';
import { farMover, recallNext, type TierDependencies } from '../flows/imaging/tiers.ts';
import { takeTurns, type Worker } from './turns.ts';

const TURN_MS = 10_000;

/**
 * What keeps images beside receiving them: facts that an older program read are read anew, rows of series that are no longer hot go, studies are proved one after another, and
 * those that nobody opened for long move to the far tier. It rests as long as it worked, so that half of a disk is always left to those who read and send.
 */
export const startKeeping = (
  dependencies: ProofDependencies & TierDependencies,
  farAfterDays: number | null,
  onError: (error: unknown) => void,
): Worker => {
  const { clock } = dependencies;
  const jobs: readonly (() => Promise<boolean>)[] = [
    async () => (await readFactsAnew(dependencies)) > 0,
    async () => (await foldColdSeries(dependencies)).length > 0,
    studyProver(dependencies),
    farMover(dependencies, farAfterDays === null ? null : farAfterDays * DAY_MS),
  ];
  return takeTurns(async () => {
    const startedAt = clock();
    let hasWorked = false;
    for (const job of jobs)
      try {
        if (await job()) hasWorked = true;
      } catch (error) {
        // What stops one of them does not stop the others.
        onError(error);
      }
    return hasWorked ? Math.max(1, clock() - startedAt) : TURN_MS;
  }, onError);
};

const RECALL_TURN_MS = 1_000;

/** Brings studies near again that somebody opened. Somebody waits for each: apart from all other work. */
export const startRecalling = (dependencies: TierDependencies, onError: (error: unknown) => void): Worker =>
  takeTurns(async () => ((await recallNext(dependencies)) ? 0 : RECALL_TURN_MS), onError);
