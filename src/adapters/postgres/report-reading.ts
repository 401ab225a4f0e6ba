import type { PublicId } from '../../kernel/uuid.ts';
import type { ReportContent, ReportKind, Standing } from '../../result/index.ts';
import { type Session, statement } from './database.ts';
import { textOf } from './report-content-fields.ts';

/** A report as it stands now, with the content of its current version. */
export interface ReportReading {
  readonly personId: string;
  readonly reportId: string;
  readonly personPublicId: PublicId;
  readonly publicId: PublicId;
  readonly institutionKey: string;
  readonly reportNumber: string;
  readonly kind: ReportKind;
  readonly title: string;
  readonly standing: Standing;
  readonly version: number;
  readonly collectedAt: number | null;
  readonly reportedAt: number | null;
  readonly content: ReportContent;
}

interface ReportRow {
  readonly person_id: string;
  readonly report_id: string;
  readonly person_public_id: PublicId;
  readonly public_id: PublicId;
  readonly institution_id: string;
  readonly report_number: string;
  readonly kind: ReportKind;
  readonly title: string;
  readonly standing: Standing;
  readonly version: number;
  readonly collected_at: number | null;
  readonly reported_at: number | null;
  readonly content: string;
}

const REPORT_SELECT = `select r.person_id, r.report_id, p.public_id as person_public_id, r.public_id, r.institution_id, r.report_number, r.kind, r.title, r.standing, r.version,
     r.collected_at, r.reported_at, v.content
   from reports r join report_versions v
     on v.person_id = r.person_id and v.report_id = r.report_id and v.version = r.version
   join persons p on p.person_id = r.person_id`;
const REPORT = statement('report-reading.report', `${REPORT_SELECT} where r.public_id = $1`);

const REPORTS = statement(
  'report-reading.reports',
  `${REPORT_SELECT} where r.person_id = any($1::bigint[]) and r.public_id = any($2::uuid[])`,
);

const readingOf = (row: ReportRow): ReportReading => ({
  personId: row.person_id,
  reportId: row.report_id,
  personPublicId: row.person_public_id,
  publicId: row.public_id,
  institutionKey: row.institution_id,
  reportNumber: row.report_number,
  kind: row.kind,
  title: row.title,
  standing: row.standing,
  version: row.version,
  collectedAt: row.collected_at,
  reportedAt: row.reported_at,
  content: JSON.parse(row.content) as ReportContent,
});

/** Reads one report by its public id; undefined when there is none. */
export const readReportByPublicId = async (
  session: Session,
  id: PublicId,
): Promise<ReportReading | undefined> => {
  const [row] = await session.run<ReportRow>(REPORT, [id]);
  return row && readingOf(row);
};

/** Reads some reports of these persons, by public id; asks once, also for none. */
export const readReportsByPublicId = async (
  session: Session,
  persons: readonly string[],
  ids: readonly PublicId[],
): Promise<ReadonlyMap<PublicId, ReportReading>> =>
  new Map(
    (await session.run<ReportRow>(REPORTS, [persons, ids])).map((row) => [row.public_id, readingOf(row)]),
  );

const VERSIONS = statement(
  'report-reading.versions',
  `select version, standing, stated_at, recorded_at, content from report_versions
   where person_id = $1 and report_id = $2 order by version desc`,
);

/** One version of a report as it was stored. */
export interface ReportVersionReading {
  readonly version: number;
  readonly standing: Standing;
  readonly statedAt: number;
  readonly recordedAt: number;
  readonly content: ReportContent;
}

/** All versions of a report, the newest first. */
export const readVersionsOf = async (
  session: Session,
  { personId, reportId }: Pick<ReportReading, 'personId' | 'reportId'>,
): Promise<ReportVersionReading[]> =>
  (
    await session.run<{
      version: number;
      standing: Standing;
      stated_at: number;
      recorded_at: number;
      content: string;
    }>(VERSIONS, [personId, reportId])
  ).map(({ version, standing, stated_at, recorded_at, content }) => ({
    version,
    standing,
    statedAt: stated_at,
    recordedAt: recorded_at,
    content: JSON.parse(content) as ReportContent,
  }));

/** The examination text of a report: 检查所见 apart from 诊断意见. */
export interface ExaminationText {
  readonly findings: string;
  readonly impression: string;
}

const EXAMINATIONS = statement(
  'report-reading.examinations',
  `select r.public_id, v.content from reports r join report_versions v
     on v.person_id = r.person_id and v.report_id = r.report_id and v.version = r.version
   where r.person_id = any($1::bigint[]) and r.public_id = any($2::uuid[])`,
);

/** The examination texts of some reports of these persons. */
export const readExaminations = async (
  session: Session,
  persons: readonly string[],
  reports: readonly PublicId[],
): Promise<ReadonlyMap<PublicId, ExaminationText>> => {
  const rows = await session.run<{ public_id: PublicId; content: string }>(EXAMINATIONS, [persons, reports]);
  return new Map(
    rows.map(({ public_id, content }) => {
      const { findings, impression } = (JSON.parse(content) as ReportContent).substance;
      return [public_id, { findings: textOf(findings), impression: textOf(impression) }];
    }),
  );
};
