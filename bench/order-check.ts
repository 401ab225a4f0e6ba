import pg from 'pg';
import { localCatalogueOf } from '../src/apps/demonstration/local-codes.ts';
import { bulkPatient } from '../src/apps/demonstration/bulk-people.ts';
import { randomStream } from '../src/apps/demonstration/random.ts';
import { HOME_INSTITUTION } from '../src/apps/demonstration/region.ts';
import { DAY_MS } from '../src/kernel/instant.ts';
import { leanClient } from './http-client.ts';
import { cpuSecondsOfTree, type LoopReport, runLoop } from './measure.ts';
import type { RunningServer } from './server-process.ts';
import { runPlainly, type Site } from './site.ts';

/** A loop with what it cost: CPU microseconds for one turn, of Node and of PostgreSQL. */
export interface CostedLoop extends LoopReport {
  readonly nodeMicroseconds: number;
  readonly databaseMicroseconds: number;
}

/** An order-check loop, with what its answers said. */
export interface CheckLoop extends CostedLoop {
  /** Share of checks in which at least one earlier result was listed. */
  readonly withResults: number;
}

const CLIENTS = 8;
const ITEMS = 5;
/** Requests are written before the clock runs: the generator shares the machine. */
const PREPARED = 24_000;
/** Everyday analytes out of which each order takes five. */
const ORDERED = [
  'LC-ALT',
  'LC-AST',
  'LC-TBIL',
  'LC-ALB',
  'LC-CREA',
  'LC-UREA',
  'LC-UA',
  'LC-GLU',
  'LC-K',
  'LC-NA',
  'LC-CL',
  'LC-TC',
  'LC-TG',
  'LH-WBC',
  'LH-HGB',
  'LH-PLT',
];

/** Local codes of the everyday analytes at the county hospital. */
export const orderableCodes = (): readonly string[] => {
  const { analytes } = localCatalogueOf(HOME_INSTITUTION);
  return ORDERED.flatMap((item) => {
    const code = analytes.get(item);
    return code?.mapped ? [code.code] : [];
  });
};

/**
 * Order checks as the county hospital's HIS sends them: everybody equally likely, half of them known to the hospital by
 * a record of its own, the other half found by their national ID, five everyday items each.
 */
export const prepareRequests = (site: Site, count: number, run: string): readonly string[] => {
  const random = randomStream(`bench order checks ${run}`);
  const codes = orderableCodes();
  return Array.from({ length: count }, (_, index) => {
    const patient = bulkPatient(Math.floor(random.next() * site.persons));
    const first = Math.floor(random.next() * codes.length);
    return JSON.stringify({
      patient: {
        identifiers: [
          ...(patient.homeRecord ? [{ type: 'medical-record', number: patient.homeRecord.number }] : []),
          { type: 'national-id', number: patient.nationalId },
        ],
        name: patient.name,
        sex: patient.sex,
        birthDate: patient.birthDate,
      },
      encounter: { class: '门诊', number: `${run}-${index}`, outpatientNumber: `MZ${index}` },
      request: { number: `SQ${run}-${index}` },
      doctor: { staffNumber: '100118', name: '顾清和' },
      department: { code: '0301', name: '消化内科' },
      diagnoses: [{ code: 'K29.500', text: '慢性胃炎' }],
      purpose: '诊疗',
      items: Array.from({ length: ITEMS }, (_item, line) => ({
        line: line + 1,
        code: codes[(first + line * 3) % codes.length],
      })),
    });
  });
};

/** Loads the running server with order checks. A turn is right when the answer is 200, checked, and every line is there. */
export const loadOrderChecks = async (
  site: Site,
  server: RunningServer,
  seconds: number,
): Promise<CheckLoop> => {
  const bodies = prepareRequests(site, PREPARED, `B${Date.now().toString(36)}`);
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => leanClient('127.0.0.1', server.httpPort)),
  );
  const headers = { authorization: `Bearer ${site.clientKey}`, 'content-type': 'application/json' };
  let next = 0;
  let answered = 0;
  let withResults = 0;
  let before = server.cpu();
  const report = await runLoop({
    clients: CLIENTS,
    seconds,
    warmUpSeconds: 3,
    onStart: () => {
      before = server.cpu();
    },
    work: async (client) => {
      const body = bodies[next++ % bodies.length] as string;
      const answer = await (clients[client] as (typeof clients)[number]).request(
        'POST',
        '/api/order-checks',
        headers,
        body,
      );
      answered++;
      if (answer.body.includes('"reportVersion"')) withResults++;
      return answer.status === 200 && answer.body.includes('"status":"checked"');
    },
  });
  const after = server.cpu();
  for (const client of clients) client.close();
  return {
    ...report,
    nodeMicroseconds: ((after.program - before.program) / report.count) * 1e6,
    databaseMicroseconds: ((after.database - before.database) / report.count) * 1e6,
    withResults: withResults / answered,
  };
};

