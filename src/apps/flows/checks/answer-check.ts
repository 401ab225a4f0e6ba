import { readDisputedReports } from '../../../adapters/postgres/corrections.ts';
import { sendAnswer } from '../../../adapters/postgres/answer-deliveries.ts';
import { type Session, statement } from '../../../adapters/postgres/database.ts';
import {
  type CheckResponseRow,
  keepAudit,
  keepResponse,
  lockCheck,
  readResponses,
} from '../../../adapters/postgres/order-checks.ts';
import { latestNotice } from '../../../adapters/postgres/notices.ts';
import type { Registry } from '../../../adapters/postgres/registry.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import type { ItemCode } from '../../../catalogue/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { sha256Hex } from '../../../kernel/content-hash.ts';
import { type Instant, isoInstant, parseInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { Fault } from '../../../kernel/fault.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type LineDecision,
  offersOn,
  offersText,
  validateResponse,
  type ValidResponse,
} from '../../../recognition/index.ts';
import type { CheckResponseAnswer, FulfilmentAnswer } from '../../../web/wire/order-check-answer.ts';
import type { CheckResponseRequest, FulfilmentRequest } from '../../../web/wire/order-check-request.ts';
import type { Actor, CallOrigin, CheckFlows } from '../../server/flows-port.ts';
import { auditOf, emergencyDoctor, type FlowDependencies, flowFault } from '../dependencies.ts';
import { noticeWithAnswer } from '../notices/keep-notice.ts';
import { firstOf, type KeptCheck, lineIndex, openKeptCheck, readCheckInForce } from './kept-check.ts';
import { responseAnswer, type StandingAnswer, standingAnswer } from './response-state.ts';

// Locked until the answer is kept: a correction of this very moment waits, and then finds the answer and marks it as one
// that relied on the report. One person at a time, because Citus locks rows on one shard only.
const CURRENT_VERSIONS = statement(
  'answer-check.current-versions',
  `select public_id, version from reports where person_id = $1 and public_id = any($2::uuid[])
   order by public_id for share`,
);

/** @throws RESULT_CHANGED_SINCE when a report has a newer version or was taken back or disputed since the check */
const requireUnchanged = async (
  session: Session,
  check: KeptCheck,
  recognised: Extract<ValidResponse, { kind: 'recognise' }>['recognised'],
): Promise<void> => {
  const { members } = await clusterOf(session, check.row.person_id);
  const reports = recognised.map(({ candidate }) => candidate.report);
  const current = new Map<PublicId, number>();
  for (const { personId } of members) {
    const rows = await session.run<{ public_id: PublicId; version: number }>(CURRENT_VERSIONS, [
      personId,
      reports,
    ]);
    for (const { public_id, version } of rows) current.set(public_id, version);
  }
  // Asked after the rows are held: whoever disputes a report holds it too, and is either done by now or waits for us.
  const disputed = await readDisputedReports(
    session,
    members.map(({ personId }) => personId),
  );
  for (const { candidate } of recognised)
    if (current.get(candidate.report) !== candidate.reportVersion || disputed.has(candidate.report))
      throw flowFault('RESULT_CHANGED_SINCE', { place: `report ${candidate.report}` });
};

/** The key of an answer in two words: what the caller named it by, and what it says. */
const requestKeyOf = (request: CheckResponseRequest, given: string | null, fresh: PublicId): string =>
  given === null
    ? fresh
    : `${request.line}:${request.kind}:${given} ${sha256Hex(canonicalJson(request as never))}`;

/** Rows kept under the caller's key. @throws IDEMPOTENCY_KEY_REUSED when they say something else than this answer */
const rowsUnderKey = (responses: readonly CheckResponseRow[], requestKey: string): CheckResponseRow[] => {
  const [named] = requestKey.split(' ');
  const rows = responses.filter(({ request_key }) => request_key.split(' ')[0] === named);
  if (rows.some(({ request_key }) => request_key !== requestKey && !request_key.startsWith(`${requestKey} `)))
    throw flowFault('IDEMPOTENCY_KEY_REUSED');
  return rows;
};

const doctorOf = (actor: Actor, check: KeptCheck): string | null =>
  actor.kind === 'client' ? check.row.doctor : actor.staffNumber;

/** The part of a response row that all kinds share. */
const rowOf = (
  dependencies: FlowDependencies,
  actor: Actor,
  check: KeptCheck,
  line: number,
  requestKey: string,
  kind: CheckResponseRow['kind'],
  at: Instant,
): CheckResponseRow => ({
  public_id: dependencies.newPublicId(),
  check_public_id: check.row.public_id,
  request_key: requestKey,
  line,
  local_code: check.replayed.facts.session.lines[lineIndex(check, line)]?.localCode ?? '',
  kind,
  report_public_id: null,
  ordinal: null,
  report_version: null,
  reason: null,
  local_reason: null,
  sub_reasons: [],
  reason_text: null,
  undoes: null,
  actor: actor.name,
  doctor: doctorOf(actor, check),
  responded_at: at,
  offered: null,
  institution_id: check.row.institution_id,
  item_ids: null,
  stands_until: null,
});

