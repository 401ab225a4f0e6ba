import type { Look } from '../../audit/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** A look as the rules read it, with what a case says of whoever looked. */
export interface LookRow {
  readonly event: string;
  readonly id: PublicId;
  readonly at: Instant;
  readonly actor: string;
  readonly role: string;
  readonly department: string | null;
  readonly staffNumber: string | null;
  readonly institutionKey: string;
  readonly action: string;
  readonly resource: string;
  readonly purpose: string;
  readonly basis: string;
  readonly outcome: string;
  readonly peer: string;
  readonly personKey: string;
}

const LOCK = statement(
  'anomaly-looks.lock',
  "select pg_try_advisory_xact_lock(hashtext('huren.anomalies')) as mine",
);

/** Lets one process at a time read on; false while another does. */
export const lockAnomalies = async (session: Session): Promise<boolean> =>
  (await session.run<{ mine: boolean }>(LOCK))[0]?.mine === true;

const PROGRESS = statement(
  'anomaly-looks.progress',
  'select to_event::text as "toEvent" from anomaly_progress where book = $1',
);
const SET_PROGRESS = statement(
  'anomaly-looks.set-progress',
  `insert into anomaly_progress (book, to_event) values ($1, $2::bigint)
   on conflict (book) do update set to_event = excluded.to_event`,
);
const SEALED_TO = statement(
  'anomaly-looks.sealed-to',
  `select coalesce(max(to_event), 0)::text as "toEvent" from audit_seals where book = 'person' and sealed_at <= $1`,
);

/** Up to which event id the log was sealed at a moment: nothing comes in behind it. */
export const sealedTo = async (session: Session, at: Instant): Promise<string> =>
  (await session.run<{ toEvent: string }>(SEALED_TO, [isoInstant(at)]))[0]?.toEvent ?? '0';

/** How far a pass has read; undefined before its first turn. */
export const readProgress = async (session: Session, pass: string): Promise<string | undefined> =>
  (await session.run<{ toEvent: string }>(PROGRESS, [pass]))[0]?.toEvent;

/** Keeps how far a pass has read. */
export const keepProgress = async (session: Session, pass: string, toEvent: string): Promise<void> => {
  await session.run(SET_PROGRESS, [pass, toEvent]);
};

const LOOKS = statement(
  'anomaly-looks.looks',
  `select event_id::text as event, public_id as id, occurred_at as at, actor, role, department,
     staff_number as "staffNumber", institution_id as "institutionKey", action, resource, purpose, basis, outcome, peer,
     person_id as "personKey"
   from audit_events
   where event_id > $1::bigint and event_id <= $2::bigint and institution_id is not null and outcome = 'disclosed'
     and role in ('doctor', 'registrar', 'medical-affairs', 'institution-it', 'launched')
     and ($3::text[] is null or actor = any($3::text[]))
   order by event_id limit $4`,
);

/** Looks of staff in a stretch of the log, in the order in which they were written. */
export const readLooks = (
  session: Session,
  stretch: { readonly after: string; readonly upTo: string; readonly limit: number },
  actors: readonly string[] | null = null,
): Promise<LookRow[]> => session.run<LookRow>(LOOKS, [stretch.after, stretch.upTo, actors, stretch.limit]);

const COLLEAGUES = statement(
  'anomaly-looks.colleagues',
  `select p.person_id as "personKey", a.institution from persons p
     join accounts a on a.national_id_hash = p.national_id_hash
   where p.person_id = any($1::bigint[]) and a.institution is not null`,
);

/** At which institutions persons work, by their records: as far as an account states whose it is. */
export const readWorkplaces = (
  session: Session,
  persons: readonly string[],
): Promise<{ readonly personKey: string; readonly institution: string }[]> =>
  session.run(COLLEAGUES, [persons]);

const ENCOUNTERS = statement(
  'anomaly-looks.encounters',
  `select person_id as "personKey", institution_id as "institutionKey", checked_at as at from order_checks
     where person_id = any($1::bigint[]) and checked_at between $2 and $3
   union all select person_id, institution_id, requested_at from orders
     where person_id = any($1::bigint[]) and requested_at between $2 and $3
   union all select person_id, institution_id, stated_at from reports
     where person_id = any($1::bigint[]) and stated_at between $2 and $3`,
);

/** A visit, an order or a report of a person at an institution. */
export interface EncounterRow {
  readonly personKey: string;
  readonly institutionKey: string;
  readonly at: Instant;
}

/** What tells that persons were treated somewhere in a period. */
export const readEncounters = (
  session: Session,
  persons: readonly string[],
  from: Instant,
  until: Instant,
): Promise<EncounterRow[]> =>
  session.run<EncounterRow>(ENCOUNTERS, [persons, isoInstant(from), isoInstant(until)]);

/** The part of a look that the rules weigh. */
export const lookOf = (row: LookRow): Look => ({
  event: row.event,
  at: row.at,
  actor: row.actor,
  institution: row.institutionKey,
  person: row.personKey,
  action: row.action,
});
