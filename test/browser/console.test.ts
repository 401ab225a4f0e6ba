import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CONSOLE_PASSWORD,
  consoleLogin,
  type ConsoleStaff,
  type ConsoleSystem,
  consoleSystem,
} from '../system/console-system.ts';
import { potassiumMessage } from '../system/real-system.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  keepPicture,
  openBrowser,
  openPage,
  policyViolations,
  SCREENS,
  sendSignIn,
  seriousFindings,
  sidewaysOverflow,
} from './browser.ts';

let system: ConsoleSystem;
let browser: Browser;

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([consoleSystem(), openBrowser()]);
  const waiting = potassiumMessage({ value: '4.2', flag: 'N', status: 'F' })
    .replace('2823-3^钾^LN', 'ZZ-K9^血清钾^L')
    .replaceAll('LOWN1', 'LBROWSER1')
    .replaceAll('\n', '\r');
  await system.bench.take(Buffer.from(waiting));
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

const signedIn = async (
  staff: ConsoleStaff,
  screen: keyof typeof SCREENS = 'desk',
  language: 'zh-CN' | 'en' = 'zh-CN',
  options: { bypassCSP?: boolean } = {},
): Promise<Page> => {
  const { page } = await openPage(browser, screen, options);
  await page.addInitScript((chosen) => localStorage.setItem('huren.language', chosen), language);
  await sendSignIn(page, `${system.url}/sign-in`, consoleLogin(staff), CONSOLE_PASSWORD);
  return page;
};

/** Cells of which a part stands behind the right edge of the screen. */
const cutCells = (page: Page): Promise<number> =>
  page.evaluate(
    `[...document.querySelectorAll('.grid :is(th, td)')].filter((cell) => cell.getBoundingClientRect().right > innerWidth).length`,
  );

const openReason = async (page: Page, code: string): Promise<void> => {
  await page.goto(`${system.url}/institution/messages?state=open&reason=${code}`);
  await page.locator('a[data-row]').first().click();
  await page.locator('table.fields').waitFor();
};

/** Waits until the table has this many rows, however busy the machine is. */
const rows = (page: Page, count: number) =>
  expect.poll(() => page.locator('a[data-row]').count(), { timeout: 30_000 }).toBe(count);

