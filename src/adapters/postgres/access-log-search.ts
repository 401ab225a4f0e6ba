import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { AccessLogRow } from './access-log.ts';
import { type Session, statement } from './database.ts';

/** A row of the log with the person whom it is about. */
export interface FoundLogRow extends AccessLogRow {
  readonly personKey: string;
  readonly person: PublicId;
}

// Seals tell up to which event a moment had come, so a period is a stretch of event ids, which are indexed. What is not
// sealed yet is newer than every seal.
const SEARCH = statement(
  'access-log.search',
  `select e.public_id as id, e.occurred_at as at, e.actor, e.role, e.department, e.staff_number as "staffNumber",
     e.institution_id as "institutionKey", e.action, e.resource, e.purpose, e.basis, e.outcome, e.peer,
     e.person_id as "personKey", p.public_id as person
   from audit_events e join persons p on p.person_id = e.person_id
   where e.institution_id = $1
     and e.event_id > coalesce((select max(s.to_event) from audit_seals s where s.book = 'person' and s.sealed_at < $2), 0)
     and e.occurred_at >= $2 and e.occurred_at < $3
     and ($4::bigint[] is null or e.person_id = any($4::bigint[]))
     and ($5::text is null or e.staff_number = $5 or e.actor = 'staff:' || $5)
     and ($6::text is null or e.purpose = $6)
   order by e.event_id desc limit $7`,
);

/** What a privacy officer looks for in the log of the own institution. */
export interface AccessLogQuestion {
  readonly institutionKey: string;
  readonly from: Instant;
  readonly until: Instant;
  /** Records of one person; null for anybody's. */
  readonly persons: readonly string[] | null;
  /** Staff number or login; null for anybody. */
  readonly staff: string | null;
  readonly purpose: string | null;
  readonly limit: number;
}

/** Rows of the log of one institution, the newest first. */
export const searchAccessLog = (session: Session, question: AccessLogQuestion): Promise<FoundLogRow[]> =>
  session.run<FoundLogRow>(SEARCH, [
    question.institutionKey,
    isoInstant(question.from),
    isoInstant(question.until),
    question.persons,
    question.staff,
    question.purpose,
    question.limit,
  ]);
