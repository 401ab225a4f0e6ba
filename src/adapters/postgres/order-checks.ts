import type { Instant } from '../../kernel/instant.ts';
import { isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Database, type Session, statement } from './database.ts';
import { inParameters } from './in-lists.ts';
import { jointWrite, type Parameter } from './joint-statements.ts';

/** An order check ready to be kept. */
export interface OrderCheckRecord {
  readonly personId: string;
  readonly publicId: PublicId;
  readonly institutionKey: string;
  readonly actor: string;
  readonly doctor: string | null;
  readonly department: string | null;
  readonly encounterClass: string;
  readonly encounterNumber: string | null;
  readonly requestNumber: string | null;
  readonly checkedAt: Instant;
  readonly evaluator: number;
  readonly snapshotId: string;
  readonly clusterVersion: string;
  /** Canonical JSON. */
  readonly facts: string;
  /** Canonical JSON. */
  readonly verdicts: string;
  /** By what its opportunities are counted. */
  readonly encounterKey: string;
  /** The check that it goes on with; null for one that stands alone. */
  readonly follows: PublicId | null;
}

/** An opportunity that the check found: an ordered item for which an earlier result existed. */
export interface OpportunityRecord {
  readonly itemKey: string;
  readonly bestGrade: string;
  readonly shown: boolean;
}

/** The audit row that commits with a disclosure or a refusal. */
export interface AuditRecord {
  readonly publicId: PublicId;
  readonly actor: string;
  /** Role of staff, or the kind of actor: `client`, `launched`, `patient`, `sender`. */
  readonly role: string | null;
  readonly department: string | null;
  /** 工号, as far as the actor states one. */
  readonly staffNumber: string | null;
  readonly institutionKey: string | null;
  readonly action: string;
  readonly resource: string;
  readonly purpose: string;
  readonly basis: string;
  readonly outcome: string;
  readonly peer: string;
}

const CHECK_TYPES =
  `bigint, uuid, bigint, text, text, text, text, text, text, timestamptz, integer, text, bigint, text, text,
  uuid, text, text, text, text, text, text, text, text, text, text, uuid`.split(/,\s*/);
const OPPORTUNITY_TYPES = ['text', 'bigint[]', 'text[]', 'boolean[]'];
const CHECK_COLUMNS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 26, 27];
const AUDIT_COLUMNS_OF_CHECK = [1, 16, 10, 4, 3, 17, 18, 19, 20, 21, 22, 23, 24, 25];
const rowsOf = (asks: readonly Parameter[], columns: readonly number[]): string =>
  asks.map((parameter) => `(${columns.map(parameter).join(', ')})`).join(', ');
const keepChecks = (asks: readonly Parameter[]): string => `with kept as (
  insert into order_checks (person_id, public_id, institution_id, actor, doctor, department, encounter_class,
    encounter_number, request_number, checked_at, evaluator, snapshot_id, cluster_version, facts, verdicts, encounter_key, follows)
  values ${rowsOf(asks, CHECK_COLUMNS)}), audited as (
  insert into audit_events (person_id, public_id, occurred_at, actor, institution_id, action, resource, purpose, basis, outcome, peer,
    role, department, staff_number)
  values ${rowsOf(asks, AUDIT_COLUMNS_OF_CHECK)})`;

const INSERT_CHECK = jointWrite('order-checks.insert', CHECK_TYPES, (asks) => `${keepChecks(asks)} select 1`);
const opportunitiesOf = (parameter: Parameter): string =>
  `select ${[1, 3, 28].map(parameter).join(', ')}, o.item_id, o.best_grade, ${parameter(7)}, o.shown, ${parameter(10)}
   from unnest(${[29, 30, 31].map(parameter).join(', ')}) as o(item_id, best_grade, shown)`;
const INSERT_CHECK_WITH_OPPORTUNITIES = jointWrite(
  'order-checks.insert-with-opportunities',
  [...CHECK_TYPES, ...OPPORTUNITY_TYPES],
  (asks) => `${keepChecks(asks)}
   insert into opportunities (person_id, institution_id, encounter_key, item_id, best_grade, encounter_class, shown, first_at)
   ${asks.map(opportunitiesOf).join(' union all ')}
   on conflict (person_id, institution_id, encounter_key, item_id) do nothing`,
);

/**
 * Keeps the decision, its audit row and its opportunities in one statement, so one commit: a check that was answered is
 * a check that is there. An opportunity is counted once per encounter and item.
 */
