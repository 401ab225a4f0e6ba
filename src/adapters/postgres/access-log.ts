import type { Instant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** One row of the access log about a person. */
export interface AccessLogRow {
  readonly id: PublicId;
  readonly at: Instant;
  readonly actor: string;
  readonly role: string | null;
  readonly department: string | null;
  readonly staffNumber: string | null;
  readonly institutionKey: string | null;
  readonly action: string;
  readonly resource: string;
  readonly purpose: string;
  readonly basis: string;
  readonly outcome: string;
  readonly peer: string;
}

const COLUMNS = `e.public_id as id, e.occurred_at as at, e.actor, e.role, e.department, e.staff_number as "staffNumber",
  e.institution_id as "institutionKey", e.action, e.resource, e.purpose, e.basis, e.outcome, e.peer`;

const OF_PERSONS = statement(
  'access-log.of-persons',
  `select ${COLUMNS} from audit_events e
   where e.person_id = any($1::bigint[])
     and ($2::uuid is null or e.event_id < (
       select b.event_id from audit_events b where b.person_id = any($1::bigint[]) and b.public_id = $2::uuid))
   order by e.event_id desc limit $3`,
);

/**
 * Rows of the access log about the records of one person, the newest first.
 *
 * @param before id of the row after which to go on; null for the newest
 */
export const readAccessLog = (
  session: Session,
  persons: readonly string[],
  before: PublicId | null,
  limit: number,
): Promise<AccessLogRow[]> => session.run<AccessLogRow>(OF_PERSONS, [persons, before, limit]);

const ONE = statement(
  'access-log.one',
  `select ${COLUMNS} from audit_events e where e.person_id = any($1::bigint[]) and e.public_id = $2`,
);

/** One row of the access log about the records of a person; undefined when it is about somebody else or nobody. */
export const readAccessLogRow = async (
  session: Session,
  persons: readonly string[],
  id: PublicId,
): Promise<AccessLogRow | undefined> => (await session.run<AccessLogRow>(ONE, [persons, id]))[0];

/** The visit in which an order check was made. */
export interface VisitRow {
  readonly check: PublicId;
  readonly encounterClass: string;
  readonly encounterNumber: string | null;
  readonly checkedAt: Instant;
}

const VISITS = statement(
  'access-log.visits',
  `select public_id as check, encounter_class as "encounterClass", encounter_number as "encounterNumber",
     checked_at as "checkedAt"
   from order_checks where person_id = any($1::bigint[]) and public_id = any($2::uuid[])`,
);

/** The visits of these order checks. */
export const readVisits = (
  session: Session,
  persons: readonly string[],
  checks: readonly PublicId[],
): Promise<VisitRow[]> =>
  checks.length === 0 ? Promise.resolve([]) : session.run<VisitRow>(VISITS, [persons, checks]);

const FAMILIAR = statement(
  'access-log.familiar-institutions',
  `select institution_id from order_checks where person_id = any($1::bigint[]) and encounter_number is not null
   union select institution_id from orders where person_id = any($1::bigint[])
   union select institution_id from reports where person_id = any($1::bigint[])`,
);

/** Institutions at which a person has been: with a visit, an order or a report. */
export const readFamiliarInstitutions = async (
  session: Session,
  persons: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await session.run<{ institution_id: string }>(FAMILIAR, [persons]);
  return new Set(rows.map(({ institution_id }) => institution_id));
};

const NAMES = statement(
  'access-log.staff-names',
  'select login, display_name from accounts where login = any($1::text[])',
);

/** Names of staff by login, for jurisdictions that tell them. */
export const readStaffNames = async (
  session: Session,
  logins: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  if (logins.length === 0) return new Map();
  const rows = await session.run<{ login: string; display_name: string }>(NAMES, [logins]);
  return new Map(rows.map(({ login, display_name }) => [login, display_name]));
};
