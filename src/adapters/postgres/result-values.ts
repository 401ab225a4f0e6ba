import type { PublicId } from '../../kernel/uuid.ts';
import type { ReportContent } from '../../result/index.ts';
import { type Session, statement } from './database.ts';

/** Names one result in one version of its report. */
export interface ResultVersion {
  readonly report: PublicId;
  readonly version: number;
}

const CONTENTS = statement(
  'result-values.contents',
  `select r.public_id, r.version as current_version, v.version, v.content
   from reports r join report_versions v on v.person_id = r.person_id and v.report_id = r.report_id
   where r.person_id = any($1::bigint[]) and r.public_id = any($2::uuid[])`,
);

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
  const rows = await session.run<{
    public_id: PublicId;
    current_version: number;
    version: number;
    content: string;
  }>(CONTENTS, [persons, [...versions.keys()]]);
  return new Map(
    rows
      .filter(({ public_id, version }) => versions.get(public_id) === version)
      .map(({ public_id, current_version, content }) => [
        public_id,
        { content: JSON.parse(content) as ReportContent, currentVersion: current_version },
      ]),
  );
};
