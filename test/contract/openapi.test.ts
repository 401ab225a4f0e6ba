import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EXAMPLE_ID_NUMBER, EXAMPLE_PERSON } from '../browser/example-flows.ts';
import { DOCTOR, formBrowser, type RunningServer, runningServer } from '../system/http-server.ts';

type Json = Record<string, unknown>;

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Json }[];
  readonly requestBody?: { readonly content: Record<string, { schema: Json }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Json> };
}

/** One thing to send to an operation, in words of its document: path parameters and body. */
interface Example {
  readonly as: 'client' | 'operations' | 'doctor' | 'nobody';
  readonly id?: string;
  readonly body?: Json;
  readonly status: number;
}

const REPORT = '01930000-0000-7000-8000-00000000000a';
const ITEMS = [
  { line: 1, code: 'DR01' },
  { line: 2, code: 'K01' },
  { line: 3, code: 'LFT12' },
  { line: 4, code: 'GLU' },
  { line: 5, code: 'NEW01' },
  { line: 6, code: 'CREA' },
];
const ORDER = {
  patient: { identifiers: [{ type: 'national-id', number: EXAMPLE_ID_NUMBER }] },
  encounter: { class: '住院', number: 'V1', inpatientNumber: 'Z1', insuranceNumber: 'YB1' },
  request: { number: 'SQ1' },
  doctor: { staffNumber: '1001' },
  department: { code: 'EK', name: '儿科' },
  diagnoses: [{ code: 'J18.9' }],
  purpose: '术前',
  interventions: [{ kind: 'transfusion', at: '2026-11-20T08:00:00+08:00' }],
  items: ITEMS,
};