/**
 * The rows of an answer that may be recorded: one per recognised result, one for a repeat. The first says what was on
 * offer, so that the same is not asked again.
 */
const answerRows = (
  base: CheckResponseRow,
  valid: ValidResponse,
  line: LineDecision,
  registry: Registry,
  newId: () => PublicId,
): CheckResponseRow[] => {
  const offers = offersOn(line);
  const offered = offersText(offers);
  const keysOf = (items: readonly ItemCode[]): string[] =>
    items.map((item) => registry.itemKey(item)).filter((key) => key !== undefined);
  return valid.kind === 'recognise'
    ? valid.recognised.map(({ candidate, verdict }, index) => ({
        ...base,
        public_id: index === 0 ? base.public_id : newId(),
        request_key: index === 0 ? base.request_key : `${base.request_key} ${index}`,
        report_public_id: candidate.report,
        ordinal: candidate.ordinal,
        report_version: candidate.reportVersion,
        offered: index === 0 ? offered : null,
        item_ids: keysOf([candidate.item]),
        stands_until: verdict.until,
      }))
    : [
        {
          ...base,
          offered,
          item_ids: keysOf(offers.map(({ item }) => item)),
          reason: valid.reason,
          local_reason: valid.localReason,
          sub_reasons: [...valid.subReasons],
          reason_text: valid.text,
        },
      ];
};

const validate = (
  check: KeptCheck,
  request: CheckResponseRequest,
  line: LineDecision,
): Result<ValidResponse, Fault> => {
  const rules = check.ruling.snapshot.rulesAt(check.row.checked_at as Instant);
  const reason = {
    reason: request.reason ?? null,
    localReason: request.localReason ?? null,
    subReasons: request.subReasons,
    text: request.text ?? null,
  };
  if (request.kind !== 'recognise') return validateResponse({ kind: 're-examine', ...reason }, line, rules);
  const results =
    request.report === undefined || request.ordinal === undefined
      ? null
      : [{ report: request.report as PublicId, ordinal: request.ordinal }];
  return validateResponse({ kind: 'recognise', results, ...reason }, line, rules);
};

const writeRows = async (
  session: Session,
  check: KeptCheck,
  rows: readonly CheckResponseRow[],
): Promise<void> => {
  for (const row of rows) await keepResponse(session, check.row.person_id, row);
};

/**
 * The client that has to learn of an answer which it did not hand in itself: the one that let the doctor in, else the one
 * that had the order checked.
 */
const clientToTell = (actor: Actor, { row }: KeptCheck): string | null => {
  if (actor.kind === 'launched') return actor.client;
  const checkedBy = /^client:(.+)$/.exec(row.actor)?.[1] ?? null;
  return actor.kind === 'client' && actor.code === checkedBy ? null : checkedBy;
};

interface Answering {
  readonly actor: Actor;
  readonly origin: CallOrigin;
  readonly request: CheckResponseRequest;
  readonly requestKey: string;
  readonly registry: Registry;
}

/** Gives the answer inside the transaction that holds the check's lock. */
const answer = async (
  dependencies: FlowDependencies,
  session: Session,
  check: KeptCheck,
  { actor, origin, request, requestKey, registry }: Answering,
): Promise<Result<AnsweredLine, Fault>> => {
  const rules = check.ruling.snapshot.rulesAt(check.row.checked_at as Instant);
  // The doctor answers what he was shown: what was not disclosed can be neither recognised nor learnt of by trying.
  const line = check.shown.lines[lineIndex(check, request.line)] as LineDecision;
  const reply = (
    standing: StandingAnswer,
    repeated: boolean,
    isUndone: boolean,
  ): Result<AnsweredLine, Fault> =>
    ok({
      check: firstOf(check.row),
      response: responseAnswer(standing, line, rules, check.values, isUndone),
      repeated,
    });

  const before = rowsUnderKey(check.responses, requestKey);
  if (before.length > 0) {
    const undone = before[0]?.kind === 'undo';
    const rows = undone
      ? check.responses.filter(({ public_id }) => before.some(({ undoes }) => undoes === public_id))
      : before;
    return reply({ rows, fulfilledAt: null }, true, undone);
  }

  const at = dependencies.clock();
  const standing = standingAnswer(request.line, check.responses);
  const base = rowOf(dependencies, actor, check, request.line, requestKey, request.kind, at);
  const { newPublicId } = dependencies;
  let rows: CheckResponseRow[];
  if (request.kind === 'undo') {
    if (!standing) return fail(flowFault('NOTHING_TO_UNDO', { place: `line ${request.line}` }));
    rows = standing.rows.map((undone, index) => ({
      ...base,
      public_id: index === 0 ? base.public_id : newPublicId(),
      check_public_id: undone.check_public_id,
      request_key: index === 0 ? requestKey : `${requestKey} ${index}`,
      undoes: undone.public_id,
    }));
  } else {
    if (standing) return fail(flowFault('ANSWER_STANDING', { place: `line ${request.line}` }));
    const valid = validate(check, request, line);
    if (!valid.ok) return valid;
    if (valid.value.kind === 'recognise') {
      if (valid.value.recognised.some(({ verdict: { until } }) => until !== null && until <= at))
        return fail(flowFault('VERDICT_OUTDATED', { place: `line ${request.line}` }));
      await requireUnchanged(session, check, valid.value.recognised);
    }
    rows = answerRows(base, valid.value, line, registry, newPublicId);
  }
  await writeRows(session, check, rows);
  const told = clientToTell(actor, check);
  const { person_id: personId } = check.row;
  if (told !== null)
    await sendAnswer(session, { personId, check: firstOf(check.row), response: base.public_id }, told, at);
  await keepAudit(
    session,
    check.row.person_id,
    at,
    auditOf(dependencies, actor, origin, {
      institutionKey: check.row.institution_id,
      action: `order.${request.kind}`,
      resource: `order-check/${check.row.public_id}/line/${request.line}`,
      basis: check.basis,
      outcome: 'recorded',
    }),
  );
  return request.kind === 'undo' && standing
    ? reply(standing, false, true)
    : reply({ rows, fulfilledAt: null }, false, false);
};

