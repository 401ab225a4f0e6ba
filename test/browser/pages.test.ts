import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Fault, raiser } from '../../src/kernel/fault.ts';
import { POSTGRES_FAULTS } from '../../src/adapters/postgres/faults.ts';
import { DOCTOR, type RunningServer, runningServer } from '../system/http-server.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  keepPicture,
  openBrowser,
  openPage,
  SCREENS,
  sendSignIn,
  seriousFindings,
  sidewaysOverflow,
} from './browser.ts';
import { EXAMPLE_ID_NUMBER, EXAMPLE_NAME, EXAMPLE_PERSON } from './example-flows.ts';

const TICKS = ['DR01', 'K01', 'LFT12', 'GLU', 'NEW01', 'CREA'];

const signIn = async (page: Page, url: string): Promise<void> => {
  await sendSignIn(page, `${url}/`, DOCTOR.login, DOCTOR.password);
  await page.getByRole('heading', { name: '找患者' }).waitFor();
};

const findPatient = async (page: Page): Promise<void> => {
  await page.getByLabel('身份证号').check();
  await page.getByLabel('号码或姓名').fill(EXAMPLE_ID_NUMBER);
  await page.getByRole('button', { name: '查找' }).click();
};

const order = async (
  page: Page,
  url: string,
  codes: readonly string[],
  encounter = '门诊',
): Promise<void> => {
  await page.goto(`${url}/patients/${EXAMPLE_PERSON}/order`);
  await page.getByLabel('就诊类型').selectOption(encounter);
  const closed = page.locator('details:not([open]) > summary');
  while ((await closed.count()) > 0) await closed.first().click();
  for (const code of codes) await page.locator(`input[name=code][value="${code}"]`).check();
  await page.getByRole('button', { name: '核查', exact: true }).click();
};

