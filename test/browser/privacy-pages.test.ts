import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { personOf } from '../system/own-data-bench.ts';
import { COUNTY_PRIVACY, signedInOfficer } from '../system/privacy-bench.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  inspection,
  openBrowser,
  openPage,
  SCREENS,
} from './browser.ts';
import { signInDoctor } from './county-doctor.ts';

let system: RealSystem;
let browser: Browser;

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser()]);
  await signedInOfficer(system);
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

const signInOfficer = async (page: Page): Promise<void> => {
  await page.goto(`${system.url}/sign-in`);
  await page.fill('[name=login]', COUNTY_PRIVACY.login);
  await page.fill('[name=password]', COUNTY_PRIVACY.password);
  await page.click('main button[type=submit]');
  await page.waitForURL(`${system.url}/privacy`);
};

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])('on a %s', A_SLOW_BROWSER_AGAIN, (screen) => {
  const inspect = inspection(screen);
  // Each screen an emergency of its own: one that is open is not opened twice.
  const patient = screen === 'desk' ? 'three-hospitals' : 'three-orders';

  it('a doctor opens an emergency access, and says why', async () => {
    const { page, context } = await openPage(browser, screen);
    await signInDoctor(page, system);
    await page.getByLabel('身份证号').check();
    await page.getByLabel('号码或姓名').fill(memberOf(system.bench, patient).person.nationalId ?? '');
    await page.getByRole('button', { name: '查找' }).click();
    await page.getByRole('link', { name: /开单核查/ }).waitFor();
    const person = await personOf(system.bench, patient);
    await page.goto(`${system.url}/persons/${person}/emergency-access`);
    await inspect(page, 'emergency-form');
    await page.check('[name=reason][value=unable-to-consent]');
    await page.fill('[name=text]', '车祸昏迷，家属未到');
    await page.fill('[name=confirmation]', 'Wrong-horse-00');
    await page.click('button.main');
    await page.getByRole('alert').waitFor();
    await inspect(page, 'emergency-refused');
    await page.fill('[name=confirmation]', COUNTY_DOCTOR.password);
    await page.click('button.main');
    await page.waitForURL(`${system.url}/clinician/persons/${person}`);
    await page.getByRole('link', { name: '紧急调阅' }).waitFor();
    const strip = page.getByRole('region', { name: '紧急调阅' });
    await strip.getByText(/还剩 (59|60) 分钟/).waitFor();
    await page.getByRole('tab', { name: /检验/ }).waitFor();
    await inspect(page, 'emergency-open');
    await page.goto(`${system.url}/persons/${person}/emergency-access`);
    expect(await page.getByRole('status').textContent()).toContain('紧急调阅已开启');
    await inspect(page, 'emergency-opened');
    await page.getByRole('link', { name: '查看结果' }).click();
    await strip.getByRole('button', { name: '结束紧急调阅' }).click();
    await strip.waitFor({ state: 'hidden' });
    await page.goto(`${system.url}/persons/${person}/emergency-access`);
    await page.getByRole('button', { name: '确认开启紧急调阅' }).waitFor();
    await context.close();
  });

  it('the privacy officer finds it in the queue, judges it, searches the log and watches over somebody', async () => {
    const { page, context } = await openPage(browser, screen);
    await signInOfficer(page);
    await inspect(page, 'privacy-queue');
    await page.getByRole('link', { name: '紧急调阅' }).first().click();
    await page.getByText('车祸昏迷，家属未到').waitFor();
    await inspect(page, 'privacy-case');
    await page.check('[name=finding][value=justified]');
    await page.fill('[name=text]', '抢救记录已核对');
    await page.click('form[action^="/privacy/cases/"] button.main');
    await page.getByText('已办结：属正常诊疗或工作需要').first().waitFor();
    await page.goto(`${system.url}/privacy/search`);
    await page.fill('[name=reason]', '患者来电反映');
    await page.fill('[name=staff]', '100118');
    await page.click('form[action="/privacy/search"] button.main');
    await page.getByRole('status').waitFor();
    await inspect(page, 'privacy-search');
    await page.goto(`${system.url}/privacy/watched`);
    await page.fill('[name=nationalId]', memberOf(system.bench, patient).person.nationalId as string);
    await page.fill('[name=note]', '公众人物');
    await page.click('form[action="/privacy/watched"] button.main');
    await page.getByText('公众人物').first().waitFor();
    await inspect(page, 'privacy-watched');
    await context.close();
  });
});
