import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** One row of the access log with the person's and institution's public names. */
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

interface EventRow {
  readonly event_id: string;
  readonly public_id: PublicId;
  readonly occurred_at: Instant;
  readonly actor: string;
  readonly role: string | null;
  readonly department: string | null;
  readonly staff_number: string | null;
  readonly institution: string | null;
  readonly action: string;
  readonly resource: string;
  readonly purpose: string;
  readonly basis: string;
  readonly outcome: string;
  readonly peer: string;
  readonly person: PublicId;
}

const READ = statement(
  'audit-export.read',
  `select e.event_id::text, e.public_id, e.occurred_at, e.actor, e.role, e.department, e.staff_number, i.code as institution, e.action, e.resource, e.purpose,
     e.basis, e.outcome, e.peer, p.public_id as person
   from audit_events e join persons p on p.person_id = e.person_id
     left join institutions i on i.institution_id = e.institution_id
   where e.event_id > $1::bigint and e.occurred_at >= $2::timestamptz and e.occurred_at < $3::timestamptz
   order by e.event_id limit 1000`,
);

/** The rows of a period in the order in which they were written, a thousand at a time. */
export const readAuditEvents = async function* (
  session: Session,
  period: { readonly from: Instant; readonly until: Instant },
): AsyncIterable<ExportedEvent> {
  let after = '0';
  for (;;) {
    const rows = await session.run<EventRow>(READ, [
      after,
      isoInstant(period.from),
      isoInstant(period.until),
    ]);
    for (const { event_id, public_id, occurred_at, staff_number, ...row } of rows)
      yield { event: event_id, id: public_id, occurredAt: occurred_at, staffNumber: staff_number, ...row };
    const last = rows.at(-1);
    if (!last) return;
    after = last.event_id;
  }
};
