import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorizationCodeGrant } from 'openid-client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SIGN_IN_RULES } from '../../src/access/index.ts';
import { setAccountPassword } from '../../src/adapters/postgres/accounts.ts';
import { codeAt } from '../../src/adapters/second-factor/totp.ts';
import { instant } from '../../src/kernel/instant.ts';
import { DOCTOR, type RunningServer, runningServer } from '../system/http-server.ts';
import { otherIssuer, type OtherIssuer } from '../system/other-issuer.ts';
import { appOf, registerApp, requestOf } from '../system/smart-app.ts';
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
import { EXAMPLE_ID_NUMBER, EXAMPLE_NAME } from './example-flows.ts';

describe('the pages of a sign-in and of an app', A_SLOW_BROWSER_AGAIN, () => {
  let running: RunningServer;
  let hospital: OtherIssuer;
  let browser: Browser;
  let url: string;
  let app: Server;
  let callback: string;
  let number = 3000;

  beforeAll(async () => {
    if (browserMissing) return;
    hospital = await otherIssuer();
    running = await runningServer(DEFAULT_SIGN_IN_RULES, [hospital.settings()]);
    url = running.server.url;
    app = createServer((_request, response) =>
      response.end('<!doctype html><meta charset="utf-8"><title>app</title><h1>应用已收到</h1>'),
    );
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', () => resolve()));
    callback = `http://127.0.0.1:${(app.address() as AddressInfo).port}/callback`;
    await registerApp(running, { code: 'growth', redirectAddresses: [callback] });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await running?.stop();
    await hospital?.close();
    app?.close();
  });
  beforeEach(({ skip }) => {
    if (browserMissing) skip(browserMissing);
  });

  const newDoctor = async (): Promise<string> => {
    const login = `doctor.${++number}`;
    await running.addStaff({ login, staffNumber: String(number) });
    return login;
  };

  const enter = async (page: Page, login: string, password: string): Promise<void> => {
    await page.getByLabel('登录名').fill(login);
    await page.getByLabel('密码', { exact: true }).fill(password);
    await page.getByRole('button', { name: '登录' }).click();
  };

  const codeNow = (secret: string): string => codeAt(secret, instant(Date.now()));

  /** Sets the phone up on the page and gives the secret; ends behind the recovery codes. */
  const enrol = async (page: Page): Promise<string> => {
    await page.getByRole('heading', { name: '设置动态口令' }).waitFor();
    const secret = ((await page.locator('#secret').textContent()) ?? '').replaceAll(' ', '');
    await page.getByLabel('动态口令', { exact: true }).fill(codeNow(secret));
    await page.getByRole('button', { name: '绑定并继续' }).click();
    await page.getByRole('heading', { name: '保存恢复码' }).waitFor();
    return secret;
  };

  it.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
    'are accessible, fit the screen and hold no secret in address or title: %s',
    async (screen) => {
      const { page, context } = await openPage(browser, screen);
      const look = async (name: string): Promise<void> => {
        await keepPicture(page, `sign-in-${name}-${screen}`);
        expect(await seriousFindings(page), name).toEqual([]);
        expect(await sidewaysOverflow(page), name).toBe(0);
        expect(`${page.url()} ${await page.title()}`).not.toMatch(/pending|secret|[A-Z2-7]{32}/);
      };
      const login = await newDoctor();
      await page.goto(`${url}/sign-in`);
      await look('start');
      await enter(page, login, DOCTOR.password);
      await page.getByRole('heading', { name: '设置动态口令' }).waitFor();
      await look('enrolment');
      await enrol(page);
      await look('recovery-codes');
      await page.getByRole('button', { name: '已保存，继续' }).click();
      await page.getByRole('heading', { name: '找患者' }).waitFor();
      await page.getByRole('button', { name: '退出' }).click();
      await setAccountPassword(
        running.store.database,
        login,
        { password: 'Given-by-office-7', isGiven: true },
        running.act(),
      );
      await enter(page, login, 'Given-by-office-7');
      await page.getByRole('heading', { name: '动态口令' }).waitFor();
      await look('code');
      await page.getByLabel('动态口令', { exact: true }).fill('000000');
      await page.getByRole('button', { name: '确定' }).click();
      await page.locator('#refusal').waitFor();
      await look('wrong-code');
      await context.close();
    },
  );

  it('set a phone up, change a password and let an app in with script off and our policy in force', async () => {
    const { page, context } = await openPage(browser, 'desk', { javaScriptEnabled: false, bypassCSP: false });
    const login = await newDoctor();
    await setAccountPassword(
      running.store.database,
      login,
      { password: 'Given-by-office-7', isGiven: true },
      running.act(),
    );
    const growth = await appOf(url, 'growth');
    const { address, checks } = await requestOf(growth, url, { redirect_uri: callback });
    await page.goto(address.href);
    await enter(page, login, 'Given-by-office-7');
    await enrol(page);
    await page.getByRole('button', { name: '已保存，继续' }).click();
    await page.getByLabel('新密码').fill('My-own-words-8');
    await page.getByLabel('再输入一次').fill('My-own-words-8');
    await keepPicture(page, 'sign-in-password-desk');
    await page.getByRole('button', { name: '保存并继续' }).click();
    await page.getByRole('heading', { name: '应用授权' }).waitFor();
    await page.getByLabel('号码').fill(EXAMPLE_ID_NUMBER);
    await page.getByRole('button', { name: '查找' }).click();
    await page.getByText(EXAMPLE_NAME).click();
    await page.getByRole('button', { name: '允许' }).click();
    await page.getByRole('heading', { name: '应用已收到' }).waitFor();
    const tokens = await authorizationCodeGrant(growth, new URL(page.url()), checks);
    expect(tokens['patient']).toBeDefined();
    await context.close();
  });

  it.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
    'ask about an app in words, accessible and within the screen: %s',
    async (screen) => {
      const { page, context } = await openPage(browser, screen);
      const login = await newDoctor();
      const growth = await appOf(url, 'growth');
      const { address } = await requestOf(growth, url, {
        redirect_uri: callback,
        scope: 'openid launch/patient patient/*.rs user/Observation.rs offline_access',
      });
      await page.goto(address.href);
      await enter(page, login, DOCTOR.password);
      await enrol(page);
      await page.getByRole('button', { name: '已保存，继续' }).click();
      await page.getByRole('heading', { name: '应用授权' }).waitFor();
      await keepPicture(page, `app-ask-${screen}`);
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByLabel('号码').fill(EXAMPLE_ID_NUMBER);
      await page.getByRole('button', { name: '查找' }).click();
      await page.getByText(EXAMPLE_NAME).waitFor();
      await keepPicture(page, `app-chosen-${screen}`);
      expect(await seriousFindings(page)).toEqual([]);
      expect(await sidewaysOverflow(page)).toBe(0);
      expect(await page.title()).not.toContain(EXAMPLE_NAME);
      await page.getByRole('button', { name: '拒绝' }).click();
      await page.waitForURL(/error=access_denied/);
      await context.close();
    },
  );
});
