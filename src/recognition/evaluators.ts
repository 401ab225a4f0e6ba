import type { Instant } from '../kernel/instant.ts';
import { evaluate } from './evaluate.ts';
import type { CandidateFacts, OrderFacts, PatientFacts } from './facts.ts';
import type { CompiledSnapshot } from './snapshot.ts';
import type { Verdict } from './verdict.ts';

/** The version of the evaluator that decides now. */
export const EVALUATOR_VERSION = 1;

/** What every version of the evaluator looks like from outside. */
export type Evaluator = (
  order: OrderFacts,
  candidate: CandidateFacts,
  snapshot: CompiledSnapshot,
  patient: PatientFacts,
  at: Instant,
) => Verdict;

/**
 * All versions that have ever decided anything. A changed check, fold or order of checks is a new version beside the
 * old one; a version that has decided stays, so that its decisions can be replayed (requirement U2).
 */
export const EVALUATORS: ReadonlyMap<number, Evaluator> = new Map([[1, evaluate]]);
