import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setClientDisabled } from '../../src/adapters/postgres/accounts-clients.ts';
import { CLIENT_CACHE_MS } from '../../src/apps/server/actor.ts';
import { startHttpServer } from '../../src/apps/server/server.ts';
import { Fault, raiser } from '../../src/kernel/fault.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { registerLaunch } from '../../src/adapters/postgres/client-launches.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { testKeys } from './ingest-fixtures.ts';
import { POSTGRES_FAULTS } from '../../src/adapters/postgres/faults.ts';
import { EXAMPLE_ID_NUMBER, EXAMPLE_NAME, EXAMPLE_PERSON } from '../browser/example-flows.ts';
import { examplePatientSupplied } from '../browser/example-patient-supplied.ts';
import { exampleNotices } from '../browser/example-notices.ts';
import { exampleConsents } from '../browser/example-consents.ts';
import { exampleCorrections } from '../browser/example-corrections.ts';
import { DOCTOR, formBrowser, type RunningServer, runningServer } from './http-server.ts';

const ORDER = {
  patient: { identifiers: [{ type: 'national-id', number: EXAMPLE_ID_NUMBER }], name: EXAMPLE_NAME },
  encounter: { class: '门诊', number: 'V1' },
  items: [{ line: 1, code: 'DR01' }],
};

