import { keepAudit, type CheckResponseRow } from '../../../adapters/postgres/order-checks.ts';
import type { NationalReason } from '../../../catalogue/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { ok } from '../../../kernel/result.ts';
import type { LineDecision } from '../../../recognition/index.ts';
import type { CheckAnswerEvent } from '../../../web/wire/check-answers.ts';
import type { CheckFlows } from '../../server/flows-port.ts';
import { auditOf, emergencyDoctor, type FlowDependencies } from '../dependencies.ts';
import {
  firstOf,
  type KeptCheck,
  lineIndex,
  openKeptCheck,
  presentationOf,
  readCheckInForce,
  readOwnCheck,
} from './kept-check.ts';
import { momentAnswer } from '../present.ts';
import { orderedName, presentCheck } from './present-check.ts';
import { recordText } from './response-state.ts';

/** Rows that were kept by one act: several results recognised at once, or undone at once. */
const actsOf = (responses: readonly CheckResponseRow[]): readonly CheckResponseRow[][] => {
  const acts: CheckResponseRow[][] = [];
  for (const row of responses) {
    if (row.kind === 'fulfilled') continue;
    const last = acts.at(-1)?.[0];
    if (last && row.request_key.startsWith(`${last.request_key} `) && row.kind === last.kind)
      acts.at(-1)?.push(row);
    else acts.push([row]);
  }
  return acts;
};

/** The answers to a kept check as a client is told of them, in the order in which they were given. */
export const answerEventsOf = (check: KeptCheck): readonly CheckAnswerEvent[] => {
  const { row, replayed, responses, shown, values } = check;
  const { session } = replayed.facts;
  const rules = check.ruling.snapshot.rulesAt(row.checked_at as Instant);
  const undone = new Set(responses.flatMap(({ undoes }) => undoes ?? []));
  return actsOf(responses).map((rows, place) => {
    const first = rows[0] as CheckResponseRow;
    const index = lineIndex(check, first.line);
    const isRecognition = first.kind === 'recognise';
    return {
      id: first.public_id,
      check: firstOf(row),
      sequence: place + 1,
      requestNumber: row.request_number,
      encounterNumber: row.encounter_number,
      line: first.line,
      code: first.local_code,
      name: orderedName(session.lines[index], session, rules),
      decision: first.kind as CheckAnswerEvent['decision'],
      undoes: first.undoes,
      stands: first.kind !== 'undo' && !undone.has(first.public_id),
      reason: first.reason as NationalReason | null,
      reasonText: rules.reasons.national.find(({ code }) => code === first.reason)?.text ?? null,
      localReason: first.local_reason,
      subReasons: first.sub_reasons,
      text: first.reason_text,
      results: isRecognition
        ? rows.flatMap(({ report_public_id, report_version, ordinal }) =>
            report_public_id === null || report_version === null || ordinal === null
              ? []
              : [{ report: report_public_id, reportVersion: report_version, ordinal }],
          )
        : [],
      recordText: isRecognition ? recordText(rows, shown.lines[index] as LineDecision, rules, values) : null,
      doctor: first.doctor,
      answeredAt: momentAnswer(first.responded_at) as string,
    };
  });
};

/** What was answered to one check so far. */
export const answersFlow =
  (dependencies: FlowDependencies): CheckFlows['answers'] =>
  async (actor, id, origin) => {
    const row = await readCheckInForce(dependencies, actor, id);
    const check = await openKeptCheck(dependencies, row, emergencyDoctor(actor));
    await keepAudit(
      dependencies.database,
      row.person_id,
      dependencies.clock(),
      auditOf(dependencies, actor, origin, {
        institutionKey: row.institution_id,
        action: 'order-check.answers',
        resource: `order-check/${id}`,
        basis: check.basis,
        outcome: 'disclosed',
      }),
    );
    return ok({ check: firstOf(row), answers: [...answerEventsOf(check)] });
  };

/** What a check shows its actor of this report. Asked before the report is opened; nothing is told by it. */
export const shownReportFlow =
  (dependencies: FlowDependencies): CheckFlows['shownReport'] =>
  async (actor, id, report) => {
    const row = await readOwnCheck(dependencies, actor, id);
    const { lines, marks } = presentCheck(
      presentationOf(await openKeptCheck(dependencies, row, emergencyDoctor(actor)), null),
    );
    if (marks.some((mark) => mark.report === report && mark.kind === 'other-person')) return null;
    const shown = lines.flatMap(({ candidates }) => candidates.filter((each) => each.report === report));
    return shown.length === 0 ? null : { mark: shown.find(({ mark }) => mark !== null)?.mark ?? null };
  };
