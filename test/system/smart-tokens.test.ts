import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  authorizationCodeGrant,
  clientCredentialsGrant,
  type Configuration,
  refreshTokenGrant,
  tokenIntrospection,
  tokenRevocation,
} from 'openid-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  fetchPublishedKeys,
  type KeyNetwork,
  mayHoldKeys,
} from '../../src/adapters/issuer/published-keys.ts';
import { setAccountDisabled } from '../../src/adapters/postgres/accounts.ts';
import { setApplicationDisabled } from '../../src/adapters/postgres/applications.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { selfSigned } from '../contract/hl7v2-self-signed.ts';
import { DOCTOR, type FormBrowser, type RunningServer, runningServer } from './http-server.ts';
import {
  answerWith,
  type AppKeys,
  appKeys,
  appOf,
  registerApp,
  requestOf,
  signedIn,
  untilAsked,
} from './smart-app.ts';

const INTROSPECTIONS = statement(
  'test.introspections',
  `select actor, resource from system_audit_events where action = 'token-introspected' order by event_id`,
);

/** Longer than the library believes a key set. */
const LATER_MS = 61_000;

/** A server that publishes keys by TLS under a name of its own. */
interface KeyServer {
  readonly address: string;
  readonly network: KeyNetwork;
  /** What it answers next. */
  answer: { status: number; body: string; location?: string; hang?: boolean };
  asked: number;
  readonly server: Server;
}

