import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeStudies } from '../../src/apps/demonstration/studies/send-studies.ts';
import { patientSignIn, signedInPatient } from '../system/own-data-bench.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  inspection,
  openBrowser,
  openPage,
  SCREENS,
  sendSignIn,
  uncaughtErrors,
} from './browser.ts';
import { numbered, sendInstances, studiesOf } from './sent-studies.ts';

/** A patient with a chest CT, which is sent under a number that no report has. */
const PATIENT = 'three-orders';
const SLICES = 5;
const NO_REPORT = '分享时还没有收到这次检查的报告；这次分享只有影像，不含报告。';

let system: RealSystem;
let browser: Browser;

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser({ drawing: true })]);
  await signedInPatient(system, PATIENT);
  for (const { institution, study } of studiesOf(system, PATIENT, false))
    await sendInstances(
      system,
      institution,
      [...study.instances()].slice(0, SLICES).map((each) => numbered(each, 'X0')),
    );
  await closeStudies(system.imaging);
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

/** The patient's way from the list of what was found out to the study. */
const openStudy = async (page: Page): Promise<void> => {
  const { login, password } = patientSignIn(PATIENT);
  await sendSignIn(page, `${system.url}/me`, login, password);
  const list = page.getByRole('region', { name: '没有对应报告的影像' });
  await list.getByRole('link').first().click();
  await page.getByRole('heading', { name: '分享给医生' }).waitFor();
};

/** Has a code made, and tells its address. */
const makeCode = async (page: Page): Promise<string> => {
  await page.getByRole('button', { name: '生成二维码' }).click();
  await page.getByRole('img', { name: '给医生扫的二维码' }).waitFor();
  return page.locator('.address code').innerText();
};

/** A stranger's browser, behind the address. */
const guestAt = async (
  screen: keyof typeof SCREENS,
  address: string,
): Promise<{ page: Page; context: BrowserContext }> => {
  const guest = await openPage(browser, screen);
  await guest.page.goto(address);
  return guest;
};

const drawn = (page: Page) => page.locator('.pane[data-drawn=true]');

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'a study without a report, shared at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const inspect = inspection(`study-share-${screen}`);

    it('is shown to whoever holds the code, and closed by its patient while it is looked at', async () => {
      const { page, context } = await openPage(browser, screen);
      const uncaught = uncaughtErrors(page);
      await openStudy(page);
      await page.getByText('这次检查的报告还没有收到').waitFor();
      await page.getByText(`影像 ${SLICES} 幅`).waitFor();
      await page.getByText('影像参数').waitFor();
      expect(await page.getByLabel('只显示姓氏，不显示号码').count()).toBe(0);
      await inspect(page, 'own');
      const address = await makeCode(page);
      await inspect(page, 'code');

      const { page: theirs, context: others } = await guestAt(screen, address);
      const { name } = memberOf(system.bench, PATIENT).person;
      await theirs.getByRole('heading', { name: '有人向您出示一次检查的影像' }).waitFor();
      expect(await theirs.innerText('body')).not.toContain(name);
      await inspect(theirs, 'door');
      await theirs.getByLabel('您的姓名').fill('孙医生');
      await theirs.getByLabel('医院和科室').fill('示例医院呼吸科');
      await theirs.getByRole('button', { name: '打开影像' }).click();
      await theirs.getByText(NO_REPORT).waitFor();
      await theirs.getByText('CTDIvol').first().waitFor();
      expect(await theirs.title()).not.toContain(name);
      await inspect(theirs, 'guest');
      await theirs.getByRole('link', { name: '看影像' }).click();
      await drawn(theirs).waitFor();
      expect(await theirs.getByRole('link', { name: '下载影像' }).count()).toBe(0);
      const beside = theirs.getByText(NO_REPORT);
      if (!(await beside.isVisible()))
        await theirs.getByRole('button', { name: '报告', exact: true }).click();
      await beside.waitFor();
      await inspect(theirs, 'viewer');

      await page.goto(`${system.url}/me/shares`);
      const newest = page.locator('section.card').first();
      await newest.getByText('示例医院呼吸科 孙医生').waitFor();
      await newest.getByText('只分享影像，不含报告。').waitFor();
      await inspect(page, 'shares');
      await newest.getByRole('button', { name: '撤回分享' }).click();
      await newest.getByText('已撤回', { exact: true }).waitFor();
      await theirs.getByRole('heading', { name: '分享已结束' }).waitFor();
      expect(await theirs.locator('canvas').count()).toBe(0);
      await others.close();
      await page.goto(`${system.url}/me/access-log`);
      await page.getByText('示例医院呼吸科 孙医生').first().waitFor();
      await page.getByText('检查影像').first().waitFor();
      await inspect(page, 'log');
      expect(uncaught).toEqual([]);
      await context.close();
    });

    it('is closed to whoever comes with a code that was taken back, in words', async () => {
      const { page, context } = await openPage(browser, screen);
      await openStudy(page);
      const address = await makeCode(page);
      await page.getByRole('button', { name: '撤回分享' }).click();
      await page.getByRole('button', { name: '生成二维码' }).waitFor();
      const { page: theirs, context: others } = await guestAt(screen, address);
      await theirs.getByText('分享已被对方撤回。').waitFor();
      await inspect(theirs, 'closed');
      await others.close();
      await context.close();
    });
  },
);

it('whoever is shown images takes them along where the patient ticked it', A_SLOW_BROWSER_AGAIN, async () => {
  const { page, context } = await openPage(browser, 'phone');
  await openStudy(page);
  await page.getByLabel(/允许对方下载影像/).check();
  const address = await makeCode(page);
  await context.close();
  const { page: theirs, context: others } = await guestAt('phone', address);
  await theirs.getByRole('button', { name: '打开影像' }).click();
  await theirs.getByRole('link', { name: '看影像' }).click();
  await theirs.getByRole('link', { name: '下载影像' }).click();
  await theirs.getByRole('heading', { name: '下载影像', level: 1 }).waitFor();
  const [download] = await Promise.all([
    theirs.waitForEvent('download'),
    theirs.getByRole('button', { name: '下载原始影像' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^huren-dicom-\d{8}\.zip$/);
  await others.close();
});
