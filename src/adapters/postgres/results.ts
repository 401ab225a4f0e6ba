import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { ResultRow, Standing } from '../../result/index.ts';
import { type Session, type SqlValue, statement } from './database.ts';
import type { InstitutionKey, ItemKey } from './registry.ts';

/** One observation of a report's current version as the hot table holds it: what a verdict may rest on. */
export interface ResultRecord extends Omit<ResultRow, 'item' | 'performer'> {
  readonly reportPublicId: PublicId;
  readonly reportVersion: number;
  /** null while the local code waits for its mapping. */
  readonly itemKey: ItemKey | null;
  readonly institutionKey: InstitutionKey;
  readonly performerKey: InstitutionKey;
  readonly campus: string | null;
}

type Scalar = null | boolean | number | string;
/** Writes a moment; lines of one report share most of theirs, so each is written once. */
type Writer = (moment: Instant | null) => string | null;
type Column = readonly [name: string, type: string, value: (record: ResultRecord, at: Writer) => Scalar];

const momentWriter = (): Writer => {
  const written = new Map<Instant, string>();
  return (moment) => {
    if (moment === null) return null;
    let text = written.get(moment);
    if (text === undefined) {
      text = isoInstant(moment);
      written.set(moment, text);
    }
    return text;
  };
};

/**
 * An array in PostgreSQL's own text form. The driver can write arrays too, at three times the cost, which for thirty
 * columns of twenty lines is a good part of what taking a message costs.
 */
