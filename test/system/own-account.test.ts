import { authorizationCodeGrant, type Configuration, refreshTokenGrant } from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SIGN_IN_RULES } from '../../src/access/index.ts';
import { LOCK_MS } from '../../src/adapters/postgres/accounts.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { codeAt } from '../../src/adapters/second-factor/totp.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { DOCTOR, type FormBrowser, formBrowser, type RunningServer, runningServer } from './http-server.ts';
import { answerWith, appOf, registerApp, requestOf, untilAsked } from './smart-app.ts';

const ACTS = statement(
  'test.own-account-acts',
  'select action, resource, outcome from system_audit_events where actor = $1 order by event_id',
);

const NEW_PASSWORD = 'My-own-words-8';

const field = (page: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]+)"`).exec(page)?.[1] ?? '';
const secretOn = (page: string): string =>
  (/<code id="secret">([^<]+)</.exec(page)?.[1] ?? '').replaceAll(' ', '');
const othersOn = (page: string): string[] =>
  [...page.matchAll(/name="session" value="([0-9a-f]{64})"/g)].map(([, handle]) => handle as string);

describe('one’s own account', () => {
  let running: RunningServer;
  let growth: Configuration;
  let ahead = 0;
  let number = 4000;

  beforeAll(async () => {
    running = await runningServer({ ...DEFAULT_SIGN_IN_RULES, secondFactorRoles: [] });
    await registerApp(running, { code: 'growth' });
    growth = await appOf(running.server.url, 'growth');
  });
  afterAll(() => running?.stop());

  const pass = (milliseconds: number): void => {
    ahead += milliseconds;
    running.advance(milliseconds);
  };
  const codeNow = (secret: string): string => codeAt(secret, instant(Date.now() + ahead));
  const actsOf = async (login: string) =>
    (
      await running.store.database.run<{ action: string; resource: string; outcome: string }>(ACTS, [
        `staff:${login}`,
      ])
    ).map(({ action, resource, outcome }) => `${action} ${resource} ${outcome}`);

  const newDoctor = async (): Promise<{ login: string; browser: FormBrowser }> => {
    const login = `doctor.${++number}`;
    await running.addStaff({ login, staffNumber: String(number) });
    return { login, browser: await enter(login) };
  };
  const enter = async (login: string, password = DOCTOR.password): Promise<FormBrowser> => {
    const browser = formBrowser(running.server.url);
    expect((await browser.signIn(login, password)).status).toBe(303);
    expect((await browser.get('/account')).status).toBe(200);
    return browser;
  };

  it('is for whoever is signed in, and for nobody else', async () => {
    const stranger = formBrowser(running.server.url);
    expect((await stranger.get('/account')).status).toBe(401);
    const key = await running.addClient('his-account', ['treatment']);
    const asSystem = await fetch(`${running.server.url}/account`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(asSystem.status).toBe(403);
    const { browser } = await newDoctor();
    const forged = await browser.post('/account/password', {
      formToken: 'x',
      current: DOCTOR.password,
      password: NEW_PASSWORD,
      repeated: NEW_PASSWORD,
    });
    expect(forged.status).toBe(403);
  });

  it('takes a new password for the old one by the rules, and ends every other session', async () => {
    const { login, browser } = await newDoctor();
    const other = await enter(login);
    const change = async (current: string, password: string, repeated = password) => {
      const answer = await browser.post('/account/password', { current, password, repeated });
      return { status: answer.status, text: await answer.text() };
    };
    expect(await change('Wrong-words-99', NEW_PASSWORD)).toMatchObject({
      status: 400,
      text: expect.stringContaining('当前密码不正确'),
    });
    expect((await change(DOCTOR.password, 'short-1A')).text).toContain('太短');
    expect((await change(DOCTOR.password, 'alllowercase1')).text).toContain('字符种类不够');
    expect((await change(DOCTOR.password, `x-${login}-A1`)).text).toContain('不能含有登录名');
    expect((await change(DOCTOR.password, NEW_PASSWORD, 'My-own-words-9')).text).toContain('两次输入不一致');
    expect((await change(DOCTOR.password, DOCTOR.password)).text).toContain('近期用过');
    expect((await other.get('/')).status).toBe(200);
    const before = browser.cookies.get('huren_session');
    expect((await change(DOCTOR.password, NEW_PASSWORD)).status).toBe(303);
    expect(browser.cookies.get('huren_session')).not.toBe(before);
    expect(await (await browser.get('/account?done=password')).text()).toContain('密码已修改');
    expect((await other.get('/')).status).toBe(401);
    const old = formBrowser(running.server.url);
    expect((await old.signIn(login, DOCTOR.password)).status).toBe(401);
    await enter(login, NEW_PASSWORD);
    expect(await actsOf(login)).toContain(`account-password-set account:${login} done`);
  });

  it('counts wrong passwords like a sign-in does: five lock the account', async () => {
    const { login, browser } = await newDoctor();
    const fields = { password: NEW_PASSWORD, repeated: NEW_PASSWORD };
    for (let attempt = 1; attempt <= 4; attempt++)
      await browser.post('/account/password', { ...fields, current: 'Wrong-words-99' });
    const locked = await browser.post('/account/password', { ...fields, current: 'Wrong-words-99' });
    expect(await locked.text()).toContain('已锁定');
    const right = await browser.post('/account/password', { ...fields, current: DOCTOR.password });
    expect(await right.text()).toContain('已锁定');
    expect((await formBrowser(running.server.url).signIn(login, DOCTOR.password)).status).toBe(401);
    pass(LOCK_MS + 1_000);
    await enter(login);
  });

  it('sets a second factor up, and anew for password and code alone', async () => {
    const { login, browser } = await newDoctor();
    const other = await enter(login);
    const begin = (password: string, code?: string) =>
      browser.post('/account/second-factor', { password, ...(code === undefined ? {} : { code }) });
    expect((await begin('Wrong-words-99')).status).toBe(400);
    const page = await (await begin(DOCTOR.password)).text();
    const secret = secretOn(page);
    const pending = field(page, 'pending');
    const wrong = await browser.post('/account/second-factor/confirmation', { pending, code: '000000' });
    expect(wrong.status).toBe(400);
    expect(secretOn(await wrong.text())).toBe(secret);
    const stolen = await other.post('/account/second-factor/confirmation', {
      pending,
      code: codeNow(secret),
    });
    expect(await stolen.text()).toContain('设置步骤已过期');
    await browser.get('/account');
    const done = await browser.post('/account/second-factor/confirmation', {
      pending,
      code: codeNow(secret),
    });
    const codes = [...(await done.text()).matchAll(/<li><code>([A-Z0-9-]+)<\/code>/g)].map(([, one]) => one);
    expect(codes).toHaveLength(10);
    expect((await other.get('/')).status).toBe(401);
    expect((await browser.get('/account')).status).toBe(200);
    const asked = await formBrowser(running.server.url).signIn(login, DOCTOR.password);
    expect(await asked.text()).toContain('<h1>动态口令</h1>');

    expect((await begin(DOCTOR.password)).status).toBe(400);
    expect(await (await begin(DOCTOR.password, '000000')).text()).toContain('动态口令不正确');
    pass(60_000);
    await browser.get('/account');
    const renewed = await (await begin(DOCTOR.password, codeNow(secret))).text();
    expect(secretOn(renewed)).not.toBe(secret);
    const byRecovery = await (await begin(DOCTOR.password, codes[0])).text();
    const last = secretOn(byRecovery);
    const confirmed = await browser.post('/account/second-factor/confirmation', {
      pending: field(byRecovery, 'pending'),
      code: codeNow(last),
    });
    expect(confirmed.status).toBe(200);
    pass(60_000);
    const later = formBrowser(running.server.url);
    const step = await (await later.signIn(login, DOCTOR.password)).text();
    const old = await later.post('/sign-in/code', { pending: field(step, 'pending'), code: codeNow(secret) });
    expect(old.status).toBe(401);
    const entered = await later.post('/sign-in/code', {
      pending: field(step, 'pending'),
      code: codeNow(last),
    });
    expect(entered.status).toBe(303);
    const acts = await actsOf(login);
    expect(acts.filter((act) => act.startsWith('second-factor-set'))).toHaveLength(2);
  });

  it('lists the sessions of the account alone, and ends one of them', async () => {
    const { login, browser } = await newDoctor();
    const other = await enter(login);
    const stranger = await newDoctor();
    const page = await (await browser.get('/account')).text();
    expect(page).toContain('本次登录');
    expect(page).toContain('来自 127.0.0.1');
    const [handle, ...more] = othersOn(page);
    expect(more).toEqual([]);
    expect((await stranger.browser.post('/account/sessions/end', { session: handle ?? '' })).status).toBe(
      303,
    );
    expect((await other.get('/')).status).toBe(200);
    await browser.get('/account');
    expect((await browser.post('/account/sessions/end', { session: handle ?? '' })).status).toBe(303);
    expect((await other.get('/')).status).toBe(401);
    expect(othersOn(await (await browser.get('/account')).text())).toEqual([]);
    expect(await actsOf(login)).toContain(`session-ended account:${login} done`);
    expect(await actsOf(stranger.login)).not.toContain(`session-ended account:${login} done`);
  });

  it('lists the apps that were allowed, and what is withdrawn is worth nothing at once', async () => {
    const { login, browser } = await newDoctor();
    const stranger = await newDoctor();
    const scope = 'openid user/Observation.rs offline_access';
    const allow = async (by: FormBrowser) => {
      const { address, checks } = await requestOf(growth, running.server.url, { scope });
      const { path } = await untilAsked(by, running.server.url, address);
      const back = await answerWith(by, running.server.url, path, { decision: 'allow' });
      return authorizationCodeGrant(growth, back, checks);
    };
    const [first, second, theirs] = [
      await allow(browser),
      await allow(browser),
      await allow(stranger.browser),
    ];
    const holderOf = (token: string) => running.card.applicationTokens.holderOf(token);
    const page = await (await browser.get('/account')).text();
    expect(page).toContain('生长曲线');
    expect(page).toContain('以您的身份读取您有权查看的检验检查结果');
    expect(page.match(/name="application"/g)).toHaveLength(1);
    const withdrawn = await browser.post('/account/applications/withdraw', { application: 'growth' });
    expect(withdrawn.headers.get('location')).toBe('/account?done=application');
    for (const { access_token: token } of [first, second]) expect(await holderOf(token)).toBeUndefined();
    await expect(refreshTokenGrant(growth, first.refresh_token as string)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect(await holderOf(theirs.access_token)).toMatchObject({ user: { login: stranger.login } });
    expect(await (await browser.get('/account')).text()).toContain('没有应用以您的名义访问本平台');
    expect(await actsOf(login)).toContain('application-withdrawn application:growth done');
  });

  it('is a patient’s too', async () => {
    const person = '01930000-0000-7000-8000-0000000000ab' as PublicId;
    const { staffNumber: _number, department: _department, ...nobody } = DOCTOR;
    await running.addStaff({
      ...nobody,
      login: 'mother.wu',
      role: 'patient',
      institution: null,
      person,
      staffNumber: undefined as never,
      department: undefined as never,
    });
    const browser = await enter('mother.wu');
    const page = await (await browser.get('/account')).text();
    expect(page).toContain('mother.wu');
    expect(page).toContain('href="/me"');
    const fields = { current: DOCTOR.password, password: NEW_PASSWORD, repeated: NEW_PASSWORD };
    expect((await browser.post('/account/password', fields)).status).toBe(303);
    await enter('mother.wu', NEW_PASSWORD);
  });
});
