import type { Page } from 'playwright-core';
import { orderFormOf } from '../../src/apps/demonstration/cast.ts';
import { COUNTY_DOCTOR, type RealSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import { sendSignIn } from './browser.ts';

/** Signs the county's doctor in on the page that a visitor lands on, or on that of an app. */
export const signInDoctor = async (page: Page, { url }: RealSystem, path = '/'): Promise<void> => {
  await sendSignIn(page, url + path, COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
  await page.getByRole('heading', { name: '找患者' }).waitFor();
};

/** Finds somebody of the cast by ID number and ticks what the story orders, or the codes given, on the plain pages. */
export const orderFor = async (
  page: Page,
  { url, bench }: RealSystem,
  key: string,
  codes?: readonly string[],
): Promise<void> => {
  const member = memberOf(bench, key);
  await page.goto(`${url}/`);
  await page.getByLabel('身份证号').check();
  await page.getByLabel('号码或姓名').fill(member.person.nationalId ?? '');
  await page.getByRole('button', { name: '查找' }).click();
  await page.getByRole('link', { name: /开单核查/ }).click();
  const closed = page.locator('details:not([open]) > summary');
  while ((await closed.count()) > 0) await closed.first().click();
  for (const code of codes ?? orderFormOf(member).map((each) => each.code))
    await page.locator(`input[name=code][value="${code}"]`).check();
  await page.getByRole('button', { name: '核查', exact: true }).click();
  await page.getByRole('link', { name: '查看依据' }).waitFor();
};
