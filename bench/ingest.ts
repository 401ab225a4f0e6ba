import pg from 'pg';
import { connectMllp } from '../src/adapters/hl7v2/mllp-client.ts';
import { bulkPatient, type BulkPatient } from '../src/apps/demonstration/bulk-people.ts';
import type { LaboratoryReport, PlannedMessage } from '../src/apps/demonstration/events.ts';
import { localCatalogueOf } from '../src/apps/demonstration/local-codes.ts';
import { randomStream } from '../src/apps/demonstration/random.ts';
import type { DemonstrationInstitution } from '../src/apps/demonstration/region.ts';
import { writeHl7 } from '../src/apps/demonstration/write-hl7.ts';
import { HOUR_MS, instant, type Instant } from '../src/kernel/instant.ts';
import { cpuSecondsOfTree, type LoopReport, runLoop } from './measure.ts';
import type { CostedLoop } from './order-check.ts';
import type { RunningServer } from './server-process.ts';
import { runPlainly, type Site } from './site.ts';

const CONNECTIONS = 8;
const LINES = 20;
const SENDER: DemonstrationInstitution = 'WX-CENTRAL';

/** Twenty analytes of everyday panels that the sender has mapped. */
export const reportedItems = (): readonly string[] => {
  const { analytes } = localCatalogueOf(SENDER);
  const mapped = [...analytes.values()].filter(({ mapped }) => mapped).map(({ item }) => item);
  const items = mapped.filter((item) => /^L[CH]-/.test(item)).slice(0, LINES);
  if (items.length < LINES) throw new RangeError(`${SENDER} has no ${LINES} mapped analytes`);
  return items;
};

const reportOf = (
  number: string,
  at: Instant,
  items: readonly string[],
  value: string,
): LaboratoryReport => ({
  kind: 'laboratory',
  encounter: {
    institution: SENDER,
    at,
    encounterClass: 'outpatient',
    number: `MZ${number}`,
    department: '0301',
    doctor: { staffNumber: '140233', name: '陶远舟' },
    diagnosis: { code: 'K29.500', text: '慢性胃炎' },
  },
  reportNumber: `R${number}`,
  orderNumber: `S${number}`,
  status: 'final',
  orderedAt: instant(at - 4 * HOUR_MS),
  collectedAt: instant(at - 3 * HOUR_MS),
  receivedAt: instant(at - 2 * HOUR_MS),
  reportedAt: at,
  reporter: '140611',
  verifier: '140612',
  service: 'CBC',
  performer: SENDER,
  specimen: 'serum',
  barcode: `T${number}`,
  fasting: null,
  specimenState: null,
  results: items.map((item) => ({
    item,
    valueType: 'NM',
    value,
    unitText: 'U/L',
    referenceText: '9～50',
    flag: '',
  })),
});

/** ORU^R01 of a final laboratory report of a patient, with a line for every item. */
export const messageFor = (
  patient: BulkPatient,
  number: string,
  at: Instant,
  items: readonly string[],
): Uint8Array => {
  const message: PlannedMessage = {
    type: 'report',
    sentAt: at,
    record: {
      institution: SENDER,
      recordNumber: patient.record.number,
      name: patient.name,
      sex: patient.sex,
      birthDate: patient.birthDate.replaceAll('-', ''),
      nationalId: patient.nationalId,
      document: null,
      motherId: null,
      phone: '',
      address: '',
      birthOrder: null,
      multipleBirth: false,
    },
    report: reportOf(number, at, items, String(10 + (Number(number.slice(-2)) || 0))),
  };
  return writeHl7(message, number);
};

/** Whose reports come in: people whom the index knows under the sender's own record numbers, or people never seen. */
export type Arrivals = 'known' | 'new';

