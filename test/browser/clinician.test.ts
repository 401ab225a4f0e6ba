import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LONG_HISTORY, longHistoryMessages } from '../long-history.ts';
import { correctionFlows } from '../../src/apps/flows/corrections/corrections.ts';
import { patientSuppliedFlows } from '../../src/apps/flows/patient-supplied/patient-supplied.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { correctionRequestShape } from '../../src/web/wire/correction.ts';
import { patientSuppliedRequestShape } from '../../src/web/wire/patient-supplied.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  SCREENS,
  browserMissing,
  inspection,
  keepPicture,
  openBrowser,
  openPage,
  policyViolations,
  seriousFindings,
  sidewaysOverflow,
} from './browser.ts';
import { signInDoctor } from './county-doctor.ts';

let system: RealSystem;
let browser: Browser;

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser()]);
  for (const message of longHistoryMessages()) {
    const { outcome, code } = await system.bench.take(Buffer.from(message, 'utf8'));
    if (outcome !== 'accepted') throw new Error(`the long history was not taken: ${code}`);
  }
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

const signIn = (page: Page): Promise<void> => signInDoctor(page, system, '/clinician');

const open = async (page: Page, nationalId: string): Promise<void> => {
  await page.goto(`${system.url}/clinician`);
  await page.getByLabel('号码或姓名').fill(nationalId);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: '结果历史' }).click();
  await page.getByRole('grid').waitFor();
};
const openStory = (page: Page, key: string): Promise<void> =>
  open(page, memberOf(system.bench, key).person.nationalId ?? '');

/** The active cell, by item and column. */
const activeCell = (page: Page): Promise<string | null> =>
  page.evaluate("document.activeElement?.getAttribute('data-cell')");

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'the doctor’s app at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const inspect = inspection(`clinician-${screen}`);

    it('finds a patient, shows the table of three hospitals, its large chart and the report', async () => {
      const { page, context } = await openPage(browser, screen);
      await signIn(page);
      await inspect(page, 'search');
      await page
        .getByLabel('号码或姓名')
        .fill(memberOf(system.bench, 'three-hospitals').person.nationalId ?? '');
      await page.keyboard.press('Enter');
      await page.locator('.people').waitFor();
      expect(
        await page.locator('.scrolls').evaluate((box) => box.scrollWidth - box.clientWidth),
        'nothing of a person is cut off',
      ).toBe(0);
      await inspect(page, 'found');
      await openStory(page, 'three-hospitals');
      expect(page.url()).not.toContain(memberOf(system.bench, 'three-hospitals').person.nationalId);
      expect(await page.title()).not.toContain(memberOf(system.bench, 'three-hospitals').person.name);
      await page.getByLabel('找项目（拼音首字母、代码、中文）').fill('jg');
      const creatinine = page.getByRole('row').filter({ hasText: '肌酐' });
      await creatinine.waitFor();
      expect(await creatinine.locator('.number').filter({ hasText: '高 ↑' }).count()).toBeGreaterThan(5);
      expect(await creatinine.getByText('≈').count()).toBe(2);
      expect(await page.getByRole('columnheader').filter({ hasText: '本院' }).count()).toBeGreaterThan(1);
      await creatinine.locator('.number').filter({ hasText: '≈' }).first().click();
      expect(await page.locator('.inspector').innerText()).toMatch(/mg\/dL ≈ \d+ μmol\/L/);
      expect(await page.locator('.inspector').innerText()).toContain('变异数据目录为草案，仅供参考');
      await inspect(page, 'table');
      await page.getByRole('button', { name: /趋势图/ }).click();
      await page.locator('.trend-chart svg').waitFor();
      await page.locator('.trend-view td .draft').first().waitFor();
      expect(await page.locator('.trend-reading').innerText()).toMatch(/\d{2}:\d{2}　望溪市中心医院　/);
      await inspect(page, 'trend');
      const rowHeights = await page
        .locator('.trend-view tbody tr')
        .evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
      expect(Math.max(...rowHeights)).toBeLessThan(90);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: /看原报告/ }).click();
      await page.getByText('报告单号').waitFor();
      await inspect(page, 'report');
      await page.keyboard.press('Escape');
      await page.getByRole('tab', { name: /检查/ }).click();
      await page.getByText('诊断意见').waitFor();
      await inspect(page, 'examinations');
      await page.getByRole('tab', { name: '患者自带' }).click();
      await page.getByText('还没有登记过自带资料').waitFor();
      await inspect(page, 'brought');
      await page.getByRole('link', { name: '我的互认' }).click();
      await page.getByText('近九十天，您互认过的报告没有更正或撤回').waitFor();
      await page.getByText('没有等待确认的互认').waitFor();
      await inspect(page, 'decisions');
      const id = '01930000-0000-7000-8000-000000000001';
      const recognition = {
        check: id,
        line: 1,
        code: 'X',
        person: id,
        report: id,
        doctor: null,
        department: null,
        orderNumber: null,
        // The first moment that no longer counts is the midnight after the last day.
        standsUntil: '2026-12-03T16:00:00Z',
        item: { code: 'LC-K', nameZh: '钾', nameEn: 'Potassium' },
        recognisedAt: '2026-11-20T00:00:00Z',
      };
      await page.route('**/api/recognised-not-yet-fulfilled', (route) =>
        route.fulfill({
          json: { since: recognition.recognisedAt, truncated: true, recognitions: [recognition] },
        }),
      );
      await page.reload();
      await page.getByText('还有更多，未全部列出').waitFor();
      await page.locator('td', { hasText: /^2026-12-03$/ }).waitFor();
      const link = await page.getByRole('link', { name: '看原报告' }).boundingBox();
      expect((link?.x ?? 0) + (link?.width ?? 0)).toBeLessThanOrEqual(SCREENS[screen].width);
      await inspect(page, 'decisions-waiting');
      await context.close();
    });
  },
);