describe('the institution console in a browser', A_SLOW_BROWSER_AGAIN, () => {
  it('is where an engineer arrives after signing in, and leads on to the engineer’s own account', async () => {
    const page = await signedIn('central');
    await page.getByRole('heading', { name: '待处理的原因' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/institution');
    await page.getByTitle('我的账户').click();
    await page.getByRole('heading', { name: '我的账户' }).waitFor();
    await page.context().close();
  });

  for (const screen of Object.keys(SCREENS) as (keyof typeof SCREENS)[])
    for (const language of ['zh-CN', 'en'] as const)
      it(`looks right and is accessible on every page (${screen}, ${language})`, async () => {
        const page = await signedIn('central', screen, language);
        const pages: readonly [name: string, address: string, ready: string][] = [
          ['overview', '/institution', '.chart'],
          ['messages', '/institution/messages', 'a[data-row]'],
          ['codes', '/institution/codes', '.numbers'],
          ['test', '/institution/test', '#message'],
          ['senders', '/institution/senders', '.facts'],
        ];
        for (const [name, address, ready] of pages) {
          await page.goto(system.url + address);
          await page.locator(ready).first().waitFor();
          expect(await seriousFindings(page), name).toEqual([]);
          expect(await sidewaysOverflow(page), name).toBe(0);
          expect(await cutCells(page), name).toBe(0);
          await keepPicture(page, `console-${name}-${language}-${screen}`);
        }
        await openReason(page, 'HL7_TIME_IMPOSSIBLE');
        expect(await seriousFindings(page), 'message').toEqual([]);
        expect(await sidewaysOverflow(page), 'message').toBe(0);
        expect(await cutCells(page), 'message').toBe(0);
        await keepPicture(page, `console-message-${language}-${screen}`);
        if (language === 'en') {
          const labels = await page.locator('h1, h2, h3, button, dt, nav, thead th').allInnerTexts();
          const untranslated = labels.filter((label) => /\p{Script=Han}/u.test(label) && label !== '中文');
          expect(untranslated).toEqual([]);
        }
        await page.context().close();
      });

  it.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
    'names each day of a week once (%s)',
    async (screen) => {
      const page = await signedIn('central', screen);
      await page.goto(`${system.url}/institution?span=week`);
      await page.locator('.chart svg text.axis').nth(2).waitFor();
      const days = (await page.locator('.chart svg text.axis').allTextContents()).slice(2);
      expect(days.length).toBeGreaterThan(1);
      expect(new Set(days).size).toBe(days.length);
      await page.context().close();
    },
  );

  it('opens nothing that its own policy refuses', async () => {
    const page = await signedIn('central', 'desk', 'zh-CN', { bypassCSP: false });
    const refused = policyViolations(page);
    for (const [address, ready] of [
      ['/institution', '.chart'],
      ['/institution/messages', 'a[data-row]'],
      ['/institution/test', '#message'],
      ['/institution/senders', '.facts'],
      ['/institution/codes', '.numbers'],
    ] as const) {
      await page.goto(system.url + address);
      await page.locator(ready).first().waitFor();
    }
    await page.locator('tr', { hasText: 'ZZ-K9' }).getByRole('button', { name: /LC-K$/ }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(refused).toEqual([]);
    await page.context().close();
  });

  it('keeps its filters in the address and walks the rows by keyboard', async () => {
    const page = await signedIn('central');
    await page.goto(`${system.url}/institution/messages`);
    await page.locator('a[data-row]').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('DRILL-DATE');
    await page.keyboard.press('Enter');
    await page.waitForURL(/controlId=DRILL-DATE/);
    await rows(page, 1);
    await page.reload();
    await rows(page, 1);
    await page.goto(`${system.url}/institution/messages?state=open`);
    await rows(page, 5);
    await page.getByRole('region', { name: '消息' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('table.fields').waitFor();
    expect(page.url()).toMatch(/\/institution\/messages\/[0-9a-f-]{36}/);
    await page.context().close();
  });

  it('refreshes by itself until it is paused', async () => {
    const page = await signedIn('county');
    await page.clock.install();
    await page.goto(`${system.url}/institution/messages`);
    await page.locator('a[data-row]').first().waitFor();
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().includes('/api/console/messages')) asked++;
    });
    await page.clock.runFor(6_000);
    await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(0);
    await page.keyboard.press('p');
    await page.locator('button[aria-pressed=true]', { hasText: '继续刷新' }).waitFor();
    const before = asked;
    await page.clock.runFor(60_000);
    expect(asked).toBe(before);
    await page.context().close();
  });

  it('leads from a reason to its field, and shows an undecodable byte as a number', async () => {
    const page = await signedIn('central');
    await openReason(page, 'HL7_BYTES_UNDECODABLE');
    expect(await page.locator('.raw mark').allInnerTexts()).toEqual(['D1']);
    await page.locator('.refusals a').click();
    expect(await page.locator('tr:target').innerText()).toContain('PID[1]-5');
    await page.context().close();
  });

  it('mends a message and replays the copy', async () => {
    const page = await signedIn('central');
    await openReason(page, 'HL7_STATUS_UNKNOWN');
    await page.getByRole('button', { name: '修改后重放' }).click();
    const copy = page.getByLabel('修改副本（原文保留）');
    await copy.fill((await copy.inputValue()).replace(/\|Q(?=\n)/, '|F'));
    await page.getByLabel(/^原因/).fill('与检验科核实为正式');
    await page.keyboard.press('Enter');
    await page.getByText('已受理，回执 AA').waitFor();
    await page.getByRole('heading', { name: '处理记录' }).waitFor();
    expect(await page.locator('.acts').innerText()).toContain('与检验科核实为正式');
    await page.context().close();
  });

  it('maps a code, says what it freed, and undoes it', async () => {
    const page = await signedIn('central');
    await page.goto(`${system.url}/institution/codes`);
    await page.locator('tr', { hasText: 'ZZ-K9' }).getByRole('button', { name: /LC-K$/ }).click();
    await page.getByText(/确认后，1 条等待的结果/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: '确认并发布' }).click();
    await page.getByText(/1 条结果已有目录项目/).waitFor();
    await page.getByRole('button', { name: '撤销最近一次对码' }).click();
    await page.getByRole('button', { name: '恢复上一版本' }).click();
    await page.getByText(/\.002$/).waitFor();
    await page.context().close();
  });

  it('tests a message without storing it', async () => {
    const page = await signedIn('central');
    await page.goto(`${system.url}/institution/test`);
    await page
      .getByLabel('消息', { exact: true })
      .fill(potassiumMessage({ value: '4.4', flag: 'N', status: 'F' }));
    await page.keyboard.press('Control+Enter');
    await page.getByText('会被受理').waitFor();
    await page.getByText('什么都没有保存。').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.context().close();
  });

  it('lets the operator choose an institution, and tells a failure from nothing', async () => {
    const page = await signedIn('operator');
    await page.getByText('请先选择要查看的医疗机构。').waitFor();
    await page.getByText('没有未登记的发送系统发来消息').waitFor();
    const foreign = potassiumMessage({ value: '4.4', flag: 'N', status: 'F' }).replace(
      '|IEP|WXSZXYY|',
      '|LIS|SOMEBODY|',
    );
    await system.bench.take(Buffer.from(foreign.replaceAll('\n', '\r')));
    await page.reload();
    await page.getByRole('cell', { name: 'SOMEBODY' }).waitFor();
    await page.getByText('huren sender add CODE').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.goto(`${system.url}/institution?institution=WX-CENTRAL`);
    await page.getByRole('heading', { name: '望溪市中心医院' }).waitFor();
    await page.route('**/api/console/messages*', (route) => route.abort());
    await page.goto(`${system.url}/institution/messages?institution=WX-CENTRAL`);
    await page.getByText('未能载入，不代表没有结果').waitFor();
    expect(await page.getByText('没有符合条件的消息').count()).toBe(0);
    await page.context().close();
  });
});