/** Sends ORU^R01 with twenty OBX over MLLP, the next when the one before is acknowledged. Right is `MSA|AA`. */
export const loadIngest = async (
  site: Site,
  server: RunningServer,
  seconds: number,
  arrivals: Arrivals,
): Promise<CostedLoop> => {
  const run = Date.now().toString(36);
  const random = randomStream(`bench ingest ${run}`);
  const at = instant(Date.now() - HOUR_MS);
  const items = reportedItems();
  // Written before the clock runs: the generator shares the machine.
  const prepared = Array.from({ length: (seconds + 3) * 1_500 }, (_, index) => {
    const place =
      arrivals === 'known'
        ? Math.floor(random.next() * site.persons)
        : site.persons + (Date.now() % 1e6) + index;
    return messageFor(bulkPatient(place), `${run}${String(index).padStart(6, '0')}`, at, items);
  });
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => connectMllp({ host: '127.0.0.1', port: server.mllpPort })),
  );
  let next = 0;
  let before = server.cpu();
  const report = await runLoop({
    clients: CONNECTIONS,
    seconds,
    warmUpSeconds: 3,
    onStart: () => {
      before = server.cpu();
    },
    work: async (client) => {
      const message = prepared[next++];
      if (!message) throw new RangeError('the bench wrote too few messages for this machine');
      const answer = await (clients[client] as (typeof clients)[number]).send(message);
      return Buffer.from(answer).includes('\rMSA|AA|');
    },
  });
  const after = server.cpu();
  await Promise.all(clients.map((client) => client.close()));
  return {
    ...report,
    nodeMicroseconds: ((after.program - before.program) / report.count) * 1e6,
    databaseMicroseconds: ((after.database - before.database) / report.count) * 1e6,
  };
};

/** Report of the rows of the floor, which have none. */
const NO_REPORT = '00000000-0000-7000-8000-000000000000';

/** The floor of taking a message: twenty rows by one `unnest` insert into the hot table itself, committed. */
export const loadIngestFloor = async (
  site: Site,
  server: RunningServer,
  seconds: number,
): Promise<CostedLoop> => {
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = new pg.Client({ connectionString: site.connectionString });
      await client.connect();
      return client;
    }),
  );
  const looked = await (clients[0] as pg.Client).query<{ first: string; report: string }>(
    'select min(person_id) as first, max(report_id) + 1000000000 as report from results',
  );
  const firstPerson = Number(looked.rows[0]?.first);
  let report = Number(looked.rows[0]?.report);
  const codes = await (clients[0] as pg.Client).query<{ item_id: string; code: string }>(
    'select item_id, code from items where code = any($1::text[])',
    [reportedItems()],
  );
  const random = randomStream('bench ingest floor');
  const itemIds = codes.rows.map(({ item_id }) => item_id);
  const localCodes = codes.rows.map(({ code }) => code);
  const values = itemIds.map((_, index) => String(10 + index));
  const collected = new Date(Date.now() - 3 * HOUR_MS).toISOString();
  let before = { node: process.cpuUsage(), database: 0 };
  const loop: LoopReport = await runLoop({
    clients: CONNECTIONS,
    seconds,
    warmUpSeconds: 2,
    onStart: () => {
      before = { node: process.cpuUsage(), database: cpuSecondsOfTree(server.databasePid) };
    },
    work: async (client) => {
      const person = firstPerson + Math.floor(random.next() * site.persons);
      await (clients[client] as pg.Client).query({
        name: 'floor-results',
        text: `insert into results (person_id, report_id, report_public_id, ordinal, report_version, item_id, institution_id,
            performer_id, anchor_at, collected_at, collected_precision, standing, local_code, local_name, point_of_care,
            value_text, value_number, unit_text, unit, reference_text, images)
          select $1, $2, '${NO_REPORT}', line.ordinal, 1, line.item_id, 1, 1, $3, $3, 'm', 'final',
            line.code, line.code, false, line.value, line.value::float8, 'U/L', 'U/L', '9-50', 'not-applicable'
          from unnest($4::bigint[], $5::text[], $6::text[]) with ordinality as line(item_id, code, value, ordinal)
          returning result_id`,
        values: [person, report++, collected, itemIds, localCodes, values],
      });
      return true;
    },
  });
  const node = process.cpuUsage(before.node);
  const database = cpuSecondsOfTree(server.databasePid) - before.database;
  await Promise.all(clients.map((client) => client.end()));
  // Results without a report are nothing that the figures after this may come upon.
  await runPlainly(site.connectionString, [
    `delete from results where report_public_id = '${NO_REPORT}'`,
    'vacuum (analyze) results',
  ]);
  return {
    ...loop,
    nodeMicroseconds: (node.user + node.system) / loop.count,
    databaseMicroseconds: (database / loop.count) * 1e6,
  };
};
