import type { KeyRing } from '../../adapters/keys/key-ring.ts';
import { type Database, type Session, statement } from '../../adapters/postgres/database.ts';
import { loadRegistry } from '../../adapters/postgres/registry.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { ItemCode } from '../../catalogue/index.ts';
import type { CompiledSnapshot } from '../../recognition/index.ts';
import { type BulkNumbers, fillPersons } from './bulk-people.ts';
import { CATALOGUE_NAMES } from './catalogue-names.ts';
import { EXAMINATIONS } from './examinations.ts';
import { senderCodeOf } from './senders.ts';
import type { DemonstrationInstitution } from './region.ts';
import { PANELS } from './laboratory-services.ts';

/** How much is filled in. */
export interface BulkPlan {
  /** About how many results; the exact number follows from the drawn sizes of reports and is in the outcome. */
  readonly results: number;
  readonly now: Instant;
  /** The published lists: units and specimens of items come out of their catalogue. */
  readonly snapshot: CompiledSnapshot;
  readonly onProgress?: (done: BulkOutcome) => void;
}

/** What was filled in. */
export interface BulkOutcome {
  /** Persons with results: places 0 up to this number of `bulkPatient`. */
  readonly persons: number;
  readonly reports: number;
  readonly results: number;
}

/** Results a person has on average: 1 to 8 reports of 4 to 16 lines, one report in eight an examination. */
export const RESULTS_PER_PERSON = 40;

const PERSONS_PER_STATEMENT = 5_000;
const REPORTS_PER_PERSON_MAX = 8;

/** Uniform in [0, 1) out of a key and a salt; the same on every run of one PostgreSQL version. */
const draw = (key: string, salt: number): string =>
  `((hashint8extended(${key}, ${salt}) & 1073741823)::float8 / 1073741824)`;

/**
 * The reports of the persons $1 to $2, drawn: $3 the first report id, $4 the first person, $5 the institutions, $6 the moment
 * at which histories end.
 */
const DRAWN_REPORTS = `(
     select p as person_id, $3::bigint + (p - $4::bigint) * ${REPORTS_PER_PERSON_MAX} + k as report_id,
       1 + floor(cardinality($5::bigint[]) * power(${draw(`p * ${REPORTS_PER_PERSON_MAX} + k`, 2)}, 1.7))::int as place,
       ${draw(`p * ${REPORTS_PER_PERSON_MAX} + k`, 3)} < 0.12 as examined,
       $6::timestamptz - interval '1 day' - interval '729 days' * power(${draw(`p * ${REPORTS_PER_PERSON_MAX} + k`, 4)}, 1.6) as collected_at
     from generate_series($1::bigint, $2::bigint) as p
     cross join lateral generate_series(0, floor(${REPORTS_PER_PERSON_MAX} * ${draw('p', 1)})::int) as k) as d`;

const REPORTS = statement(
  'bulk.reports',
  `insert into reports (person_id, report_id, public_id, institution_id, sender_id, report_number, order_number, kind, title,
     standing, version, stated_at, collected_at, reported_at, replaced_by, updated_at)
   overriding system value
   select d.person_id, d.report_id, md5('bulk-report-' || d.report_id)::uuid, ($5::bigint[])[d.place], ($7::bigint[])[d.place],
     'B' || d.report_id, 'A' || d.report_id, case when d.examined then 'imaging' else 'laboratory' end,
     case when d.examined then '影像检查' else '检验' end, 'final', 1,
     d.collected_at + interval '3 hours', d.collected_at, d.collected_at + interval '3 hours', null, d.collected_at + interval '3 hours'
   from ${DRAWN_REPORTS}`,
);

const REPORT_KEYS = statement(
  'bulk.report-keys',
  `insert into report_keys (report_number, institution_id, person_id, report_public_id, replaced_by)
   select 'B' || d.report_id, ($5::bigint[])[d.place], d.person_id, md5('bulk-report-' || d.report_id)::uuid, null
   from ${DRAWN_REPORTS}`,
);

const REPORT_VERSIONS = statement(
  'bulk.report-versions',
  `insert into report_versions (person_id, report_id, version, recorded_at, message_id, standing, stated_at, content)
   select person_id, report_id, 1, updated_at, 0, 'final', stated_at,
     '{"form":1,"kind":"' || kind || '","observations":[],"particulars":{},"reportNumber":"' || report_number ||
     case when kind = 'imaging' then '","substance":{"findings":"未见明显异常。","impression":"未见明显异常。"}}' else '","substance":{}}' end
   from reports where person_id between $1::bigint and $2::bigint`,
);