describe('the doctor’s pages', A_SLOW_BROWSER_AGAIN, () => {
  let running: RunningServer;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    if (browserMissing) return;
    running = await runningServer();
    await running.addStaff({});
    url = running.server.url;
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await running?.stop();
  });
  beforeEach(({ skip }) => {
    if (browserMissing) skip(browserMissing);
  });

  it.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
    'are accessible, fit the screen and name no patient in address or title: %s',
    async (screen) => {
      const { page, context } = await openPage(browser, screen);
      const inspect = async (name: string) => {
        await keepPicture(page, `${screen}-${name}`);
        expect(await seriousFindings(page), name).toEqual([]);
        expect(await sidewaysOverflow(page), `${name} fits sideways`).toBe(0);
        expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
        for (const place of [decodeURIComponent(page.url()), await page.title()])
          for (const secret of [EXAMPLE_NAME, EXAMPLE_ID_NUMBER]) expect(place, name).not.toContain(secret);
      };
      await page.goto(`${url}/`);
      await inspect('sign-in');
      await page.getByLabel('登录名').fill(DOCTOR.login);
      await page.getByLabel('密码').fill('not the password');
      await page.getByRole('button', { name: '登录' }).click();
      await inspect('sign-in-refused');
      await signIn(page, url);
      await inspect('find');
      await page.getByLabel('号码或姓名').fill('000');
      await page.getByRole('button', { name: '查找' }).click();
      await inspect('found-nobody');
      await findPatient(page);
      await inspect('found');
      await page.getByRole('link', { name: /开单核查/ }).click();
      await inspect('order');
      await page.getByRole('button', { name: '核查', exact: true }).click();
      await inspect('order-nothing-ticked');
      await order(page, url, TICKS);
      await inspect('check');
      await page.getByText('不互认，继续检查（请选择原因）').first().click();
      await inspect('check-reasons');
      await page.getByRole('button', { name: /互认，撤销本次申请.*胸部/ }).click();
      await inspect('check-answered');
      await page.getByRole('link', { name: '查看依据' }).click();
      await inspect('explanation');
      await page.goBack();
      await page
        .getByRole('link', { name: /看原报告/ })
        .first()
        .click();
      await inspect('report');
      await page.goto(`${url}/nowhere`);
      await inspect('problem');
      await context.close();
    },
  );

  it('show every result with its words: flag, unit, reference, institution, time, mark and window', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page, url);
    await order(page, url, TICKS);
    const text = await page.locator('main').innerText();
    for (const words of [
      '拟开项目中有 2 项已有可互认结果，请确认',
      '6.10',
      '危急值 ↑',
      'mmol/L',
      '参考区间 3.50-5.30',
      '市一院',
      '2026-11-18 08:12 采样',
      '示例HR',
      '参考时限至 2026-11-25',
      '已超参考时限，可供参考，由接诊医师判断',
      '肝功能十二项 已有 2 项，缺“葡萄糖”',
      '可只开所缺项目：葡萄糖（GLU）',
      '本院近期已检',
      '院内编码未对照，本次未核查',
      '参考时限内未发现可互认结果',
      '授权：按当地政策推定',
    ])
      expect(text).toContain(words);
    expect(await page.locator('#line-6').innerText()).not.toContain('未发现');
    await context.close();
  });

  it('work with script off and by keyboard alone: sign in, find, tick, check, answer, undo, sign out', async () => {
    const { page, context } = await openPage(browser, 'desk', { javaScriptEnabled: false });
    await page.goto(`${url}/`);
    await page.getByLabel('登录名').focus();
    await page.keyboard.type(DOCTOR.login);
    await page.keyboard.press('Tab');
    await page.keyboard.type(DOCTOR.password);
    await page.keyboard.press('Enter');
    await page.getByLabel('号码或姓名').focus();
    await page.keyboard.type(EXAMPLE_NAME);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: /开单核查/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('按名称、代码或拼音首字母筛选').focus();
    await page.keyboard.type('xbzw');
    await page.keyboard.press('Enter');
    await page.locator('input[name=code][value=DR01]').focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: '核查', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /互认，撤销本次申请/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /撤销这次应答/ }).waitFor();
    expect(await page.locator('#line-1').innerText()).toContain('已互认，等待开单系统确认撤销申请');
    expect(await page.locator('#line-1').innerText()).toContain('互认示例市第一人民医院');
    await page.getByRole('button', { name: /撤销这次应答/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /互认，撤销本次申请/ }).waitFor();
    await page.getByRole('button', { name: '退出' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '登录' }).waitFor();
    await page.goto(`${url}/checks/01930000-0000-7000-9000-000000000001`);
    expect(await page.locator('h1').innerText()).toBe('登录');
    await context.close();
  });

  it('narrow the items by Chinese name, code and pinyin initials and keep what was ticked', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page, url);
    await page.goto(`${url}/patients/${EXAMPLE_PERSON}/order`);
    await page.locator('input[name=code][value=LFT12]').check();
    for (const [typed, code] of [
      ['xt', 'GLU'],
      ['血钾', 'K01'],
      ['dr01', 'DR01'],
    ] as const) {
      await page.getByLabel('按名称、代码或拼音首字母筛选').fill(typed);
      await page.getByRole('button', { name: '筛选' }).click();
      const offered = await page.locator('details input[name=code]').all();
      expect(await Promise.all(offered.map((box) => box.getAttribute('value')))).toEqual([code]);
      expect(await page.locator('.chosen input[name=code]').count()).toBe(1);
    }
    await context.close();
  });

  it('ask for the side of an item that has sides before checking it', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page, url);
    await order(page, url, ['DR09']);
    expect(await page.getByRole('alert').innerText()).toBe('请选择侧别：膝关节正侧位 DR。');
    await page.getByLabel('膝关节正侧位 DR 侧别').selectOption('left');
    await page.getByRole('button', { name: '核查', exact: true }).click();
    await page.getByRole('heading', { name: '参考时限内未发现可互认结果', exact: true }).waitFor();
    expect(running.flows.requests.at(-1)?.items).toEqual([
      { line: 1, code: 'DR09', name: '膝关节正侧位 DR', side: 'left' },
    ]);
    await context.close();
  });

  it('offer the reasons with the machine’s findings ticked, and say at the line what is missing', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page, url);
    await order(page, url, ['K01']);
    await page.getByText('不互认，继续检查（请选择原因）').click();
    expect(await page.getByLabel(/O1　超出参考时限/).isChecked()).toBe(true);
    await page.getByLabel(/补充说明/).fill('太短');
    await page.getByRole('button', { name: /N6/ }).click();
    expect(await page.locator('#line-1').getByRole('alert').innerText()).toBe(
      'N6 其他情形需填写至少 10 个字。',
    );
    await page.getByRole('button', { name: /N1/ }).click();
    expect(await page.locator('#line-1').innerText()).toContain('不互认，继续检查：N1　病情变化');
    await context.close();
  });

  it('do not interrupt an emergency and say so', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page, url);
    await order(page, url, ['DR01'], '急诊');
    expect(await page.locator('main').innerText()).toContain('急诊抢救，未作提醒；已有结果可随时查阅');
    await context.close();
  });

  it('tell the doctor at home and at the check that a recognised report was corrected', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page, url);
    await order(page, url, ['DR01']);
    await page.getByRole('button', { name: /互认，撤销本次申请/ }).click();
    running.flows.correctEverything();
    await page.goto(`${url}/`);
    expect(await page.locator('.marked').innerText()).toContain('您曾互认的报告已更正，请复核');
    expect(await seriousFindings(page)).toEqual([]);
    await keepPicture(page, 'desk-corrected-home');
    // The link beside it leads to the decision made again; the first to the check itself.
    await page.locator('.marked li').last().locator('a').first().click();
    expect(await page.locator('.marked').innerText()).toContain('您曾互认的报告已更正，请复核');
    await keepPicture(page, 'desk-corrected-check');
    await context.close();
  });

  it('say “not checked” when the database is gone, and never “nothing found”', async () => {
    const { page, context } = await openPage(browser, 'phone');
    await signIn(page, url);
    await page.goto(`${url}/patients/${EXAMPLE_PERSON}/order`);
    await page.locator('input[name=code]').first().check();
    running.flows.failWith = raiser(POSTGRES_FAULTS)('DATABASE_UNREACHABLE');
    try {
      await page.getByRole('button', { name: '核查', exact: true }).click();
      const text = await page.locator('main').innerText();
      expect(text).toContain('互认服务暂不可用，本次未核查，不影响开单');
      expect(text).not.toContain('未发现');
      expect(await seriousFindings(page)).toEqual([]);
      await keepPicture(page, 'phone-not-checked');
      expect(running.flows.failWith).toBeInstanceOf(Fault);
    } finally {
      running.flows.failWith = null;
    }
    await context.close();
  });

  it('keep names with rare characters whole', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page, url);
    await findPatient(page);
    expect(await page.locator('.people .name').innerText()).toBe(EXAMPLE_NAME);
    await context.close();
  });

  it('print results without buttons and without needing colour', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page, url);
    await order(page, url, TICKS);
    await page.emulateMedia({ media: 'print' });
    await expect.poll(() => page.getByRole('button').filter({ visible: true }).count()).toBe(0);
    const text = await page.locator('main').innerText();
    expect(text).toContain('低 ↓');
    expect(text).toContain('危急值 ↑');
    expect(await page.locator('.watermark').innerText()).toContain('查看人：示例医师（1001）');
    await context.close();
  });
});
