import { randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setClientDisabled } from '../../src/adapters/postgres/accounts-clients.ts';
import { CDS_DIRECTORY_MS } from '../../src/adapters/postgres/cds-clients.ts';
import { claimToken, sweepUsedTokens } from '../../src/adapters/postgres/cds-tokens.ts';
import { openDatabase, statement } from '../../src/adapters/postgres/database.ts';
import { instant } from '../../src/kernel/instant.ts';
import { runningServer, type RunningServer } from '../system/http-server.ts';
import { type CdsBench, cdsBench } from './cds-hooks-bench.ts';
import { cdsCaller, ISSUER, registerCaller, type TokenParts } from './cds-hooks-caller.ts';
import { type OutsideServer, outsideServer, redirectTo } from './cds-hooks-fhir-server.ts';

const COMMIT_SETTING = statement(
  'test.commit-setting',
  "select current_setting('synchronous_commit') as setting",
);

/** Checklist item 34 and the rules of CDS Hooks 2.0, Security and Safety, Trusting CDS Clients. */
describe('34. signed tokens', () => {
  let bench: CdsBench;
  let foreign: OutsideServer;
  let body: Record<string, unknown>;
  let address: string;

  beforeAll(async () => {
    foreign = await outsideServer();
    bench = await cdsBench();
    body = bench.signing('child');
    address = bench.service('order-sign');
  });
  afterAll(async () => {
    await bench?.stop();
    await foreign?.stop();
  });

  const present = (token: string | undefined, to = address) =>
    fetch(to, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
  const refusalOf = async (token: string | undefined) => {
    const answer = await present(token);
    const problem = (await answer.json()) as { code: string; detail?: string };
    return { status: answer.status, code: problem.code, detail: problem.detail };
  };
  const refused = (detail: string) => ({ status: 401, code: 'TOKEN_REFUSED', detail });

  it.each(['ES384', 'RS384'] as const)('takes %s', async (algorithm) => {
    const answer = await present(await bench.caller.tokenFor(address, { algorithm }));
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { cards: unknown[] }).cards.length).toBeGreaterThan(0);
  });

  it('refuses a call without one, with a client key, and with Basic', async () => {
    expect(await refusalOf(undefined)).toMatchObject({ status: 401, code: 'SIGN_IN_REQUIRED' });
    expect(await refusalOf(bench.system.key)).toEqual(refused('malformed'));
    expect(await refusalOf('a.b.c')).toEqual(refused('malformed'));
  });

  it('refuses `none` and every HMAC, whatever they are signed with', async () => {
    const claims = { iss: ISSUER, aud: address, jti: randomUUID() };
    const unsigned = new UnsecuredJWT(claims).setIssuedAt().setExpirationTime('1m').encode();
    expect(await refusalOf(unsigned)).toEqual(refused('algorithm'));
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      // Signed with the public key as secret: the attack that confuses the two kinds of key.
      const secret = new TextEncoder().encode(JSON.stringify(bench.caller.keys[0]).padEnd(64, ' '));
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg, typ: 'JWT', kid: 'ec-1' })
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(secret);
      expect(await refusalOf(token), alg).toEqual(refused('algorithm'));
    }
  });

  const now = () => Math.floor(Date.now() / 1000);
  const wrong: readonly (readonly [string, () => TokenParts, string])[] = [
    ['expired', () => ({ claims: { iat: now() - 300, exp: now() - 120 } }), 'expired'],
    ['made in the future', () => ({ claims: { iat: now() + 120, exp: now() + 180 } }), 'issued-later'],
    ['of too long a life', () => ({ claims: { exp: now() + 3_600 } }), 'lifetime'],
    ['for another endpoint', () => ({ claims: { aud: bench.service('order-select') } }), 'audience'],
    [
      'for another server',
      () => ({ claims: { aud: 'https://other.example/cds-services/order-sign' } }),
      'audience',
    ],
    ['of an unknown issuer', () => ({ claims: { iss: 'https://nobody.example' } }), 'issuer'],
    ['without an issuer', () => ({ claims: { iss: undefined } }), 'issuer'],
    ['without a token id', () => ({ claims: { jti: undefined } }), 'claims'],
    ['without an end', () => ({ claims: { exp: undefined } }), 'claims'],
    ['without a beginning', () => ({ claims: { iat: undefined } }), 'claims'],
    ['of another type', () => ({ header: { typ: 'at+jwt' } }), 'type'],
    ['without a type', () => ({ header: { typ: undefined } }), 'type'],
    ['with an unknown key id', () => ({ header: { kid: 'stranger' } }), 'key-id'],
    ['without a key id', () => ({ header: { kid: undefined } }), 'key-id'],
    ['with the id of another key', () => ({ header: { kid: 'rsa-1' } }), 'key-id'],
  ];
  it.each(wrong)('refuses one %s', async (_what, parts, detail) => {
    expect(await refusalOf(await bench.caller.tokenFor(address, parts()))).toEqual(refused(detail));
  });

  it('refuses one that was signed by somebody else under the same key id, or altered', async () => {
    const impostor = await cdsCaller();
    expect(await refusalOf(await impostor.tokenFor(address))).toEqual(refused('signature'));
    const [head, payload, signature] = (await bench.caller.tokenFor(address)).split('.') as [
      string,
      string,
      string,
    ];
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), exp: now() + 200 };
    const altered = Buffer.from(JSON.stringify(claims)).toString('base64url');
    expect(await refusalOf(`${head}.${altered}.${signature}`)).toEqual(refused('signature'));
  });

  it('bears clocks that differ by a little', async () => {
    const late = await bench.caller.tokenFor(address, { claims: { iat: now() - 70, exp: now() - 10 } });
    expect((await present(late)).status).toBe(200);
    const early = await bench.caller.tokenFor(address, { claims: { iat: now() + 15, exp: now() + 75 } });
    expect((await present(early)).status).toBe(200);
  });

  it('never fetches a key address that is not registered', async () => {
    foreign.answers.set('/jwks.json', { keys: bench.caller.keys });
    const token = await bench.caller.tokenFor(address, { header: { jku: `${foreign.base}/jwks.json` } });
    expect(await refusalOf(token)).toEqual(refused('key-address'));
    expect(foreign.seen).toEqual([]);
  });

  it('refuses a token the second time, on this process and on every other', async () => {
    const other = await bench.system.startAnother();
    try {
      const token = await bench.caller.tokenFor(address);
      expect((await present(token)).status).toBe(200);
      expect(await refusalOf(token)).toEqual(refused('used'));
      const elsewhere = await present(token, `${other.url}/cds-services/order-sign`);
      expect(elsewhere.status).toBe(401);
      expect(await elsewhere.json()).toMatchObject({ code: 'TOKEN_REFUSED', detail: 'used' });
      const fresh = await present(
        await bench.caller.tokenFor(address),
        `${other.url}/cds-services/order-sign`,
      );
      expect(fresh.status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('waits for the disk again after a token was taken, which goes there with what its call keeps', async () => {
    const database = openDatabase({
      connectionString: bench.system.bench.opened.url,
      pipelinedConnections: 1,
    });
    try {
      const soon = instant(Date.now() + 60_000);
      expect(await claimToken(database, 'a token', soon)).toBe(true);
      expect(await claimToken(database, 'a token', soon)).toBe(false);
      expect(await database.run(COMMIT_SETTING)).toEqual([{ setting: 'on' }]);
    } finally {
      await database.close();
    }
  });

  it('takes one of many presentations at once', async () => {
    const token = await bench.caller.tokenFor(address);
    const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await present(token)).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(7);
  });

  it('forgets used tokens only once they have expired', async () => {
    const { database } = bench.system.bench.dependencies;
    const token = await bench.caller.tokenFor(address);
    expect((await present(token)).status).toBe(200);
    await sweepUsedTokens(database, instant(Date.now()));
    expect(await refusalOf(token)).toEqual(refused('used'));
    expect(await sweepUsedTokens(database, instant(Date.now() + 400_000))).toBeGreaterThan(0);
  });

  it('holds discovery to the same rules where a token is presented, and feedback always', async () => {
    const open = bench.service();
    expect((await fetch(open)).status).toBe(200);
    const token = await bench.caller.tokenFor(open);
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(open, { headers })).status).toBe(200);
    expect((await fetch(open, { headers })).status).toBe(401);
    const feedback = {
      feedback: [{ card: randomUUID(), outcome: 'overridden', outcomeTimestamp: '2026-11-23T00:00:00Z' }],
    };
    const unsigned = await fetch(`${address}/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(feedback),
    });
    expect(unsigned.status).toBe(401);
  });

  it('gives a key of its own no other door: a signed token opens nothing but CDS Hooks', async () => {
    const other = `${bench.system.url}/api/orderables`;
    const answer = await bench.caller.call('GET', other);
    expect(answer.status).toBe(401);
  });
});

describe('34. keys at a registered address', () => {
  let running: RunningServer;
  let keyServer: OutsideServer;
  let foreign: OutsideServer;
  let caller: Awaited<ReturnType<typeof cdsCaller>>;
  let discovery: string;

  beforeAll(async () => {
    keyServer = await outsideServer();
    foreign = await outsideServer();
    running = await runningServer();
    await running.addClient('his', ['treatment']);
    caller = await cdsCaller();
    discovery = `${running.server.url}/cds-services`;
    await registerCaller(running.store.database, 'his', caller, {
      keys: null,
      keysAddress: `${keyServer.base}/jwks.json`,
    });
  });
  afterAll(async () => {
    await running?.stop();
    await keyServer?.stop();
    await foreign?.stop();
  });

  const withToken = async (jku: string | undefined) =>
    fetch(discovery, {
      headers: {
        authorization: `Bearer ${await caller.tokenFor(discovery, jku === undefined ? {} : { header: { jku } })}`,
      },
    });

  it('are not taken from where it sends us on to, and a silent key server is our failure, not the token’s', async () => {
    foreign.answers.set('/jwks.json', { keys: caller.keys });
    keyServer.answers.set('/jwks.json', redirectTo(`${foreign.base}/jwks.json`));
    const answer = await withToken(undefined);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(foreign.seen).toEqual([]);
  });

  it('are fetched once and kept, and only from there', async () => {
    keyServer.answers.set('/jwks.json', { keys: caller.keys });
    keyServer.seen.length = 0;
    expect((await withToken(`${keyServer.base}/jwks.json`)).status).toBe(200);
    expect((await withToken(undefined)).status).toBe(200);
    expect(keyServer.seen).toHaveLength(1);
    expect((await withToken(`${keyServer.base}/other.json`)).status).toBe(401);
    expect((await withToken(`${foreign.base}/jwks.json`)).status).toBe(401);
    expect(foreign.seen).toEqual([]);
  });

  it('count no longer once the client is shut out', async () => {
    expect((await withToken(undefined)).status).toBe(200);
    await setClientDisabled(running.store.database, 'his', true, {
      at: instant(Date.now()),
      newId: () => randomUUID() as never,
      by: 'test',
      peer: 'test',
    });
    running.advance(CDS_DIRECTORY_MS + 1);
    expect((await withToken(undefined)).status).toBe(401);
  });
});
