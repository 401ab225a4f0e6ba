import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admissionOf, CALLERS } from '../../src/apps/server/rights-table.ts';
import { declaredRoutes } from '../../tools/declared-routes.ts';
import { type RealSystem, realSystem } from './real-system.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

describe('bad input', () => {
  let system: RealSystem;

  beforeAll(async () => {
    system = await realSystem();
  });
  afterAll(() => system?.stop());

  /** Sends an address as it is written: `fetch` would tidy it first. */
  const raw = (
    path: string,
    {
      method = 'GET',
      headers = {},
      body,
    }: { method?: string; headers?: Record<string, string>; body?: Buffer } = {},
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(system.url);
      const sent = request(
        {
          host: hostname,
          port,
          path,
          method,
          headers: { authorization: `Bearer ${system.key}`, ...headers },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

  it.each([
    '/assets/app/../../../package.json',
    '/assets/app/..%2f..%2fpackage.json',
    '/assets/app/%2e%2e/%2e%2e/package.json',
    '/assets/app/....//package.json',
    '/assets/app/..%5c..%5cpackage.json',
    '/assets/app/%00package.json',
    '/assets/app//etc/passwd',
    '/../../etc/passwd',
    '/api/reports/..%2f..%2fetc%2fpasswd',
    '/api/reports/019a0000-0000-7000-8000-000000000000/attachments/..%2f1',
    '/fhir/Observation/..%2fmetadata',
    '/api/persons/%',
  ])(
    'of a path that leads out of its folder (%s) is refused with a code, and nothing of a file is told',
    async (path) => {
      const { status, text } = await raw(path);
      expect(status, text).toBeGreaterThanOrEqual(400);
      expect(status, text).toBeLessThan(500);
      expect(text).toMatch(/"code":"[A-Z_]+"/);
      expect(text).not.toMatch(/root:|"dependencies"/);
    },
  );

  it('of a body that is too large is refused with 413 on every route that takes one', async () => {
    const client = CALLERS.find(({ name }) => name === 'client:treatment');
    const routes = declaredRoutes().filter(
      (route) =>
        route.method === 'POST' &&
        route.surface === 'api' &&
        !route.credential &&
        client !== undefined &&
        admissionOf(client, route) !== null &&
        route.access.kind === 'right' &&
        !route.upload &&
        // Its bound is more than memory holds.
        !route.rawBody?.isStream,
    );
    expect(routes.length).toBeGreaterThan(3);
    for (const route of routes) {
      const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(route.limits.bodyBytes) }));
      const { status, text } = await raw(
        route.path.replaceAll(/\{\w+\}/g, '019a0000-0000-7000-8000-000000000000'),
        { method: 'POST', headers: { 'content-type': 'application/json' }, body },
      );
      expect(status, `${route.path} ${text}`).toBe(413);
      expect(text, route.path).toContain('"code":"BODY_TOO_LARGE"');
      expect(text, route.path).not.toContain('xxx');
    }
  });

  it('with line breaks in what becomes a header never makes a header of its own', async () => {
    for (const path of [
      '/sign-in?next=%0d%0aset-cookie:%20huren_session=stolen',
      '/api/session%0d%0ax-injected:%201',
      '/launch?client=yx-county-his%0d%0ax-injected:%201&staff=1',
      '/fhir/Observation?patient=x%0d%0ax-injected:%201',
      '/card/x%0d%0ax-injected:%201',
    ]) {
      const { status, headers } = await raw(path);
      expect(status, path).toBeLessThan(500);
      expect(headers['x-injected'], path).toBeUndefined();
      expect(String(headers['set-cookie'] ?? ''), path).not.toContain('stolen');
    }
    const next = await raw('/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: '' },
      body: Buffer.from('login=a&password=b&next=//evil.example%0d%0ax-injected:1'),
    });
    expect(next.headers['x-injected']).toBeUndefined();
    expect(String(next.headers['location'] ?? '')).not.toContain('evil.example');
  });

  it('in the name of a client key, a cookie or a language is refused without a word of it in the answer', async () => {
    for (const headers of [
      { authorization: 'Bearer secret-looking-key' },
      { authorization: 'Basic c2VjcmV0LWxvb2tpbmcta2V5Om5vcGU=' },
      { authorization: '', cookie: 'huren_session=secret-looking-key' },
    ] as Record<string, string>[]) {
      const { status, text } = await raw('/api/orderables', { headers });
      expect(status).toBe(401);
      expect(text).toContain('"code":"SIGN_IN_REQUIRED"');
      expect(text).not.toContain('secret-looking-key');
    }
  });
});