export const keepOrderCheck = async (
  session: Session,
  check: OrderCheckRecord,
  audit: AuditRecord,
  opportunities: readonly OpportunityRecord[],
): Promise<void> => {
  const values = [
    check.personId,
    check.publicId,
    check.institutionKey,
    check.actor,
    check.doctor,
    check.department,
    check.encounterClass,
    check.encounterNumber,
    check.requestNumber,
    isoInstant(check.checkedAt),
    check.evaluator,
    check.snapshotId,
    check.clusterVersion,
    check.facts,
    check.verdicts,
    audit.publicId,
    audit.action,
    audit.resource,
    audit.purpose,
    audit.basis,
    audit.outcome,
    audit.peer,
    audit.role,
    audit.department,
    audit.staffNumber,
    check.encounterKey === check.encounterNumber ? null : check.encounterKey,
    check.follows,
  ];
  if (opportunities.length === 0) await session.run(INSERT_CHECK, values);
  else
    await session.run(INSERT_CHECK_WITH_OPPORTUNITIES, [
      ...values,
      check.encounterKey,
      opportunities.map(({ itemKey }) => itemKey),
      opportunities.map(({ bestGrade }) => bestGrade),
      opportunities.map(({ shown }) => shown),
    ]);
};

/** An order check as kept. */
export interface OrderCheckRow {
  readonly person_id: string;
  readonly public_id: PublicId;
  readonly institution_id: string;
  readonly actor: string;
  readonly doctor: string | null;
  readonly encounter_class: string;
  readonly encounter_number: string | null;
  readonly request_number: string | null;
  readonly checked_at: number;
  readonly evaluator: number;
  readonly snapshot_id: string;
  readonly cluster_version: string;
  readonly facts: string;
  readonly verdicts: string;
  /** By what its opportunities are counted, where that is not the encounter's number. */
  readonly encounter_key: string | null;
  readonly follows: PublicId | null;
}

const CHECK_BY_ID = statement(
  'order-checks.by-id',
  `select person_id, public_id, institution_id, actor, doctor, encounter_class, encounter_number, request_number, checked_at,
     evaluator, snapshot_id, cluster_version, facts, verdicts, encounter_key, follows
   from order_checks where public_id = $1`,
);

/** Reads one order check by its public id. */
export const readOrderCheck = async (session: Session, id: PublicId): Promise<OrderCheckRow | undefined> =>
  (await session.run<OrderCheckRow>(CHECK_BY_ID, [id]))[0];

/** A doctor's answer as kept. */
export interface CheckResponseRow {
  readonly public_id: PublicId;
  readonly check_public_id: PublicId;
  readonly request_key: string;
  readonly line: number;
  readonly local_code: string;
  readonly kind: 'recognise' | 're-examine' | 'undo' | 'fulfilled';
  readonly report_public_id: PublicId | null;
  readonly ordinal: number | null;
  readonly report_version: number | null;
  readonly reason: string | null;
  readonly local_reason: string | null;
  readonly sub_reasons: string[];
  readonly reason_text: string | null;
  readonly undoes: PublicId | null;
  readonly actor: string;
  readonly doctor: string | null;
  readonly responded_at: number;
  /** What was on offer, as `offersText` writes it; on the first row of an answer. */
  readonly offered: string | null;
  readonly institution_id: string | null;
  readonly item_ids: readonly string[] | null;
  readonly stands_until: number | null;
}

const RESPONSES = statement(
  'order-checks.responses',
  `select public_id, check_public_id, request_key, line, local_code, kind, report_public_id, ordinal, report_version, reason, local_reason, sub_reasons,
     reason_text, undoes, actor, doctor, responded_at, offered, institution_id, item_ids, stands_until
   from check_responses where person_id = $1 and check_public_id = any($2::uuid[]) order by response_id`,
);

/** All answers to a check, or to some that are one, in the order in which they were given. */
export const readResponses = (
  session: Session,
  personId: string,
  checks: readonly PublicId[],
): Promise<CheckResponseRow[]> => session.run<CheckResponseRow>(RESPONSES, [personId, checks]);

const ANSWERED = statement(
  'order-checks.answered-offers',
  `select r.offered from check_responses r
   join order_checks c on c.person_id = r.person_id and c.public_id = r.check_public_id
   where r.person_id = any($1::bigint[]) and r.offered is not null and c.institution_id = $2
     and (c.encounter_number = $3 and c.encounter_class = $4 or c.request_number = $5 or c.public_id = $6 or c.follows = $6)
     and not exists (
       select 1 from check_responses u
       where u.person_id = r.person_id and u.check_public_id = r.check_public_id and u.kind = 'undo' and u.undoes = r.public_id)`,
);

/** What makes several checks one order session: the encounter, or for want of one the request (申请单). */
export interface SessionNumbers {
  readonly class: string;
  readonly encounterNumber: string | null;
  readonly requestNumber: string | null;
  /** The check that a new one goes on with; null for one that stands alone. */
  readonly follows: PublicId | null;
}

/** What was on offer when the answers that stand in this order session were given, as `offersText` wrote it. */
export const readAnsweredOffers = async (
  session: Session,
  persons: readonly string[],
  institutionKey: string,
  numbers: SessionNumbers,
): Promise<readonly string[]> => {
  const rows = await session.run<{ offered: string }>(ANSWERED, [
    persons,
    institutionKey,
    numbers.encounterNumber,
    numbers.class,
    numbers.requestNumber,
    numbers.follows,
  ]);
  return rows.map(({ offered }) => offered);
};

const LOCK_CHECK = statement('order-checks.lock', 'select pg_advisory_xact_lock(hashtextextended($1, 7))');

