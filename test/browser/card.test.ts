import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { POSTGRES_FAULTS } from '../../src/adapters/postgres/faults.ts';
import { CARD_LINK_MS } from '../../src/apps/flows/card/card-link.ts';
import { raiser } from '../../src/kernel/fault.ts';
import { type CardBench, cardBench, parentPage } from './card-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  keepPicture,
  openBrowser,
  openPage,
  seriousFindings,
  sidewaysOverflow,
  type SCREENS,
} from './browser.ts';

const CODES = ['DR01', 'K01', 'LFT12', 'GLU', 'NEW01', 'CREA'];

describe('the card', A_SLOW_BROWSER_AGAIN, () => {
  let bench: CardBench;
  let browser: Browser;
  beforeAll(async () => {
    if (browserMissing) return;
    bench = await cardBench();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await bench?.stop();
  });
  beforeEach((context) => {
    if (browserMissing) context.skip(browserMissing);
  });

  const open = async (
    codes: readonly string[],
    options: { screen?: keyof typeof SCREENS; javaScriptEnabled?: boolean; over?: object } = {},
  ): Promise<Page> => {
    const { page } = await openPage(browser, options.screen ?? 'desk', {
      javaScriptEnabled: options.javaScriptEnabled ?? true,
      bypassCSP: false,
    });
    await page.goto(await bench.cardOf(codes, options.over));
    return page;
  };
  const textOf = (page: Page | Frame, selector: string) => page.locator(selector).innerText();

  it.each(['desk', 'phone'] as const)('is accessible and fits the screen: %s', async (screen) => {
    const page = (await openPage(browser, screen)).page;
    await page.goto(await bench.cardOf(CODES));
    await keepPicture(page, `card-${screen}`);
    expect(await seriousFindings(page)).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);
    await page.locator('summary').first().click();
    await keepPicture(page, `card-${screen}-reasons`);
    expect(await seriousFindings(page)).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);
    expect(await page.title()).not.toContain('张');
    await page.context().close();
  });

  it('opens on its headline and patient, the first line having the keys', async () => {
    const page = await open(CODES, { screen: 'phone' });
    expect(await page.evaluate('document.activeElement.id')).toBe('line-1');
    expect(await page.evaluate('window.pageYOffset')).toBe(0);
    await page.context().close();
  });

  it('says the answer, and of every result where, when, by which mark and how long, in the words agreed', async () => {
    const page = await open(CODES);
    expect(await textOf(page, 'h1')).toBe('拟开项目中有 2 项已有可互认结果，请确认');
    const chest = (await textOf(page, '#line-1')).replace(/\s+/g, ' ');
    expect(chest).toContain('市一院（三级甲等）│ 2026-11-18 08:12 检查│ 示例HR│ 参考时限至 2026-11-25');
    const potassium = (await textOf(page, '#line-2')).replace(/\s+/g, ' ');
    expect(potassium).toContain('6.10 危急值 ↑ mmol/L 参考区间 3.50-5.30');
    expect(await textOf(page, '#line-3')).toContain(
      '肝功能十二项 已有 2 项，缺“葡萄糖”'.replace('肝功能十二项', 'LFT12'),
    );
    expect(await textOf(page, '#line-4')).toContain('本院近期已检');
    expect(await textOf(page, '#line-5')).toContain('未核查');
    expect(await textOf(page, '#line-5')).not.toContain('未发现');
    expect(await textOf(page, '#line-6')).toContain('参考时限内未发现可互认结果');
    expect(await textOf(page, 'footer')).toContain('查看人：工号 1001（儿科）');
    expect(await textOf(page, '.drill')).toContain('演练');
    await page.context().close();
  });

  it('is answered with one key: R recognises the focused line, undo takes it back', async () => {
    const page = await open(CODES);
    await page.keyboard.press('r');
    await page.locator('#line-1 .answered').waitFor();
    expect(await textOf(page, '#line-1')).toContain('已互认，等待开单系统确认撤销申请');
    expect(await page.locator('.answered').count()).toBe(1);
    await keepPicture(page, 'card-desk-recognised');
    await page.locator('#line-1 .undo').click();
    await page.locator('#line-1 .recognise').waitFor();
    await page.context().close();
  });

  it('gives a reason with one key, with what the machine found; “other” first asks for ten characters', async () => {
    const page = await open(['K01', 'DR01']);
    await page.locator('#line-1').focus();
    await page.keyboard.press('6');
    await page.keyboard.type('太短');
    await page.locator('#line-1 button[value=N6]').click();
    expect(await page.locator('#line-1 [role=alert]').innerText()).toBe('N6 其他情形需填写至少 10 个字。');
    expect(await page.locator('#line-1 textarea').inputValue(), 'what was written stays').toBe('太短');
    await page.locator('#line-1').focus();
    await page.keyboard.press('1');
    await page.locator('#line-1 .answered').waitFor();
    expect(await textOf(page, '#line-1')).toContain('不互认，继续检查：N1　病情变化');
    await page.context().close();
  });

  it('does nothing for R while the result it is about is out of sight', async () => {
    const page = await open(['DR01', ...CODES]);
    await page.locator('#line-1').focus();
    await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
    await page.keyboard.press('r');
    await page.waitForTimeout(200);
    expect(await page.locator('.answered').count()).toBe(0);
    await page.context().close();
  });

  it('opens the report and the reasons of the verdict, and leads back', async () => {
    const page = await open(['LFT12']);
    await page.keyboard.press('v');
    await page.getByText('本报告仅对该标本负责').waitFor();
    const text = await textOf(page, 'main');
    for (const words of [
      '示例HR',
      '方法',
      '速率法',
      '采样时间',
      '接收时间',
      '报告时间',
      '检验者',
      '审核者',
      '低 ↓',
    ])
      expect(text).toContain(words);
    await keepPicture(page, 'card-desk-report');
    await page.getByText('返回互认卡片').click();
    await page.getByText('查看依据').click();
    await page.getByRole('heading', { name: '核查依据' }).waitFor();
    await keepPicture(page, 'card-desk-explanation');
    await page.context().close();
  });

  it('recognises all that must be considered at once', async () => {
    const page = await open(CODES);
    await page.getByRole('button', { name: /全部认可（2 项）/ }).click();
    await page.locator('#line-3 .answered').waitFor();
    expect(await page.locator('.answered').count()).toBe(2);
    expect(await page.getByRole('button', { name: /全部认可/ }).count()).toBe(0);
    await page.context().close();
  });

  it('works with script off: answers, reasons and the way back are plain forms', async () => {
    const page = await open(['DR01', 'K01'], { javaScriptEnabled: false, screen: 'phone' });
    await page.locator('#line-1 .recognise').click();
    await page.locator('#line-1 .answered').waitFor();
    await page.locator('#line-2 summary').click();
    await page.locator('#line-2 input[name=subReasons]').focus();
    // Enter in a field is no reason for anything.
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    expect(await page.locator('.answered').count()).toBe(1);
    await page.locator('#line-2 summary').click();
    await page.locator('#line-2 button[value=N2]').click();
    await page.locator('#line-2 .answered').waitFor();
    await keepPicture(page, 'card-phone-no-script');
    await page.getByText('完成并返回开单系统').click();
    expect(bench.parent.posted).toHaveLength(0);
    await page.getByRole('button', { name: '返回开单系统' }).click();
    await page.getByText('已收到').waitFor();
    const answers = JSON.parse(bench.parent.posted[0]?.get('answers') ?? '{}') as {
      answers: { decision: string }[];
    };
    expect(answers.answers.map(({ decision }) => decision)).toEqual(['recognise', 're-examine']);
    await page.context().close();
  });

  it('folds an emergency into one line with N4 ready, and opens on demand', async () => {
    const page = await open(['DR01'], { over: { encounter: { class: '急诊', number: 'E1' } } });
    expect(await textOf(page, 'main')).toContain('急诊抢救，未作提醒；已有结果可随时查阅');
    expect(await page.locator('#line-1').isVisible()).toBe(false);
    await keepPicture(page, 'card-desk-emergency');
    await page.keyboard.press('4');
    await page.locator('#line-1 .answered').waitFor();
    expect(await textOf(page, '#line-1')).toContain('N4');
    await page.context().close();
  });

  it('stands in a frame of 420 px of the registered page, and tells that page alone what was answered', async () => {
    const { page } = await openPage(browser, 'desk', { bypassCSP: false });
    await page.goto(bench.parent.framing(await bench.cardOf(CODES)));
    const frame = page.frame('card') as Frame;
    await frame.locator('h1').waitFor();
    expect(await frame.evaluate('document.documentElement.scrollWidth')).toBe(420);
    await keepPicture(page, 'card-frame');
    await frame.locator('#line-1 .recognise').click();
    await frame.locator('#line-1 .answered').waitFor();
    await page.waitForFunction(
      'window.told.some(({ data }) => data.answers && data.answers.some(({ decision }) => decision === "recognise"))',
    );
    await frame.locator('#line-1').press('Escape');
    await page.waitForFunction('window.told.some(({ data }) => data.type === "huren.close")');
    const origins = (await page.evaluate('window.told.map(({ origin }) => origin)')) as string[];
    expect(new Set(origins)).toEqual(new Set([bench.running.server.url]));
    await page.context().close();
  });

  it('shows nothing in a frame of any other page', async () => {
    const stranger = await parentPage();
    try {
      const { page } = await openPage(browser, 'desk', { bypassCSP: false });
      await page.goto(stranger.framing(await bench.cardOf(['DR01'])));
      await page.waitForLoadState('networkidle');
      expect(page.frames().at(-1)?.url()).toBe('chrome-error://chromewebdata/');
      await page.context().close();
    } finally {
      await stranger.stop();
    }
  });

  it('says “not checked” in the frame when the database is gone, and “expired” when the address is old', async () => {
    const { page } = await openPage(browser, 'desk', { bypassCSP: false });
    const card = await bench.cardOf(['DR01']);
    const headline = () => (page.frame('card') as Frame).locator('main').innerText();
    bench.running.flows.failWith = raiser(POSTGRES_FAULTS)('DATABASE_UNREACHABLE');
    try {
      await page.goto(bench.parent.framing(card));
      expect(await headline()).toContain('互认服务暂不可用，本次未核查，不影响开单');
      expect(await headline()).not.toContain('未发现');
      await keepPicture(page, 'card-frame-not-checked');
    } finally {
      bench.running.flows.failWith = null;
    }
    bench.running.advance(CARD_LINK_MS + 1_000);
    await page.goto(bench.parent.framing(card));
    expect(await headline()).toContain('链接已过期，未作任何记录；请从开单系统重新打开。');
    await page.context().close();
  });

  it('prints what was found without buttons and without needing colour', async () => {
    const page = await open(CODES);
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('button').filter({ visible: true }).count()).toBe(0);
    const text = await textOf(page, 'main');
    expect(text).toContain('低 ↓');
    expect(text).toContain('危急值 ↑');
    await page.context().close();
  });
});
