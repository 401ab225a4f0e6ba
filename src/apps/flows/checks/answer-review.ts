import {
  type ConsentRecords,
  consentStateOf,
  joinedRecords,
  readConsentRecordsOfEach,
} from '../../../adapters/postgres/consents.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import {
  countRepeats,
  type ExecutedOrderRow,
  keepAuditOfEach,
  type LaterResultRow,
  type OpenRecognitionRow,
  type PageEnd,
  readExecutedOrders,
  readLaterResults,
  readOpenRecognitions,
  readSides,
  type RecognitionScope,
} from '../../../adapters/postgres/recognised-orders.ts';
import type { ItemCode, NationalReason, Side } from '../../../catalogue/index.ts';
import type { ConsentState } from '../../../consent/index.ts';
import { DAY_MS, type Instant, instant, isoInstant, parseInstant } from '../../../kernel/instant.ts';
import { ok } from '../../../kernel/result.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import {
  countsAsAvoidable,
  disclosureOf,
  type Execution,
  executionOf,
  type LaterResult,
  type RecognisedOrder,
  type Rules,
  say,
} from '../../../recognition/index.ts';
import type {
  AnswerReviewQuery,
  ExecutedAnswer,
  RepeatsAnswer,
  WaitingAnswer,
} from '../../../web/wire/answer-review.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { AnswerReview } from '../../server/routes/answer-review.ts';
import { auditOf, type FlowDependencies, orderingInstitution } from '../dependencies.ts';
import { institutionAnswer, itemAnswer, momentAnswer } from '../present.ts';
import { resultKey } from '../results/result-values.ts';

const SINCE_DAYS = 30;
/** Recognitions that are weighed at a time. */
const PAGE = 200;
const LISTED_MAX = 500;
const ANSWERED_WITHIN_DAYS = 7;

const UNKNOWN = 'UNKNOWN' as InstitutionCode;

interface Review {
  readonly actor: Actor;
  readonly origin: CallOrigin;
  readonly institution: InstitutionCode;
  readonly ruling: RulingSnapshot;
  readonly rules: Rules;
  readonly scope: RecognitionScope;
  readonly since: Instant;
  readonly at: Instant;
}

const openReview = async (
  { snapshots, clock }: FlowDependencies,
  actor: Actor,
  query: AnswerReviewQuery,
  origin: CallOrigin,
): Promise<Review> => {
  const institution = orderingInstitution(actor);
  const ruling = await snapshots.current();
  const at = clock();
  // Treatment is the doctor's own patients; the office looks after the quality of the whole institution's work.
  const own =
    origin.purpose === 'treatment' && actor.kind === 'staff'
      ? { actor: actor.name, staffNumber: actor.staffNumber }
      : null;
  return {
    actor,
    origin,
    institution,
    ruling,
    rules: ruling.snapshot.rulesAt(at),
    scope: { institutionKey: ruling.registry.institutionKey(institution) ?? '0', doctor: own },
    since:
      (query.since === undefined ? undefined : parseInstant(query.since)) ??
      instant(at - SINCE_DAYS * DAY_MS),
    at,
  };
};

const laterResult = ({ registry }: RulingSnapshot, row: LaterResultRow): LaterResult => {
  const reporter = registry.institutionCode(row.institution_id) ?? UNKNOWN;
  return {
    report: row.report_public_id,
    item: registry.itemCode(row.item_id) as ItemCode,
    side: row.side as Side | null,
    reporter,
    performer: registry.institutionCode(row.performer_id) ?? UNKNOWN,
    orderNumber: row.order_number,
    performedAt: (row.collected_at ?? row.received_at) as Instant | null,
  };
};

/** What may be known of it here, that it exists: of a restricted or refused result of another institution not even that. */
const mayBeTold = ({ institution, rules }: Review, consent: ConsentState, result: LaterResult): boolean =>
  disclosureOf(result, null, { institution }, consent, rules).level !== 'nothing';

interface Evidence {
  readonly results: readonly LaterResultRow[];
  readonly orders: readonly ExecutedOrderRow[];
  readonly sides: ReadonlyMap<string, string>;
  readonly consents: ReadonlyMap<string, ConsentRecords>;
}