const keyServer = async (): Promise<KeyServer> => {
  const { key, cert } = selfSigned('keys', 'keys.example');
  const state: { answer: KeyServer['answer']; asked: number } = {
    answer: { status: 200, body: '{"keys":[]}' },
    asked: 0,
  };
  const server = createServer({ key, cert }, (_request, response) => {
    state.asked++;
    const { status, body, location, hang } = state.answer;
    if (hang) return;
    response.writeHead(status, {
      'content-type': 'application/json',
      // What a careless app says; it must not make a stolen key good for a year.
      'cache-control': 'max-age=31536000',
      ...(location === undefined ? {} : { location }),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const network: KeyNetwork = {
    ca: cert,
    mayConnect: () => true,
    resolve: ((_name: string, _options: unknown, callback: (error: null, found: unknown) => void) =>
      callback(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as NonNullable<KeyNetwork['resolve']>,
  };
  return Object.assign(state, {
    server,
    network,
    address: `https://keys.example:${(server.address() as AddressInfo).port}/jwks`,
  });
};

const setOf = (...keys: readonly AppKeys[]): string =>
  JSON.stringify({ keys: keys.map(({ publicKey }) => publicKey) });

const named = async (kid: string): Promise<AppKeys> => {
  const keys = await appKeys('ES384');
  return { ...keys, publicKey: { ...keys.publicKey, kid } };
};

describe('what apps do with keys and tokens', () => {
  let running: RunningServer;
  let published: KeyServer;
  let url: string;
  let doctor: FormBrowser;

  const backend = {
    kind: 'backend' as const,
    institution: 'COUNTY',
    redirectAddresses: [],
    launchAddress: null,
  };

  beforeAll(async () => {
    published = await keyServer();
    running = await runningServer(undefined, [], published.network);
    url = running.server.url;
    await running.addStaff({});
    doctor = await signedIn(url, DOCTOR.login, DOCTOR.password);
  });
  afterAll(async () => {
    published?.server.closeAllConnections();
    published?.server.close();
    await running?.stop();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const pass = (milliseconds: number): void => {
    const real = Date.now.bind(Date);
    vi.spyOn(Date, 'now').mockImplementation(() => real() + milliseconds);
  };

  const tokenFor = async (code: string, keys: AppKeys) =>
    clientCredentialsGrant(await appOf(url, code, keys), { scope: 'system/Observation.rs' });

  it('gives a backend tokens by the keys it publishes, asks for them once a minute, and lets it rotate', async () => {
    const [old, next] = [await named('one'), await named('two')];
    published.answer = { status: 200, body: setOf(old) };
    await registerApp(running, {
      ...backend,
      code: 'rotating',
      keyAddress: published.address,
      scopes: ['system/Observation.rs'],
    });
    const before = published.asked;
    for (let turn = 0; turn < 3; turn++) expect((await tokenFor('rotating', old)).access_token).toMatch(/./);
    expect(published.asked).toBe(before + 1);
    published.answer = { status: 200, body: setOf(next) };
    pass(LATER_MS);
    expect((await tokenFor('rotating', next)).access_token).toMatch(/./);
    await expect(tokenFor('rotating', old)).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it('gives nothing where the address answers with no key set, too much, elsewhere or not at all', async () => {
    const keys = await named('one');
    await registerApp(running, {
      ...backend,
      code: 'broken',
      keyAddress: published.address,
      scopes: ['system/Observation.rs'],
    });
    const refused = () =>
      expect(tokenFor('broken', keys)).rejects.toMatchObject({
        error: expect.stringContaining('invalid_client'),
      });
    for (const answer of [
      { status: 500, body: setOf(keys) },
      { status: 302, body: '', location: published.address },
      { status: 200, body: 'not json' },
      { status: 200, body: '{}' },
      { status: 200, body: JSON.stringify({ keys: [keys.publicKey], padding: 'x'.repeat(70_000) }) },
    ]) {
      published.answer = answer;
      await refused();
    }
    published.answer = { status: 200, body: setOf(keys) };
    pass(LATER_MS);
    expect((await tokenFor('broken', keys)).access_token).toMatch(/./);
  });

  it('believes no private key, weak key or key for encryption that an app publishes', async () => {
    const keys = await named('one');
    const weak = { kty: 'EC', crv: 'P-256', kid: 'weak', x: 'AA', y: 'AA' };
    published.answer = {
      status: 200,
      body: JSON.stringify({
        keys: [
          weak,
          { ...keys.publicKey, kid: 'leaked', d: 'AA' },
          { ...keys.publicKey, use: 'enc', kid: 'enc' },
          keys.publicKey,
        ],
      }),
    };
    const fetched = await fetchPublishedKeys(published.address, published.network);
    const { keys: kept } = (await fetched.json()) as { keys: { kid: string }[] };
    expect(kept.map(({ kid }) => kid)).toEqual(['one']);
  });

  it('waits no longer than a token may be waited for', async () => {
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort(new Error('time is up')));
    published.answer = { status: 200, body: '', hang: true };
    await expect(fetchPublishedKeys(published.address, published.network)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it.each([
    'http://keys.example/jwks',
    'https://127.0.0.1/jwks',
    'https://[::1]/jwks',
    'https://[::ffff:127.0.0.1]/jwks',
    'https://169.254.169.254/latest/meta-data',
    'https://0.0.0.0/jwks',
    'https://224.0.0.1/jwks',
  ])('fetches nothing from %s', async (address) => {
    await expect(fetchPublishedKeys(address)).rejects.toThrow('no keys are fetched from there');
  });

  it('looks at where a name leads when it connects, not before', async () => {
    const { ca } = published.network;
    const resolve = published.network.resolve as NonNullable<KeyNetwork['resolve']>;
    const before = published.asked;
    await expect(fetchPublishedKeys(published.address, { ...(ca ? { ca } : {}), resolve })).rejects.toThrow(
      'the name leads where no keys are fetched from',
    );
    expect(published.asked).toBe(before);
    for (const address of ['10.1.2.3', '192.168.1.9', '203.0.113.7', 'fd00::1'])
      expect(mayHoldKeys(address)).toBe(true);
  });

  it.each([
    'http://keys.example/jwks',
    'https://localhost/jwks',
    'https://127.0.0.1/jwks',
    'https://a:b@keys.example/',
  ])('registers no key address %s', async (keyAddress) => {
    const app = { ...backend, code: 'wrong', keyAddress, scopes: ['system/Observation.rs'] };
    await expect(registerApp(running, app)).rejects.toMatchObject({ code: 'APPLICATION_INVALID' });
  });

  it('never asks an address that a token names', async () => {
    const keys = await named('one');
    await registerApp(running, {
      ...backend,
      code: 'fixed',
      keys: [keys.publicKey],
      scopes: ['system/Observation.rs'],
    });
    const stranger = await named('one');
    const before = published.asked;
    published.answer = { status: 200, body: setOf(stranger) };
    const app = await appOf(url, 'fixed', {
      ...stranger,
      publicKey: { ...stranger.publicKey, jku: published.address } as AppKeys['publicKey'],
    });
    await expect(clientCredentialsGrant(app, { scope: 'system/Observation.rs' })).rejects.toMatchObject({
      error: 'invalid_client',
    });
    expect(published.asked).toBe(before);
  });

  describe('introspection and revocation', () => {
    let growth: Configuration;
    let confidential: Configuration;
    let archive: Configuration;
    let statistics: Configuration;

    beforeAll(async () => {
      await registerApp(running, { code: 'growth' });
      growth = await appOf(url, 'growth');
      const [own, archiveKeys, backendKeys] = [await named('a'), await named('b'), await named('c')];
      await registerApp(running, { code: 'ward', kind: 'confidential', keys: [own.publicKey] });
      confidential = await appOf(url, 'ward', own);
      await registerApp(running, {
        ...backend,
        code: 'archive',
        kind: 'resource-server',
        keys: [archiveKeys.publicKey],
        scopes: [],
      });
      archive = await appOf(url, 'archive', archiveKeys);
      await registerApp(running, {
        ...backend,
        code: 'statistics',
        keys: [backendKeys.publicKey],
        scopes: ['system/Observation.rs'],
      });
      statistics = await appOf(url, 'statistics', backendKeys);
    });

    const tokensOf = async (app: Configuration) => {
      const { address, checks } = await requestOf(app, url, {
        scope: 'openid user/Observation.rs offline_access',
      });
      const { path } = await untilAsked(doctor, url, address);
      const back = await answerWith(doctor, url, path, { decision: 'allow' });
      return authorizationCodeGrant(app, back, checks);
    };

    it('says where both are, in both documents', async () => {
      const said = (await (await fetch(`${url}/fhir/.well-known/smart-configuration`)).json()) as Record<
        string,
        unknown
      >;
      const metadata = archive.serverMetadata();
      expect(said['introspection_endpoint']).toBe(metadata.introspection_endpoint);
      expect(said['revocation_endpoint']).toBe(metadata.revocation_endpoint);
    });

    it('tells a resource server what a token is worth, and keeps that it asked', async () => {
      const { access_token: token } = await tokensOf(growth);
      const said = await tokenIntrospection(archive, token);
      expect(said).toMatchObject({
        active: true,
        client_id: 'growth',
        scope: expect.stringContaining('user/Observation.rs'),
        aud: `${url}/fhir`,
        iss: `${url}/oidc`,
      });
      expect(said.exp).toBeGreaterThan(Date.now() / 1000);
      const rows = await running.store.database.run<{ actor: string; resource: string }>(INTROSPECTIONS);
      expect(rows.at(-1)).toEqual({ actor: 'application:archive', resource: 'application:growth' });
      const { access_token: ofBackend } = await clientCredentialsGrant(statistics, {
        scope: 'system/Observation.rs',
      });
      expect(await tokenIntrospection(archive, ofBackend)).toMatchObject({
        active: true,
        client_id: 'statistics',
      });
    });

    it('tells an app of its own tokens alone, and whoever does not sign of none', async () => {
      const own = await tokensOf(confidential);
      const others = await tokensOf(growth);
      expect(await tokenIntrospection(confidential, own.access_token)).toMatchObject({ active: true });
      expect(await tokenIntrospection(confidential, others.access_token)).toEqual({ active: false });
      expect(await tokenIntrospection(statistics, own.access_token)).toEqual({ active: false });
      expect(await tokenIntrospection(growth, others.access_token)).toEqual({ active: false });
      expect(await tokenIntrospection(archive, own.refresh_token as string)).toEqual({ active: false });
      expect(await tokenIntrospection(archive, 'made-up')).toEqual({ active: false });
      const unproven = await fetch(`${url}/oidc/token/introspection`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'archive', token: own.access_token }),
      });
      expect([400, 401]).toContain(unproven.status);
      expect(await unproven.text()).not.toContain('active');
    });

    it('says that a token is worth nothing from the moment app or person are shut out', async () => {
      const { access_token: token } = await tokensOf(growth);
      const isActive = async () => (await tokenIntrospection(archive, token)).active;
      const { database } = running.store;
      expect(await isActive()).toBe(true);
      await setApplicationDisabled(database, 'growth', true, running.act());
      expect(await isActive()).toBe(false);
      await setApplicationDisabled(database, 'growth', false, running.act());
      expect(await isActive()).toBe(true);
      await setAccountDisabled(database, DOCTOR.login, true, running.act());
      expect(await isActive()).toBe(false);
      await setAccountDisabled(database, DOCTOR.login, false, running.act());
      doctor = await signedIn(url, DOCTOR.login, DOCTOR.password);
    });

    it('takes back what an app gives up, all of one consent, and nobody else’s', async () => {
      const tokens = await tokensOf(confidential);
      await expect(tokenRevocation(statistics, tokens.access_token)).rejects.toMatchObject({
        error: 'invalid_request',
      });
      expect(await tokenIntrospection(archive, tokens.access_token)).toMatchObject({ active: true });
      await tokenRevocation(growth, tokens.access_token);
      expect(await tokenIntrospection(archive, tokens.access_token)).toMatchObject({ active: true });
      await tokenRevocation(confidential, tokens.refresh_token as string);
      expect(await tokenIntrospection(archive, tokens.access_token)).toEqual({ active: false });
      await expect(refreshTokenGrant(confidential, tokens.refresh_token as string)).rejects.toMatchObject({
        error: 'invalid_grant',
      });
    });

    it('gives a resource server no token of its own', async () => {
      await expect(clientCredentialsGrant(archive, {})).rejects.toMatchObject({
        error_description: 'requested grant type is not allowed for this client',
      });
    });
  });
});
