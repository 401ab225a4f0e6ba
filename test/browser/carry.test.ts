import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { demonstrationStudies } from '../../src/apps/demonstration/studies/cast-studies.ts';
import { receiving } from '../../src/apps/flows/imaging/receive.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { OwnResults } from '../../src/web/wire/own-data.ts';
import { patientSignIn, signedInPatient } from '../system/own-data-bench.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  inspection,
  openBrowser,
  openPage,
  sendSignIn,
} from './browser.ts';

/** A patient with a chest CT at the city's central hospital. */
const PATIENT = 'three-orders';
const SLICES = 3;

let system: RealSystem;
let browser: Browser;
/** The report of the chest CT. */
let report: string;

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser({ drawing: true })]);
  const patient = await signedInPatient(system, PATIENT);
  const { history } = (await (await patient.get('/api/own/results')).json()) as OwnResults;
  report = history.reports.find(({ kind }) => kind === 'imaging')?.id ?? '';
  const doors = receiving(system.imaging);
  for (const { institution, study } of demonstrationStudies(system.bench.now, true)) {
    if (institution !== 'WX-CENTRAL') continue;
    let sent = 0;
    for (const { bytes, ...of } of study.instances()) {
      if (++sent > SLICES) break;
      const instance = await doors.begin({
        ...of,
        institution: institution as string as InstitutionCode,
        sender: 'test',
        assumedCharset: null,
      });
      await instance.write(bytes);
      await instance.finish();
    }
  }
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

const signIn = async (page: Page): Promise<void> => {
  const { login, password } = patientSignIn(PATIENT);
  await sendSignIn(page, `${system.url}/me`, login, password);
  await page.getByRole('heading', { name: '我的检查检验' }).waitFor();
};

const openReport = async (page: Page): Promise<void> => {
  await page.goto(`${system.url}/me/reports/${report}`);
  await page.getByRole('link', { name: '看影像' }).waitFor();
};

/** What a click downloads. */
const downloaded = async (
  page: Page,
  click: () => Promise<void>,
): Promise<{ name: string; bytes: Buffer }> => {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
};

const inArchive = (bytes: Buffer): string => bytes.toString('latin1');

it(
  'a patient takes the images along on the phone, as a DICOM folder and as pictures',
  A_SLOW_BROWSER_AGAIN,
  async () => {
    const { page, context } = await openPage(browser, 'phone');
    const inspect = inspection('carry-phone');
    await signIn(page);
    await openReport(page);
    await page.getByRole('link', { name: '看影像' }).click();
    await page.getByRole('link', { name: '下载影像' }).click();
    await page.getByRole('heading', { name: '下载影像', level: 1 }).waitFor();
    expect(await page.title()).not.toMatch(/沈/);
    await inspect(page, 'offer');
    const folder = await downloaded(page, () => page.getByRole('button', { name: '下载原始影像' }).click());
    expect(folder.name).toMatch(/^huren-dicom-\d{8}\.zip$/);
    expect(inArchive(folder.bytes)).toContain('DICOMDIR');
    expect(inArchive(folder.bytes)).toContain(`DICOM/S0000001/I000000${SLICES}`);
    const pictures = await downloaded(page, () => page.getByRole('link', { name: '下载全部图片' }).click());
    expect(pictures.name).toMatch(/^huren-pictures-\d{8}\.zip$/);
    expect(inArchive(pictures.bytes)).toContain('SERIES01/IMG00001.JPG');
    await context.close();
  },
);

/** Shares the report with its whole name, and tells the address. */
const share = async (page: Page, allows: boolean): Promise<string> => {
  await openReport(page);
  expect(await page.getByLabel(/允许对方下载影像/).count()).toBe(0);
  await page.getByLabel('显示全名').check();
  if (allows) await page.getByLabel(/允许对方下载影像/).check();
  await inspection('carry-phone')(page, `share-${allows ? 'ticked' : 'plain'}`);
  await page.getByRole('button', { name: '生成二维码' }).click();
  await page.getByRole('img', { name: '给医生扫的二维码' }).waitFor();
  return page.locator('.address code').innerText();
};

it.each([true, false])(
  'whoever a report is shown to downloads where the patient ticked it: %s',
  A_SLOW_BROWSER_AGAIN,
  async (allows) => {
    const { page, context } = await openPage(browser, 'phone');
    await signIn(page);
    const address = await share(page, allows);
    await context.close();
    const { page: theirs, context: others } = await openPage(browser, 'phone');
    await theirs.goto(address);
    await theirs.getByRole('button', { name: '打开报告' }).click();
    await theirs.getByRole('link', { name: '看影像' }).click();
    await theirs.locator('.heading').waitFor();
    const link = theirs.getByRole('link', { name: '下载影像' });
    expect(await link.count()).toBe(allows ? 1 : 0);
    if (allows) {
      await link.click();
      const { bytes } = await downloaded(theirs, () =>
        theirs.getByRole('button', { name: '下载原始影像' }).click(),
      );
      expect(inArchive(bytes)).toContain('DICOMDIR');
    } else expect((await theirs.goto(`${theirs.url()}/download`))?.status()).toBe(404);
    await others.close();
  },
);

it('a patient takes back what was opened already, and the images close', A_SLOW_BROWSER_AGAIN, async () => {
  const { page, context } = await openPage(browser, 'phone');
  await signIn(page);
  const address = await share(page, false);
  const { page: theirs, context: others } = await openPage(browser, 'phone');
  await theirs.goto(address);
  await theirs.getByRole('button', { name: '打开报告' }).click();
  await theirs.getByRole('link', { name: '看影像' }).click();
  await theirs.locator('.heading').waitFor();
  await page.goto(`${system.url}/me/shares`);
  const newest = page.locator('section.card').first();
  await newest.getByText('已打开', { exact: true }).waitFor();
  await inspection('carry-phone')(page, 'shares');
  await newest.getByRole('button', { name: '撤回分享' }).click();
  await newest.getByText('已撤回', { exact: true }).waitFor();
  expect(await newest.getByRole('button', { name: '撤回分享' }).count()).toBe(0);
  await expect
    .poll(async () => (await theirs.reload())?.status(), { timeout: 30_000, interval: 2_000 })
    .toBe(404);
  await others.close();
  await context.close();
});
