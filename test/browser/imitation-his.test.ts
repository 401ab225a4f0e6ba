import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { connectImitationHis } from '../../src/apps/imitation-his/connect.ts';
import { NOT_CHECKED_LINE } from '../../src/apps/imitation-his/cds-face.ts';
import type { ImitationHis } from '../../src/apps/imitation-his/server.ts';
import { sendDueAnswers } from '../../src/apps/worker/answer-sender.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  SCREENS,
  browserMissing,
  inspection,
  openBrowser,
  openPage,
} from './browser.ts';

let system: RealSystem;
let browser: Browser;
let his: ImitationHis;
let answers: NodeJS.Timeout;

const connect = (hurenUrl: string): Promise<ImitationHis> => {
  const { dependencies, now } = system.bench;
  const client = { code: 'yx-county-his', key: system.key };
  return connectImitationHis(dependencies, client, { hurenUrl, port: 0, now });
};

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser()]);
  // The worker's part: answers leave for the hospital's callback.
  // The hospital refuses answers of another day, so they are sent by the real clock.
  const sending = { ...system.bench.dependencies, clock: systemClock };
  answers = setInterval(() => void sendDueAnswers(sending, () => undefined).catch(() => undefined), 200);
});
afterAll(async () => {
  clearInterval(answers);
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});
afterEach(() => his?.close());

const FULFILLED = statement(
  'test.his-fulfilled',
  `select count(*)::integer as n from check_responses where kind = 'fulfilled'`,
);
const fulfilled = async (): Promise<number> => {
  const [row] = await system.bench.opened.database.run<{ n: number }>(FULFILLED);
  return row?.n ?? -1;
};

/** Calls the patient of the three orders in and writes them: 116 + 80 + 280 yuan. */
const orderThree = async (page: Page, face: 'cds-hooks' | 'soap'): Promise<void> => {
  await page.goto(his.url);
  await page.locator(`tbody tr:first-child button[value=${face}]`).click();
  await page.getByRole('button', { name: '加入' }).click();
  await page.getByRole('button', { name: '提交（先问互认平台）' }).click();
  expect(await page.locator('#total').innerText()).toBe('476.00');
};

const total = (page: Page, text: string): Promise<void> =>
  page.locator('#total', { hasText: text }).waitFor({ timeout: 20_000 });

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'the imitated hospital at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const inspect = inspection(`his-${screen}`);

    it('takes a recognised CT off its fee list by one key, speaking CDS Hooks', async () => {
      his = await connect(system.url);
      const { page, context } = await openPage(browser, screen);
      const before = await fulfilled();
      await orderThree(page, 'cds-hooks');
      await page.locator('.card').first().waitFor();
      await inspect(page, 'cds-hooks');
      const chest = page.locator('.card', { hasText: '胸部' }).first();
      await chest.focus();
      await page.keyboard.press('r');
      await total(page, '196.00');
      const liver = page.locator('.card', { hasText: '肝功能' }).first();
      await liver.focus();
      await page.keyboard.press('1');
      await page.getByText('不互认，继续检查').first().waitFor();
      expect(await page.locator('#total').innerText()).toBe('196.00');
      expect(await fulfilled()).toBe(before + 1);
      await page.getByRole('button', { name: '签署全部医嘱' }).click();
      expect(await page.getByRole('cell', { name: '已签署' }).count()).toBe(2);
      await inspect(page, 'cds-hooks-signed');
      await context.close();
    });

    it('takes it off by the callback of the embedded card, speaking SOAP', async () => {
      his = await connect(system.url);
      const { page, context } = await openPage(browser, screen);
      const before = await fulfilled();
      await orderThree(page, 'soap');
      const card = page.frameLocator('iframe');
      const chest = card.locator('section', { hasText: '胸部' }).first();
      await chest.waitFor();
      await inspect(page, 'soap');
      await chest.getByRole('button', { name: /互认，撤销本次申请/ }).click();
      await total(page, '196.00');
      await expect.poll(fulfilled, { timeout: 20_000 }).toBe(before + 1);
      await context.close();
    });

    it.each(['cds-hooks', 'soap'] as const)(
      'goes on ordering by %s when nothing could be checked',
      async (face) => {
        // Nobody listens there.
        his = await connect('http://127.0.0.1:9');
        const { page, context } = await openPage(browser, screen);
        await orderThree(page, face);
        expect(await page.getByRole('status').innerText()).toBe(NOT_CHECKED_LINE);
        await inspect(page, `${face}-not-checked`);
        await page.getByRole('button', { name: '签署全部医嘱' }).click();
        expect(await page.getByRole('cell', { name: '已签署' }).count()).toBe(3);
        await context.close();
      },
    );
  },
);
