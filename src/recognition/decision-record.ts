import { canonicalJson, type JsonValue } from '../kernel/canonical-json.ts';
import { raiser } from '../kernel/fault.ts';
import type { Instant } from '../kernel/instant.ts';
import { readCandidates, type WrittenCandidates, writeCandidates } from './candidate-codec.ts';
import type { Assessed, Decision, LineDecision, PartDecision, Search } from './decide.ts';
import type { PatientFacts } from './facts.ts';
import { RECOGNITION_FAULTS } from './faults.ts';
import type { OrderSession } from './order-session.ts';

const raise = raiser(RECOGNITION_FAULTS);

/** A decision as it is stored: what was decided on, and what was decided, each as canonical JSON. */
export interface DecisionRecord {
  readonly evaluator: number;
  readonly snapshotId: string;
  readonly facts: string;
  readonly verdicts: string;
}

/** What a decision was made on. */
export interface DecisionFacts {
  readonly session: OrderSession;
  readonly search: Search;
  readonly at: Instant;
}

/** Facts that were lawfully erased: by whose word and when. Such a decision replays as `facts-erased`. */
export interface ErasedFacts {
  readonly authority: string;
  readonly erasedAt: Instant;
}

/** The facts of a decision as canonical JSON. */
export const factsText = ({ session, search, at }: DecisionFacts): string =>
  canonicalJson({
    at,
    order: session as unknown as JsonValue,
    ...(search.kind === 'searched'
      ? {
          ...(writeCandidates(search.candidates) as unknown as { [member: string]: JsonValue }),
          interventions: search.patient.interventions as JsonValue,
          ...(search.ownRecordOnly ? { ownRecordOnly: true } : {}),
        }
      : { notChecked: search.reason }),
  });

/** The text that takes the place of facts that were lawfully erased. */
export const erasedFactsText = (erased: ErasedFacts): string =>
  canonicalJson({ erased: erased as unknown as JsonValue });

/**
 * Reads the facts of a stored decision back.
 *
 * @throws DECISION_UNREADABLE
 */
export const readFacts = (text: string): DecisionFacts | { readonly erased: ErasedFacts } => {
  try {
    const written = JSON.parse(text) as { readonly [member: string]: unknown };
    if ('erased' in written) return { erased: written['erased'] as ErasedFacts };
    const search: Search =
      'notChecked' in written
        ? {
            kind: 'not-checked',
            reason: written['notChecked'] as Extract<Search, { kind: 'not-checked' }>['reason'],
          }
        : {
            kind: 'searched',
            candidates: readCandidates(written as unknown as WrittenCandidates),
            patient: { interventions: written['interventions'] as PatientFacts['interventions'] },
            ...(written['ownRecordOnly'] === true ? { ownRecordOnly: true } : {}),
          };
    return { session: written['order'] as OrderSession, search, at: written['at'] as Instant };
  } catch (cause) {
    throw raise('DECISION_UNREADABLE', { cause });
  }
};

/**
 * A verdict as it is stored: place of the candidate, row of the fold, offer, zone, until when, and the findings of the
 * checks that did not pass. Grade, data and citations follow from row, facts and snapshot and are not stored twice.
 */
const assessedJson = ({ index, verdict, offer }: Assessed): JsonValue => {
  const json: JsonValue[] = [index, verdict.row, offer, verdict.zone, verdict.until];
  for (const { outcome, finding } of verdict.checks) if (outcome !== 'pass') json.push(finding);
  return json;
};

const partJson = (part: PartDecision): { [member: string]: JsonValue } => ({
  ...(part.chosen === null ? {} : { chosen: part.chosen.index }),
  verdicts: part.assessed.map(assessedJson),
});

/** A line of one item carries its verdicts itself; a panel has a part per member. */
const lineJson = (line: LineDecision): JsonValue => ({
  outcome: line.outcome,
  ...(line.quiet === null ? {} : { quiet: line.quiet }),
  ...(line.panel === null
    ? line.parts.map(partJson)[0]
    : {
        parts: line.parts.map((part) => ({
          item: part.part.order.item,
          outcome: part.outcome,
          ...partJson(part),
        })),
      }),
});

/** What was decided as canonical JSON. */
export const verdictsText = (decision: Decision): string => canonicalJson(decision.lines.map(lineJson));
