import { authorizationCodeGrant } from 'openid-client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeAt } from '../../src/adapters/second-factor/totp.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { DOCTOR, formBrowser, type RunningServer, runningServer } from '../system/http-server.ts';
import { answerWith, appOf, registerApp, requestOf, signedIn, untilAsked } from '../system/smart-app.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  keepPicture,
  openBrowser,
  openPage,
  SCREENS,
  seriousFindings,
  sidewaysOverflow,
} from './browser.ts';

const NEW_PASSWORD = 'My-own-words-8';

describe('我的账户', A_SLOW_BROWSER_AGAIN, () => {
  let running: RunningServer;
  let browser: Browser;
  let url: string;
  let number = 5000;

  beforeAll(async () => {
    if (browserMissing) return;
    running = await runningServer();
    url = running.server.url;
    await registerApp(running, { code: 'growth' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await running?.stop();
  });
  beforeEach(({ skip }) => {
    if (browserMissing) skip(browserMissing);
  });

  /** A person who let an app in, and who is signed in elsewhere too. */
  const newAccount = async (as: 'doctor' | 'patient'): Promise<string> => {
    const login = `${as}.${++number}`;
    const { staffNumber: _number, department: _department, ...nobody } = DOCTOR;
    await running.addStaff(
      as === 'doctor'
        ? { login, staffNumber: String(number) }
        : {
            ...nobody,
            login,
            role: 'patient',
            institution: null,
            person: `01930000-0000-7000-8000-00000000${number}` as PublicId,
            staffNumber: undefined as never,
            department: undefined as never,
          },
    );
    const elsewhere = await signedIn(url, login, DOCTOR.password);
    const growth = await appOf(url, 'growth');
    const scope = as === 'doctor' ? 'openid user/Observation.rs' : 'openid launch/patient patient/*.rs';
    const { address, checks } = await requestOf(growth, url, { scope });
    const { path } = await untilAsked(elsewhere, url, address);
    await authorizationCodeGrant(
      growth,
      await answerWith(elsewhere, url, path, { decision: 'allow' }),
      checks,
    );
    return login;
  };

  const enter = async (page: Page, login: string): Promise<void> => {
    await page.goto(`${url}/account`);
    await page.getByLabel('登录名').fill(login);
    await page.getByLabel('密码', { exact: true }).fill(DOCTOR.password);
    await page.getByRole('button', { name: '登录' }).click();
    await page.waitForURL((address) => address.pathname !== '/sign-in');
    await page.goto(`${url}/account`);
    await page.getByRole('heading', { name: '我的账户' }).waitFor();
  };

  it.each(
    (Object.keys(SCREENS) as (keyof typeof SCREENS)[]).flatMap((screen) =>
      (['doctor', 'patient'] as const).map((as) => [as, screen] as const),
    ),
  )('does everything for a %s, accessible and within the screen: %s', async (as, screen) => {
    const login = await newAccount(as);
    const { page, context } = await openPage(browser, screen);
    const look = async (name: string): Promise<void> => {
      await keepPicture(page, `account-${as}-${name}-${screen}`);
      expect(await seriousFindings(page), name).toEqual([]);
      expect(await sidewaysOverflow(page), name).toBe(0);
      expect(`${page.url()} ${await page.title()}`).not.toMatch(/pending|[0-9a-f]{64}|[A-Z2-7]{32}/);
    };
    await enter(page, login);
    await look('start');

    await page.getByLabel('当前密码').first().fill('Wrong-words-99');
    await page.getByLabel('新密码').fill(NEW_PASSWORD);
    await page.getByLabel('再输入一次').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: '修改密码' }).click();
    await page.getByText('当前密码不正确').waitFor();
    await look('wrong-password');

    await page.locator('#applications').getByRole('button', { name: '撤回授权' }).click();
    await page.getByText('授权已撤回').waitFor();
    await page.getByText('没有应用以您的名义').waitFor();
    await page.locator('#sessions').getByRole('button', { name: '退出该登录' }).click();
    await page.getByText('该登录已退出').waitFor();
    expect(await page.getByText('其他登录').count()).toBe(0);

    await page.locator('#factor-password').fill(DOCTOR.password);
    await page.getByRole('button', { name: '启用' }).click();
    await page.getByRole('heading', { name: '设置动态口令' }).waitFor();
    await look('second-factor');
    const secret = ((await page.locator('#secret').textContent()) ?? '').replaceAll(' ', '');
    await page.getByLabel('动态口令', { exact: true }).fill(codeAt(secret, instant(Date.now())));
    await page.getByRole('button', { name: '绑定' }).click();
    await page.getByRole('heading', { name: '保存恢复码' }).waitFor();
    await look('recovery-codes');
    await page.getByRole('link', { name: '已保存，返回我的账户' }).click();
    await page.getByText('已启用').waitFor();

    await page.getByLabel('当前密码').first().fill(DOCTOR.password);
    await page.getByLabel('新密码').fill(NEW_PASSWORD);
    await page.getByLabel('再输入一次').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: '修改密码' }).click();
    await page.getByText('密码已修改').waitFor();
    await look('done');
    await context.close();
    expect((await formBrowser(url).signIn(login, DOCTOR.password)).status).toBe(401);
  });
});