describe('the policy of the pages', A_SLOW_BROWSER_AGAIN, () => {
  it('has nothing to refuse, whatever is opened', async () => {
    const { page, context } = await openPage(browser, 'desk', { bypassCSP: false });
    const refused = policyViolations(page);
    await signIn(page);
    await openStory(page, 'three-hospitals');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByLabel('找项目（拼音首字母、代码、中文）').fill('jg');
    await page.locator('.number').filter({ hasText: '≈' }).first().click();
    await page.getByRole('button', { name: /趋势图/ }).click();
    await page.locator('.trend-chart svg').waitFor();
    await page.getByRole('button', { name: '前一个' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: /看原报告/ }).click();
    await page.getByText('报告单号').waitFor();
    await page.keyboard.press('Escape');
    for (const list of [/检查/, /心电/, /病理/, /其他/, '患者自带'] as const)
      await page.getByRole('tab', { name: list }).click();
    await page.getByText('患者自带的资料未经核验').waitFor();
    await page.getByRole('link', { name: '我的互认' }).click();
    await page.getByText('没有等待确认的互认').waitFor();
    expect(refused).toEqual([]);
    await context.close();
  });
});

describe('what is not to be relied on', A_SLOW_BROWSER_AGAIN, () => {
  it('is told apart: paper that the patient brought, and values that may be another person’s', async () => {
    const { bench } = system;
    const { person } = await bench.check(bench.orderOf(memberOf(bench, 'child')));
    const kept = await patientSuppliedFlows(bench.dependencies).record(
      bench.doctor,
      person as PublicId,
      patientSuppliedRequestShape.parse({
        institution: '外省儿童医院（手写）',
        item: '血常规',
        examinedOn: '2026-11-20',
        value: '白细胞 11.2',
        photo: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 7]),
      }),
      null,
      bench.origin,
    );
    expect(kept.ok).toBe(true);
    const history = await bench.flows.resultHistory(bench.doctor, person as PublicId, bench.origin);
    if (!history.ok) throw history.reason;
    const laboratory = history.value.reports.find(({ kind }) => kind === 'laboratory');
    const sent = await correctionFlows(bench.dependencies).submit(
      bench.doctor,
      correctionRequestShape.parse({ report: laboratory?.id, kind: 'wrong-person', text: '姓名不是本患儿' }),
      null,
      bench.origin,
    );
    expect(sent.ok).toBe(true);
    for (const screen of Object.keys(SCREENS) as (keyof typeof SCREENS)[]) {
      const { page, context } = await openPage(browser, screen);
      await signIn(page);
      await openStory(page, 'child');
      const disputed = page.locator('.number').filter({ hasText: '核实中' }).first();
      expect(await disputed.locator('s').innerText()).toMatch(/\d/);
      await disputed.click();
      expect(await page.locator('.inspector').innerText()).toContain('归属核实中');
      await keepPicture(page, `clinician-${screen}-disputed`);
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByRole('tab', { name: '患者自带' }).click();
      const paper = page.locator('article').filter({ hasText: '白细胞 11.2' });
      expect(await paper.innerText()).toContain('患者自带、未核验');
      expect(await paper.getByRole('link', { name: /看照片/ }).count()).toBe(1);
      await keepPicture(page, `clinician-${screen}-brought-one`);
      expect(await sidewaysOverflow(page)).toBe(0);
      await context.close();
    }
  });
});

