import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** One row of the book `person` with the person's and institution's public names. */
export interface ExportedEvent {
  readonly event: string;
  readonly id: PublicId;
  readonly occurredAt: Instant;
  readonly actor: string;
  readonly role: string | null;
  readonly department: string | null;
  readonly staffNumber: string | null;
  readonly institution: string | null;
  readonly action: string;
  readonly resource: string;
  readonly purpose: string;
  readonly basis: string;
  readonly outcome: string;
  readonly peer: string;
  readonly person: PublicId;
}

/** One row of the book `system`: an act about nobody. */
export type ExportedSystemEvent = Pick<
  ExportedEvent,
  'event' | 'id' | 'occurredAt' | 'actor' | 'action' | 'resource' | 'outcome' | 'peer'
>;

/** A stretch of time; `until` is the first moment that is not in it. */
export interface ExportPeriod {
  readonly from: Instant;
  readonly until: Instant;
}

/** Which rows about persons are meant. */
export interface ExportSelection extends ExportPeriod {
  /** Records of the one person whose rows are meant; null for everybody's. */
  readonly persons: readonly string[] | null;
  /** Institution of whoever looked; null for every one. */
  readonly institutionKey: string | null;
}

type SystemRow = Omit<ExportedSystemEvent, 'event' | 'id' | 'occurredAt'> & {
  readonly event_id: string;
  readonly public_id: PublicId;
  readonly occurred_at: Instant;
};

type PersonRow = SystemRow &
  Omit<ExportedEvent, keyof ExportedSystemEvent | 'staffNumber'> & { readonly staff_number: string | null };

const SELECT = `select e.event_id::text, e.public_id, e.occurred_at, e.actor, e.role, e.department, e.staff_number, i.code as institution,
     e.action, e.resource, e.purpose, e.basis, e.outcome, e.peer, p.public_id as person
   from audit_events e join persons p on p.person_id = e.person_id
     left join institutions i on i.institution_id = e.institution_id
   where e.event_id > $1::bigint and e.occurred_at >= $2::timestamptz and e.occurred_at < $3::timestamptz
     and ($4::bigint is null or e.institution_id = $4)`;
const ORDER = 'order by e.event_id limit 1000';

// Two texts: of one person the rows are found by person, of everybody by event id.
const OF_EVERYBODY = statement('audit-export.of-everybody', `${SELECT} ${ORDER}`);
const OF_PERSON = statement(
  'audit-export.of-person',
  `${SELECT} and e.person_id = any($5::bigint[]) ${ORDER}`,
);
const OF_SYSTEM = statement(
  'audit-export.of-system',
  `select e.event_id::text, e.public_id, e.occurred_at, e.actor, e.action, e.resource, e.outcome, e.peer
   from system_audit_events e
   where e.event_id > $1::bigint and e.occurred_at >= $2::timestamptz and e.occurred_at < $3::timestamptz ${ORDER}`,
);

/** Reads page after page, each behind the last event id of the one before. */
const pages = async function* <Row extends { readonly event_id: string }>(
  read: (after: string) => Promise<readonly Row[]>,
): AsyncIterable<Row> {
  let after = '0';
  for (;;) {
    const rows = await read(after);
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last.event_id;
  }
};

/** The rows about persons in the order in which they were written, a thousand at a time. */
export const readAuditEvents = async function* (
  session: Session,
  { from, until, institutionKey, persons }: ExportSelection,
): AsyncIterable<ExportedEvent> {
  const rows = pages((after) => {
    const values = [after, isoInstant(from), isoInstant(until), institutionKey];
    return persons === null
      ? session.run<PersonRow>(OF_EVERYBODY, values)
      : session.run<PersonRow>(OF_PERSON, [...values, persons]);
  });
  for await (const { event_id, public_id, occurred_at, staff_number, ...row } of rows)
    yield { event: event_id, id: public_id, occurredAt: occurred_at, staffNumber: staff_number, ...row };
};

/** The rows about nobody in the order in which they were written, a thousand at a time. */
export const readSystemEvents = async function* (
  session: Session,
  { from, until }: ExportPeriod,
): AsyncIterable<ExportedSystemEvent> {
  const rows = pages((after) =>
    session.run<SystemRow>(OF_SYSTEM, [after, isoInstant(from), isoInstant(until)]),
  );
  for await (const { event_id, public_id, occurred_at, ...row } of rows)
    yield { event: event_id, id: public_id, occurredAt: occurred_at, ...row };
};
