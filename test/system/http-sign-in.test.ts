import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCK_MS } from '../../src/adapters/postgres/accounts.ts';
import { SESSION_IDLE_MS, SESSION_LIFE_MS } from '../../src/adapters/postgres/accounts-sessions.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { DOCTOR, formBrowser, type RunningServer, runningServer } from './http-server.ts';

const ACTS = statement(
  'test.acts',
  'select actor, action, resource, outcome from system_audit_events order by event_id',
);

describe('signing in', () => {
  let running: RunningServer;
  let url: string;

  beforeAll(async () => {
    running = await runningServer();
    url = running.server.url;
    await running.addStaff({});
    await running.addStaff({ login: 'doctor.two', staffNumber: '1002' });
    await running.addStaff({ login: 'doctor.three', staffNumber: '1003' });
    await running.addStaff({ login: 'the.operator', role: 'operator', institution: null, staffNumber: '9' });
  });
  afterAll(() => running?.stop());

  it('lets a doctor in with the right password and shows the page that was asked for', async () => {
    const browser = formBrowser(url);
    const stranger = await browser.get('/');
    expect(stranger.status).toBe(401);
    expect(await stranger.text()).toContain('<h1>登录</h1>');
    const entered = await browser.post('/sign-in', {
      login: DOCTOR.login,
      password: DOCTOR.password,
      next: '/',
    });
    expect(entered.status).toBe(303);
    const home = await browser.get('/');
    expect(home.status).toBe(200);
    expect(await home.text()).toContain('找患者');
  });

  it('marks its cookies HttpOnly and SameSite=Lax', async () => {
    const browser = formBrowser(url);
    await browser.get('/sign-in');
    const entered = await browser.post('/sign-in', { login: DOCTOR.login, password: DOCTOR.password });
    const session = entered.headers.getSetCookie().find((line) => line.startsWith('huren_session='));
    expect(session).toMatch(/HttpOnly/);
    expect(session).toMatch(/SameSite=Lax/);
  });

  it('gives a new session token at every sign-in and ends the one that was brought along', async () => {
    const browser = formBrowser(url);
    await browser.signIn(DOCTOR.login, DOCTOR.password);
    const first = browser.cookies.get('huren_session') as string;
    await browser.signIn(DOCTOR.login, DOCTOR.password);
    expect(browser.cookies.get('huren_session')).not.toBe(first);
    const old = await fetch(`${url}/`, { headers: { cookie: `huren_session=${first}` } });
    expect(old.status).toBe(401);
  });

  it('takes no session token that somebody planted before the sign-in', async () => {
    const planted = 'p'.repeat(43);
    const browser = formBrowser(url);
    browser.cookies.set('huren_session', planted);
    await browser.signIn(DOCTOR.login, DOCTOR.password);
    expect(browser.cookies.get('huren_session')).not.toBe(planted);
    const attacker = await fetch(`${url}/api/session`, { headers: { cookie: `huren_session=${planted}` } });
    expect(attacker.status).toBe(401);
    expect((await attacker.json()) as object).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) });
  });

  it('ends the session at sign-out, also for a copy of the cookie', async () => {
    const browser = formBrowser(url);
    await browser.signIn(DOCTOR.login, DOCTOR.password);
    const token = browser.cookies.get('huren_session') as string;
    await browser.get('/');
    expect((await browser.post('/sign-out', {})).status).toBe(303);
    expect(browser.cookies.has('huren_session')).toBe(false);
    const copy = await fetch(`${url}/`, { headers: { cookie: `huren_session=${token}` } });
    expect(copy.status).toBe(401);
  });

  it('says the same for a wrong password and an unknown login', async () => {
    const wrong = await formBrowser(url).signIn(DOCTOR.login, 'not the password');
    const unknown = await formBrowser(url).signIn('no.such.login', 'not the password');
    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(401);
    const sentence = '登录名或密码不正确。';
    expect(await wrong.text()).toContain(sentence);
    expect(await unknown.text()).toContain(sentence);
  });

  it('locks an account after five wrong passwords in a row, even for the right one, and lets it in later', async () => {
    const browser = formBrowser(url);
    for (let attempt = 1; attempt <= 4; attempt++)
      expect(await (await browser.signIn('doctor.two', 'wrong')).text()).not.toContain('已锁定');
    expect(await (await browser.signIn('doctor.two', 'wrong')).text()).toContain('已锁定');
    expect(await (await browser.signIn('doctor.two', DOCTOR.password)).text()).toContain('已锁定');
    running.advance(LOCK_MS + 1_000);
    expect((await browser.signIn('doctor.two', DOCTOR.password)).status).toBe(303);
  });

  it('never sends anybody to another site after sign-in', async () => {
    for (const next of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
    ]) {
      const browser = formBrowser(url);
      await browser.get('/sign-in');
      const entered = await browser.post('/sign-in', {
        login: DOCTOR.login,
        password: DOCTOR.password,
        next,
      });
      expect(entered.headers.get('location')).toBe('/');
    }
  });

  it('refuses a form without the token of its own page', async () => {
    const browser = formBrowser(url);
    await browser.signIn('doctor.three', DOCTOR.password);
    await browser.get('/');
    const forged = await browser.post('/patients', { formToken: 'forged', by: 'name', text: '某人' });
    expect(forged.status).toBe(403);
    expect(await forged.text()).toContain('FORM_EXPIRED');
    const stranger = await formBrowser(url).post('/sign-in', {
      login: DOCTOR.login,
      password: DOCTOR.password,
    });
    expect(stranger.status).toBe(403);
  });

  it('refuses an act that another site sends with the doctor’s cookie', async () => {
    const browser = formBrowser(url);
    await browser.signIn('doctor.three', DOCTOR.password);
    const cookie = `huren_session=${browser.cookies.get('huren_session')}`;
    const foreign = await fetch(`${url}/api/person-searches`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
      body: JSON.stringify({ by: 'name', text: '某人' }),
    });
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ code: 'ORIGIN_FOREIGN' });
  });

  it('ends a session that nobody used for an hour, and any session after a working day', async () => {
    const browser = formBrowser(url);
    await browser.signIn('doctor.three', DOCTOR.password);
    expect((await browser.get('/')).status).toBe(200);
    running.advance(SESSION_IDLE_MS + 1_000);
    expect((await browser.get('/')).status).toBe(401);

    await browser.signIn('doctor.three', DOCTOR.password);
    const step = SESSION_IDLE_MS - 60_000;
    for (let passed = 0; passed + step < SESSION_LIFE_MS; passed += step) {
      running.advance(step);
      expect((await browser.get('/')).status).toBe(200);
    }
    running.advance(step);
    expect((await browser.get('/')).status).toBe(401);
  });

  it('does not let a platform operator read results', async () => {
    const browser = formBrowser(url);
    await browser.signIn('the.operator', DOCTOR.password);
    expect((await browser.get('/')).headers.get('location')).toBe('/institution');
    const id = '01930000-0000-7000-8000-00000000000a';
    for (const path of [`/reports/${id}`, `/checks/${id}`, `/api/reports/${id}`, `/api/order-checks/${id}`])
      expect((await browser.get(path)).status, path).toBe(403);
  });

  it('writes every sign-in, refusal and sign-out to the audit trail without what was typed', async () => {
    const acts = await running.store.database.run<{
      actor: string;
      action: string;
      resource: string;
      outcome: string;
    }>(ACTS);
    const text = JSON.stringify(acts);
    expect(acts).toContainEqual({
      actor: `staff:${DOCTOR.login}`,
      action: 'sign-in',
      resource: `account:${DOCTOR.login}`,
      outcome: 'done',
    });
    expect(acts).toContainEqual({
      actor: 'stranger',
      action: 'sign-in',
      resource: 'account:unknown',
      outcome: 'wrong',
    });
    expect(acts).toContainEqual({
      actor: 'stranger',
      action: 'sign-in',
      resource: 'account:doctor.two',
      outcome: 'locked',
    });
    expect(acts).toContainEqual({
      actor: `staff:${DOCTOR.login}`,
      action: 'sign-out',
      resource: `account:${DOCTOR.login}`,
      outcome: 'done',
    });
    expect(text).not.toContain('no.such.login');
    expect(text).not.toContain(DOCTOR.password);
  });
});
