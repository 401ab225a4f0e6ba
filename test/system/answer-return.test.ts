import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { isAnswerAddress, isOrigin, registerLaunch } from '../../src/adapters/postgres/client-launches.ts';
import type { FlowDependencies } from '../../src/apps/flows/dependencies.ts';
import type { LaunchedActor } from '../../src/apps/server/flows-port.ts';
import { retryDelayMs, sendDueAnswers } from '../../src/apps/worker/answer-sender.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type CheckAnswers, checkAnswerEventShape } from '../../src/web/wire/check-answers.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { signedLaunch } from './launching.ts';
import { type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

const CLIENT = 'yx-county-his';
const STATES = statement(
  'test.deliveries',
  'select state, attempts, last_outcome from answer_deliveries order by delivery_id',
);
const SENT = statement(
  'test.sent',
  `select actor, outcome, peer from audit_events where action = 'order-check.answer-sent' order by event_id`,
);

const SPOIL = statement(
  'test.spoil-check',
  "update order_checks set snapshot_id = 'none' where public_id = $1 returning public_id",
);

const rethrow = (error: unknown): never => {
  throw error;
};

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A hospital's own address for answers, which answers as it is told to. */
const hospital = async () => {
  const received: Received[] = [];
  let reply = { status: 204, headers: {} as Record<string, string> };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString('utf8');
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(reply.status, reply.headers);
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/answers`,
    received,
    answerWith(status: number, headers: Record<string, string> = {}) {
      reply = { status, headers };
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

const AUDIT_OF_DOCTOR = statement(
  'test.audit-of-doctor',
  `select action from audit_events where actor = $1 order by event_id`,
);

describe('the return of an answer', () => {
  let system: RealSystem;
  let his: Awaited<ReturnType<typeof hospital>>;
  let answerSecret: string;
  let ahead = 0;
  beforeAll(async () => {
    system = await realSystem();
    his = await hospital();
    const { dependencies, opened } = system.bench;
    const made = await registerLaunch(
      opened.database,
      dependencies.keys,
      CLIENT,
      { way: 'callback', answerUrl: his.url, newSecrets: true },
      { at: dependencies.clock(), newId: dependencies.newPublicId, by: 'test', peer: 'test' },
    );
    answerSecret = made.answerSecret ?? '';
    system = { ...system, launchSecret: made.launchSecret ?? '' };
  });
  afterAll(async () => {
    await his?.stop();
    await system?.stop();
  });

  const later = (): FlowDependencies => ({
    ...system.bench.dependencies,
    clock: () => instant(system.bench.dependencies.clock() + ahead),
  });
  const states = () =>
    system.bench.opened.database.run<{ state: string; attempts: number; last_outcome: string | null }>(
      STATES,
    );

  const checkAndOpen = async (order: string): Promise<{ check: OrderCheckAnswer; card: string }> => {
    const made = await fetch(`${system.url}/api/order-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(
        system.bench.orderOf(memberOf(system.bench, 'child'), { request: { number: order } }),
      ),
    });
    const check = (await made.json()) as OrderCheckAnswer;
    const address = signedLaunch({ client: CLIENT, staff: '100118', order }, system.launchSecret);
    const launched = await fetch(system.url + address, { redirect: 'manual' });
    return { check, card: launched.headers.get('location') ?? '' };
  };
  const answer = async (card: string, fields: Record<string, string>) => {
    const page = await (await fetch(system.url + card)).text();
    const formToken = /name="formToken" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const body = new URLSearchParams({ formToken, idempotencyKey: crypto.randomUUID(), ...fields });
    return fetch(`${system.url}${card}/responses`, { method: 'POST', body, redirect: 'manual' });
  };

  it('by callback: kept while the hospital is down, delivered when it is up, signed, in order, once', async () => {
    const { check, card } = await checkAndOpen('SQ-CB-1');
    const chest = check.lines.find(({ outcome }) => outcome === 'must-consider');
    const line = String(chest?.line);
    const found = chest?.candidates[0];
    const fields = { line, report: found?.report ?? '', ordinal: String(found?.ordinal) };
    his.answerWith(503);
    expect((await answer(card, { ...fields, kind: 'recognise' })).status).toBe(303);
    expect((await answer(card, { line, kind: 'undo' })).status).toBe(303);
    await sendDueAnswers(later(), rethrow);
    // The second waits for the first.
    expect(await states()).toEqual([
      { state: 'waiting', attempts: 1, last_outcome: '503' },
      { state: 'waiting', attempts: 0, last_outcome: null },
    ]);
    expect(his.received).toHaveLength(1);
    await sendDueAnswers(later(), rethrow);
    expect(his.received).toHaveLength(1);

    his.answerWith(204);
    ahead += retryDelayMs(0) + 1_000;
    await sendDueAnswers(later(), rethrow);
    await sendDueAnswers(later(), rethrow);
    await sendDueAnswers(later(), rethrow);
    expect(his.received).toHaveLength(3);
    expect((await states()).map(({ state }) => state)).toEqual(['delivered', 'delivered']);

    const events = his.received.map(({ body }) => checkAnswerEventShape.parse(JSON.parse(body)));
    expect(events.map(({ decision, sequence }) => [decision, sequence])).toEqual([
      ['recognise', 1],
      ['recognise', 1],
      ['undo', 2],
    ]);
    expect(events[1]).toMatchObject({
      check: check.id,
      requestNumber: 'SQ-CB-1',
      line: chest?.line,
      code: chest?.code,
      doctor: '100118',
      results: [{ report: found?.report, ordinal: found?.ordinal }],
    });
    expect(events[1]?.recordText?.zh).toContain('互认外院结果');
    expect(events[2]?.undoes).toBe(events[0]?.id);
    for (const { headers, body } of his.received) {
      const signed = `${String(headers['huren-time'])}.${body}`;
      expect(headers['huren-signature']).toBe(
        createHmac('sha256', answerSecret).update(signed).digest('hex'),
      );
      expect(headers['idempotency-key']).toBe((JSON.parse(body) as { id: string }).id);
    }
    const sent = await system.bench.opened.database.run<{ actor: string; outcome: string; peer: string }>(
      SENT,
    );
    expect(sent).toHaveLength(3);
    expect(sent[0]).toEqual({ actor: `client:${CLIENT}`, outcome: 'disclosed', peer: new URL(his.url).host });
  });

  it('by callback: never to an address that the registered one points at', async () => {
    const elsewhere = await hospital();
    try {
      const { check, card } = await checkAndOpen('SQ-CB-2');
      const line = check.lines.find(({ outcome }) => outcome === 'must-consider')?.line ?? 0;
      his.answerWith(307, { location: elsewhere.url });
      await answer(card, { line: String(line), kind: 're-examine', reason: 'N1' });
      await sendDueAnswers(later(), rethrow);
      expect(elsewhere.received).toEqual([]);
      expect((await states()).at(-1)).toMatchObject({ state: 'waiting', last_outcome: '307' });
      his.answerWith(204);
      ahead += retryDelayMs(0) + 1_000;
      await sendDueAnswers(later(), rethrow);
      expect((await states()).at(-1)).toMatchObject({ state: 'delivered', attempts: 2 });
    } finally {
      await elsewhere.stop();
    }
  });

  it('by callback: one that cannot be read any more keeps no other from being sent', async () => {
    his.answerWith(204);
    const bad = await checkAndOpen('SQ-CB-BAD');
    const good = await checkAndOpen('SQ-CB-GOOD');
    for (const { check, card } of [bad, good]) {
      const line = check.lines.find(({ outcome }) => outcome === 'must-consider')?.line ?? 0;
      await answer(card, { line: String(line), kind: 're-examine', reason: 'N1' });
    }
    await system.bench.opened.database.run(SPOIL, [bad.check.id]);
    const told: unknown[] = [];
    await sendDueAnswers(later(), (error) => told.push(error));
    expect(told).toHaveLength(1);
    expect((await states()).slice(-2)).toMatchObject([
      { state: 'waiting', attempts: 1 },
      { state: 'delivered' },
    ]);
    expect(await sendDueAnswers(later(), rethrow)).toBe(0);
  });

  it('by callback: gives up after days, and the answer can still be polled', async () => {
    const { check, card } = await checkAndOpen('SQ-CB-3');
    const line = check.lines.find(({ outcome }) => outcome === 'must-consider')?.line ?? 0;
    his.answerWith(500);
    await answer(card, {
      line: String(line),
      kind: 're-examine',
      reason: 'N6',
      text: '外院片子显示不清，需要重新拍摄',
    });
    await sendDueAnswers(later(), () => undefined);
    ahead += 4 * 86_400_000;
    await sendDueAnswers(later(), () => undefined);
    expect((await states()).at(-1)).toMatchObject({ state: 'given-up', last_outcome: '500' });
    // The one before last was sent; the one before that could not be read.
    expect((await states()).at(-3)).toMatchObject({ state: 'given-up', last_outcome: 'SNAPSHOT_UNKNOWN' });
    const polled = await fetch(`${system.url}/api/order-checks/${check.id}/answers`, {
      headers: { authorization: `Bearer ${system.key}` },
    });
    const { answers } = (await polled.json()) as CheckAnswers;
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatchObject({
      decision: 're-examine',
      reason: 'N6',
      text: '外院片子显示不清，需要重新拍摄',
      stands: true,
      recordText: null,
    });
  });

  it('is not called for what a client answered itself', async () => {
    const before = (await states()).length;
    const { check } = await checkAndOpen('SQ-CB-4');
    const line = check.lines.find(({ outcome }) => outcome === 'must-consider')?.line;
    const answered = await fetch(`${system.url}/api/order-checks/${check.id}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ line, kind: 're-examine', reason: 'N1' }),
    });
    expect(answered.status).toBe(200);
    expect(await states()).toHaveLength(before);
  });

  it('is told to the page around the frame, which is a disclosure of its own in the access log', async () => {
    const { check, card } = await checkAndOpen('SQ-FR-1');
    const line = String(check.lines.find(({ outcome }) => outcome === 'must-consider')?.line);
    expect((await answer(card, { line, kind: 're-examine', reason: 'N1' })).status).toBe(303);
    const framed: LaunchedActor = {
      kind: 'launched',
      name: 'launched:framed/1',
      client: CLIENT,
      institution: 'YX-COUNTY' as InstitutionCode,
      staffNumber: '1',
      department: null,
      check: check.id as PublicId,
      frameOrigins: ['https://his.example'],
    };
    const read = await system.bench.flows.readCard(framed, {
      requestId: 'test',
      peer: 'test',
      purpose: 'treatment',
    });
    expect(read).toMatchObject({
      ok: true,
      value: {
        check: { id: check.id },
        person: { person: check.person },
        answers: { answers: [{ decision: 're-examine' }] },
      },
    });
    expect(await system.bench.opened.database.run(AUDIT_OF_DOCTOR, [framed.name])).toEqual([
      { action: 'order-check.read' },
      { action: 'person.read' },
      { action: 'order-check.answers' },
    ]);
  });

  it('waits twice as long after each failure, at most an hour', () => {
    expect([0, 1, 2, 3].map(retryDelayMs)).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(retryDelayMs(500)).toBe(3_600_000);
  });

  it('goes nowhere in the clear, and frames are named as browsers name origins', () => {
    for (const url of ['https://his.example/answers', 'http://127.0.0.1:9/x', 'http://[::1]/x'])
      expect(isAnswerAddress(url), url).toBe(true);
    for (const url of ['http://his.example/', 'ftp://127.0.0.1/', 'https://u:p@his.example/', 'nonsense'])
      expect(isAnswerAddress(url), url).toBe(false);
    for (const origin of ['https://his.example', 'http://10.0.0.8:8088']) expect(isOrigin(origin)).toBe(true);
    for (const origin of ['https://his.example/', 'https://*', "'self'", 'his.example', '*', 'https://a b'])
      expect(isOrigin(origin), origin).toBe(false);
  });
});
