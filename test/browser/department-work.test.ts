import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { COUNTY_OFFICE, type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  inspection,
  openBrowser,
  openPage,
  SCREENS,
  sendSignIn,
} from './browser.ts';

let system: RealSystem;
let browser: Browser;

/** What the hospital's own system sends for a doctor, and is answered. */
const send = async (path: string, body: object): Promise<OrderCheckAnswer> => {
  const answer = await fetch(system.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.ok, `${path} ${answer.status}`).toBe(true);
  return (await answer.json()) as OrderCheckAnswer;
};

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser()]);
  const orders = [
    ['child', '儿科', '100118', { kind: 're-examine', reason: 'N1' }],
    ['potassium-five', '心血管内科', '100231', { kind: 'recognise' }],
    ['pre-operative', '普通外科', '100342', null],
  ] as const;
  for (const [key, department, staffNumber, response] of orders) {
    const { bench } = system;
    const checked = await send(
      '/api/order-checks',
      bench.orderOf(memberOf(bench, key), {
        department: { name: department },
        doctor: { staffNumber },
      }),
    );
    const asks = checked.lines.find(({ outcome }) => outcome === 'must-consider');
    if (response && asks)
      await send(`/api/order-checks/${checked.id}/responses`, { line: asks.line, ...response });
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
  await sendSignIn(page, `${system.url}/`, COUNTY_OFFICE.login, COUNTY_OFFICE.password);
};

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'the work of departments at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    it('is counted for the office, which goes on to one doctor and one check', async () => {
      const inspect = inspection(`department-work-${screen}`);
      const { page, context } = await openPage(browser, screen);
      await signIn(page);
      await page.getByRole('link', { name: '科室与医师互认情况' }).click();
      await page.getByRole('rowheader', { name: '普通外科' }).waitFor();
      await inspect(page, 'all');
      await page.getByRole('link', { name: '100118' }).click();
      await page.getByRole('heading', { name: '医师 100118 的核查' }).waitFor();
      await inspect(page, 'doctor');
      expect(await page.getByRole('rowheader', { name: '普通外科' }).count()).toBe(0);
      expect(await page.locator('body').innerText()).toContain('不互认：');
      expect(await page.content()).not.toContain(memberOf(system.bench, 'child').person.name);
      await page.emulateMedia({ media: 'print' });
      await inspect(page, 'print');
      await page.emulateMedia({ media: 'screen' });
      await page
        .getByRole('link', { name: /^2026-/ })
        .first()
        .click();
      await page.getByText('查看依据').first().waitFor();
      await context.close();
    });
  },
);