interface FloorFacts {
  readonly items: readonly string[];
  readonly firstPerson: number;
  readonly decisionBytes: number;
}

const floorFacts = async (site: Site): Promise<FloorFacts> => {
  const client = new pg.Client({ connectionString: site.connectionString });
  await client.connect();
  try {
    const items = await client.query<{ item_id: string }>(
      'select item_id from items where code = any($1::text[]) order by item_id',
      [ORDERED],
    );
    const first = await client.query<{ person_id: string }>(
      'select min(person_id) as person_id from results',
    );
    const size = await client.query<{ bytes: string }>(
      'select avg(length(facts) + length(verdicts)) as bytes from (select facts, verdicts from order_checks limit 2000) as kept',
    );
    return {
      items: items.rows.map(({ item_id }) => item_id),
      firstPerson: Number(first.rows[0]?.person_id),
      decisionBytes: Math.round(Number(size.rows[0]?.bytes)),
    };
  } finally {
    await client.end();
  }
};

/**
 * The floor of an order check: for a known person id the bare indexed query for five items, then one durable insert of
 * as many bytes as a decision has; same driver, named statements, pipelined connections, same number of clients.
 */
export const loadCheckFloor = async (
  site: Site,
  server: RunningServer,
  seconds: number,
): Promise<CostedLoop> => {
  await runPlainly(site.connectionString, [
    'drop table if exists bench_decisions',
    `create table bench_decisions (person_id bigint not null, decision_id bigint generated always as identity,
       decision text not null, primary key (person_id, decision_id))`,
  ]);
  const facts = await floorFacts(site);
  const random = randomStream('bench check floor');
  // Not one repeated letter: PostgreSQL would compress that away.
  const decision = Array.from({ length: facts.decisionBytes }, () =>
    Math.floor(random.next() * 36).toString(36),
  ).join('');
  const lanes = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const lane = new pg.Client({
        connectionString: site.connectionString,
        pipeline: true,
      } as pg.ClientConfig);
      await lane.connect();
      return lane;
    }),
  );
  const since = new Date(Date.now() - 200 * DAY_MS).toISOString();
  let before = { node: process.cpuUsage(), database: 0 };
  const report = await runLoop({
    clients: CLIENTS,
    seconds,
    warmUpSeconds: 2,
    onStart: () => {
      before = { node: process.cpuUsage(), database: cpuSecondsOfTree(server.databasePid) };
    },
    work: async (client, turn) => {
      const lane = lanes[(client + turn) % lanes.length] as pg.Client;
      const person = facts.firstPerson + Math.floor(random.next() * site.persons);
      const first = Math.floor(random.next() * facts.items.length);
      const items = Array.from(
        { length: ITEMS },
        (_, place) => facts.items[(first + place * 3) % facts.items.length],
      );
      await lane.query({
        name: 'floor-query',
        text: `select report_public_id, ordinal, report_version, item_id, collected_at, standing, value_text, unit_text
          from results where person_id = $1 and item_id = any($2::bigint[]) and anchor_at >= $3
          order by anchor_at desc limit 257`,
        values: [person, items, since],
      });
      await lane.query({
        name: 'floor-insert',
        text: 'insert into bench_decisions (person_id, decision) values ($1, $2)',
        values: [person, decision],
      });
      return true;
    },
  });
  const node = process.cpuUsage(before.node);
  const database = cpuSecondsOfTree(server.databasePid) - before.database;
  await Promise.all(lanes.map((lane) => lane.end()));
  await runPlainly(site.connectionString, ['drop table bench_decisions']);
  return {
    ...report,
    nodeMicroseconds: (node.user + node.system) / report.count,
    databaseMicroseconds: (database / report.count) * 1e6,
  };
};