describe('the HTTP edge', () => {
  let running: RunningServer;
  let url: string;
  let key: string;
  let operationsKey: string;

  const call = (path: string, init: RequestInit & { bearer?: string } = {}) =>
    fetch(url + path, {
      ...init,
      headers: { authorization: `Bearer ${init.bearer ?? key}`, ...(init.headers as Record<string, string>) },
    });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  beforeAll(async () => {
    running = await runningServer();
    url = running.server.url;
    await running.addStaff({});
    key = await running.addClient('his', ['treatment']);
    operationsKey = await running.addClient('monitor', ['operations']);
  });
  afterAll(() => running?.stop());

  it('takes an order check from a system with its key and Chinese encounter words', async () => {
    const answer = await post('/api/order-checks', ORDER);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ encounterClass: 'outpatient', interrupt: true });
    expect(running.flows.requests.at(-1)).toMatchObject({
      purpose: 'diagnosis',
      encounter: { class: 'outpatient' },
    });
    expect(running.flows.requests.at(-1)?.interventions).toBeUndefined();
  });

  it('keeps unknown interventions apart from none', async () => {
    await post('/api/order-checks', { ...ORDER, interventions: [] });
    expect(running.flows.requests.at(-1)?.interventions).toEqual([]);
  });

  it('names every wrong place of an input, in both languages, without repeating what was sent', async () => {
    const answer = await post('/api/order-checks', {
      ...ORDER,
      encounter: { class: '门珍' },
      items: [
        { line: 0, code: 'A' },
        { line: 2, code: '' },
      ],
      surprise: EXAMPLE_ID_NUMBER,
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await answer.json()) as {
      code: string;
      errors: { place: string; zh: string; en: string }[];
    };
    expect(problem.code).toBe('INPUT_INVALID');
    expect(problem.errors.map(({ place }) => place)).toEqual(
      expect.arrayContaining(['body.encounter.class', 'body.items.0.line', 'body.items.1.code', 'body']),
    );
    for (const { zh } of problem.errors) expect(zh).toMatch(/\p{Script=Han}/u);
    expect(JSON.stringify(problem)).not.toContain(EXAMPLE_ID_NUMBER);
  });

  it('shapes every refusal as the same problem document', async () => {
    const cases = [
      [await call('/nowhere'), 404, 'NOT_FOUND'],
      [await call('/api/order-checks'), 405, 'METHOD_NOT_ALLOWED'],
      [
        await post('/api/person-searches', JSON.stringify({ by: 'name', text: 'x'.repeat(5_000) })),
        413,
        'BODY_TOO_LARGE',
      ],
      [
        await post('/api/order-checks', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
        415,
        'MEDIA_TYPE_UNSUPPORTED',
      ],
      [
        await post('/api/order-checks', '<a/>', { 'content-type': 'application/xml' }),
        415,
        'MEDIA_TYPE_UNSUPPORTED',
      ],
      [await post('/api/order-checks', '{"patient":'), 400, 'INPUT_INVALID'],
      [await post('/api/order-checks', ''), 400, 'INPUT_INVALID'],
      [await call('/api/order-checks/not-an-id'), 400, 'INPUT_INVALID'],
      [await call('/api/order-checks/01930000-0000-7000-8000-0000000000ff'), 404, 'EXAMPLE_UNKNOWN'],
      [await call('/%zz'), 404, 'NOT_FOUND'],
    ] as const;
    for (const [answer, status, code] of cases) {
      expect(answer.status, code).toBe(status);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      const problem = (await answer.json()) as Record<string, unknown>;
      expect(problem).toMatchObject({ code, status, requestId: answer.headers.get('x-request-id') });
      expect(problem['zh']).toMatch(/\p{Script=Han}/u);
      expect(problem['en']).toMatch(/^[\x20-\x7e…]+$/);
    }
    expect(cases[1][0].headers.get('allow')).toBe('POST');
  });

  it('calls an address that is too long unknown, and runs no handler for a HEAD', async () => {
    expect((await call(`/card/${'A'.repeat(900)}`)).status).toBe(404);
    const head = await call(`/api/persons/${EXAMPLE_PERSON}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await call('/healthz', { method: 'HEAD' })).status).toBe(200);
  });

  it('limits how often a stranger may try to sign in, and says when to come back', async () => {
    const browser = formBrowser(url);
    await browser.get('/sign-in');
    let refused: Response | undefined;
    for (let attempt = 0; attempt < 100 && !refused; attempt++) {
      const answer = await browser.post('/sign-in', {
        login: `nobody${attempt}`,
        password: 'x',
        formToken: 'forged',
      });
      if (answer.status === 429) refused = answer;
    }
    expect(refused?.status).toBe(429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    running.advance(120_000);
  });

  it('keeps an idle connection longer than the usual proxies and the pools of callers keep theirs', async () => {
    const { headers } = await fetch(`${url}/healthz`);
    const seconds = Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1]);
    // The longest of them: a balancer in front that keeps connections for ten minutes.
    expect(seconds).toBeGreaterThan(600);
  });

  it('sends the security headers on every answer, refusals and files included', async () => {
    const paths = [
      '/healthz',
      '/sign-in',
      '/',
      '/assets/huren.css',
      '/openapi.json',
      '/nowhere',
      '/api/orderables',
    ];
    for (const path of paths) {
      const { headers } = await fetch(url + path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).toContain("frame-ancestors 'none'");
      expect(policy, path).not.toContain('unsafe-inline');
      expect(policy, path).not.toContain('script-src');
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('referrer-policy'), path).toBe('no-referrer');
      expect(headers.get('cache-control'), path).toBe('no-store');
    }
  });

  it('refuses a client whose key is wrong, whose purpose does not fit, or who was shut out', async () => {
    expect((await call('/api/orderables', { bearer: `${key.slice(0, -1)}_` })).status).toBe(401);
    expect((await call('/api/orderables', { bearer: 'huren_his_x' })).status).toBe(401);
    expect((await call('/api/orderables', { bearer: operationsKey })).status).toBe(403);
    expect((await call('/metrics')).status).toBe(403);
    const shut = await running.addClient('leaving', ['treatment']);
    expect((await call('/api/orderables', { bearer: shut })).status).toBe(200);
    const newId = () => '01930000-0000-7000-8000-000000000099' as PublicId;
    await setClientDisabled(running.store.database, 'leaving', true, {
      at: instant(Date.now()),
      newId,
      by: 'console',
      peer: 'local',
    });
    running.advance(CLIENT_CACHE_MS + 1);
    expect((await call('/api/orderables', { bearer: shut })).status).toBe(401);
  });

  it('answers the same Idempotency-Key with the same answer', async () => {
    const { id } = (await (await post('/api/order-checks', ORDER)).json()) as { id: string };
    const send = () =>
      post(
        `/api/order-checks/${id}/responses`,
        { line: 1, kind: 'recognise' },
        { 'idempotency-key': 'once-1' },
      );
    const first = (await (await send()).json()) as { response: { id: string }; repeated: boolean };
    const second = (await (await send()).json()) as { response: { id: string }; repeated: boolean };
    expect(second.response.id).toBe(first.response.id);
    expect([first.repeated, second.repeated]).toEqual([false, true]);
  });

  it('counts requests by route and order checks by outcome, without ids', async () => {
    await post('/api/order-checks', ORDER);
    const answer = await call('/metrics', { bearer: operationsKey });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toMatch(/huren_order_checks_total\{outcome="checked"\} [1-9]/);
    expect(text).toContain('route="/api/order-checks/{id}/responses"');
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  it('says “not checked”, never “nothing found”, when the database is gone, and recovers by itself', async () => {
    running.flows.failWith = raiser(POSTGRES_FAULTS)('DATABASE_UNREACHABLE');
    try {
      const answer = await post('/api/order-checks', ORDER);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({
        code: 'ORDER_NOT_CHECKED',
        detail: 'DATABASE_UNREACHABLE',
        zh: '互认服务暂不可用，本次未核查，不影响开单',
      });
      const browser = formBrowser(url);
      running.flows.failWith = null;
      await browser.signIn(DOCTOR.login, DOCTOR.password);
      await browser.get(`/patients/${EXAMPLE_PERSON}/order`);
      running.flows.failWith = raiser(POSTGRES_FAULTS)('DATABASE_UNREACHABLE');
      const page = await browser.post(`/patients/${EXAMPLE_PERSON}/order`, {
        encounterClass: '门诊',
        purpose: '诊疗',
        code: 'DR01',
      });
      expect(page.status).toBe(503);
      const text = await page.text();
      expect(text).toContain('互认服务暂不可用，本次未核查，不影响开单');
      expect(text).not.toContain('未发现');
    } finally {
      running.flows.failWith = null;
    }
    expect((await post('/api/order-checks', ORDER)).status).toBe(200);
  });

  it('shows a page that says so when the database hangs, and nothing waits for ever', async () => {
    const hanging = await startHttpServer(
      {
        ...running.dependencies,
        waitMaxMs: 300,
        flows: { ...running.dependencies.flows, markedChecks: () => new Promise(() => undefined) },
      } as never,
      { host: '127.0.0.1', port: 0 },
    );
    try {
      const browser = formBrowser(hanging.url);
      await browser.signIn(DOCTOR.login, DOCTOR.password);
      const page = await browser.get('/');
      expect(page.status).toBe(503);
      expect(page.headers.get('retry-after')).not.toBeNull();
      expect(await page.text()).toContain('这不表示没有结果');
    } finally {
      await hanging.close();
    }
  });

  it('knows where a caller was who has gone before the work began', async () => {
    const before = running.flows.origins.length;
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const body = JSON.stringify(ORDER);
    await new Promise<void>((resolve) => {
      socket.write(
        `POST /api/order-checks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        () => {
          socket.resetAndDestroy();
          resolve();
        },
      );
    });
    await expect.poll(() => running.flows.origins.length).toBeGreaterThan(before);
    expect(running.flows.origins.at(-1)?.peer).toBe('127.0.0.1');
  });

  it('says “not checked” when the real database is lost before anybody could be recognised', async () => {
    const other = await runningServer();
    const lostKey = await other.addClient('his', ['treatment']);
    await other.addStaff({});
    const browser = formBrowser(other.server.url);
    await browser.signIn(DOCTOR.login, DOCTOR.password);
    const frame = 'https://his.example';
    await registerLaunch(
      other.store.database,
      testKeys,
      'his',
      { frameOrigins: [frame], newSecrets: true },
      other.act(),
    );
    const card = other.cardLinks.addressOf({
      check: EXAMPLE_PERSON,
      institution: 'COUNTY' as InstitutionCode,
      client: 'his',
      staffNumber: '1001',
      department: null,
    });
    await fetch(card);
    await other.store.drop();
    try {
      other.advance(60_000);
      const framed = await fetch(card);
      expect(framed.status).toBe(503);
      expect(await framed.text()).toContain('互认服务暂不可用，本次未核查，不影响开单');
      // Framed nowhere, the doctor would see an empty frame and take it for nothing found.
      expect(framed.headers.get('content-security-policy')).toContain(`frame-ancestors ${frame}`);
      const answer = await fetch(`${other.server.url}/api/order-checks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${lostKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(ORDER),
      });
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({
        code: 'ORDER_NOT_CHECKED',
        zh: '互认服务暂不可用，本次未核查，不影响开单',
      });
      const page = await browser.post(`/patients/${EXAMPLE_PERSON}/order`, { code: 'DR01' });
      expect(page.status).toBe(503);
      expect(await page.text()).toContain('互认服务暂不可用，本次未核查，不影响开单');
      expect((await fetch(`${other.server.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${other.server.url}/healthz`)).status).toBe(200);
    } finally {
      await other.server.close();
    }
  });

  it('turns an unexpected failure into “not checked” too, and tells the caller nothing about it', async () => {
    running.flows.failWith = new Error(`secret detail about ${EXAMPLE_NAME}`);
    try {
      const answer = await post('/api/order-checks', ORDER);
      expect(answer.status).toBe(503);
      expect(await answer.text()).not.toContain('secret detail');
      const other = await call('/api/orderables');
      expect(other.status).toBe(500);
      expect(await other.json()).toMatchObject({ code: 'INTERNAL' });
    } finally {
      running.flows.failWith = null;
    }
  });

  it('keeps names, numbers, queries and secrets out of the log', async () => {
    const browser = formBrowser(url);
    await browser.signIn(DOCTOR.login, DOCTOR.password);
    await browser.get('/');
    await browser.post('/patients', { by: 'national-id', text: EXAMPLE_ID_NUMBER });
    await browser.get(`/patients/${EXAMPLE_PERSON}/order`);
    await fetch(`${url}/healthz?name=${encodeURIComponent(EXAMPLE_NAME)}&id=${EXAMPLE_ID_NUMBER}`);
    await fetch(`${url}/${EXAMPLE_ID_NUMBER}`);
    await post('/api/person-searches', { by: 'name', text: EXAMPLE_NAME });
    const log = running.logText();
    expect(log).toContain('/patients/{id}/order');
    for (const secret of [
      EXAMPLE_NAME,
      EXAMPLE_ID_NUMBER,
      DOCTOR.password,
      key,
      EXAMPLE_PERSON,
      'secret detail',
      browser.cookies.get('huren_session') as string,
    ])
      expect(log).not.toContain(secret);
  });

  it('answers readiness with 503 and the part that is missing', async () => {
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const other = await startHttpServer(
      {
        database: running.store.database,
        flows: running.flows,
        answerReview: running.answerReview,
        ...running.card,
        consents: exampleConsents(),
        corrections: exampleCorrections(),
        cdsHooks: running.cdsHooks,
        notices: exampleNotices(),
        patientSupplied: examplePatientSupplied(),
        clock: () => instant(Date.now()),
        newId: () => '01930000-0000-7000-8000-000000000099' as PublicId,
        probes: [
          { part: 'snapshot', check: () => Promise.reject(raiser(POSTGRES_FAULTS)('DATABASE_UNREACHABLE')) },
        ],
        logLevel: 'silent',
      },
      { host: '127.0.0.1', port: 0 },
    );
    try {
      const answer = await fetch(`${other.url}/readyz`);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({
        code: 'NOT_READY',
        parts: [
          { part: 'database', ready: true },
          { part: 'snapshot', ready: false, reason: 'DATABASE_UNREACHABLE' },
        ],
      });
      expect((await fetch(`${other.url}/healthz`)).status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('names the port and its variable when the port is taken', async () => {
    const again = startHttpServer(
      {
        database: running.store.database,
        flows: running.flows,
        answerReview: running.answerReview,
        ...running.card,
        consents: exampleConsents(),
        corrections: exampleCorrections(),
        cdsHooks: running.cdsHooks,
        notices: exampleNotices(),
        patientSupplied: examplePatientSupplied(),
        clock: () => instant(Date.now()),
        newId: () => '01930000-0000-7000-8000-000000000099' as PublicId,
        probes: [],
        logLevel: 'silent',
      },
      { host: '127.0.0.1', port: running.server.port },
    );
    const error = await again.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ code: 'PORT_IN_USE' });
    expect((error as Fault).detail).toContain(`HUREN_HTTP_PORT=${running.server.port}`);
  });

  it('survives bytes that are not HTTP', async () => {
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(running.server.port, '127.0.0.1', () =>
        socket.write('\u000bMSH|^~\\&|\r\n\r\n'),
      );
      socket.on('data', (chunk) => {
        text += String(chunk);
      });
      socket.on('close', () => resolve(text));
      socket.on('error', () => resolve(text));
    });
    expect(answer).toContain('400 Bad Request');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});
