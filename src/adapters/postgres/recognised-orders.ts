import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import type { AuditRecord } from './order-checks.ts';

/** A recognition that stands and that no ordering system has confirmed. Moments are epoch milliseconds. */
export interface OpenRecognitionRow {
  readonly person_id: string;
  readonly response_id: string;
  readonly person_public_id: PublicId;
  /** Everyone of the patient's cluster. */
  readonly members: readonly string[];
  readonly check_public_id: PublicId;
  readonly line: number;
  readonly local_code: string;
  readonly item_id: string;
  readonly report_public_id: PublicId;
  readonly ordinal: number;
  readonly responded_at: number;
  readonly stands_until: number | null;
  readonly doctor: string | null;
  readonly department: string | null;
  /** Who made the check, and when. */
  readonly ordered_by: string | null;
  readonly checked_at: number;
  readonly request_number: string | null;
}

/** Whose recognitions are meant: of one institution, or of one doctor in it. */
export interface RecognitionScope {
  readonly institutionKey: string;
  readonly doctor: { readonly actor: string; readonly staffNumber: string | null } | null;
}

/** Where a page of the newest first ended. */
export interface PageEnd {
  readonly respondedAt: number;
  readonly responseId: string;
}

const OPEN = statement(
  'recognised-orders.open',
  `select r.person_id, r.response_id, p.public_id as person_public_id,
     coalesce(k.members, array[r.person_id]) as members, r.check_public_id, r.line, r.local_code,
     r.item_ids[1] as item_id, r.report_public_id, r.ordinal, r.responded_at, r.stands_until, r.doctor,
     c.department, c.doctor as ordered_by, c.checked_at, c.request_number
   from check_responses r
   join order_checks c on c.person_id = r.person_id and c.public_id = r.check_public_id
   join persons p on p.person_id = r.person_id
   left join person_clusters k on k.person_id = r.person_id
   where r.institution_id = $1 and r.kind = 'recognise' and r.responded_at >= $2 and r.item_ids[1] is not null
     and ($3::text is null or r.actor = $3 or r.doctor = $4)
     and ($5::timestamptz is null or (r.responded_at, r.response_id) < ($5, $6::bigint))
     and not exists (
       select 1 from check_responses u
       where u.person_id = r.person_id and u.check_public_id = r.check_public_id and u.kind = 'undo' and u.undoes = r.public_id)
     and not exists (
       select 1 from check_responses f
       where f.person_id = r.person_id and f.check_public_id = r.check_public_id and f.line = r.line
         and f.kind = 'fulfilled' and f.response_id > r.response_id)
   order by r.responded_at desc, r.response_id desc limit $7`,
);

/** Recognitions since a moment that stand and wait for the ordering system's word, the newest first. */
export const readOpenRecognitions = (
  session: Session,
  { institutionKey, doctor }: RecognitionScope,
  since: Instant,
  after: PageEnd | null,
  limit: number,
): Promise<OpenRecognitionRow[]> =>
  session.run<OpenRecognitionRow>(OPEN, [
    institutionKey,
    isoInstant(since),
    doctor?.actor ?? null,
    doctor?.staffNumber ?? null,
    after === null ? null : isoInstant(after.respondedAt as Instant),
    after?.responseId ?? null,
    limit,
  ]);

/** A result that may show that a recognised order was executed. */
export interface LaterResultRow {
  readonly person_id: string;
  readonly report_public_id: PublicId;
  readonly ordinal: number;
  readonly item_id: string;
  readonly side: string | null;
  readonly institution_id: string;
  readonly performer_id: string;
  readonly order_number: string;
  readonly collected_at: number | null;
  readonly received_at: number | null;
}

const LATER = statement(
  'recognised-orders.later-results',
  `select r.person_id, r.report_public_id, r.ordinal, r.item_id, r.side, r.institution_id, r.performer_id,
     p.order_number, r.collected_at, r.received_at
   from results r join reports p on p.person_id = r.person_id and p.report_id = r.report_id
   where r.person_id = any($1::bigint[]) and r.item_id = any($2::bigint[])
     and (r.anchor_at >= $3 or p.order_number = any($4::text[]))
     and r.standing not in ('cancelled', 'withdrawn', 'entered-in-error', 'not-obtained')
   order by r.anchor_at, r.result_id`,
);