const RESULTS = statement(
  'bulk.results',
  `insert into results (person_id, report_id, report_public_id, ordinal, report_version, item_id, institution_id, performer_id,
     campus, anchor_at, collected_at, collected_precision, received_at, reported_at, standing, local_code, local_name, side,
     specimen, specimen_states, fasting, time_point, point_of_care, method_class, value_text, value_number, comparator,
     unit_text, unit, reference_text, flag, images)
   select r.person_id, r.report_id, r.public_id, o.ordinal, 1, i.item_id, r.institution_id, r.institution_id,
     null, r.collected_at, r.collected_at, 'm', r.collected_at + interval '40 minutes', r.reported_at, 'final', i.code, i.code, null,
     i.specimen, null, null, null, false, null,
     case when i.examined then '未见明显异常。' else v.value::text end, case when i.examined then null else v.value end, null,
     coalesce(i.unit, ''), coalesce(i.unit, ''), case when i.examined then '' else '10-90' end,
     case when i.examined then null when v.value > 90 or v.value < 10 then 'abnormal' else 'normal' end,
     case when i.examined then 'unknown' else 'not-applicable' end
   from reports as r
   cross join lateral generate_series(1, case when r.kind = 'imaging' then 1 else 4 + floor(13 * ${draw('r.report_id', 5)})::int end) as o(ordinal)
   cross join lateral (select case when r.kind = 'imaging' then $7::int else $6::int end as items) as n
   join unnest($3::bigint[], $4::text[], $5::text[], $8::text[], $9::boolean[], $10::int[]) as i(item_id, code, unit, specimen, examined, rank)
     on i.examined = (r.kind = 'imaging')
    and i.rank = (floor(n.items * power(${draw('r.report_id', 6)}, 3))::int + o.ordinal - 1) % n.items
   cross join lateral (select round((100 * ${draw('r.report_id * 20 + o.ordinal', 7)})::numeric, 1)::float8 as value) as v
   where r.person_id between $1::bigint and $2::bigint`,
);

const COUNT = statement(
  'bulk.count',
  `select (select count(*) from reports where person_id between $1::bigint and $2::bigint) as reports,
     (select count(*) from results where person_id between $1::bigint and $2::bigint) as results`,
);

const RANGE = statement(
  'bulk.range',
  `select (select coalesce(max(person_id), 0) from persons) as person, (select coalesce(max(report_id), 0) from reports) as report,
     (select last_value from person_link_event_ids) as event`,
);
// As in the migrations; a test compares what is there before and after.
const DROP_INDEXES = statement('bulk.drop-indexes', 'drop index results_order_check, results_unmapped');
const CREATE_INDEXES = [
  statement(
    'bulk.create-results-order-check',
    'create index results_order_check on results (person_id, item_id, anchor_at desc, result_id)',
  ),
  statement(
    'bulk.create-results-unmapped',
    'create index results_unmapped on results (institution_id, local_code) where item_id is null',
  ),
];
const ANALYSE = [
  statement('bulk.analyse-persons', 'analyze persons, person_clusters, reports, report_versions, results'),
  statement('bulk.analyse-hashes', 'analyze patient_keys, match_keys'),
  statement('bulk.analyse-numbers', 'analyze report_keys'),
];
const NO_TIMEOUT = statement('bulk.no-timeout', 'set local statement_timeout = 0');
const SET_PERSONS = statement(
  'bulk.set-persons',
  "select setval(pg_get_serial_sequence('persons', 'person_id'), $1::bigint)",
);
const SET_REPORTS = statement(
  'bulk.set-reports',
  "select setval(pg_get_serial_sequence('reports', 'report_id'), $1::bigint)",
);
const SET_EVENTS = statement('bulk.set-events', "select setval('person_link_event_ids', $1::bigint)");
const SENDERS = statement('bulk.senders', 'select code, sender_id, institution_id from senders');
const BUSY: readonly DemonstrationInstitution[] = [
  'WX-CENTRAL',
  'QL-FIRST',
  'WX-SECOND',
  'YX-COUNTY',
  'WX-MCH',
  'QL-MILITARY',
  'QL-TCM',
  'YX-TCM',
];

/** Items by popularity: those of the everyday panels first, then the rest of the catalogue. */
const itemsByPopularity = (pattern: RegExp): readonly string[] => {
  const everyday = [
    ...new Set([
      ...(
        [
          'CBC',
          'LIVER',
          'RENAL',
          'ELECTROLYTES',
          'LIPID',
          'GLUCOSE',
          'URINE',
          'COAGULATION',
          'THYROID',
          'TUMOUR',
        ] as const
      ).flatMap((service) => PANELS[service].large.members),
      ...EXAMINATIONS.map(({ item }) => item),
    ]),
  ];
  const rest = [...CATALOGUE_NAMES.keys()].filter((item) => !everyday.includes(item));
  return [...everyday, ...rest].filter((item) => pattern.test(CATALOGUE_NAMES.get(item)?.category ?? ''));
};

interface ItemColumns {
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
  readonly laboratoryCount: number;
  readonly examinationCount: number;
}

