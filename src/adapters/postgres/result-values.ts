import type { PublicId } from '../../kernel/uuid.ts';
import type { ReportContent } from '../../result/index.ts';
import { type Session, type Statement, statement } from './database.ts';
import { inParameters, inSize, inValues } from './in-lists.ts';

/** Names one result in one version of its report. */
export interface ResultVersion {
  readonly report: PublicId;
  readonly version: number;
}

const contents = (size: string, persons: string, reports: string): Statement =>
  statement(
    `result-values.contents-${size}`,
    `select r.public_id, r.version as current_version, v.version, v.content
     from reports r join report_versions v on v.person_id = r.person_id and v.report_id = r.report_id
     where r.person_id ${persons} and r.public_id ${reports}`,
  );
const PERSON_SIZES = [1, 2, 4] as const;
const REPORT_SIZES = [1, 2, 4, 8, 16] as const;
const CONTENTS: ReadonlyMap<string, Statement> = new Map(
  PERSON_SIZES.flatMap((persons) =>
    REPORT_SIZES.map((reports) => [
      `${persons}x${reports}`,
      contents(
        `${persons}x${reports}`,
        `in (${inParameters(1, persons)})`,
        `in (${inParameters(persons + 1, reports)})`,
      ),
    ]),
  ),
);
const CONTENTS_OF_MANY = contents('of-many', '= any($1::bigint[])', '= any($2::uuid[])');

/** The content of a report in the version that a decision weighed, and which version is the current one. */
export interface VersionedContent {
  readonly content: ReportContent;
  readonly currentVersion: number;
}

/** Reads reports in the versions asked for, by report id. A version that is gone is missing from the map. */
export const readReportVersions = async (
  session: Session,
  persons: readonly string[],
  wanted: readonly ResultVersion[],
): Promise<ReadonlyMap<PublicId, VersionedContent>> => {
  const versions = new Map(wanted.map(({ report, version }) => [report, version]));
  if (versions.size === 0) return new Map();
  const reports = [...versions.keys()];
  const personSize = inSize(PERSON_SIZES, persons.length);
  const reportSize = inSize(REPORT_SIZES, reports.length);
  const sized = CONTENTS.get(`${personSize}x${reportSize}`);
  const rows = await session.run<{
    public_id: PublicId;
    current_version: number;
    version: number;
    content: string;
  }>(
    sized ?? CONTENTS_OF_MANY,
    sized && personSize && reportSize
      ? [...inValues(persons, personSize), ...inValues(reports, reportSize)]
      : [persons, reports],
  );
  return new Map(
    rows
      .filter(({ public_id, version }) => versions.get(public_id) === version)
      .map(({ public_id, current_version, content }) => [
        public_id,
        { content: JSON.parse(content) as ReportContent, currentVersion: current_version },
      ]),
  );
};
