import { type Side, sideInName } from '../../catalogue/index.ts';
import type { StudyFacts } from '../../imaging/index.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** A study as far as its side is compared with its report's. */
export interface SidedStudy {
  readonly institutionKey: string;
  readonly report: PublicId | null;
  /** null before its first series is closed. */
  readonly facts: StudyFacts | null;
  /** Of its first series; null where it was not kept yet. */
  readonly sender: string | null;
}

const STUDY = statement(
  'imaging-sides.study',
  `select s.institution_id, s.report_public_id, s.facts, (
     select c.sender from series c where c.person_id = $1 and c.study_id = $2 order by c.series_id limit 1) as sender
   from studies s where s.person_id = $1 and s.study_id = $2`,
);
const SIDES = statement(
  'imaging-sides.of-report',
  `select side, item_id is null as is_unmapped, local_name from results
   where person_id = any($1::bigint[]) and report_public_id = $2 order by ordinal`,
);

/** What a study states, and of which report it is. */
export const sidedStudy = async (
  session: Session,
  of: { readonly personId: string; readonly studyId: string },
): Promise<SidedStudy | undefined> => {
  const [row] = await session.run<{
    institution_id: string;
    report_public_id: PublicId | null;
    facts: string | null;
    sender: string | null;
  }>(STUDY, [of.personId, of.studyId]);
  return (
    row && {
      institutionKey: row.institution_id,
      report: row.report_public_id,
      facts: row.facts === null ? null : (JSON.parse(row.facts) as StudyFacts),
      sender: row.sender,
    }
  );
};

/** The sides that the results of a report of one of these persons are of; of one without an item, as its name says. */
export const sidesOfReport = async (
  session: Session,
  persons: readonly string[],
  report: PublicId,
): Promise<readonly (Side | null)[]> =>
  (
    await session.run<{ side: Side | null; is_unmapped: boolean; local_name: string }>(SIDES, [
      persons,
      report,
    ])
  ).map((row) => row.side ?? (row.is_unmapped ? sideInName(row.local_name) : null));
