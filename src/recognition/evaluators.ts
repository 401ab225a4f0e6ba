import { ZONE_CHECKS_1, ZONE_CHECKS_2, ZONE_CHECKS_3, ZONE_CHECKS_4 } from './checks/checks.ts';
import { type Decide, decide, decideWith } from './decide.ts';
import { verdictsText } from './decision-record.ts';
import { type Evaluate, evaluate, evaluateWith } from './evaluate.ts';

/** The version of the evaluator that decides now. */
export const EVALUATOR_VERSION = 5;

/** What every version of the evaluator offers: the verdict, the decision made of verdicts, and its stored form. */
export interface Evaluator {
  readonly evaluate: Evaluate;
  readonly decide: Decide;
  readonly verdictsText: typeof verdictsText;
}

const evaluate1 = evaluateWith(ZONE_CHECKS_1);
const evaluate2 = evaluateWith(ZONE_CHECKS_2);
const evaluate3 = evaluateWith(ZONE_CHECKS_3);
const evaluate4 = evaluateWith(ZONE_CHECKS_4);

/**
 * All versions that have ever decided anything. A changed check, fold, choice or stored form is a new version beside the
 * old one; a version that has decided stays, so that its decisions can be replayed (requirement U2).
 *
 * 1: whether images are there was all that was asked of them.
 * 2: what the headers of the images state is measured against the requirements of the item. Facts that tell stacks apart are
 *    judged by one stack, those of before by the thinnest alone: both replay as they were decided.
 * 3: each phase, plane and sequence that is asked has a series of its own that meets the lengths asked, and of a report with several
 *    studies each is looked at.
 * 4: documents and localisers are no images, slices with gaps between them and reformats no thin slices, and a side, part or kind of
 *    image that no header states is told.
 * 5: each series is judged by the part that it shows, and what is still coming by what has come.
 */
export const EVALUATORS: ReadonlyMap<number, Evaluator> = new Map([
  [1, { evaluate: evaluate1, decide: decideWith(evaluate1), verdictsText }],
  [2, { evaluate: evaluate2, decide: decideWith(evaluate2), verdictsText }],
  [3, { evaluate: evaluate3, decide: decideWith(evaluate3), verdictsText }],
  [4, { evaluate: evaluate4, decide: decideWith(evaluate4), verdictsText }],
  [EVALUATOR_VERSION, { evaluate, decide, verdictsText }],
]);
