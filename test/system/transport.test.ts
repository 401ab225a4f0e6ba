import { request as secureRequest } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { type HttpServer, type ListenOptions, startHttpServer } from '../../src/apps/server/server.ts';
import { selfSigned } from '../contract/hl7v2-self-signed.ts';
import { DOCTOR, formBrowser, type RunningServer, runningServer } from './http-server.ts';

const LAST_PEER = statement(
  'test.last-peer',
  'select peer from system_audit_events order by event_id desc limit 1',
);

describe('transport', () => {
  let running: RunningServer;
  const others: HttpServer[] = [];

  beforeAll(async () => {
    running = await runningServer();
    await running.addStaff({});
  });
  afterAll(async () => {
    for (const other of others) await other.close();
    await running?.stop();
  });

  const listening = async (options: Partial<ListenOptions>): Promise<HttpServer> => {
    const other = await startHttpServer(running.dependencies, { host: '127.0.0.1', port: 0, ...options });
    others.push(other);
    return other;
  };

  const lastPeer = async (): Promise<string | undefined> =>
    (await running.store.database.run<{ peer: string }>(LAST_PEER))[0]?.peer;

  it('believes nobody about another address or TLS', async () => {
    const { url } = running.server;
    const answer = await fetch(`${url}/sign-in`, {
      headers: {
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.example',
      },
    });
    expect(answer.headers.get('strict-transport-security')).toBeNull();
    const browser = formBrowser(url, { 'x-forwarded-for': '203.0.113.9' });
    await browser.signIn(DOCTOR.login, 'wrong');
    expect(await lastPeer()).toBe('127.0.0.1');
  });

  it('believes a trusted proxy, speaks to browsers as over TLS and keeps its cookies to it', async () => {
    const { url } = await listening({ trustedProxies: ['127.0.0.1'] });
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };
    const answer = await fetch(`${url}/sign-in`, { headers });
    expect(answer.headers.get('strict-transport-security')).toContain('max-age=31536000');
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-huren_form=/);
    expect(cookie).toContain('Secure');
    const browser = formBrowser(url, headers);
    await browser.signIn(DOCTOR.login, 'wrong');
    expect(await lastPeer()).toBe('203.0.113.9');
  });

  it('does not believe what a caller writes before the proxy', async () => {
    const { url } = await listening({ trustedProxies: ['127.0.0.1'] });
    const browser = formBrowser(url, { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' });
    await browser.signIn(DOCTOR.login, 'wrong');
    expect(await lastPeer()).toBe('203.0.113.9');
  });

  it('speaks TLS itself, with HSTS and cookies for TLS alone, and not in the clear on that port', async () => {
    const { port } = await listening({ tls: selfSigned('127.0.0.1', 'localhost') });
    const answer = await new Promise<Record<string, unknown>>((resolve, reject) => {
      secureRequest({ host: '127.0.0.1', port, path: '/sign-in', rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve(response.headers);
      })
        .on('error', reject)
        .end();
    });
    expect(answer['strict-transport-security']).toContain('max-age=31536000');
    expect(String(answer['set-cookie'])).toContain('__Host-huren_form=');
    await expect(fetch(`http://127.0.0.1:${port}/sign-in`)).rejects.toThrow('fetch failed');
  });

  it('allows no inline script, no frame and no form to elsewhere on the pages of a sign-in', async () => {
    for (const path of ['/sign-in', '/oidc/auth', '/oidc/jwks']) {
      const answer = await fetch(running.server.url + path, { headers: { accept: 'text/html' } });
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).toContain("frame-ancestors 'none'");
      expect(policy, path).not.toContain('unsafe');
      expect(answer.headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(await answer.text(), path).not.toContain('<script');
    }
  });

  it('takes no form from another site, nor one without the token of its page', async () => {
    const { url } = running.server;
    const browser = formBrowser(url);
    await browser.signIn(DOCTOR.login, DOCTOR.password);
    await browser.get('/');
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const body = new URLSearchParams({ formToken: 'made-up' });
    for (const [headers, code] of [
      [{ cookie, 'sec-fetch-site': 'cross-site', accept: 'text/html' }, 'ORIGIN_FOREIGN'],
      [{ cookie, accept: 'text/html' }, 'FORM_EXPIRED'],
    ] as const) {
      const answer = await fetch(`${url}/sign-out`, { method: 'POST', headers, body, redirect: 'manual' });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain(code);
    }
    expect((await browser.get('/')).status).toBe(200);
  });
});
