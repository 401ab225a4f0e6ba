import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';

/* The plain JSON call as docs/integrating/order-check-api.md promises it. */

interface Order {
  readonly patient: object;
  readonly items: readonly { readonly line: number; readonly code: string }[];
}

let system: RealSystem;

beforeAll(async () => {
  system = await realSystem();
});
afterAll(() => system?.stop());

const basic = (code: string, key: string): string =>
  `Basic ${Buffer.from(`${code}:${key}`).toString('base64')}`;

const call = (path: string, body?: unknown, authorization = basic('yx-county-his', system.key)) =>
  fetch(system.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const answerOf = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>;

const order = (over: object = {}): Order =>
  system.bench.orderOf(memberOf(system.bench, 'child'), {
    doctor: { staffNumber: '100118' },
    request: { number: 'SQ-J' },
    ...over,
  }) as Order;
const checked = async (over: object = {}) => answerOf(await call('/api/order-checks', order(over)));

describe('credentials', () => {
  it('may be Basic with client code and key, and then both have to fit', async () => {
    expect((await call('/api/order-checks', order())).status).toBe(200);
    for (const wrong of [
      basic('operations', system.key),
      basic('yx-county-his', system.operatorKey),
      basic('', system.key),
      basic('yx-county-his', 'wrong'),
      'Basic',
    ]) {
      const refused = await call('/api/order-checks', '{"broken', wrong);
      expect([refused.status, (await answerOf(refused))['code']], wrong).toEqual([401, 'SIGN_IN_REQUIRED']);
      // A browser would meet a Basic challenge with a dialog.
      expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="huren"');
    }
  });
});

describe('the address of the card', () => {
  it('is for the doctor named in the call and this check alone', async () => {
    const answer = await checked({ department: { code: 'EK' } });
    const token = String(answer['cardUrl']).split('/card/')[1] as string;
    const read = system.cardLinks.read(token);
    expect(read.ok && read.value.grant).toEqual({
      check: answer['id'],
      institution: 'YX-COUNTY',
      client: 'yx-county-his',
      staffNumber: '100118',
      department: 'EK',
    });
    expect(String(answer['cardUrl'])).not.toContain(memberOf(system.bench, 'child').person.nationalId);
  });

  it('is absent where no doctor is named and where nobody was established', async () => {
    expect((await checked({ doctor: undefined }))['cardUrl']).toBeNull();
    const nobody = {
      identifiers: [{ type: 'medical-record', issuer: 'WX-CENTRAL', number: 'NOBODY-1' }],
    };
    const answer = await checked({ patient: nobody });
    expect([answer['status'], answer['cardUrl']]).toEqual(['not-checked', null]);
  });
});

describe('polling', () => {
  interface Polled {
    readonly complete: boolean;
    readonly lines: readonly {
      readonly line: number;
      readonly awaited: boolean;
      readonly response: { readonly kind: string; readonly state: string; readonly recordText: null } | null;
    }[];
  }

  it('tells the answers as they come, up to the confirmed cancellation, and no result', async () => {
    const answer = await checked();
    const id = String(answer['id']);
    const line = order().items.length;
    const poll = async (): Promise<Polled> =>
      (await (await call(`/api/order-checks/${id}/responses`)).json()) as Polled;
    const before = await poll();
    expect([before.complete, before.lines.find((one) => one.line === line)]).toMatchObject([
      false,
      { awaited: true, response: null },
    ]);
    await call(`/api/order-checks/${id}/responses`, { line, kind: 'recognise' });
    const told = await poll();
    expect(told.complete).toBe(true);
    expect(told.lines.find((one) => one.line === line)?.response).toMatchObject({
      kind: 'recognise',
      state: 'recorded',
      recordText: null,
    });
    const cancelled = { line, orderNumber: 'SQ-J', cancelledAt: '2026-11-23T11:30:00+08:00' };
    const confirm = () => call(`/api/order-checks/${id}/fulfilments`, cancelled);
    expect([(await confirm()).status, (await confirm()).status]).toEqual([200, 200]);
    expect((await poll()).lines.find((one) => one.line === line)?.response?.state).toBe('fulfilled');
    await call(`/api/order-checks/${id}/responses`, { line, kind: 'undo' });
    expect((await poll()).complete).toBe(false);
  });

  it('knows no check of another institution and none that is not there', async () => {
    const missing = await call('/api/order-checks/01930000-0000-7000-8000-0000000000ff/responses');
    expect([missing.status, (await answerOf(missing))['code']]).toEqual([404, 'ORDER_CHECK_UNKNOWN']);
    const stranger = await call(
      '/api/order-checks/01930000-0000-7000-8000-0000000000ff/responses',
      undefined,
      basic('operations', system.operatorKey),
    );
    expect(stranger.status).toBe(403);
  });
});

describe('bad input', () => {
  const items = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ line: index + 1, code: `C${index}` }));

  it.each<[string, (valid: Order) => unknown, number, string]>([
    ['500 orders', (valid) => ({ ...valid, items: items(500) }), 400, 'body.items'],
    ['no order', (valid) => ({ ...valid, items: [] }), 400, 'body.items'],
    ['no patient', (valid) => ({ ...valid, patient: undefined }), 400, 'body.patient'],
    ['two patients', (valid) => ({ ...valid, patient: [valid.patient, valid.patient] }), 400, 'body.patient'],
    ['a patient as text', (valid) => ({ ...valid, patient: '周小满' }), 400, 'body.patient'],
    [
      'a line as text',
      (valid) => ({ ...valid, items: [{ line: '1', code: 'K' }] }),
      400,
      'body.items.0.line',
    ],
    ['a member nobody knows', (valid) => ({ ...valid, patiant: {} }), 400, 'body'],
  ])('%s is refused with its place', async (_name, change, status, place) => {
    const refused = await call('/api/order-checks', change(order()));
    const problem = await answerOf(refused);
    expect([refused.status, problem['code'], problem['place']]).toEqual([status, 'INPUT_INVALID', place]);
  });

  it('an oversized body is refused', async () => {
    const refused = await call(
      '/api/order-checks',
      JSON.stringify({ ...order(), campus: 'x'.repeat(70_000) }),
    );
    expect([refused.status, (await answerOf(refused))['code']]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('an unknown item is not checked, which is not "nothing found"', async () => {
    const answer = await checked({ items: [{ line: 1, code: 'NOBODY-MAPPED' }] });
    expect(answer['title']).toMatchObject({ zh: '本次未核查，不影响开单' });
    expect((answer['lines'] as { outcome: string }[])[0]?.outcome).toBe('unmapped');
  });
});
