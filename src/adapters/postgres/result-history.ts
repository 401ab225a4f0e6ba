import type { PublicId } from '../../kernel/uuid.ts';
import type { ReportContent, ReportKind, Standing } from '../../result/index.ts';
import { type Session, type Statement, statement } from './database.ts';
import { inParameters, inSize, inValues } from './in-lists.ts';

/** One result of a person with the head of its report, as the history shows it. Moments are epoch milliseconds. */
export interface HistoryRow {
  readonly person_id: string;
  readonly report_public_id: PublicId;
  readonly ordinal: number;
  readonly item_id: string | null;
  readonly institution_id: string;
  readonly performer_id: string;
  readonly campus: string | null;
  readonly anchor_at: number;
  readonly collected_at: number | null;
  readonly collected_precision: 'd' | 'm' | null;
  readonly received_at: number | null;
  readonly reported_at: number | null;
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
  readonly kind: ReportKind;
  readonly title: string;
  readonly report_number: string;
  readonly report_standing: Standing;
  readonly version: number;
}

/** More results than this are not shown at once; the oldest are left out, and the answer says so. */
export const HISTORY_MAX = 5_000;

const COLUMNS = `s.person_id, s.report_public_id, s.ordinal, s.item_id, s.institution_id, s.performer_id, s.campus, s.anchor_at,
  s.collected_at, s.collected_precision, s.received_at, s.reported_at, s.standing, s.local_code, s.local_name, s.side, s.specimen,
  s.time_point, s.point_of_care, s.method_class, s.value_text, s.value_number, s.comparator, s.unit_text, s.unit,
  s.reference_text, s.flag, r.kind, r.title, r.report_number, r.standing as report_standing, r.version`;

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

const rowsOf = perSize(
  'rows',
  (persons) => `select ${COLUMNS}
   from results s join reports r on r.person_id = s.person_id and r.report_id = s.report_id
   where s.person_id ${persons}
   order by s.anchor_at desc, s.result_id desc limit ${HISTORY_MAX + 1}`,
);

/** All results of these records, newest first, one more than `HISTORY_MAX` at most. */
export const readHistory = (session: Session, persons: readonly string[]): Promise<HistoryRow[]> =>
  rowsOf<HistoryRow>(session, persons);

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
