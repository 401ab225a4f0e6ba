import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SIGN_IN_RULES } from '../../src/access/index.ts';
import { linkIdentity } from '../../src/adapters/postgres/account-identities.ts';
import { setAccountDisabled } from '../../src/adapters/postgres/accounts.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { ISSUER_SIGN_IN_MS } from '../../src/adapters/postgres/issuer-sign-ins.ts';
import { DOCTOR, type FormBrowser, formBrowser, type RunningServer, runningServer } from './http-server.ts';
import {
  type Forgery,
  type ForgingIssuer,
  forgingIssuer,
  type OtherIssuer,
  otherIssuer,
} from './other-issuer.ts';

const LEFT = statement(
  'test.sessions-left',
  'select (select count(*)::integer from account_sessions) as sessions, (select count(*)::integer from accounts) as accounts',
);

describe('signing in by another issuer', () => {
  let running: RunningServer;
  let url: string;
  let hospital: OtherIssuer;
  let forger: ForgingIssuer;

  beforeAll(async () => {
    hospital = await otherIssuer();
    forger = await forgingIssuer();
    running = await runningServer(DEFAULT_SIGN_IN_RULES, [
      hospital.settings(),
      hospital.settings({
        code: 'by-number',
        match: { by: 'staff-number', claim: 'staff_no', institution: null, institutionClaim: 'org' },
      }),
      hospital.settings({ code: 'asks-here', secondFactor: 'here' }),
      hospital.settings({ code: 'strong', acrValues: ['two-factors'] }),
      forger.settings,
    ]);
    url = running.server.url;
    for (const code of ['hospital', 'by-number', 'asks-here', 'strong']) hospital.register(url, code);
    await running.addStaff({});
    const { database } = running.store;
    const linked = { issuer: hospital.issuer, subject: 'gu.qinghe' };
    await linkIdentity(database, DOCTOR.login, linked, running.act());
    const forged = { issuer: forger.settings.issuer, subject: 'somebody' };
    await linkIdentity(database, DOCTOR.login, forged, running.act());
  });
  afterAll(async () => {
    await running?.stop();
    await hospital?.close();
    await forger?.close();
  });

  /** Follows the browser through the other issuer and gives the address with which it comes back. */
  const throughIssuer = async (from: string): Promise<string> => {
    const cookies = new Map<string, string>();
    let address = from;
    for (let step = 0; step < 8 && !address.startsWith(url); step++) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(address, { redirect: 'manual', headers: { cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [pair = ''] = line.split(';');
        cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
      }
      address = new URL(answer.headers.get('location') ?? 'about:blank', address).href;
    }
    return address.slice(url.length);
  };

  const begin = async (browser: FormBrowser, code: string, next = '/'): Promise<URL> => {
    await browser.get('/sign-in');
    const begun = await browser.get(`/sign-in/with/${code}?next=${encodeURIComponent(next)}`);
    return new URL(begun.headers.get('location') ?? 'about:blank');
  };

  const signIn = async (browser: FormBrowser, code: string, next = '/'): Promise<Response> =>
    browser.get(await throughIssuer((await begin(browser, code, next)).href));

  it('offers the issuers on the page, and goes there with state, nonce and PKCE', async () => {
    const browser = formBrowser(url);
    expect(await (await browser.get('/sign-in')).text()).toContain('/sign-in/with/hospital');
    expect(await (await browser.get('/')).text()).toContain('/sign-in/with/hospital');
    const { origin, searchParams } = await begin(browser, 'hospital');
    expect(origin).toBe(hospital.issuer);
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(searchParams.get(name)?.length).toBeGreaterThan(30);
  });

  it('lets in whom an administrator linked, with a session that is new', async () => {
    hospital.signedIn('gu.qinghe', {});
    const browser = formBrowser(url);
    browser.cookies.set('huren_session', 'fixed-by-somebody-else');
    const entered = await signIn(browser, 'hospital', '/console?state=open');
    expect(entered.status).toBe(303);
    expect(entered.headers.get('location')).toBe('/console?state=open');
    const session = browser.cookies.get('huren_session');
    expect(session).toMatch(/^[\w-]{43}$/);
    expect((await browser.get('/')).status).toBe(200);
  });

  it('matches by staff number and institution, both out of the token', async () => {
    hospital.signedIn('whoever', { staff_no: '1001', org: 'COUNTY' });
    const browser = formBrowser(url);
    expect((await signIn(browser, 'by-number')).status).toBe(303);
    for (const claims of [
      { staff_no: '1001', org: 'CENTRAL' },
      { staff_no: '9999', org: 'COUNTY' },
      { staff_no: '1001' },
    ] as Record<string, string>[]) {
      hospital.signedIn('whoever', claims);
      const stranger = await signIn(formBrowser(url), 'by-number');
      expect(stranger.status).toBe(403);
      expect(await stranger.text()).toContain('ISSUER_STRANGER');
    }
  });

  it('refuses whom nobody linked and makes no account of what the issuer says', async () => {
    hospital.signedIn('a.stranger', { staff_no: '1001', org: 'COUNTY' });
    const [before] = await running.store.database.run<object>(LEFT);
    const browser = formBrowser(url);
    expect((await signIn(browser, 'hospital')).status).toBe(403);
    expect(browser.cookies.has('huren_session')).toBe(false);
    expect(await running.store.database.run(LEFT)).toEqual([before]);
  });

  it('asks for the second factor here where the issuer is not trusted with it', async () => {
    hospital.signedIn('gu.qinghe', {});
    const browser = formBrowser(url);
    await linkIdentity(
      running.store.database,
      DOCTOR.login,
      { issuer: hospital.issuer, subject: 'gu.qinghe' },
      running.act(),
    );
    const page = await signIn(browser, 'asks-here');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('设置动态口令');
    expect(browser.cookies.has('huren_session')).toBe(false);
  });

  it('refuses an answer without the way of signing in that was asked for', async () => {
    hospital.signedIn('gu.qinghe', {});
    const refused = await signIn(formBrowser(url), 'strong');
    expect(refused.status).toBe(401);
    expect(await refused.text()).toContain('ISSUER_ANSWER_REFUSED');
  });

  it('refuses a shut account, whoever vouches for it', async () => {
    hospital.signedIn('gu.qinghe', {});
    await setAccountDisabled(running.store.database, DOCTOR.login, true, running.act());
    expect((await signIn(formBrowser(url), 'hospital')).status).toBe(401);
    await setAccountDisabled(running.store.database, DOCTOR.login, false, running.act());
  });

  it('takes an answer back once, in the browser that began, in time, from the issuer it went to', async () => {
    hospital.signedIn('gu.qinghe', {});
    const browser = formBrowser(url);
    const answer = await throughIssuer((await begin(browser, 'hospital')).href);
    const thief = formBrowser(url);
    await thief.get('/sign-in');
    expect((await thief.get(answer)).status).toBe(401);
    expect((await browser.get(answer.replace('/from/hospital', '/from/by-number'))).status).toBe(401);
    expect((await browser.get(answer)).status).toBe(303);
    expect((await browser.get(answer)).status).toBe(401);
    const late = formBrowser(url);
    const old = await throughIssuer((await begin(late, 'hospital')).href);
    running.advance(ISSUER_SIGN_IN_MS + 1_000);
    expect((await late.get(old)).status).toBe(401);
    expect((await late.get('/sign-in/from/hospital?code=x&state=made-up')).status).toBe(401);
    expect((await late.get('/sign-in/from/nobody?code=x&state=y')).status).toBe(404);
  });

  it('never goes on to another site', async () => {
    hospital.signedIn('gu.qinghe', {});
    const entered = await signIn(formBrowser(url), 'hospital', 'https://evil.example/');
    expect(entered.headers.get('location')).toBe('/');
  });

  it('signs out there too', async () => {
    hospital.signedIn('gu.qinghe', {});
    const browser = formBrowser(url);
    await signIn(browser, 'hospital');
    await browser.get('/');
    const left = await browser.post('/sign-out', {});
    expect(left.headers.get('location')).toBe('/sign-in/left/hospital');
    const page = await browser.get('/sign-in/left/hospital');
    expect(page.headers.get('refresh')).toContain(`${hospital.issuer}/session/end?`);
    expect(decodeURIComponent(page.headers.get('refresh') ?? '')).toContain(`${url}/sign-in`);
    expect((await browser.get('/')).status).toBe(401);
  });

  const now = Math.floor(Date.now() / 1000);
  const FORGERIES: readonly (readonly [what: string, forgery: Forgery])[] = [
    ['signed by another key', { by: 'another-key' }],
    ['not signed (alg none)', { by: 'none' }],
    ['signed with the public key as a secret (HS256)', { by: 'secret' }],
    ['expired', { claims: { iat: now - 900, exp: now - 600 } }],
    ['for somebody else', { claims: { aud: 'another-client' } }],
    ['of another issuer', { claims: { iss: 'https://issuer.example' } }],
    ['with the nonce of another sign-in', { claims: { nonce: 'replayed' } }],
    ['without a nonce', { claims: { nonce: undefined as never } }],
    ['without a subject', { claims: { sub: undefined as never } }],
  ];

  const forged = async (forgery: Forgery): Promise<{ answer: Response; browser: FormBrowser }> => {
    const browser = formBrowser(url);
    const { searchParams } = await begin(browser, 'forger');
    forger.next({ ...forgery, nonce: searchParams.get('nonce') ?? '' });
    const answer = await browser.get(`/sign-in/from/forger?code=x&state=${searchParams.get('state')}`);
    return { answer, browser };
  };

  it.each(FORGERIES)('refuses a token %s with a code, leaving nothing behind', async (_what, forgery) => {
    const [before] = await running.store.database.run<object>(LEFT);
    const { answer, browser } = await forged(forgery);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('ISSUER_ANSWER_REFUSED');
    expect(browser.cookies.has('huren_session')).toBe(false);
    expect(await running.store.database.run(LEFT)).toEqual([before]);
  });

  it('takes a token of the same issuer that is right, so that the refusals above mean something', async () => {
    expect((await forged({})).answer.status).toBe(303);
  });
});
