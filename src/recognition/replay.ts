import { raiser } from '../kernel/fault.ts';
import type { Instant } from '../kernel/instant.ts';
import { type Decision, decide, type Search } from './decide.ts';
import {
  type DecisionFacts,
  type DecisionRecord,
  type ErasedFacts,
  factsText,
  readFacts,
  verdictsText,
} from './decision-record.ts';
import { EVALUATOR_VERSION, EVALUATORS } from './evaluators.ts';
import { RECOGNITION_FAULTS } from './faults.ts';
import type { OrderSession } from './order-session.ts';
import type { CompiledSnapshot } from './snapshot.ts';

const raise = raiser(RECOGNITION_FAULTS);

/** Decides with the evaluator of today and writes the record that is stored with the decision. */
export const decideAndRecord = (
  session: OrderSession,
  search: Search,
  snapshot: CompiledSnapshot,
  at: Instant,
): { readonly decision: Decision; readonly record: DecisionRecord } => {
  const decision = decide(session, search, snapshot, at);
  return {
    decision,
    record: {
      evaluator: EVALUATOR_VERSION,
      snapshotId: snapshot.id,
      facts: factsText({ session, search, at }),
      verdicts: verdictsText(decision),
    },
  };
};

/** What became of a replay: the same bytes, other bytes, or facts that were lawfully erased. */
export type Replay =
  | {
      readonly outcome: 'same' | 'different';
      readonly facts: DecisionFacts;
      readonly decision: Decision;
      /** What the replay decided, as canonical JSON, to lay beside the stored text. */
      readonly verdicts: string;
    }
  | { readonly outcome: 'facts-erased'; readonly erased: ErasedFacts };

/**
 * Decides once more on the stored facts, with the evaluator version and the lists of that day (requirement U2).
 *
 * @param snapshot the compiled snapshot that the record names
 * @throws EVALUATOR_UNKNOWN, DECISION_SNAPSHOT_OTHER, DECISION_UNREADABLE
 */
export const replay = (record: DecisionRecord, snapshot: CompiledSnapshot): Replay => {
  const evaluator = EVALUATORS.get(record.evaluator);
  if (evaluator === undefined) throw raise('EVALUATOR_UNKNOWN', { detail: String(record.evaluator) });
  if (snapshot.id !== record.snapshotId) throw raise('DECISION_SNAPSHOT_OTHER', { place: record.snapshotId });
  const facts = readFacts(record.facts);
  if ('erased' in facts) return { outcome: 'facts-erased', erased: facts.erased };
  const decision = evaluator.decide(facts.session, facts.search, snapshot, facts.at);
  const verdicts = evaluator.verdictsText(decision);
  return { outcome: verdicts === record.verdicts ? 'same' : 'different', facts, decision, verdicts };
};
