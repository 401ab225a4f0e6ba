import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { chromium } from 'playwright-core';
import { connectMllp } from '../src/adapters/hl7v2/mllp-client.ts';
import { createAccount } from '../src/adapters/postgres/accounts.ts';
import { openDatabase } from '../src/adapters/postgres/database.ts';
import { HOME_INSTITUTION } from '../src/apps/demonstration/region.ts';
import { instant } from '../src/kernel/instant.ts';
import { uuidV7 } from '../src/kernel/uuid.ts';
import type { InstitutionCode } from '../src/organisation/index.ts';
import type { PersonSearchAnswer } from '../src/web/wire/order-check-answer.ts';
import { LONG_HISTORY, longHistoryMessages } from '../test/long-history.ts';
import { leanClient } from './http-client.ts';
import { type LoopReport, runLoop } from './measure.ts';
import type { CostedLoop } from './order-check.ts';
import type { RunningServer } from './server-process.ts';
import type { Site } from './site.ts';

/** Doctors who open a long history at the very same moment: with two cores and the generator on them, as many as fit. */
const AT_ONCE = 2;
const DRAWINGS = 9;

/** Sends the long history by the ordinary way in (twice is once) and finds its person. */
const longHistoryPerson = async (site: Site, server: RunningServer): Promise<string> => {
  const sender = await connectMllp({ host: '127.0.0.1', port: server.mllpPort });
  for (const message of longHistoryMessages()) {
    const answer = Buffer.from(await sender.send(Buffer.from(message, 'utf8'))).toString('utf8');
    if (!answer.includes('\rMSA|AA')) throw new Error(`the long history was not taken: ${answer}`);
  }
  await sender.close();
  const found = await fetch(`http://127.0.0.1:${server.httpPort}/api/person-searches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${site.clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'national-id', text: LONG_HISTORY.nationalId }),
  });
  const [person] = ((await found.json()) as PersonSearchAnswer).persons;
  if (!person) throw new Error('the person of the long history is not found');
  return person.person;
};

/** Reads the history again and again; right when all of its results are in the answer. */
const loadHistory = async (
  site: Site,
  server: RunningServer,
  person: string,
  doctors: number,
  seconds: number,
): Promise<CostedLoop> => {
  const clients = await Promise.all(
    Array.from({ length: doctors }, () => leanClient('127.0.0.1', server.httpPort)),
  );
  const headers = { authorization: `Bearer ${site.clientKey}` };
  let before = server.cpu();
  const report = await runLoop({
    clients: doctors,
    seconds,
    warmUpSeconds: 2,
    onStart: () => {
      before = server.cpu();
    },
    work: async (client) => {
      const { status, body } = await (clients[client] as (typeof clients)[number]).request(
        'GET',
        `/api/persons/${person}/results`,
        headers,
        '',
      );
      return status === 200 && body.split('"under"').length - 1 === LONG_HISTORY.results;
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

/** The floor of two at once: the bare indexed query for the same rows by the same driver, and their text as JSON. */
const loadHistoryFloor = async (site: Site, person: string, seconds: number): Promise<LoopReport> => {
  const lanes = await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const lane = new pg.Client({ connectionString: site.connectionString });
      await lane.connect();
      return lane;
    }),
  );
  const { rows: cluster } = await (lanes[0] as pg.Client).query<{ members: string[] }>(
    `select coalesce(c.members, array[p.person_id]) as members
     from persons p left join person_clusters c on c.person_id = p.person_id where p.public_id = $1`,
    [person],
  );
  const members = cluster[0]?.members ?? [];
  const report = await runLoop({
    clients: AT_ONCE,
    seconds,
    warmUpSeconds: 1,
    work: async (client) => {
      const { rows } = await (lanes[client] as pg.Client).query({
        name: 'floor-history',
        text: 'select s.* from results s where s.person_id = any($1::bigint[]) order by s.anchor_at desc',
        values: [members],
      });
      return rows.length === LONG_HISTORY.results && JSON.stringify(rows).length > 0;
    },
  });
  await Promise.all(lanes.map((lane) => lane.end()));
  return report;
};

/** Makes a doctor of the county hospital for one run. */
const benchDoctor = async (site: Site): Promise<{ readonly login: string; readonly password: string }> => {
  const database = openDatabase({ connectionString: site.connectionString });
  const doctor = {
    login: `bench.${Date.now().toString(36)}`,
    password: `B-${randomBytes(12).toString('base64url')}-9`,
  };
  const at = instant(Date.now());
  try {
    await createAccount(
      database,
      {
        ...doctor,
        role: 'doctor',
        institution: HOME_INSTITUTION as string as InstitutionCode,
        staffNumber: doctor.login.slice(0, 20),
        department: '内科',
        displayName: '测量',
      },
      { at, newId: () => uuidV7(at, 1, randomBytes(8)), by: 'bench', peer: 'local' },
    );
  } finally {
    await database.close();
  }
  return doctor;
};

/** Notes when the first value of the table has been painted. */
const WATCH = `new MutationObserver((_changes, watcher) => {
  if (!document.querySelector('.cumulative .value')) return;
  watcher.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { window.tableDrawnAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true });`;

/** Milliseconds from the last byte of the data until the table is on the screen, in Chromium, one a page load. */
const timeDrawing = async (site: Site, server: RunningServer, person: string): Promise<readonly number[]> => {
  const doctor = await benchDoctor(site);
  const browser = await chromium.launch({
    executablePath: process.env['HUREN_CHROMIUM'] || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    // The policy of our pages forbids the looking, not what is looked at.
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 }, bypassCSP: true });
    const address = `http://127.0.0.1:${server.httpPort}/clinician`;
    await page.goto(address);
    await page.getByLabel('登录名').fill(doctor.login);
    await page.getByLabel('密码').fill(doctor.password);
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByRole('heading', { name: '找患者' }).waitFor();
    await page.addInitScript(WATCH);
    const times: number[] = [];
    for (let round = 0; round <= DRAWINGS; round++) {
      await page.goto(`${address}/persons/${person}`);
      await page.waitForFunction('window.tableDrawnAt !== undefined');
      const drawn = (await page.evaluate(
        "window.tableDrawnAt - performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/results')).responseEnd",
      )) as number;
      // The first load compiles the scripts; every later one is as a doctor meets it.
      if (round > 0) times.push(drawn);
    }
    return times.sort((left, right) => left - right);
  } finally {
    await browser.close();
  }
};

/** What was measured of the result history of a person with a thousand results of two hundred items. */
export interface HistoryTimes {
  /** One doctor after the other. */
  readonly alone: CostedLoop;
  /** Two at the same moment, with their floor. */
  readonly ours: CostedLoop;
  readonly floor: LoopReport;
  /** Ascending. */
  readonly drawnMs: readonly number[];
}

/** Measures the data and its drawing. */
export const timeHistory = async (
  site: Site,
  server: RunningServer,
  seconds: number,
): Promise<HistoryTimes> => {
  const person = await longHistoryPerson(site, server);
  const alone = await loadHistory(site, server, person, 1, seconds);
  const ours = await loadHistory(site, server, person, AT_ONCE, seconds);
  const floor = await loadHistoryFloor(site, person, seconds / 2);
  return { alone, ours, floor, drawnMs: await timeDrawing(site, server, person) };
};