/** Everything that may show that one of these recognised orders was executed, in three reads. */
const readEvidence = async (
  { database }: FlowDependencies,
  review: Review,
  rows: readonly OpenRecognitionRow[],
): Promise<Evidence> => {
  const persons = [...new Set(rows.flatMap(({ members }) => members))];
  const items = [...new Set(rows.map(({ item_id }) => item_id))];
  const numbers = [...new Set(rows.flatMap(({ request_number }) => request_number ?? []))];
  const reports = [...new Set(rows.map(({ report_public_id }) => report_public_id))];
  const from = instant(Math.min(...rows.map(({ responded_at }) => responded_at)));
  const [results, orders, sides, consents] = await Promise.all([
    readLaterResults(database, persons, items, from, numbers),
    readExecutedOrders(database, persons, review.scope.institutionKey, numbers),
    readSides(database, persons, reports),
    readConsentRecordsOfEach(database, persons),
  ]);
  return {
    results,
    orders,
    consents,
    sides: new Map(sides.map((row) => [resultKey(row.report_public_id, row.ordinal), row.side])),
  };
};

const executionOfRow = (
  review: Review,
  row: OpenRecognitionRow,
  { results, orders, sides, consents }: Evidence,
): Execution | null => {
  const consent = consentStateOf(
    joinedRecords(row.members.flatMap((member) => consents.get(member) ?? [])),
    review.ruling.registry,
    review.at,
    // A list of the past: nobody reads it to save a life.
    null,
  );
  const members = new Set(row.members);
  const recognised: RecognisedOrder = {
    institution: review.institution,
    item: review.ruling.registry.itemCode(row.item_id) as ItemCode,
    side: (sides.get(resultKey(row.report_public_id, row.ordinal)) ?? null) as Side | null,
    report: row.report_public_id,
    orderNumber: row.request_number,
    recognisedAt: row.responded_at as Instant,
    standsUntil: row.stands_until as Instant | null,
  };
  const status = orders.find(
    (order) =>
      members.has(order.person_id) &&
      order.placer_number === row.request_number &&
      order.local_code === row.local_code &&
      order.stated_at >= row.responded_at,
  );
  return executionOf(
    recognised,
    results
      .filter(({ person_id, item_id }) => members.has(person_id) && item_id === row.item_id)
      .map((each) => laterResult(review.ruling, each))
      .filter((each) => mayBeTold(review, consent, each)),
    (status?.stated_at ?? null) as Instant | null,
  );
};

