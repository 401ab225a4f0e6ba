import type { PublicId } from '../../kernel/uuid.ts';
import type { ReportContent, ReportKind, Standing } from '../../result/index.ts';
import { type Session, type Statement, statement } from './database.ts';
import { inParameters, inSize, inValues } from './in-lists.ts';

/** The report of a result, and when it was collected. Moments are epoch milliseconds. */
export interface HistoryHead {
  readonly person_id: string;
  readonly report_public_id: PublicId;
  readonly institution_id: string;
  readonly anchor_at: number;
  readonly collected_at: number | null;
  readonly collected_precision: 'd' | 'm' | null;
  readonly received_at: number | null;
  readonly reported_at: number | null;
  readonly kind: ReportKind;
  readonly title: string;
  readonly report_number: string;
  readonly report_standing: Standing;
  readonly version: number;
}

/** One result of a person, as the history shows it. */
export interface HistoryRow {
  readonly head: HistoryHead;
  readonly ordinal: number;
  readonly item_id: string | null;
  readonly performer_id: string;
  readonly campus: string | null;
  readonly standing: Standing;
  readonly local_code: string;
  readonly local_name: string;
  readonly side: 'left' | 'right' | 'both' | null;
  readonly specimen: string | null;
  readonly time_point: string | null;
  readonly point_of_care: boolean;
  readonly method_class: string | null;
  readonly value_text: string;
  readonly value_number: number | null;
  readonly comparator: string | null;
  readonly unit_text: string;
  readonly unit: string | null;
  readonly reference_text: string;
  readonly flag: string | null;
}

/** More results than this are not shown at once; the oldest are left out, and the answer says so. */
export const HISTORY_MAX = 5_000;

const LINE_COLUMNS = `s.ordinal, s.item_id, s.performer_id, s.campus, s.standing, s.local_code, s.local_name, s.side, s.specimen,
  s.time_point, s.point_of_care, s.method_class, s.value_text, s.value_number, s.comparator, s.unit_text, s.unit,
  s.reference_text, s.flag`;
const HEAD_COLUMNS = [
  'person_id',
  'report_public_id',
  'institution_id',
  'anchor_at',
  'collected_at',
  'collected_precision',
  'received_at',
  'reported_at',
] as const;
const REPORT_COLUMNS = ['kind', 'title', 'report_number', 'version'] as const;

/** One statement for each size of cluster (see in-lists.ts), and one for any. */
const PERSON_SIZES = [1, 2, 4, 8] as const;
const perSize = (name: string, text: (persons: string) => string) => {
  const sized = new Map<number | undefined, Statement>(
    PERSON_SIZES.map((size) => [
      size,
      statement(`result-history.${name}-${size}`, text(`in (${inParameters(1, size)})`)),
    ]),
  );
  const ofMany = statement(`result-history.${name}-of-many`, text('= any($1::bigint[])'));
  return <Row>(session: Session, persons: readonly string[]): Promise<Row[]> => {
    const size = inSize(PERSON_SIZES, persons.length);
    const wanted = sized.get(size);
    return wanted && size
      ? session.run<Row>(wanted, inValues(persons, size))
      : session.run<Row>(ofMany, [persons]);
  };
};

/**
 * Lines of results with the heads of their reports, newest first. Of a report with dozens of lines its head is sent once,
 * before the first of them: most of what the lines have in common would else be written, carried and read again for each.
 *
 * @param wanted condition on `l`, a row of `results`
 * @param more further columns of `reports`
 */
export const historySelect = (
  wanted: string,
  more: readonly string[] = [],
): string => `select ${LINE_COLUMNS},
     ${HEAD_COLUMNS.map((column) => `case when s.leads then s.${column} end as ${column}`).join(', ')},
     ${[...REPORT_COLUMNS, ...more].map((column) => `case when s.leads then r.${column} end as ${column}`).join(', ')},
     case when s.leads then r.standing end as report_standing
   from (select l.*, (l.report_id, l.collected_at, l.anchor_at) is distinct from
       (lag(l.report_id) over newest_first, lag(l.collected_at) over newest_first, lag(l.anchor_at) over newest_first) as leads
     from results l where ${wanted}
     window newest_first as (order by l.anchor_at desc, l.result_id desc)) s
     join reports r on r.person_id = s.person_id and r.report_id = s.report_id
   order by s.anchor_at desc, s.result_id desc limit ${HISTORY_MAX + 1}`;

const rowsOf = perSize('rows', (persons) => historySelect(`l.person_id ${persons}`));

/** A line as it comes: the head stands in the first of several that have it in common. */
export type SentHistoryRow = { head?: HistoryHead } & Omit<HistoryRow, 'head'> & Partial<HistoryHead>;

/** Gives every line the head that was sent before it. */
export const withHeads = (rows: readonly SentHistoryRow[]): readonly HistoryRow[] => {
  let head: HistoryHead | undefined;
  for (const row of rows) {
    if (row.person_id) head = row as HistoryHead;
    if (head) row.head = head;
  }
  return rows as readonly HistoryRow[];
};

/** All results of these records, newest first, one more than `HISTORY_MAX` at most. */
export const readHistory = async (
  session: Session,
  persons: readonly string[],
): Promise<readonly HistoryRow[]> => withHeads(await rowsOf<SentHistoryRow>(session, persons));

/** One version of a report, parsed. */
export interface HistoryVersion {
  readonly report: PublicId;
  readonly version: number;
  readonly content: ReportContent;
}

// Of a laboratory report only what changed is wanted; of an examination the present text.
const versionsOf = perSize(
  'versions',
  (persons) => `select r.public_id, v.version, v.content
   from reports r join report_versions v on v.person_id = r.person_id and v.report_id = r.report_id
   where r.person_id ${persons}
     and ((r.kind = 'laboratory' and r.version > 1) or (r.kind <> 'laboratory' and v.version = r.version))
   order by v.version desc`,
);

/**
 * The contents that the hot table lacks: every version of laboratory reports that have more than one, and the present
 * version of examinations; newest version first.
 */
export const readHistoryVersions = async (
  session: Session,
  persons: readonly string[],
): Promise<HistoryVersion[]> =>
  (await versionsOf<{ public_id: PublicId; version: number; content: string }>(session, persons)).map(
    ({ public_id, version, content }) => ({
      report: public_id,
      version,
      content: JSON.parse(content) as ReportContent,
    }),
  );

const PRESENT_OF_REPORTS = statement(
  'result-history.present-of-reports',
  `select r.public_id, v.version, v.content
   from reports r join report_versions v on v.person_id = r.person_id and v.report_id = r.report_id and v.version = r.version
   where r.person_id = any($1::bigint[]) and r.public_id = any($2::uuid[])`,
);

/** The present contents of some reports of these records. */
export const readPresentVersions = async (
  session: Session,
  persons: readonly string[],
  reports: readonly PublicId[],
): Promise<HistoryVersion[]> =>
  (
    await session.run<{ public_id: PublicId; version: number; content: string }>(PRESENT_OF_REPORTS, [
      persons,
      reports,
    ])
  ).map(({ public_id, version, content }) => ({
    report: public_id,
    version,
    content: JSON.parse(content) as ReportContent,
  }));
