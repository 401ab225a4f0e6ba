import type { Session } from '../../../adapters/postgres/database.ts';
import { everLinked } from '../../../adapters/postgres/reports-marks.ts';
import {
  markDecision,
  readDecisionsNaming,
  type WeighedMark,
} from '../../../adapters/postgres/weighed-decisions.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { type CandidateFacts, readFacts } from '../../../recognition/index.ts';

/** Between which moments a decision must have been made; null leaves a side open. */
export interface DecidedBetween {
  readonly from: Instant | null;
  readonly to: Instant | null;
}

const ANY_TIME: DecidedBetween = { from: null, to: null };

/**
 * Marks the decisions that weighed certain results of a report, by the facts they were made on. Call it in the transaction
 * of the change it tells of, or after it.
 *
 * @param personKey whose report it is; decisions about everyone ever linked with him are looked at
 * @returns how many decisions were marked
 */
export const markWeighed = async (
  session: Session,
  personKey: string,
  mark: WeighedMark,
  isMeant: (candidate: CandidateFacts) => boolean,
  { from, to }: DecidedBetween = ANY_TIME,
): Promise<number> => {
  const persons = await everLinked(session, personKey);
  let marked = 0;
  for (const decision of await readDecisionsNaming(session, persons, mark.report, from, to)) {
    const facts = readFacts(decision.facts);
    if ('erased' in facts || facts.search.kind !== 'searched') continue;
    if (!facts.search.candidates.some((each) => each.report === mark.report && isMeant(each))) continue;
    if (await markDecision(session, decision, mark)) marked++;
  }
  return marked;
};
