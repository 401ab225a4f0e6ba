import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { SignJWT, UnsecuredJWT } from 'jose';
import { authorizationCodeGrant, type Configuration, refreshTokenGrant } from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { DOCTOR, type FormBrowser, type RunningServer, runningServer } from './http-server.ts';
import {
  answerWith,
  type AppKeys,
  appKeys,
  appOf,
  CALLBACK,
  registerApp,
  requestOf,
  signedIn,
  untilAsked,
} from './smart-app.ts';

/** What an attack must not leave behind. */
const LEFT = statement(
  'test.tokens-left',
  `select (select count(*)::integer from issuer_artifacts where kind in ('AccessToken', 'ClientCredentials', 'RefreshToken')) as tokens,
     (select count(*)::integer from account_sessions) as sessions,
     (select count(*)::integer from application_contexts) as contexts`,
);

describe('attacks on the embedded issuer', () => {
  let running: RunningServer;
  let url: string;
  let doctor: FormBrowser;
  let growth: Configuration;
  let keys: AppKeys;

  beforeAll(async () => {
    running = await runningServer();
    url = running.server.url;
    await running.addStaff({});
    doctor = await signedIn(url, DOCTOR.login, DOCTOR.password);
    await registerApp(running, { code: 'growth' });
    await registerApp(running, { code: 'thief' });
    growth = await appOf(url, 'growth');
    keys = await appKeys('ES384');
    await registerApp(running, {
      code: 'backend',
      kind: 'backend',
      institution: 'COUNTY',
      redirectAddresses: [],
      launchAddress: null,
      keys: [keys.publicKey],
      scopes: ['system/Observation.rs'],
    });
  });
  afterAll(() => running?.stop());

  const left = async (): Promise<object | undefined> => (await running.store.database.run<object>(LEFT))[0];

  /** Asks for a token and gives back status and the code of the refusal. */
  const token = async (
    fields: Record<string, string>,
  ): Promise<{ status: number; error: string | undefined }> => {
    const answer = await fetch(`${url}/oidc/token`, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(fields),
    });
    return { status: answer.status, error: ((await answer.json()) as { error?: string }).error };
  };

  const now = () => Math.floor(Date.now() / 1000);
  const claimsOf = (more: Record<string, unknown> = {}) => ({
    iss: 'backend',
    sub: 'backend',
    aud: `${url}/oidc/token`,
    iat: now(),
    exp: now() + 120,
    jti: randomUUID(),
    ...more,
  });
  const signed = (more: Record<string, unknown> = {}, by = keys.privateKey) =>
    new SignJWT(claimsOf(more))
      .setProtectedHeader({ alg: 'ES384', kid: keys.publicKey.kid, typ: 'JWT' })
      .sign(by);
  const asBackend = (assertion: string) =>
    token({
      grant_type: 'client_credentials',
      scope: 'system/Observation.rs',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });

  it('takes the word of a backend that is right, so that the refusals below mean something', async () => {
    expect((await asBackend(await signed())).status).toBe(200);
  });

  it('takes it once', async () => {
    const assertion = await signed();
    expect((await asBackend(assertion)).status).toBe(200);
    const before = await left();
    expect(await asBackend(assertion)).toEqual({ status: 401, error: 'invalid_client' });
    expect(await left()).toEqual(before);
  });

  it('takes it once also when it comes twice at the same moment', async () => {
    const assertion = await signed();
    const both = await Promise.all([asBackend(assertion), asBackend(assertion)]);
    expect(both.map(({ error }) => error ?? 'taken').sort()).toEqual(['invalid_client', 'taken']);
  });

  it.each<[string, () => Promise<string>]>([
    ['forged with another key', async () => signed({}, (await appKeys('ES384')).privateKey)],
    ['expired', () => signed({ iat: now() - 900, exp: now() - 600 })],
    ['for another audience', () => signed({ aud: 'https://elsewhere.example/token' })],
    ['of another issuer', () => signed({ iss: 'growth' })],
    ['about another client', () => signed({ sub: 'growth' })],
    ['without an id', () => signed({ jti: undefined })],
    ['without an end', () => signed({ exp: undefined })],
    ['unsigned (alg none)', async () => new UnsecuredJWT(claimsOf()).encode()],
    [
      'signed with the public key as a secret (HS384)',
      () =>
        new SignJWT(claimsOf())
          .setProtectedHeader({ alg: 'HS384', kid: keys.publicKey.kid })
          .sign(new TextEncoder().encode(JSON.stringify(keys.publicKey))),
    ],
    ['of nobody', () => signed({ iss: 'nobody', sub: 'nobody' })],
    ['that is no token', async () => 'a.b.c'],
  ])('refuses the word of a backend %s, leaving nothing behind', async (_what, make) => {
    const before = await left();
    const refused = await asBackend(await make());
    expect([400, 401]).toContain(refused.status);
    expect(['invalid_client', 'invalid_request']).toContain(refused.error);
    expect(await left()).toEqual(before);
  });

  /** An app's request answered with yes, up to the code. */
  const codeOf = async (): Promise<{
    back: URL;
    verifier: string;
    checks: Awaited<ReturnType<typeof requestOf>>['checks'];
  }> => {
    const { address, checks } = await requestOf(growth, url, {
      scope: 'openid user/Observation.rs offline_access',
    });
    const { path } = await untilAsked(doctor, url, address);
    const back = await answerWith(doctor, url, path, { decision: 'allow' });
    return { back, verifier: checks.pkceCodeVerifier, checks };
  };
  const redeem = (back: URL, more: Record<string, string>) =>
    token({
      grant_type: 'authorization_code',
      client_id: 'growth',
      redirect_uri: CALLBACK,
      code: back.searchParams.get('code') ?? '',
      ...more,
    });

  it('redeems a code once, and takes back what it gave for it when it comes again', async () => {
    const { back, verifier, checks } = await codeOf();
    const tokens = await authorizationCodeGrant(growth, back, checks);
    expect(await redeem(back, { code_verifier: verifier })).toEqual({ status: 400, error: 'invalid_grant' });
    expect(await running.card.applicationTokens.holderOf(tokens.access_token)).toBeUndefined();
  });

  it('redeems a code for one of two who come at the same moment', async () => {
    const { back, verifier } = await codeOf();
    const both = await Promise.all([1, 2].map(() => redeem(back, { code_verifier: verifier })));
    expect(both.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(both.some(({ error }) => error === 'invalid_grant')).toBe(true);
  });

  it('redeems no code without its verifier, with another, for another app or another address', async () => {
    const { back, verifier } = await codeOf();
    const before = await left();
    expect((await redeem(back, {})).error).toBe('invalid_grant');
    expect((await redeem(back, { code_verifier: 'x'.repeat(43) })).error).toBe('invalid_grant');
    expect((await redeem(back, { code_verifier: verifier, client_id: 'thief' })).error).toBe('invalid_grant');
    expect(
      (await redeem(back, { code_verifier: verifier, redirect_uri: 'http://127.0.0.1:9/other' })).error,
    ).toBe('invalid_grant');
    expect(await left()).toEqual(before);
  });

  it('gives a new refresh token for each, and takes all back when an old one comes again', async () => {
    const { back, checks } = await codeOf();
    const first = await authorizationCodeGrant(growth, back, checks);
    const second = await refreshTokenGrant(growth, first.refresh_token as string);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    await expect(refreshTokenGrant(growth, first.refresh_token as string)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect(await running.card.applicationTokens.holderOf(second.access_token)).toBeUndefined();
    await expect(refreshTokenGrant(growth, second.refresh_token as string)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  const ask = async (change: (address: URL) => void): Promise<Response> => {
    const { address } = await requestOf(growth, url);
    change(address);
    return fetch(address, { redirect: 'manual', headers: { accept: 'text/html' } });
  };

  it.each<[string, (address: URL) => void]>([
    [
      'an address it did not register',
      ({ searchParams }) => searchParams.set('redirect_uri', 'https://evil.example/'),
    ],
    ['a longer address', ({ searchParams }) => searchParams.set('redirect_uri', `${CALLBACK}/more`)],
    ['no address', ({ searchParams }) => searchParams.delete('redirect_uri')],
    ['a code that is nobody’s', ({ searchParams }) => searchParams.set('client_id', 'nobody')],
  ])('sends nobody anywhere for an app with %s', async (_what, change) => {
    const answer = await ask(change);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    expect(await answer.text()).toContain('应用请求未被接受');
  });

  it.each<[string, (address: URL) => void, string]>([
    ['without PKCE', ({ searchParams }) => searchParams.delete('code_challenge'), 'invalid_request'],
    [
      'with plain PKCE',
      ({ searchParams }) => searchParams.set('code_challenge_method', 'plain'),
      'invalid_request',
    ],
    [
      'for a token in the address',
      ({ searchParams }) => searchParams.set('response_type', 'token'),
      'unsupported_response_type',
    ],
    [
      'for another FHIR server',
      ({ searchParams }) => searchParams.set('aud', 'https://evil.example/fhir'),
      'invalid_request',
    ],
    ['for no FHIR server', ({ searchParams }) => searchParams.delete('aud'), 'invalid_request'],
    [
      'for more than was registered',
      ({ searchParams }) => searchParams.set('scope', 'openid system/Patient.rs'),
      'invalid_scope',
    ],
  ])('refuses a request %s, and tells the app', async (_what, change, error) => {
    const answer = await ask(change);
    const location = new URL(answer.headers.get('location') ?? 'about:blank');
    expect(location.href.startsWith(CALLBACK)).toBe(true);
    expect(location.hash || location.search).toContain(`error=${error}`);
  });

  it('hands no answer over by a form or in a fragment', async () => {
    for (const mode of ['form_post', 'fragment', 'web_message']) {
      const answer = await ask(({ searchParams }) => searchParams.set('response_mode', mode));
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('unsupported_response_mode');
    }
  });

  it('lets nobody answer a request that was begun in another browser', async () => {
    const { address } = await requestOf(growth, url, { scope: 'openid user/Observation.rs' });
    const begun = await fetch(address, { redirect: 'manual' });
    const path = new URL(begun.headers.get('location') ?? '', url).pathname;
    expect((await doctor.get(path)).status).toBe(404);
    expect((await doctor.post(path, { decision: 'allow' })).status).toBe(404);
  });

  it('takes no made-up access token, whatever it looks like', async () => {
    const { back, checks } = await codeOf();
    const { access_token: good, id_token: identity = '' } = await authorizationCodeGrant(
      growth,
      back,
      checks,
    );
    const { holderOf } = running.card.applicationTokens;
    expect(await holderOf(good)).toBeDefined();
    for (const made of [
      `${good}x`,
      good.slice(1),
      identity,
      new UnsecuredJWT({ sub: 'x' }).encode(),
      '',
      'x'.repeat(5000),
    ])
      expect(await holderOf(made)).toBeUndefined();
    for (const authorization of [`Bearer ${identity}`, 'Bearer x', `Bearer ${good}`, `bearer  ${good}`]) {
      const answer = await fetch(`${url}/api/orderables`, { headers: { authorization } });
      expect([401, 403]).toContain(answer.status);
      expect(((await answer.json()) as { code: string }).code).toMatch(/^(SIGN_IN_REQUIRED|NOT_PERMITTED)$/);
    }
  });

  it('makes its addresses out of its own, never out of a caller’s headers', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const headers = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example',
      };
      request(`${url}/oidc/.well-known/openid-configuration`, { headers }, (response) => {
        let body = '';
        response.on('data', (part) => (body += String(part)));
        response.on('end', () => resolve(body));
      })
        .on('error', reject)
        .end();
    });
    expect(text).not.toContain('evil.example');
    expect((JSON.parse(text) as { token_endpoint: string }).token_endpoint).toBe(`${url}/oidc/token`);
  });

  it('refuses bodies that are too large, whether they say so or not', async () => {
    const large = new URLSearchParams({
      grant_type: 'client_credentials',
      filler: 'x'.repeat(200_000),
    }).toString();
    const said = await fetch(`${url}/oidc/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: large,
    });
    expect(said.status).toBe(413);
    expect(((await said.json()) as { code: string }).code).toBe('BODY_TOO_LARGE');
    const status = await new Promise<number>((resolve, reject) => {
      const call = request(
        `${url}/oidc/token`,
        { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      call.on('error', reject);
      for (let part = 0; part < 20; part++) call.write(large.slice(0, 10_000));
      call.end();
    });
    expect(status).toBe(400);
  });

  it('reaches nothing by paths that climb or break', async () => {
    for (const path of [
      '/oidc/../api/orderables',
      '/oidc/..%2fapi%2forderables',
      '/oidc/%2e%2e/api/orderables',
      '/oidc/auth/..%2f..%2fetc%2fpasswd',
      '/authorise/..%2f..%2fsign-in',
      '/sign-in/with/..%2f..%2f',
      '/fhir/.well-known/..%2f..%2fapi',
      '/oidc/%00',
    ]) {
      const status = await new Promise<number>((resolve, reject) => {
        const { hostname, port } = new URL(url);
        request({ hostname, port, path }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
          .on('error', reject)
          .end();
      });
      expect([400, 401, 404], path).toContain(status);
    }
  });

  it('lets no line break into a header', async () => {
    for (const next of ['/%0d%0aset-cookie:%20huren_session=x', '/\r\nset-cookie: huren_session=x']) {
      const entered = await doctor.post('/sign-in', { login: DOCTOR.login, password: DOCTOR.password, next });
      expect(entered.headers.getSetCookie().some((line) => /^huren_session=x(;|$)/.test(line))).toBe(false);
      expect(entered.headers.get('location')).not.toMatch(/[\r\n]/);
      await doctor.get('/');
    }
  });
});
