import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  SCREENS,
  browserMissing,
  inspection,
  openBrowser,
  openPage,
} from './browser.ts';
import { orderFor, signInDoctor } from './county-doctor.ts';

/** One white pixel, as a camera would send many. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==',
  'base64',
);

let system: RealSystem;
let browser: Browser;

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

/** The child's order, checked on the plain pages by the county's doctor. */
const checkChild = async (page: Page): Promise<void> => {
  await signInDoctor(page, system);
  await orderFor(page, system, 'child');
};

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'papers and tickets at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const inspect = inspection(`papers-${screen}`);

    it('makes the notice of a repeat, prints it, and shows it to whoever holds the paper', async () => {
      const { page, context } = await openPage(browser, screen);
      await checkChild(page);
      const chest = page.locator('section.line', { hasText: '胸部' }).first();
      await chest.getByText('不互认，继续检查（请选择原因）').click();
      await chest.locator('button[name=reason][value=N1]').click();
      await page
        .getByRole('link', { name: /告知单/ })
        .first()
        .click();
      await inspect(page, 'notice-form');
      await page.getByRole('button', { name: '生成告知单' }).click();
      await page.getByRole('heading', { name: '检查检验结果未予互认告知单' }).waitFor();
      // Looked at twice, it is no paper yet.
      await page.reload();
      await page.getByText('预览，未打印').waitFor();
      await inspect(page, 'notice-preview');
      const preview = page.url();
      await page.getByRole('button', { name: '打印' }).click();
      await page.getByText('正本　第 1 版', { exact: true }).waitFor();
      await inspect(page, 'notice-print');
      await page.goto(preview);
      const id = /notices\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? '';
      const notice = (await (await page.request.get(`${system.url}/api/notices/${id}`)).json()) as {
        verifyUrl: string;
      };
      // Whoever holds the paper has no session.
      await context.clearCookies();
      for (const address of [notice.verifyUrl, notice.verifyUrl.replace('/verify/notice/', '/notice/')]) {
        await page.goto(address);
        await inspect(page, address.includes('/verify/') ? 'notice-verify' : 'notice-phone');
        expect(await page.locator('body').innerText()).not.toContain(
          memberOf(system.bench, 'child').person.name,
        );
      }
      await context.close();
    });

    it('takes the report of an error and follows it', async () => {
      const { page, context } = await openPage(browser, screen);
      await checkChild(page);
      await page.getByRole('link', { name: /看原报告.*白细胞计数/ }).click();
      await page
        .getByRole('link', { name: /报告有误|有误/ })
        .first()
        .click();
      await inspect(page, 'correction-form');
      await page.locator('input[name=kind][value=wrong-unit]').check();
      await page.getByLabel('说明（选“其他”时必填）').fill('单位与原始报告单不一致');
      await page.locator('main button[type=submit]').first().click();
      await page.getByText('已提交').first().waitFor();
      await inspect(page, 'correction-ticket');
      await page.goto(`${system.url}/corrections`);
      await inspect(page, 'correction-list');
      await context.close();
    });

    it('records the paper that a patient brings, with a photo', async () => {
      const { page, context } = await openPage(browser, screen);
      await checkChild(page);
      const person = await page.locator('a[href*="/patients/"]').first().getAttribute('href');
      const id = /\/patients\/([0-9a-f-]+)/.exec(person ?? '')?.[1] ?? '';
      await page.goto(`${system.url}/patients/${id}/supplied`);
      await inspect(page, 'supplied-form');
      await page.getByLabel('出具机构（按纸面抄录）').fill('外省某人民医院');
      await page.getByLabel('项目（按纸面抄录）').fill('胸部CT');
      await page
        .getByLabel(/^照片/)
        .setInputFiles({ name: 'film.png', mimeType: 'image/png', buffer: PICTURE });
      await page.getByRole('button', { name: '登记' }).click();
      await page.getByText('患者自带、未核验').first().waitFor();
      await inspect(page, 'supplied-recorded');
      await context.close();
    });
  },
);