const itemColumns = async (database: Database, { snapshot, now }: BulkPlan): Promise<ItemColumns> => {
  const registry = await loadRegistry(database);
  const groups = [itemsByPopularity(/^lab-/), itemsByPopularity(/^(img-|ecg)/)];
  const rows = groups.flatMap((items, group) =>
    items.flatMap((code, rank) => {
      const key = registry.itemKey(code as ItemCode);
      const item = snapshot.itemOf(code, now);
      return key && item ? [{ key, code, item, examined: group === 1, rank }] : [];
    }),
  );
  return {
    values: [
      rows.map(({ key }) => key),
      rows.map(({ code }) => code),
      rows.map(({ item }) => item.unit ?? null),
      rows.map(({ item }) => item.specimens[0] ?? null),
      rows.map(({ examined }) => examined),
      rows.map(({ rank }) => rank),
    ],
    laboratoryCount: groups[0]?.length ?? 0,
    examinationCount: groups[1]?.length ?? 0,
  };
};

const busySenders = async (database: Database): Promise<readonly [readonly string[], readonly string[]]> => {
  const rows = await database.run<{ code: string; sender_id: string; institution_id: string }>(SENDERS);
  const busy = BUSY.map((institution) => {
    const row = rows.find(({ code }) => code === senderCodeOf(institution));
    if (!row) throw new RangeError(`the sender of ${institution} is not registered`);
    return row;
  });
  return [busy.map(({ institution_id }) => institution_id), busy.map(({ sender_id }) => sender_id)];
};

const fillResults = async (
  session: Session,
  range: readonly [number, number],
  numbers: BulkNumbers & { readonly firstReport: number },
  items: ItemColumns,
  senders: readonly [readonly string[], readonly string[]],
  now: Instant,
): Promise<Pick<BulkOutcome, 'reports' | 'results'>> => {
  const [first, last] = range;
  const [institutions, senderKeys] = senders;
  const drawn = [first, last, numbers.firstReport, numbers.firstPerson, institutions, isoInstant(now)];
  await session.run(REPORTS, [...drawn, senderKeys]);
  await session.run(REPORT_KEYS, drawn);
  await session.run(REPORT_VERSIONS, [first, last]);
  const [keys, codes, units, specimens, examined, ranks] = items.values;
  await session.run(RESULTS, [
    first,
    last,
    keys ?? [],
    codes ?? [],
    units ?? [],
    items.laboratoryCount,
    items.examinationCount,
    specimens ?? [],
    examined ?? [],
    ranks ?? [],
  ]);
  const [counted] = await session.run<{ reports: string; results: string }>(COUNT, [first, last]);
  return { reports: Number(counted?.reports), results: Number(counted?.results) };
};

/**
 * Fills a database with results by the million, for measuring: straight into the tables, by sets, without messages.
 * Lists must be published and the demonstration's senders registered. Persons are those of `bulkPatient`; every second
 * one also has a record at the county hospital, so that an order there reads over a link. Indexes of the hot table are
 * taken off and put back. Meant for a database of its own: nobody else may write meanwhile.
 */
export const fillInBulk = async (database: Database, keys: KeyRing, plan: BulkPlan): Promise<BulkOutcome> => {
  const persons = Math.max(1, Math.round(plan.results / RESULTS_PER_PERSON));
  const [range] = await database.run<{ person: string; report: string; event: string }>(RANGE);
  const firstPerson = Number(range?.person ?? 0) + 1;
  const numbers = {
    firstPerson,
    firstHomePerson: firstPerson + persons,
    firstLinkEvent: Number(range?.event ?? 0) + 1,
    firstReport: Number(range?.report ?? 0) + 1,
  };
  const items = await itemColumns(database, plan);
  const senders = await busySenders(database);
  await database.run(DROP_INDEXES);

  let done: BulkOutcome = { persons: 0, reports: 0, results: 0 };
  for (let from = 0; from < persons; from += PERSONS_PER_STATEMENT) {
    const to = Math.min(persons, from + PERSONS_PER_STATEMENT);
    const counts = await database.transaction(async (session) => {
      await fillPersons(session, keys, numbers, from, to, plan.now);
      return fillResults(
        session,
        [firstPerson + from, firstPerson + to - 1],
        numbers,
        items,
        senders,
        plan.now,
      );
    });
    done = { persons: to, reports: done.reports + counts.reports, results: done.results + counts.results };
    plan.onProgress?.(done);
  }
  await database.run(SET_PERSONS, [firstPerson + 2 * persons]);
  await database.run(SET_REPORTS, [numbers.firstReport + persons * REPORTS_PER_PERSON_MAX]);
  await database.run(SET_EVENTS, [numbers.firstLinkEvent + persons]);
  for (const each of [...CREATE_INDEXES, ...ANALYSE])
    await database.transaction(async (session) => {
      await session.run(NO_TIMEOUT);
      await session.run(each);
    });
  return done;
};