/** All open recognitions of the review, page by page, each with its execution if there was one; the newest first. */
async function* openRecognitions(
  dependencies: FlowDependencies,
  review: Review,
  before: PageEnd | null = null,
): AsyncGenerator<{ readonly row: OpenRecognitionRow; readonly execution: Execution | null }> {
  let after = before;
  for (;;) {
    const rows: OpenRecognitionRow[] = await readOpenRecognitions(
      dependencies.database,
      review.scope,
      review.since,
      after,
      PAGE,
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    const evidence = await readEvidence(dependencies, review, rows);
    for (const row of rows) yield { row, execution: executionOfRow(review, row, evidence) };
    if (rows.length < PAGE) return;
    after = { respondedAt: last.responded_at, responseId: last.response_id };
  }
}

/** How many recognitions are followed up when a period is counted. */
const FOLLOWED_MAX = 2_000;

/**
 * By whom the checks of a period were made whose recognised orders were executed all the same: department and doctor, once
 * for every recognition, and no patient.
 */
export const executedBetween = async (
  dependencies: FlowDependencies,
  actor: Actor,
  { from, until }: { readonly from: Instant; readonly until: Instant },
  origin: CallOrigin,
): Promise<{
  readonly places: readonly { readonly department: string | null; readonly doctor: string | null }[];
  readonly isTruncated: boolean;
}> => {
  const review = await openReview(dependencies, actor, { since: isoInstant(from) }, origin);
  const places = [];
  let followed = 0;
  // An answer may come some days after its check.
  const before = { respondedAt: until + ANSWERED_WITHIN_DAYS * DAY_MS, responseId: '0' };
  for await (const { row, execution } of openRecognitions(dependencies, review, before)) {
    if (++followed > FOLLOWED_MAX) return { places, isTruncated: true };
    if (execution !== null && row.checked_at >= from && row.checked_at < until)
      places.push({ department: row.department, doctor: row.ordered_by });
  }
  return { places, isTruncated: false };
};

/** The recognitions of one kind, at most as many as are listed. */
const gather = async (
  dependencies: FlowDependencies,
  review: Review,
  isMeant: (execution: Execution | null) => boolean,
) => {
  const found: { readonly row: OpenRecognitionRow; readonly execution: Execution | null }[] = [];
  for await (const each of openRecognitions(dependencies, review)) {
    if (!isMeant(each.execution)) continue;
    if (found.length === LISTED_MAX) return { found, truncated: true };
    found.push(each);
  }
  return { found, truncated: false };
};

const recognitionAnswer = (
  { rules, ruling }: Review,
  row: OpenRecognitionRow,
): WaitingAnswer['recognitions'][number] => ({
  check: row.check_public_id,
  line: row.line,
  code: row.local_code,
  person: row.person_public_id,
  item: itemAnswer(rules, ruling.registry.itemCode(row.item_id) ?? ''),
  report: row.report_public_id,
  doctor: row.doctor,
  department: row.department,
  orderNumber: row.request_number,
  recognisedAt: momentAnswer(row.responded_at) as string,
  standsUntil: momentAnswer(row.stands_until),
});

const executionAnswer = (
  { rules }: Review,
  { evidence, institution, at, report }: Execution,
): ExecutedAnswer['recognitions'][number]['execution'] => {
  const { code, nameZh, nameEn } = institutionAnswer(rules, institution);
  return {
    evidence,
    text: say(rules, `execution.${evidence}`, { institution }),
    institution: { code, nameZh, nameEn },
    at: momentAnswer(at),
    report,
  };
};

/** Who was shown that of whom: one audit row for every patient on the list. */
const keepReading = (
  dependencies: FlowDependencies,
  review: Review,
  rows: readonly OpenRecognitionRow[],
  resource: string,
): Promise<void> =>
  keepAuditOfEach(
    dependencies.database,
    [...new Set(rows.map(({ person_id }) => person_id))],
    dependencies.newPublicId,
    review.at,
    auditOf(dependencies, review.actor, review.origin, {
      institutionKey: review.scope.institutionKey,
      action: 'recognition.review',
      resource,
      basis: 'own-institution',
      outcome: 'disclosed',
    }),
  );

const executedFlow =
  (dependencies: FlowDependencies): AnswerReview['executed'] =>
  async (actor, query, origin) => {
    const review = await openReview(dependencies, actor, query, origin);
    const { found, truncated } = await gather(dependencies, review, (execution) => execution !== null);
    await keepReading(
      dependencies,
      review,
      found.map(({ row }) => row),
      'recognised-yet-executed',
    );
    return ok({
      since: momentAnswer(review.since) as string,
      truncated,
      recognitions: found.flatMap(({ row, execution }) =>
        execution === null
          ? []
          : [{ ...recognitionAnswer(review, row), execution: executionAnswer(review, execution) }],
      ),
    });
  };

const waitingFlow =
  (dependencies: FlowDependencies): AnswerReview['waiting'] =>
  async (actor, query, origin) => {
    const review = await openReview(dependencies, actor, query, origin);
    const { found, truncated } = await gather(dependencies, review, (execution) => execution === null);
    const rows = found.map(({ row }) => row);
    await keepReading(dependencies, review, rows, 'recognised-not-yet-fulfilled');
    return ok({
      since: momentAnswer(review.since) as string,
      truncated,
      recognitions: rows.map((row) => recognitionAnswer(review, row)),
    });
  };

const repeatsFlow =
  (dependencies: FlowDependencies): AnswerReview['repeats'] =>
  async (actor, query, origin) => {
    const review = await openReview(dependencies, actor, query, origin);
    const rows = await countRepeats(dependencies.database, review.scope.institutionKey, review.since);
    const items = [...Map.groupBy(rows, ({ item_id }) => item_id)].map(
      ([itemKey, counted]): RepeatsAnswer['items'][number] => {
        const reasons = counted.map(({ reason, answers }) => ({
          reason: reason as NationalReason | null,
          answers,
        }));
        const sum = (of: typeof reasons): number => of.reduce((total, { answers }) => total + answers, 0);
        return {
          item: itemAnswer(review.rules, review.ruling.registry.itemCode(itemKey) ?? ''),
          repeats: sum(reasons),
          avoidable: sum(reasons.filter(({ reason }) => countsAsAvoidable(reason))),
          reasons,
        };
      },
    );
    return ok({
      since: momentAnswer(review.since) as string,
      items: items.toSorted(
        (left, right) => right.avoidable - left.avoidable || right.repeats - left.repeats,
      ),
    });
  };

/** What became of answers, as the server and the command line ask for it. */
export const answerReview = (dependencies: FlowDependencies): AnswerReview => ({
  executed: executedFlow(dependencies),
  waiting: waitingFlow(dependencies),
  repeats: repeatsFlow(dependencies),
});
