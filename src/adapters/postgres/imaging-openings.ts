import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { Database } from './database.ts';
import { statement } from './database.ts';
import { type AuditRecord, keepAudit } from './order-checks.ts';

const OPEN = statement(
  'imaging.open-study',
  `insert into study_openings (person_id, study_id, session_key, opened_at) values ($1, $2, $3, $4)
   on conflict (person_id, study_id, session_key) do nothing returning study_id`,
);

/**
 * Keeps that a study was opened. The audit row is written with the first opening, in one commit; the frames that
 * follow are of the same opening.
 */
export const openStudyOnce = (
  database: Database,
  study: { readonly personId: string; readonly studyId: string },
  openingKey: string,
  audit: AuditRecord,
  at: Instant,
): Promise<void> =>
  database.transaction(async (session) => {
    const [first] = await session.run(OPEN, [study.personId, study.studyId, openingKey, isoInstant(at)]);
    if (first) await keepAudit(session, study.personId, at, audit);
  });