describe('the cumulative table', A_SLOW_BROWSER_AGAIN, () => {
  it('is walked by keys, drawn in windows of twelve visits, and holds a thousand results of two hundred items', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page);
    await open(page, LONG_HISTORY.nationalId);
    await page.getByText(`${LONG_HISTORY.items} 项，第 1–12 次就诊，共 40 次`).waitFor();
    // Only what is in view is in the document.
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toMatch(/^2\d\d$/);
    await page.locator('[data-cell$=" 1"]').first().focus();
    const first = await activeCell(page);
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(`document.activeElement?.dataset.cell !== ${JSON.stringify(first)}`);
    expect(await activeCell(page)).toMatch(/ 1$/);
    await page.keyboard.press('End');
    await page.waitForFunction("document.activeElement?.dataset.cell?.endsWith(' 12')");
    await page.keyboard.press('ArrowRight');
    await page.getByText('第 13–24 次就诊').waitFor();
    for (let step = 0; step < 15; step++) await page.keyboard.press('PageDown');
    await page.waitForFunction("document.activeElement?.dataset.cell?.startsWith('WX-MCH/')");
    await page.keyboard.press('/');
    await page.keyboard.type('lc-crea');
    await page.getByText(/^1 项，/).waitFor();
    await context.close();
  });

  it('leaves no column half behind the fixed one after a jump on a phone: a cut interval is misread', async () => {
    const { page, context } = await openPage(browser, 'phone');
    await signIn(page);
    await openStory(page, 'three-hospitals');
    await page.locator('[data-cell$=" 1"]').first().click();
    const cutColumns = () =>
      page.locator('.cumulative').evaluate((grid) => {
        const [fixed, ...columns] = [...grid.querySelectorAll('.head > div')].map((head) =>
          head.getBoundingClientRect(),
        );
        const edge = fixed?.right ?? 0;
        return columns.filter(({ left, right }) => left < edge - 1 && right > edge + 1).length;
      });
    for (const key of ['ArrowRight', 'ArrowRight', 'End', 'ArrowLeft']) {
      const before = await activeCell(page);
      await page.keyboard.press(key);
      await page.waitForFunction(`document.activeElement?.dataset.cell !== ${JSON.stringify(before)}`);
      // The focus is there first; the table scrolls to it with the next frames.
      await expect.poll(cutColumns, { message: key, timeout: 10_000 }).toBe(0);
    }
    await context.close();
  });

  it('shows every name whole on a phone: a count and a percentage begin alike', async () => {
    const { page, context } = await openPage(browser, 'phone');
    await signIn(page);
    await openStory(page, 'three-hospitals');
    const names = page.locator('.cumulative .line:not(.head, .section) > .item');
    await names.first().waitFor();
    const cut = await names.evaluateAll((cells) =>
      cells
        .filter((cell) => cell.scrollHeight > cell.clientHeight || cell.scrollWidth > cell.clientWidth)
        .map(({ textContent }) => textContent),
    );
    expect(await names.count()).toBeGreaterThan(8);
    expect(cut).toEqual([]);
    await context.close();
  });

  it('coming from an order check, shows the ordered items alone at one key', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page);
    const { bench } = system;
    const check = await bench.check(bench.orderOf(memberOf(bench, 'three-hospitals')));
    await page.goto(`${system.url}/checks/${check.id}`);
    await page.getByRole('link', { name: '结果历史' }).click();
    await page.getByText(/^30 项，/).waitFor();
    await page.getByLabel('只看本次申请的项目').waitFor();
    await page.keyboard.press('o');
    await page.getByText(/^[45] 项，/).waitFor();
    expect(await page.getByRole('row').filter({ hasText: '肌酐' }).count()).toBe(1);
    expect(await page.getByRole('row').filter({ hasText: '白细胞' }).count()).toBe(0);
    await context.close();
  });

  it('keeps values of two platforms apart, and says which may be compared', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page);
    await openStory(page, 'three-hospitals');
    await page.getByLabel('找项目（拼音首字母、代码、中文）').fill('LI-AFP');
    const row = page.getByRole('row').filter({ hasText: '甲胎蛋白' });
    expect(await row.locator('sup.curve').allInnerTexts()).toEqual(['a', 'b', 'a']);
    await row.locator('.trend svg').waitFor();
    expect(await row.locator('.trend svg polyline').count()).toBe(0);
    await context.close();
  });

  it('shows the visits of a filter from their first, wherever the table stood before', async () => {
    const { page, context } = await openPage(browser, 'phone');
    await signIn(page);
    await openStory(page, 'three-hospitals');
    await page.locator('.cumulative .number').last().click();
    await page.evaluate("document.querySelector('.cumulative').scrollLeft = 100_000");
    await page.getByLabel('找项目（拼音首字母、代码、中文）').fill('LI-AFP');
    await page.getByText(/^1 项，/).waitFor();
    const edgeOf = (selector: string, side: 'left' | 'right'): Promise<number> =>
      page.evaluate(
        `document.querySelector('.cumulative .head > ${selector}').getBoundingClientRect().${side}`,
      );
    await expect
      .poll(async () => Math.abs((await edgeOf('.visit', 'left')) - (await edgeOf('.item', 'right'))))
      .toBeLessThanOrEqual(2);
    await keepPicture(page, 'clinician-phone-filtered');
    await context.close();
  });

  it('shows the earlier value of a corrected one, and a withdrawn report as such', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page);
    await openStory(page, 'corrected');
    await page.getByLabel('找项目（拼音首字母、代码、中文）').fill('肌酐');
    await page.locator('.number').filter({ hasText: '*' }).first().click();
    expect(await page.locator('.inspector').innerText()).toMatch(/更正前\s+\d/);
    await page.keyboard.press('v');
    await page.getByText('报告已更正，改动见各版本').waitFor();
    expect(await page.locator('.versions').innerText()).toMatch(/结果：\d+ → \d+/);
    await openStoryExamination(page, 'withdrawn');
    expect(await page.locator('article.examination s').innerText()).toContain('胸部');
    await page.getByRole('button', { name: /看原报告/ }).click();
    await page.getByText('报告已撤回，不得作为依据').waitFor();
    await context.close();
  });

  it('shows a critical value with its word, arrow and mark whole: an arrow that is cut off is no flag', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page);
    await openStory(page, 'corrected');
    await page.getByLabel('找项目（拼音首字母、代码、中文）').fill('肌酐');
    await page.locator('.number').filter({ hasText: '危急值 ↑*' }).first().waitFor();
    const cut = () =>
      page
        .locator('.cumulative .number')
        .evaluateAll(
          (cells) =>
            cells.filter(
              (cell) => cell.scrollWidth > cell.clientWidth || cell.scrollHeight > cell.clientHeight + 1,
            ).length,
        );
    await expect.poll(cut).toBe(0);
    await context.close();
  });

  it('says that it could not load, which never looks like "no results"', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page);
    await page.route('**/api/persons/*/results', (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'DATABASE_UNREACHABLE', zh: '数据库连接不上。', en: 'unreachable' }),
      }),
    );
    await page.getByLabel('号码或姓名').fill(memberOf(system.bench, 'child').person.nationalId ?? '');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: '结果历史' }).click();
    const alert = page.getByRole('alert').filter({ hasText: '不代表没有结果' });
    await alert.waitFor();
    expect(await alert.innerText()).toContain('DATABASE_UNREACHABLE');
    expect(await page.getByText('没有可向您显示的').count()).toBe(0);
    await page.unroute('**/api/persons/*/results');
    await page.getByRole('button', { name: '重试' }).click();
    await page.getByRole('grid').waitFor();
    await context.close();
  });

  it('warns when another window shows another patient, and prints every value with its interval', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page);
    await openStory(page, 'three-hospitals');
    const second = await context.newPage();
    await openStory(second, 'child');
    await second.getByText('另一窗口打开的是另一位患者').waitFor();
    await page.getByText('另一窗口打开的是另一位患者').waitFor();
    await second.close();
    await page.getByText('另一窗口打开的是另一位患者').waitFor({ state: 'hidden' });
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    await page.emulateMedia({ media: 'print' });
    const sheet = page.locator('.print-sheet');
    expect(await sheet.locator('table').count()).toBe(2);
    expect(await sheet.innerText()).toContain('0.64-1.26');
    expect(await page.getByRole('grid').isVisible()).toBe(false);
    await context.close();
  });

  it('is told in English too', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page);
    await openStory(page, 'three-hospitals');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('columnheader', { name: 'Reference' }).waitFor();
    await page.getByLabel('Find an item (pinyin initials, code, name)').fill('creatinine');
    expect(await page.getByRole('row').filter({ hasText: 'High ↑' }).count()).toBe(1);
    expect(await page.locator('.patient').innerText()).toContain('ID number');
    const cut = await page
      .locator('.cumulative .visit span:nth-child(2)')
      .evaluateAll((words) => words.filter((word) => word.scrollWidth > word.clientWidth).length);
    expect(cut, 'own and outside are read whole').toBe(0);
    await context.close();
  });
});

const openStoryExamination = async (page: Page, key: string): Promise<void> => {
  await page.goto(`${system.url}/clinician`);
  await page.getByLabel('号码或姓名').fill(memberOf(system.bench, key).person.nationalId ?? '');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: '结果历史' }).click();
  await page.getByRole('tab', { name: /检查/ }).click();
};
