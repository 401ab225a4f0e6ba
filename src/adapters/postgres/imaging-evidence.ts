import type { CountedImages, StudyFacts } from '../../imaging/index.ts';
import { type Instant, instant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** One study of a report. */
export interface ReportStudy {
  readonly received: number;
  /** null: its sender announced none. */
  readonly announced: number | null;
  /** null before its first series is closed. */
  readonly facts: StudyFacts | null;
}

/** The images of one report as far as a verdict asks. */
export interface ReportImages extends CountedImages {
  readonly report: PublicId;
  /** In the order in which they came. */
  readonly studies: readonly ReportStudy[];
  /** Whether images of another patient came for one of its studies and nobody has said yet whose they are. */
  readonly hasOtherPatient: boolean;
}

/** Images of reports, by the report's public id. */
export type ImageEvidence = ReadonlyMap<PublicId, ReportImages>;

interface StudyRow {
  readonly report_public_id: PublicId;
  readonly instance_count: number;
  readonly announced_count: number | null;
  readonly open_series: number;
  readonly last_at: Instant;
  readonly facts: string | null;
  readonly has_other_patient: boolean;
}

const OF_PERSONS = statement(
  'imaging-evidence.of-persons',
  `select s.report_public_id, s.instance_count, s.announced_count, s.open_series, s.last_at, s.facts, exists (
     select 1 from imaging_conflicts c where c.person_id = s.person_id and c.study_id = s.study_id
       and c.reason = 'two-patients' and c.state = 'open') as has_other_patient
   from studies s where s.person_id = any($1::bigint[]) and s.report_public_id is not null and s.instance_count > 0
   order by s.study_id`,
);

/** Images of these persons' reports. Several studies of one report count together. */
export const readImageEvidence = async (
  session: Session,
  persons: readonly string[],
): Promise<ImageEvidence> => {
  const studies = await session.run<StudyRow>(OF_PERSONS, [persons]);
  const byReport = new Map<PublicId, ReportImages>();
  for (const row of studies) {
    const study: ReportStudy = {
      received: row.instance_count,
      announced: row.announced_count,
      facts: row.facts === null ? null : (JSON.parse(row.facts) as StudyFacts),
    };
    const before = byReport.get(row.report_public_id);
    byReport.set(row.report_public_id, {
      report: row.report_public_id,
      received: (before?.received ?? 0) + row.instance_count,
      announced:
        row.announced_count === null
          ? (before?.announced ?? null)
          : (before?.announced ?? 0) + row.announced_count,
      lastAt: instant(Math.max(before?.lastAt ?? 0, row.last_at)),
      isOpen: (before?.isOpen ?? false) || row.open_series > 0,
      studies: [...(before?.studies ?? []), study],
      hasOtherPatient: (before?.hasOtherPatient ?? false) || row.has_other_patient,
    });
  }
  return byReport;
};
