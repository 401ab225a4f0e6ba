import type { Side } from '../../catalogue/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { Standing } from '../../result/index.ts';
import { type Session, type SqlValue, statement } from './database.ts';
import type { InstitutionKey, ItemKey } from './registry.ts';

/** One observation of a report's current version as the hot table holds it: what a verdict may rest on. */
export interface ResultRecord {
  readonly reportPublicId: PublicId;
  readonly ordinal: number;
  readonly reportVersion: number;
  /** null while the local code waits for its mapping. */
  readonly itemKey: ItemKey | null;
  readonly institutionKey: InstitutionKey;
  readonly performerKey: InstitutionKey;
  readonly campus: string | null;
  readonly anchorAt: Instant;
  readonly collectedAt: Instant | null;
  readonly collectedPrecision: 'd' | 'm' | null;
  readonly receivedAt: Instant | null;
  readonly reportedAt: Instant | null;
  readonly standing: Standing;
  readonly localCode: string;
  readonly localName: string;
  readonly side: Side | null;
  readonly specimen: string | null;
  /** Joined by commas; null when none. */
  readonly specimenStates: string | null;
  readonly fasting: boolean | null;
  readonly timePoint: string | null;
  readonly pointOfCare: boolean;
  readonly methodClass: string | null;
  readonly valueText: string;
  readonly valueNumber: number | null;
  readonly comparator: string | null;
  readonly unitText: string;
  readonly unit: string | null;
  readonly referenceText: string;
  readonly flag: string | null;
  readonly images: string;
}

type Column = readonly [name: string, type: string, value: (record: ResultRecord) => SqlValue];

const at = (moment: Instant | null): string | null => (moment === null ? null : isoInstant(moment));

/** Columns of `results` that come from the record, in one place for the statement and its values. */
const COLUMNS: readonly Column[] = [
  ['ordinal', 'integer', (record) => record.ordinal],
  ['report_version', 'integer', (record) => record.reportVersion],
  ['item_id', 'bigint', (record) => record.itemKey],
  ['institution_id', 'bigint', (record) => record.institutionKey],
  ['performer_id', 'bigint', (record) => record.performerKey],
  ['campus', 'text', (record) => record.campus],
  ['anchor_at', 'timestamptz', (record) => isoInstant(record.anchorAt)],
  ['collected_at', 'timestamptz', (record) => at(record.collectedAt)],
  ['collected_precision', 'text', (record) => record.collectedPrecision],
  ['received_at', 'timestamptz', (record) => at(record.receivedAt)],
  ['reported_at', 'timestamptz', (record) => at(record.reportedAt)],
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
export const resultValues = (records: readonly ResultRecord[]): readonly SqlValue[] => [
  records.map((record) => record.reportPublicId),
  ...COLUMNS.map(([, , value]) => records.map(value) as SqlValue),
];

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
