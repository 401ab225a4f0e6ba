import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import { signedInPatient } from '../system/own-data-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  keepPicture,
  openBrowser,
  openPage,
  SCREENS,
  sendSignIn,
  seriousFindings,
  sidewaysOverflow,
} from './browser.ts';

const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };
const REGISTRAR = { login: 'desk.browser', password: 'Correct-horse-79' };

let system: RealSystem;
let browser: Browser;

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser()]);
  const { database, clock, newPublicId } = system.bench.dependencies;
  await createAccount(
    database,
    {
      ...REGISTRAR,
      role: 'registrar',
      institution: 'YX-COUNTY' as InstitutionCode,
      staffNumber: '100406',
      department: '门诊服务台',
      displayName: '纪小满',
    },
    { at: clock(), newId: newPublicId, by: 'test', peer: 'test' },
    TEST_COST,
  );
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'the desk and a shared report at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const inspect = async (page: Page, name: string): Promise<void> => {
      await keepPicture(page, `desk-${screen}-${name}`);
      expect(await seriousFindings(page), name).toEqual([]);
      expect(await sidewaysOverflow(page), `${name} fits sideways`).toBe(0);
    };

    it('does with a patient what others do on their phones', async () => {
      const { page, context } = await openPage(browser, screen);
      await sendSignIn(page, `${system.url}/`, REGISTRAR.login, REGISTRAR.password);
      await page.getByRole('heading', { name: '服务台' }).waitFor();
      await inspect(page, 'home');
      const { nationalId } = memberOf(system.bench, 'three-hospitals').person;
      await page.getByLabel('号码或姓名').fill(nationalId ?? '');
      await page.getByRole('button', { name: '查找' }).click();
      await page
        .getByRole('button', { name: /开始办理/ })
        .first()
        .waitFor();
      await inspect(page, 'found');
      await page
        .getByRole('button', { name: /开始办理/ })
        .first()
        .click();
      await page.getByRole('heading', { name: '办理' }).waitFor();
      expect(page.url()).not.toContain(nationalId);
      await inspect(page, 'visit');
      for (const [link, name] of [
        [/我的检查检验/, 'results'],
        [/为什么又做了一次/, 'repeats'],
        [/谁看过我的结果/, 'access-log'],
        [/代办关系/, 'representations'],
      ] as const) {
        await page.getByRole('link', { name: link }).click();
        await page.getByRole('link', { name: '返回办理事项' }).waitFor();
        await inspect(page, name);
        await page.getByRole('link', { name: '返回办理事项' }).click();
      }
      await page.getByRole('button', { name: '办理完毕' }).click();
      await page.getByRole('heading', { name: '服务台' }).waitFor();
      await context.close();
    });

    it('opens a shared report by a code, once', async () => {
      const patient = await signedInPatient(system, screen === 'desk' ? 'three-orders' : 'potassium-five');
      const results = (await (await patient.get('/api/own/results')).json()) as {
        history: { reports: { id: string }[] };
      };
      const made = (await (
        await patient.postJson('/api/own/shares', { report: results.history.reports[0]?.id, masked: true })
      ).json()) as { url: string };
      const { page, context } = await openPage(browser, screen);
      await page.goto(made.url);
      await inspect(page, 'share-door');
      await page.getByRole('button', { name: '打开报告' }).click();
      await page.getByText('患者本人（或代办人）出示').waitFor();
      await inspect(page, 'shared-report');
      await page.goto(made.url);
      await page.getByText('可打开次数已用完').waitFor();
      await inspect(page, 'share-closed');
      await context.close();
    });
  },
);
