import pg from 'pg';
import { HOME_INSTITUTION } from '../src/apps/demonstration/region.ts';
import { leanClient } from './http-client.ts';
import { type LoopReport, runLoop } from './measure.ts';
import type { CostedLoop } from './order-check.ts';
import type { RunningServer } from './server-process.ts';
import { runPlainly, type Site } from './site.ts';

const CLIENTS = 8;
/** Different searches, each for another person; enough that no cache holds them all. */
const SEARCHES = 4_000;
/** The civil day from which on results are asked for. */
const SINCE = '2024-01-01';

/** One search: results of one item of one person since a day. */
interface Search {
  readonly person: string;
  readonly item: string;
}

/** Searches for what the county hospital reported of its own patients, so that each has an answer. */
const searchesOf = async (site: Site): Promise<readonly Search[]> => {
  // That a number was presented today opens a person, as it does at a desk.
  await runPlainly(site.connectionString, [
    `create table if not exists bench_searches as
       select distinct on (r.person_id) r.person_id, p.public_id as person, i.code as item
       from results r join persons p using (person_id) join items i using (item_id)
       join institutions n on n.institution_id = r.institution_id
       where n.code = '${HOME_INSTITUTION}' and r.anchor_at >= '${SINCE}' and r.person_id % 7 = 0
       limit ${SEARCHES}`,
    `insert into care_openings (person_id, institution_id, actor, basis, encounter_number, opened_at, open_until)
       select s.person_id, n.institution_id, 'bench', 'presented-number', null, now(), now() + interval '1 day'
       from bench_searches s, institutions n where n.code = '${HOME_INSTITUTION}'`,
    'vacuum (analyze) care_openings',
  ]);
  const client = new pg.Client({ connectionString: site.connectionString });
  await client.connect();
  try {
    return (await client.query<Search>('select person, item from bench_searches order by person')).rows;
  } finally {
    await client.end();
  }
};

/** Turn by turn through all searches, each client from another place on. */
const searchAt = (searches: readonly Search[], client: number, turn: number): Search =>
  searches[(client * Math.floor(searches.length / CLIENTS) + turn) % searches.length] as Search;

/** `GET /fhir/Observation` by patient, code and date, as a hospital's system asks; right when something is found. */
const loadSearches = async (
  site: Site,
  server: RunningServer,
  searches: readonly Search[],
  seconds: number,
): Promise<CostedLoop> => {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => leanClient('127.0.0.1', server.httpPort)),
  );
  const headers = { authorization: `Bearer ${site.clientKey}` };
  let before = server.cpu();
  const report = await runLoop({
    clients: CLIENTS,
    seconds,
    warmUpSeconds: 3,
    onStart: () => {
      before = server.cpu();
    },
    work: async (client, turn) => {
      const { person, item } = searchAt(searches, client, turn);
      const code = encodeURIComponent(`urn:huren:item|${item}`);
      const { status, body } = await (clients[client] as (typeof clients)[number]).request(
        'GET',
        `/fhir/Observation?patient=${person}&code=${code}&date=ge${SINCE}`,
        headers,
        '',
      );
      return status === 200 && body.includes('"mode":"match"');
    },
  });
  const after = server.cpu();
  for (const client of clients) client.close();
  return {
    ...report,
    nodeMicroseconds: ((after.program - before.program) / report.count) * 1e6,
    databaseMicroseconds: ((after.database - before.database) / report.count) * 1e6,
  };
};

/**
 * The floor: the same searches by the same driver over whole resources kept as jsonb under an index of patient, code and
 * date, as a general FHIR server keeps them; without HTTP, rights, consent and log.
 */
const loadFloor = async (site: Site, searches: readonly Search[], seconds: number): Promise<LoopReport> => {
  await runPlainly(site.connectionString, [
    `create table if not exists bench_observations as
       select p.public_id as patient, i.code as code, r.anchor_at as effective, jsonb_build_object(
         'resourceType', 'Observation', 'id', r.report_public_id || '.' || r.ordinal, 'status', r.standing,
         'category', jsonb_build_array(jsonb_build_object('coding', jsonb_build_array(jsonb_build_object('code', 'laboratory')))),
         'code', jsonb_build_object('coding', jsonb_build_array(jsonb_build_object('system', 'urn:huren:item', 'code', i.code)),
           'text', r.local_name),
         'subject', jsonb_build_object('reference', 'Patient/' || p.public_id),
         'effectiveDateTime', r.anchor_at, 'issued', r.reported_at,
         'valueQuantity', jsonb_build_object('value', r.value_number, 'unit', r.unit_text, 'code', r.unit),
         'referenceRange', jsonb_build_array(jsonb_build_object('text', r.reference_text))) as resource
       from results r join persons p using (person_id) join items i using (item_id)`,
    'create index if not exists bench_observations_search on bench_observations (patient, code, effective desc)',
    'vacuum (analyze) bench_observations',
  ]);
  const lanes = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const lane = new pg.Client({ connectionString: site.connectionString });
      await lane.connect();
      return lane;
    }),
  );
  const report = await runLoop({
    clients: CLIENTS,
    seconds,
    warmUpSeconds: 2,
    work: async (client, turn) => {
      const { person, item } = searchAt(searches, client, turn);
      const { rows } = await (lanes[client] as pg.Client).query({
        name: 'floor-fhir',
        text: `select resource::text from bench_observations where patient = $1 and code = $2 and effective >= $3
          order by effective desc limit 50`,
        values: [person, item, SINCE],
      });
      return rows.length > 0;
    },
  });
  await Promise.all(lanes.map((lane) => lane.end()));
  return report;
};

/** What was measured of searches by patient, code and date. */
export interface FhirTimes {
  readonly ours: CostedLoop;
  readonly floor: LoopReport;
}

/** Measures both. */
export const timeFhir = async (site: Site, server: RunningServer, seconds: number): Promise<FhirTimes> => {
  const searches = await searchesOf(site);
  const ours = await loadSearches(site, server, searches, seconds);
  return { ours, floor: await loadFloor(site, searches, seconds / 2) };
};
