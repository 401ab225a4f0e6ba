import { decide } from './decide.ts';
import { verdictsText } from './decision-record.ts';
import { evaluate } from './evaluate.ts';

/** The version of the evaluator that decides now. */
export const EVALUATOR_VERSION = 1;

/** What every version of the evaluator offers: the verdict, the decision made of verdicts, and its stored form. */
export interface Evaluator {
  readonly evaluate: typeof evaluate;
  readonly decide: typeof decide;
  readonly verdictsText: typeof verdictsText;
}

/**
 * All versions that have ever decided anything. A changed check, fold, choice or stored form is a new version beside the
 * old one; a version that has decided stays, so that its decisions can be replayed (requirement U2).
 */
export const EVALUATORS: ReadonlyMap<number, Evaluator> = new Map([[1, { evaluate, decide, verdictsText }]]);