type AnsweredLine = Omit<CheckResponseAnswer, 'notice'>;

/** The notice that goes with an answer just given, or the one that went with it when it was given before. */
const noticeOf = async (
  dependencies: FlowDependencies,
  session: Session,
  check: KeptCheck,
  { actor, origin, request }: Pick<Answering, 'actor' | 'origin' | 'request'>,
  { response, repeated }: AnsweredLine,
): Promise<PublicId | null> => {
  const id = response.id as PublicId;
  if (repeated) {
    const kept = await latestNotice(session, dependencies.keys, check.row.person_id, id);
    return kept?.publicId ?? null;
  }
  const { informed } = request;
  if (request.kind !== 're-examine' || informed === undefined || informed === false) return null;
  const rows = await readResponses(session, check.row.person_id, [check.row.public_id]);
  const row = rows.find(({ public_id }) => public_id === id);
  if (!row) return null;
  const told = informed === true ? ({ relation: 'not-stated' } as const) : informed;
  return noticeWithAnswer(dependencies, session, { actor, origin, check }, row, told);
};

/** The doctor's answer to one line: recognise, re-examine with a reason, or undo. Undo is an event of its own. */
export const respondFlow =
  (dependencies: FlowDependencies): CheckFlows['respond'] =>
  async (actor, id, request, idempotencyKey, origin) => {
    const row = await readCheckInForce(dependencies, actor, id);
    const { registry } = await dependencies.snapshots.current();
    const requestKey = requestKeyOf(request, idempotencyKey, dependencies.newPublicId());
    return dependencies.database.transaction(async (session) => {
      await lockCheck(session, firstOf(row));
      const check = await openKeptCheck(dependencies, row, emergencyDoctor(actor), session);
      const answered = await answer(dependencies, session, check, {
        actor,
        origin,
        request,
        requestKey,
        registry,
      });
      if (!answered.ok) return answered;
      const notice = await noticeOf(dependencies, session, check, { actor, origin, request }, answered.value);
      return ok({ ...answered.value, notice });
    });
  };

/** The ordering system confirms that it cancelled the order: only then is a recognition fulfilled. */
export const fulfilFlow =
  (dependencies: FlowDependencies): CheckFlows['fulfil'] =>
  async (actor, id, request: FulfilmentRequest, origin) => {
    const row = await readCheckInForce(dependencies, actor, id);
    if (
      request.orderNumber !== undefined &&
      row.request_number !== null &&
      request.orderNumber !== row.request_number
    )
      return fail(flowFault('ORDER_NUMBER_DIFFERS', { place: 'orderNumber' }));
    return dependencies.database.transaction(async (session): Promise<Result<FulfilmentAnswer, Fault>> => {
      await lockCheck(session, firstOf(row));
      const check = await openKeptCheck(dependencies, row, emergencyDoctor(actor), session);
      lineIndex(check, request.line);
      const standing = standingAnswer(request.line, check.responses);
      if (standing?.rows[0]?.kind !== 'recognise')
        return fail(flowFault('NOTHING_TO_FULFIL', { place: `line ${request.line}` }));
      const reply = (fulfilledAt: number): Result<FulfilmentAnswer, Fault> =>
        ok({
          check: id,
          line: request.line,
          state: 'fulfilled',
          fulfilledAt: isoInstant(fulfilledAt as Instant),
        });
      if (standing.fulfilledAt !== null) return reply(standing.fulfilledAt);
      const at = parseInstant(request.cancelledAt) ?? dependencies.clock();
      const key = `fulfilled:${standing.rows[0].public_id}`;
      await writeRows(session, check, [
        {
          ...rowOf(dependencies, actor, check, request.line, key, 'fulfilled', at),
          check_public_id: standing.rows[0].check_public_id,
        },
      ]);
      await keepAudit(
        session,
        row.person_id,
        dependencies.clock(),
        auditOf(dependencies, actor, origin, {
          institutionKey: row.institution_id,
          action: 'order.fulfil',
          resource: `order-check/${id}/line/${request.line}`,
          basis: 'assumed-by-policy',
          outcome: 'recorded',
        }),
      );
      return reply(at);
    });
  };
