import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectMllp } from '../../src/adapters/hl7v2/mllp-client.ts';
import { registerLaunch } from '../../src/adapters/postgres/client-launches.ts';
import { readConfiguration } from '../../src/apps/configuration.ts';
import { demonstrationClients } from '../../src/apps/demonstration/accounts.ts';
import { openInstallation } from '../../src/apps/installation.ts';
import { checkAnswerEventShape } from '../../src/web/wire/check-answers.ts';
import { signedLaunch } from '../system/launching.ts';
import { readAnswer } from './lanes.ts';
import { numberedReport } from './numbered-reports.ts';
import { checkOrder } from './order-checks.ts';
import { type Program, startProgram } from './program.ts';
import { environmentOf, killDatabase, newSite, queryRows, type Site, until } from './site.ts';

const REQUEST = 'SQ-CRASH-1';
const PERSON = 7;

/** A hospital's address for answers. While it hangs, it takes a call and never answers it. */
const hospital = async () => {
  const calls: { readonly idempotencyKey: string; readonly decision: string; readonly id: string }[] = [];
  const held: ServerResponse[] = [];
  let hangs = true;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString('utf8');
    });
    request.on('end', () => {
      const { id, decision } = checkAnswerEventShape.parse(JSON.parse(body));
      calls.push({ idempotencyKey: String(request.headers['idempotency-key']), decision, id });
      if (hangs) held.push(response);
      else response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/answers`,
    calls,
    recover() {
      hangs = false;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

let site: Site;
let his: Awaited<ReturnType<typeof hospital>>;
let launchSecret: string;
let program: Program | undefined;

beforeAll(async () => {
  site = await newSite();
  his = await hospital();
  const installation = await openInstallation(readConfiguration(environmentOf(site.folder)));
  try {
    const { database, keys, clock, newPublicId } = installation;
    const made = await registerLaunch(
      database,
      keys,
      demonstrationClients()[0]?.code ?? '',
      { way: 'callback', answerUrl: his.url, newSecrets: true },
      { at: clock(), newId: newPublicId, by: 'test', peer: 'local' },
    );
    launchSecret = made.launchSecret ?? '';
  } finally {
    await installation.close();
  }
});

afterAll(async () => {
  await program?.kill();
  await his?.stop();
  await site?.remove();
});

/** Sends the report that the doctor is to be told of. */
const sendReport = async (port: number): Promise<void> => {
  const client = await connectMllp({ host: '127.0.0.1', port });
  const report = numberedReport({
    serial: 1,
    lines: 2,
    reportNumber: 'R1',
    version: 1,
    person: PERSON,
    now: site.preparedAt,
  });
  expect(readAnswer(await client.send(report.bytes)).code).toBe('AA');
  await client.close();
};

/** Answers line 1 on the card, as the doctor does; resolves once that answer is kept. */
const answerOnCard = async (url: string, fields: Record<string, string>): Promise<void> => {
  const client = demonstrationClients()[0]?.code ?? '';
  const launched = await fetch(
    url + signedLaunch({ client, staff: '100118', order: REQUEST }, launchSecret),
    {
      redirect: 'manual',
    },
  );
  const card = launched.headers.get('location') ?? '';
  const page = await (await fetch(url + card)).text();
  const formToken = /name="formToken" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const body = new URLSearchParams({ formToken, idempotencyKey: crypto.randomUUID(), line: '1', ...fields });
  const answered = await fetch(`${url}${card}/responses`, { method: 'POST', body, redirect: 'manual' });
  expect(answered.status, await answered.text()).toBe(303);
};

/** What is still owed to the hospital, oldest first. */
const owed = () =>
  queryRows<{ response: string; attempts: number }>(
    site,
    `select response_public_id as response, attempts from answer_deliveries where state = 'waiting' order by delivery_id`,
  );

it('kill -9 of program and database between a doctor’s answers and their callbacks: each still arrives, in order, under its own id', {
  timeout: 240_000,
}, async () => {
  const first = await startProgram(site);
  program = first;
  await sendReport(first.mllpPort);
  const check = await checkOrder(first.url, site, PERSON, REQUEST);
  expect([check.httpStatus, check.status]).toEqual([200, 'checked']);
  await answerOnCard(first.url, { kind: 're-examine', reason: 'N1' });
  await until('the hospital is called', () => his.calls.length === 1);
  // The call for the first answer is under way, and this one waits behind it.
  await answerOnCard(first.url, { kind: 'undo' });
  await Promise.all([first.kill(), killDatabase(site.cluster)]);
  // A machine that is slow enough has given up waiting and called again; nobody has heard of the second answer.
  const called = his.calls.length;
  const [answered] = his.calls;

  his.recover();
  program = await startProgram(site);
  const waiting = await owed();
  expect(waiting).toHaveLength(2);
  expect(waiting[0]).toEqual({ response: answered?.id, attempts: called });
  // The minute for which an answer in hand is left to the process that took it, passes.
  await queryRows(site, `update answer_deliveries set next_attempt_at = created_at where state = 'waiting'`);
  await until('nothing is owed any more', async () => (await owed()).length === 0);

  expect(his.calls.map(({ decision, id }) => [decision, id])).toEqual([
    ...Array.from({ length: called + 1 }, () => ['re-examine', answered?.id]),
    ['undo', waiting[1]?.response],
  ]);
  for (const { idempotencyKey, id } of his.calls) expect(idempotencyKey).toBe(id);
  // Every call disclosed something, the one that was never answered too.
  const [audited] = await queryRows<{ count: number }>(
    site,
    `select count(*)::integer as count from audit_events where action = 'order-check.answer-sent'`,
  );
  expect(audited?.count).toBe(his.calls.length);
  expect(await program.stop()).toBe(0);
  program = undefined;
});
