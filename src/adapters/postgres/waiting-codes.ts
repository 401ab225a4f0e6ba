import type { Instant } from '../../kernel/instant.ts';
import { type Session, statement } from './database.ts';
import type { InstitutionKey } from './registry.ts';

/** A line under a local code that waits, as sent. */
export interface WaitingLine {
  readonly valueText: string;
  readonly unitText: string;
  readonly referenceText: string;
  readonly specimen: string | null;
}

// A word can name somebody, however short it is: only figures, and the words of qualitative tests, are shown.
const EXAMPLES = statement(
  'waiting.examples',
  `select distinct case when value_number is not null or value_text ~ '^[-+±0-9.:<>=/]{1,12}$'
       or value_text in ('阴性', '阳性', '弱阳性', '可疑') then value_text else '' end as value_text,
     left(unit_text, 20) as unit_text, left(reference_text, 40) as reference_text, specimen
   from (select * from results where institution_id = $1 and local_code = $2 and item_id is null limit 200) w
   order by 1, 2 limit 3`,
);
const UNITS = statement(
  'waiting.units',
  `select unit_text, count(*)::integer as results, count(distinct (person_id, report_id))::integer as reports
   from results where institution_id = $1 and local_code = $2 and item_id is null group by 1 order by 2 desc, 1`,
);
const UNDER = statement(
  'waiting.under',
  `select count(*)::integer as results, count(distinct (person_id, report_id))::integer as reports
   from results where institution_id = $1 and local_code = any($2::text[]) and item_id is null`,
);
const VERSIONS = statement(
  'waiting.map-versions',
  `select version, published_at, published_by, content_hash from list_versions
   where kind = 'code-map' and code = $1 order by published_at desc, version desc limit $2`,
);
const DOCUMENT = statement('waiting.document', 'select document from list_versions where content_hash = $1');

/** Up to three lines that wait under a local code. */
export const waitingExamples = async (
  session: Session,
  institutionKey: InstitutionKey,
  localCode: string,
): Promise<readonly WaitingLine[]> =>
  (
    await session.run<{
      value_text: string;
      unit_text: string;
      reference_text: string;
      specimen: string | null;
    }>(EXAMPLES, [institutionKey, localCode])
  ).map((row) => ({
    valueText: row.value_text,
    unitText: row.unit_text,
    referenceText: row.reference_text,
    specimen: row.specimen,
  }));

/** Units in which the results that wait under a local code came. */
export const waitingUnits = (
  session: Session,
  institutionKey: InstitutionKey,
  localCode: string,
): Promise<{ readonly unit_text: string; readonly results: number; readonly reports: number }[]> =>
  session.run(UNITS, [institutionKey, localCode]);

/** How many results wait under any of these local codes, and in how many reports. */
export const waitingUnder = async (
  session: Session,
  institutionKey: InstitutionKey,
  localCodes: readonly string[],
): Promise<{ readonly results: number; readonly reports: number }> => {
  const [row] = await session.run<{ results: number; reports: number }>(UNDER, [institutionKey, localCodes]);
  return row ?? { results: 0, reports: 0 };
};

/** A published version of a code map. */
export interface MapVersion {
  readonly version: string;
  readonly publishedAt: Instant;
  readonly publishedBy: string;
  readonly contentHash: string;
}

/** The newest versions of a code map, newest first. */
export const codeMapVersions = async (
  session: Session,
  code: string,
  limit: number,
): Promise<readonly MapVersion[]> =>
  (
    await session.run<{
      version: string;
      published_at: number;
      published_by: string;
      content_hash: string;
    }>(VERSIONS, [code, limit])
  ).map((row) => ({
    version: row.version,
    publishedAt: row.published_at as Instant,
    publishedBy: row.published_by,
    contentHash: row.content_hash,
  }));

/** The canonical JSON of a list version. */
export const listDocumentText = async (session: Session, contentHash: string): Promise<string | undefined> =>
  (await session.run<{ document: string }>(DOCUMENT, [contentHash]))[0]?.document;