describe('the published OpenAPI document', () => {
  let running: RunningServer;
  let url: string;
  let document: OpenApi;
  let keys: Record<string, string>;
  let browser: ReturnType<typeof formBrowser>;
  let check: string;

  beforeAll(async () => {
    running = await runningServer();
    url = running.server.url;
    await running.addStaff({});
    keys = {
      client: await running.addClient('his', ['treatment']),
      operations: await running.addClient('ops', ['operations']),
    };
    document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
    browser = formBrowser(url);
    await browser.signIn(DOCTOR.login, DOCTOR.password);
    const made = await fetch(`${url}/api/order-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys['client']}`, 'content-type': 'application/json' },
      body: JSON.stringify(ORDER),
    });
    check = ((await made.json()) as { id: string }).id;
  });
  afterAll(() => running?.stop());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
    );

  /** How each operation is driven. A new operation without a line here fails the test. */
  const examples = (): Record<string, Example> => ({
    health: { as: 'nobody', status: 200 },
    readiness: { as: 'nobody', status: 200 },
    openApiDocument: { as: 'nobody', status: 200 },
    styleSheet: { as: 'nobody', status: 200 },
    signInPage: { as: 'nobody', status: 200 },
    signIn: { as: 'doctor', body: { login: DOCTOR.login, password: 'wrong' }, status: 401 },
    metrics: { as: 'operations', status: 200 },
    checkOrder: { as: 'client', body: ORDER, status: 200 },
    readOrderCheck: { as: 'client', id: check, status: 200 },
    respondToOrderCheck: {
      as: 'client',
      id: check,
      body: { line: 1, kind: 'recognise', report: REPORT, ordinal: 1 },
      status: 200,
    },
    explainOrderCheck: { as: 'client', id: check, status: 200 },
    replayOrderCheck: { as: 'client', id: check, status: 200 },
    fulfilOrderCheck: {
      as: 'client',
      id: check,
      body: { line: 1, cancelledAt: '2026-11-23T00:10:00Z' },
      status: 200,
    },
    readReport: { as: 'client', id: REPORT, status: 200 },
    searchPersons: { as: 'client', body: { by: 'national-id', text: EXAMPLE_ID_NUMBER }, status: 200 },
    listOrderables: { as: 'client', status: 200 },
    listMarkedOrderChecks: { as: 'client', status: 200 },
    homePage: { as: 'doctor', status: 200 },
    findPatient: { as: 'doctor', body: { by: 'national-id', text: EXAMPLE_ID_NUMBER }, status: 200 },
    orderPage: { as: 'doctor', id: EXAMPLE_PERSON, status: 200 },
    checkOrderPage: {
      as: 'doctor',
      id: EXAMPLE_PERSON,
      body: { encounterClass: '门诊', purpose: '诊疗', code: 'DR01' },
      status: 303,
    },
    checkPage: { as: 'doctor', id: check, status: 200 },
    respondPage: {
      as: 'doctor',
      id: check,
      body: { line: '1', kind: 'recognise', idempotencyKey: '3f2b0f5e-3d3b-4b0e-9a52-6d7f5f6f7a11' },
      status: 303,
    },
    explanationPage: { as: 'doctor', id: check, status: 200 },
    reportPage: { as: 'doctor', id: REPORT, status: 200 },
    signOut: { as: 'doctor', body: {}, status: 303 },
  });

  const addressOf = (path: string, id = REPORT) => path.replace('{id}', id);

  const drive = async (
    path: string,
    method: string,
    operation: Operation,
    example: Example,
  ): Promise<Response> => {
    const address = addressOf(path, example.id);
    if (example.as === 'doctor') {
      if (method === 'GET') return browser.get(address);
      await browser.get('/');
      return browser.post(address, (example.body ?? {}) as Record<string, string>);
    }
    const key = keys[example.as];
    return fetch(url + address, {
      method,
      headers: {
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(operation.requestBody ? { 'content-type': 'application/json' } : {}),
      },
      ...(example.body ? { body: JSON.stringify(example.body) } : {}),
    });
  };

  /** The declared shape, read back out of the document: what an integrator's generator would build. */
  const shapeIn = (schema: Json): z.ZodType => {
    const name = /^#\/components\/schemas\/(\w+)$/.exec((schema['$ref'] as string | undefined) ?? '')?.[1];
    return z.fromJSONSchema((name ? document.components.schemas[name] : schema) as never);
  };

  it('is OpenAPI 3.1, names every operation once and says who may call it', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.sort()).toEqual(Object.keys(examples()).sort());
  });

  it('leaves nothing open but health, static files and sign-in', () => {
    const open = operations().filter(({ operation }) => operation.tags.includes('public'));
    expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'GET /assets/huren.css',
      'GET /healthz',
      'GET /openapi.json',
      'GET /readyz',
      'GET /sign-in',
      'POST /sign-in',
    ]);
  });

  it('refuses a stranger with 401 at every operation that is not public, before looking at the body', async () => {
    const closed = operations().filter(({ operation }) => !operation.tags.includes('public'));
    expect(closed.length).toBeGreaterThan(15);
    for (const { path, method, operation } of closed) {
      for (const headers of [
        {},
        { authorization: 'Bearer huren_his_wrong' },
        { cookie: 'huren_session=wrong' },
      ] as Record<string, string>[]) {
        const answer = await fetch(url + addressOf(path), {
          method,
          headers: { ...headers, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) },
          ...(method === 'POST' ? { body: '{"broken' } : {}),
        });
        expect(answer.status, operation.operationId).toBe(401);
        expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      }
    }
  });

  it('answers every operation with a declared status, media type and shape', async () => {
    const wanted = examples();
    // Signing out comes last, because the others need the session.
    const isLast = ({ operation }: { operation: Operation }) => Number(operation.operationId === 'signOut');
    for (const { path, method, operation } of operations().sort(
      (left, right) => isLast(left) - isLast(right),
    )) {
      const example = wanted[operation.operationId] as Example;
      const answer = await drive(path, method, operation, example);
      const text = await answer.text();
      expect(answer.status, `${operation.operationId}: ${text.slice(0, 300)}`).toBe(example.status);
      const declared = operation.responses[String(answer.status)];
      expect(declared, `${operation.operationId} declares ${answer.status}`).toBeDefined();
      const mediaType = (answer.headers.get('content-type') ?? '').split(';')[0] as string;
      if (!declared?.content) {
        expect(text, operation.operationId).toBe('');
        continue;
      }
      const content = declared.content[mediaType];
      expect(content, `${operation.operationId} declares ${mediaType}`).toBeDefined();
      if (mediaType !== 'application/json' || operation.operationId === 'openApiDocument') continue;
      const read = shapeIn((content as { schema: Json }).schema).safeParse(JSON.parse(text));
      expect(read.error?.issues ?? [], operation.operationId).toEqual([]);
    }
  });

  it('refuses a body that breaks its declared shape, with the declared problem', async () => {
    const { path, operation } = operations().find(
      ({ operation: one }) => one.operationId === 'checkOrder',
    ) as {
      path: string;
      operation: Operation;
    };
    const schema = operation.requestBody?.content['application/json']?.schema as { required: string[] };
    for (const missing of schema.required) {
      const { [missing]: _left, ...body } = ORDER as Json;
      const answer = await drive(path, 'POST', operation, { as: 'client', body, status: 400 });
      expect(answer.status, missing).toBe(400);
      const refused = operation.responses['default']?.content?.['application/problem+json'] as {
        schema: Json;
      };
      expect(shapeIn(refused.schema).safeParse(await answer.json()).success).toBe(true);
    }
  });
});
