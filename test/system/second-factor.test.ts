import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SIGN_IN_RULES } from '../../src/access/index.ts';
import { LOCK_MS, setAccountPassword } from '../../src/adapters/postgres/accounts.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { PENDING_MS } from '../../src/adapters/postgres/pending-sign-ins.ts';
import { removeSecondFactor } from '../../src/adapters/postgres/second-factors.ts';
import { codeAt } from '../../src/adapters/second-factor/totp.ts';
import { instant } from '../../src/kernel/instant.ts';
import { DOCTOR, type FormBrowser, formBrowser, type RunningServer, runningServer } from './http-server.ts';

const KEPT = statement(
  'test.kept-secrets',
  `select f::text as row from account_second_factors f union all select c::text from account_recovery_codes c
   union all select p::text from pending_sign_ins p union all select e::text from system_audit_events e`,
);

const field = (page: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]+)"`).exec(page)?.[1] ?? '';

const secretOn = (page: string): string =>
  (/<code id="secret">([^<]+)</.exec(page)?.[1] ?? '').replaceAll(' ', '');

describe('signing in with a second factor', () => {
  let running: RunningServer;
  let ahead = 0;
  let number = 2000;

  beforeAll(async () => {
    running = await runningServer(DEFAULT_SIGN_IN_RULES);
  });
  afterAll(() => running?.stop());

  const pass = (milliseconds: number): void => {
    ahead += milliseconds;
    running.advance(milliseconds);
  };
  const codeNow = (secret: string): string => codeAt(secret, instant(Date.now() + ahead));

  /** A doctor who has set the phone up, with what is needed for the next sign-in. */
  const enrolled = async (): Promise<{
    login: string;
    secret: string;
    codes: readonly string[];
    browser: FormBrowser;
  }> => {
    const login = `doctor.${++number}`;
    await running.addStaff({ login, staffNumber: String(number) });
    const browser = formBrowser(running.server.url);
    const asked = await (await browser.signIn(login, DOCTOR.password)).text();
    const secret = secretOn(asked);
    const pending = field(asked, 'pending');
    const shown = await browser.post('/sign-in/enrolment', { pending, code: codeNow(secret) });
    const page = await shown.text();
    const codes = [...page.matchAll(/<li><code>([A-Z0-9-]+)<\/code>/g)].map(([, code]) => code as string);
    expect((await browser.post('/sign-in/proceed', { pending: field(page, 'pending') })).status).toBe(303);
    pass(60_000);
    return { login, secret, codes, browser };
  };

  /** Begins a sign-in up to the page that asks for the code. */
  const begin = async (login: string): Promise<{ browser: FormBrowser; pending: string }> => {
    const browser = formBrowser(running.server.url);
    const page = await browser.signIn(login, DOCTOR.password);
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).toContain('<h1>动态口令</h1>');
    return { browser, pending: field(text, 'pending') };
  };

  it('sets the phone up at the first sign-in, proves it by a code and shows recovery codes once', async () => {
    const { codes, browser } = await enrolled();
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    expect((await browser.get('/')).status).toBe(200);
  });

  it('opens nothing with the password alone', async () => {
    const { login } = await enrolled();
    const { browser } = await begin(login);
    expect(browser.cookies.has('huren_session')).toBe(false);
    expect((await browser.get('/')).status).toBe(401);
  });

  it('lets in with the code of the moment, and goes on where the person was going', async () => {
    const { login, secret } = await enrolled();
    const browser = formBrowser(running.server.url);
    await browser.get('/sign-in');
    const page = await browser.post('/sign-in', {
      login,
      password: DOCTOR.password,
      next: '/console?state=open',
    });
    const pending = field(await page.text(), 'pending');
    const entered = await browser.post('/sign-in/code', { pending, code: codeNow(secret) });
    expect(entered.status).toBe(303);
    expect(entered.headers.get('location')).toBe('/console?state=open');
  });

  it('takes password and code at once from whoever has both at hand', async () => {
    const { login, secret } = await enrolled();
    const browser = formBrowser(running.server.url);
    await browser.get('/sign-in');
    const fields = { login, password: DOCTOR.password };
    expect((await browser.post('/sign-in', { ...fields, code: '000000' })).status).toBe(401);
    expect((await browser.post('/sign-in', { ...fields, code: codeNow(secret) })).status).toBe(303);
  });

  it('refuses a code that was used, also in another browser', async () => {
    const { login, secret } = await enrolled();
    const code = codeNow(secret);
    const first = await begin(login);
    const second = await begin(login);
    expect((await first.browser.post('/sign-in/code', { pending: first.pending, code })).status).toBe(303);
    const again = await second.browser.post('/sign-in/code', { pending: second.pending, code });
    expect(again.status).toBe(401);
    expect(second.browser.cookies.has('huren_session')).toBe(false);
    pass(30_000);
    const later = { pending: second.pending, code: codeNow(secret) };
    expect((await second.browser.post('/sign-in/code', later)).status).toBe(303);
  });

  it('takes a recovery code once, however it is typed', async () => {
    const { login, codes } = await enrolled();
    const [code = ''] = codes;
    const first = await begin(login);
    const typed = code.toLowerCase().replaceAll('-', ' ');
    expect((await first.browser.post('/sign-in/code', { pending: first.pending, code: typed })).status).toBe(
      303,
    );
    const second = await begin(login);
    expect((await second.browser.post('/sign-in/code', { pending: second.pending, code })).status).toBe(401);
  });

  it('locks the account after five wrong codes, and a right password in between forgives nothing', async () => {
    const { login, secret } = await enrolled();
    const { browser, pending } = await begin(login);
    for (let attempt = 1; attempt <= 4; attempt++) {
      expect((await browser.post('/sign-in/code', { pending, code: '000000' })).status).toBe(401);
      await begin(login);
    }
    const locked = await browser.post('/sign-in/code', { pending, code: '000000' });
    expect(await locked.text()).toContain('已锁定');
    expect(await (await browser.post('/sign-in/code', { pending, code: codeNow(secret) })).text()).toContain(
      '已锁定',
    );
    pass(LOCK_MS + 1_000);
    const later = await begin(login);
    const entered = await later.browser.post('/sign-in/code', {
      pending: later.pending,
      code: codeNow(secret),
    });
    expect(entered.status).toBe(303);
  });

  it('carries a step on in the browser it was begun in only, for a quarter of an hour, to one session', async () => {
    const { login, secret } = await enrolled();
    const { browser, pending } = await begin(login);
    const thief = formBrowser(running.server.url);
    await thief.get('/sign-in');
    const stolen = await thief.post('/sign-in/code', { pending, code: codeNow(secret) });
    expect(await stolen.text()).toContain('登录步骤已过期');
    expect((await browser.post('/sign-in/code', { pending, code: codeNow(secret) })).status).toBe(303);
    pass(30_000);
    await browser.get('/');
    expect(await (await browser.post('/sign-in/proceed', { pending })).text()).toContain('登录步骤已过期');
    const late = await begin(login);
    pass(PENDING_MS + 1_000);
    const code = codeNow(secret);
    const answer = await late.browser.post('/sign-in/code', { pending: late.pending, code });
    expect(await answer.text()).toContain('登录步骤已过期');
  });

  it('does not let a person skip setting the phone up, nor set it up anew with a password alone', async () => {
    const login = `doctor.${++number}`;
    await running.addStaff({ login, staffNumber: String(number) });
    const browser = formBrowser(running.server.url);
    const page = await (await browser.signIn(login, DOCTOR.password)).text();
    const pending = field(page, 'pending');
    expect(await (await browser.post('/sign-in/proceed', { pending })).text()).toContain('设置动态口令');
    const wrong = await browser.post('/sign-in/enrolment', { pending, code: '000000' });
    expect(wrong.status).toBe(401);
    expect(secretOn(await wrong.text())).toBe(secretOn(page));
    const other = await enrolled();
    const asked = await begin(other.login);
    const forced = await asked.browser.post('/sign-in/enrolment', {
      pending: asked.pending,
      code: '000000',
    });
    expect(await forced.text()).toContain('登录步骤已过期');
  });

  it('asks for a new phone after the old one was given up, and ends its sessions', async () => {
    const { login, browser } = await enrolled();
    await removeSecondFactor(running.store.database, login, running.act());
    expect((await browser.get('/')).status).toBe(401);
    const page = await formBrowser(running.server.url).signIn(login, DOCTOR.password);
    expect(await page.text()).toContain('设置动态口令');
  });

  it('has a given password changed behind the second factor, by the rules, and not to one used before', async () => {
    const { login, secret } = await enrolled();
    const given = 'Given-by-office-7';
    await setAccountPassword(
      running.store.database,
      login,
      { password: given, isGiven: true },
      running.act(),
    );
    const browser = formBrowser(running.server.url);
    const asked = await (await browser.signIn(login, given)).text();
    expect(asked).toContain('<h1>动态口令</h1>');
    const early = {
      pending: field(asked, 'pending'),
      password: 'Stolen-pass-99',
      repeated: 'Stolen-pass-99',
    };
    expect(await (await browser.post('/sign-in/password', early)).text()).toContain('<h1>动态口令</h1>');
    const change = await browser.post('/sign-in/code', {
      pending: field(asked, 'pending'),
      code: codeNow(secret),
    });
    const page = await change.text();
    expect(page).toContain('<h1>修改密码</h1>');
    const pending = field(page, 'pending');
    const tryOut = async (password: string, repeated = password): Promise<string> =>
      (await browser.post('/sign-in/password', { pending, password, repeated })).text();
    expect(await tryOut('short-1A')).toContain('太短');
    expect(await tryOut('alllowercase1')).toContain('字符种类不够');
    expect(await tryOut(`x-${login}-A1`)).toContain('不能含有登录名');
    expect(await tryOut('My-own-words-8', 'My-own-words-9')).toContain('两次输入不一致');
    expect(await tryOut(given)).toContain('近期用过');
    expect(await tryOut(DOCTOR.password)).toContain('近期用过');
    const fields = { pending, password: 'My-own-words-8', repeated: 'My-own-words-8' };
    expect((await browser.post('/sign-in/password', fields)).status).toBe(303);
    expect((await browser.get('/')).status).toBe(200);
  });

  it('has a password changed after ninety days', async () => {
    const { login, secret } = await enrolled();
    pass(91 * 86_400_000);
    const { browser, pending } = await begin(login);
    const page = await browser.post('/sign-in/code', { pending, code: codeNow(secret) });
    expect(await page.text()).toContain('<h1>修改密码</h1>');
  });

  it('keeps no secret readable in the database, the access log or the log', async () => {
    const { secret, codes } = await enrolled();
    const rows = await running.store.database.run<{ row: string }>(KEPT);
    const kept = rows.map(({ row }) => row).join('\n') + running.logText();
    expect(rows.length).toBeGreaterThan(10);
    for (const word of [secret, Buffer.from(secret).toString('hex'), ...codes])
      expect(kept).not.toContain(word);
  });
});