const arrayText = (values: readonly Scalar[]): string => {
  let text = '{';
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as Scalar;
    if (index > 0) text += ',';
    if (value === null) text += 'NULL';
    else if (typeof value !== 'string') text += String(value);
    else if (/["\\]/.test(value)) text += `"${value.replace(/["\\]/g, '\\$&')}"`;
    else text += `"${value}"`;
  }
  return `${text}}`;
};

/** Columns of `results` that come from the record, in one place for the statement and its values. */
const COLUMNS: readonly Column[] = [
  ['ordinal', 'integer', (record) => record.ordinal],
  ['report_version', 'integer', (record) => record.reportVersion],
  ['item_id', 'bigint', (record) => record.itemKey],
  ['institution_id', 'bigint', (record) => record.institutionKey],
  ['performer_id', 'bigint', (record) => record.performerKey],
  ['campus', 'text', (record) => record.campus],
  ['anchor_at', 'timestamptz', (record, at) => at(record.anchorAt)],
  ['collected_at', 'timestamptz', (record, at) => at(record.collectedAt)],
  ['collected_precision', 'text', (record) => record.collectedPrecision],
  ['received_at', 'timestamptz', (record, at) => at(record.receivedAt)],
  ['reported_at', 'timestamptz', (record, at) => at(record.reportedAt)],
  ['standing', 'text', (record) => record.standing],
  ['local_code', 'text', (record) => record.localCode],
  ['local_name', 'text', (record) => record.localName],
  ['side', 'text', (record) => record.side],
  ['specimen', 'text', (record) => record.specimen],
  ['specimen_states', 'text', (record) => record.specimenStates],
  ['fasting', 'boolean', (record) => record.fasting],
  ['time_point', 'text', (record) => record.timePoint],
  ['point_of_care', 'boolean', (record) => record.pointOfCare],
  ['method_class', 'text', (record) => record.methodClass],
  ['value_text', 'text', (record) => record.valueText],
  ['value_number', 'double precision', (record) => record.valueNumber],
  ['comparator', 'text', (record) => record.comparator],
  ['unit_text', 'text', (record) => record.unitText],
  ['unit', 'text', (record) => record.unit],
  ['reference_text', 'text', (record) => record.referenceText],
  ['flag', 'text', (record) => record.flag],
  ['images', 'text', (record) => record.images],
];

const NAMES = COLUMNS.map(([name]) => name).join(', ');

/** How many parameters `resultInsert` takes. */
export const RESULT_PARAMETERS = COLUMNS.length + 1;

/**
 * The insertion of result rows as part of a larger statement. `person` is the expression of the person's key;
 * `report` names a preceding CTE with report_id and public_id; parameters begin at `first`.
 */
export const resultInsert = (person: string, report: string, first: number): string => {
  const parameters = ['uuid', ...COLUMNS.map(([, type]) => type)]
    .map((type, index) => `$${first + index}::${type}[]`)
    .join(', ');
  return `insert into results (person_id, report_id, report_public_id, ${NAMES})
    select ${person}, ${report}.report_id, ${report}.public_id, ${COLUMNS.map(([name]) => `line.${name}`).join(', ')}
    from unnest(${parameters}) as line (report_public_id, ${NAMES})
    join ${report} on ${report}.public_id = line.report_public_id
    returning result_id`;
};

/** Values for the parameters of `resultInsert`. */
export const resultValues = (records: readonly ResultRecord[]): readonly SqlValue[] => {
  const at = momentWriter();
  return [
    arrayText(records.map((record) => record.reportPublicId)),
    ...COLUMNS.map(([, , value]) => arrayText(records.map((record) => value(record, at)))),
  ];
};

const WAITING_CODES = statement(
  'results.waiting-codes',
  `select local_code, count(*)::integer as results, min(local_name) as local_name from results
   where institution_id = $1 and item_id is null group by local_code order by local_code`,
);
const WAITING_INSTITUTIONS = statement(
  'results.waiting-institutions',
  'select distinct institution_id from results where item_id is null',
);

/** Local codes of an institution whose results wait for a mapping, with how many results wait. */
export const waitingCodes = async (
  session: Session,
  institutionKey: InstitutionKey,
): Promise<readonly { readonly localCode: string; readonly localName: string; readonly results: number }[]> =>
  (
    await session.run<{ local_code: string; local_name: string; results: number }>(WAITING_CODES, [
      institutionKey,
    ])
  ).map((row) => ({ localCode: row.local_code, localName: row.local_name, results: row.results }));

/** Institutions that have results waiting for a mapping. */
export const waitingInstitutions = async (session: Session): Promise<readonly InstitutionKey[]> =>
  (await session.run<{ institution_id: string }>(WAITING_INSTITUTIONS)).map(
    (row) => row.institution_id as InstitutionKey,
  );

/** Place in the order in which waiting reports are gone through. */
export interface WaitingPosition {
  readonly personKey: string;
  readonly reportId: string;
}

/** A report with lines that wait for their mapping, and where its message is kept. */
export interface WaitingReport extends WaitingPosition {
  readonly publicId: PublicId;
  readonly reportNumber: string;
  readonly version: number;
  readonly standing: Standing;
  readonly statedAt: Instant;
  readonly content: string;
  readonly messageId: string;
  readonly recordedAt: Instant;
}

/** A row of a statement that goes through reports to have lines of them read again. */
export interface WaitingRow {
  readonly person_id: string;
  readonly report_id: string;
  readonly public_id: PublicId;
  readonly report_number: string;
  readonly version: number;
  readonly standing: Standing;
  readonly stated_at: Instant;
  readonly content: string;
  readonly message_id: string;
  readonly recorded_at: Instant;
}

/** What such a statement selects of the reports `w` that it found. */
export const WAITING_SELECTION = {
  columns: `w.person_id, w.report_id, r.public_id, r.report_number, r.version, r.standing, r.stated_at, v.content, v.message_id,
     v.recorded_at`,
  joins: `join reports r on r.person_id = w.person_id and r.report_id = w.report_id
   join report_versions v on v.person_id = r.person_id and v.report_id = r.report_id and v.version = r.version
   order by w.person_id, w.report_id`,
} as const;

/** Such a row as a report. */
export const waitingReportOf = (row: WaitingRow): WaitingReport => ({
  personKey: row.person_id,
  reportId: row.report_id,
  publicId: row.public_id,
  reportNumber: row.report_number,
  version: row.version,
  standing: row.standing,
  statedAt: row.stated_at,
  content: row.content,
  messageId: row.message_id,
  recordedAt: row.recorded_at,
});

const WAITING_REPORTS = statement(
  'results.waiting-reports',
  `select ${WAITING_SELECTION.columns}
   from (select distinct person_id, report_id from results
     where institution_id = $1 and item_id is null and local_code = any($2::text[]) and (person_id, report_id) > ($3::bigint, $4::bigint)
     order by person_id, report_id limit $5) w
   ${WAITING_SELECTION.joins}`,
);
const FREE = statement(
  'results.free',
  `update results set item_id = line.item_id, side = line.side, specimen = line.specimen, method_class = line.method_class,
     unit = line.unit, flag = line.flag
   from unnest($4::integer[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
     as line (ordinal, item_id, side, specimen, method_class, unit, flag)
   where results.person_id = $1 and results.report_id = $2 and results.report_version = $3
     and results.item_id is distinct from line.item_id and results.ordinal = line.ordinal
   returning results.result_id`,
);

/** Reports of an institution with lines under these local codes that wait for a mapping, a page at a time. */
export const waitingReports = async (
  session: Session,
  institutionKey: InstitutionKey,
  localCodes: readonly string[],
  after: WaitingPosition | undefined,
  limit: number,
): Promise<readonly WaitingReport[]> => {
  const rows = await session.run<WaitingRow>(WAITING_REPORTS, [
    institutionKey,
    localCodes,
    after?.personKey ?? '0',
    after?.reportId ?? '0',
    limit,
  ]);
  return rows.map(waitingReportOf);
};

/**
 * Gives lines of one report version their items, and what follows from the item: waiting ones, and those that an earlier
 * code map took for another item. A line that has its item already, or a newer version meanwhile, is left alone.
 *
 * @returns how many lines were given another item
 */
export const freeResults = async (
  session: Session,
  report: WaitingReport,
  records: readonly ResultRecord[],
): Promise<number> => {
  const rows = await session.run(FREE, [
    report.personKey,
    report.reportId,
    report.version,
    records.map(({ ordinal }) => ordinal),
    records.map(({ itemKey }) => itemKey),
    records.map(({ side }) => side),
    records.map(({ specimen }) => specimen),
    records.map(({ methodClass }) => methodClass),
    records.map(({ unit }) => unit),
    records.map(({ flag }) => flag),
  ]);
  return rows.length;
};