/** Lets one answer at a time be given to a check. Held until the transaction ends. */
export const lockCheck = async (session: Session, check: PublicId): Promise<void> => {
  await session.run(LOCK_CHECK, [check]);
};

const INSERT_RESPONSE = statement(
  'order-checks.insert-response',
  `insert into check_responses (person_id, public_id, check_public_id, request_key, line, local_code, kind, report_public_id,
     ordinal, report_version, reason, local_reason, sub_reasons, reason_text, undoes, actor, doctor, responded_at,
     offered, institution_id, item_ids, stands_until)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
   on conflict (person_id, check_public_id, request_key) do nothing returning public_id`,
);

/** Keeps one answer; false when its request key had been used for this check before. */
export const keepResponse = async (
  session: Session,
  personId: string,
  response: CheckResponseRow,
): Promise<boolean> => {
  const rows = await session.run(INSERT_RESPONSE, [
    personId,
    response.public_id,
    response.check_public_id,
    response.request_key,
    response.line,
    response.local_code,
    response.kind,
    response.report_public_id,
    response.ordinal,
    response.report_version,
    response.reason,
    response.local_reason,
    response.sub_reasons,
    response.reason_text,
    response.undoes,
    response.actor,
    response.doctor,
    isoInstant(response.responded_at as Instant),
    response.offered,
    response.institution_id,
    response.item_ids,
    response.stands_until === null ? null : isoInstant(response.stands_until as Instant),
  ]);
  return rows.length === 1;
};

/** A mark on a decision. */
export interface CheckMarkRow {
  readonly check_public_id: PublicId;
  readonly report_public_id: PublicId;
  readonly report_version: number;
  readonly kind: string;
  readonly relied: boolean;
  readonly marked_at: number;
}

const MARKS = statement(
  'order-checks.marks',
  `select check_public_id, report_public_id, report_version, kind, relied, marked_at
   from check_marks where person_id = $1 and check_public_id = $2 order by mark_id`,
);

/** Marks of one check, in order. */
export const readMarks = (session: Session, personId: string, check: PublicId): Promise<CheckMarkRow[]> =>
  session.run<CheckMarkRow>(MARKS, [personId, check]);

const MARKED_CHECKS = statement(
  'order-checks.marked-of-actor',
  `select c.person_id, c.public_id, c.institution_id, c.actor, c.doctor, c.encounter_class, c.encounter_number, c.request_number,
     c.checked_at, c.evaluator, c.snapshot_id, c.cluster_version, c.facts, c.verdicts, c.encounter_key, c.follows,
     m.report_public_id, m.report_version, m.kind, m.relied, m.marked_at, m.check_public_id,
     exists (select 1 from decision_reviews d where d.person_id = m.person_id and d.check_public_id = m.check_public_id
       and d.report_public_id = m.report_public_id) as reviewed
   from check_marks m join order_checks c on c.person_id = m.person_id and c.public_id = m.check_public_id
   where m.marked_at >= $2 and m.relied and (c.actor = $1 or (c.doctor = $3 and c.institution_id = $4))
   order by m.marked_at desc limit 50`,
);

/** A marked decision, and whether it was decided once more with the report as it is now. */
export type MarkedCheckRow = OrderCheckRow & CheckMarkRow & { readonly reviewed: boolean };

/** Decisions of one doctor that rest on a report corrected or withdrawn since `since`, newest mark first. */
export const readMarkedChecks = (
  database: Database,
  actor: string,
  doctor: string | null,
  institutionKey: string | null,
  since: Instant,
): Promise<MarkedCheckRow[]> =>
  database.run<MarkedCheckRow>(MARKED_CHECKS, [actor, isoInstant(since), doctor, institutionKey]);

const AUDIT_COLUMNS = 14;

const insertAudits = (count: number) =>
  statement(
    `audit.insert-${count}`,
    `insert into audit_events (person_id, public_id, occurred_at, actor, institution_id, action, resource, purpose, basis, outcome, peer,
     role, department, staff_number)
   values ${Array.from({ length: count }, (_, row) => `(${inParameters(row * AUDIT_COLUMNS + 1, AUDIT_COLUMNS)})`).join(', ')}`,
  );

/** By how many acts of one person they witness. */
const INSERT_AUDITS = [1, 2, 3].map(insertAudits);

/** Keeps the audit rows, three at most, of acts about one person that were one act of the actor. */
export const keepAudits = async (
  session: Session,
  personId: string,
  at: Instant,
  audits: readonly AuditRecord[],
): Promise<void> => {
  const insert = INSERT_AUDITS[audits.length - 1];
  if (!insert) throw new RangeError(`${audits.length} audit rows at once`);
  await session.run(
    insert,
    audits.flatMap((audit) => [
      personId,
      audit.publicId,
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
    ]),
  );
};

/** Keeps one audit row; call it in the transaction of the act it witnesses. */
export const keepAudit = (
  session: Session,
  personId: string,
  at: Instant,
  audit: AuditRecord,
): Promise<void> => keepAudits(session, personId, at, [audit]);