/** Results of these persons and items since a moment, and those under these order numbers whenever they were made. */
export const readLaterResults = (
  session: Session,
  persons: readonly string[],
  items: readonly string[],
  since: Instant,
  orderNumbers: readonly string[],
): Promise<LaterResultRow[]> =>
  session.run<LaterResultRow>(LATER, [persons, items, isoInstant(since), orderNumbers]);

const SIDES = statement(
  'recognised-orders.sides',
  `select report_public_id, ordinal, side from results
   where person_id = any($1::bigint[]) and report_public_id = any($2::uuid[]) and side is not null`,
);

/** Sides of the results of some reports, where they have one. */
export const readSides = (
  session: Session,
  persons: readonly string[],
  reports: readonly PublicId[],
): Promise<{ report_public_id: PublicId; ordinal: number; side: string }[]> =>
  session.run(SIDES, [persons, reports]);

const EXECUTED = statement(
  'recognised-orders.executed-orders',
  `select person_id, placer_number, local_code, stated_at from orders
   where person_id = any($1::bigint[]) and institution_id = $2 and placer_number = any($3::text[]) and state = 'executed'`,
);

/** An ordered line that its ordering system says was executed. */
export interface ExecutedOrderRow {
  readonly person_id: string;
  readonly placer_number: string;
  readonly local_code: string;
  readonly stated_at: number;
}

/** Lines under these order numbers of one institution that it says were executed. */
export const readExecutedOrders = (
  session: Session,
  persons: readonly string[],
  institutionKey: string,
  orderNumbers: readonly string[],
): Promise<ExecutedOrderRow[]> =>
  session.run<ExecutedOrderRow>(EXECUTED, [persons, institutionKey, orderNumbers]);

const AUDIT_EACH = statement(
  'recognised-orders.audit-each',
  `insert into audit_events (person_id, public_id, occurred_at, actor, institution_id, action, resource, purpose, basis, outcome, peer,
     role, department, staff_number)
   select listed.person_id, listed.public_id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
   from unnest($1::bigint[], $2::uuid[]) as listed (person_id, public_id)`,
);

/** Keeps one audit row for every person of a list that was disclosed. */
export const keepAuditOfEach = async (
  session: Session,
  persons: readonly string[],
  newPublicId: () => PublicId,
  at: Instant,
  audit: AuditRecord,
): Promise<void> => {
  if (persons.length === 0) return;
  await session.run(AUDIT_EACH, [
    persons,
    persons.map(() => newPublicId()),
    isoInstant(at),
    audit.actor,
    audit.institutionKey,
    audit.action,
    audit.resource,
    audit.purpose,
    audit.basis,
    audit.outcome,
    audit.peer,
    audit.role,
    audit.department,
    audit.staffNumber,
  ]);
};

const REPEATS = statement(
  'recognised-orders.repeats',
  `select item.item_id, r.reason, count(*)::integer as answers
   from check_responses r cross join lateral unnest(r.item_ids) as item (item_id)
   where r.institution_id = $1 and r.kind = 're-examine' and r.responded_at >= $2
     and not exists (
       select 1 from check_responses u
       where u.person_id = r.person_id and u.check_public_id = r.check_public_id and u.kind = 'undo' and u.undoes = r.public_id)
   group by item.item_id, r.reason order by item.item_id, r.reason`,
);

/** How often an item was examined again with one reason. */
export interface RepeatCountRow {
  readonly item_id: string;
  readonly reason: string | null;
  readonly answers: number;
}

/** Repeats that doctors of an institution answered with since a moment and did not take back, by item and reason. */
export const countRepeats = (
  session: Session,
  institutionKey: string,
  since: Instant,
): Promise<RepeatCountRow[]> => session.run<RepeatCountRow>(REPEATS, [institutionKey, isoInstant(since)]);
