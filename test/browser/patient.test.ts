import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { checkResponseRequestShape } from '../../src/web/wire/order-check-request.ts';
import { formBrowser } from '../system/http-server.ts';
import { actsFor, patientSignIn, personOf, signedInPatient } from '../system/own-data-bench.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  inspection,
  keepPicture,
  openBrowser,
  openPage,
  policyViolations,
  SCREENS,
  sendSignIn,
  seriousFindings,
} from './browser.ts';

let system: RealSystem;
let browser: Browser;

/** A patient of three hospitals, one with restricted results, a mother of a newborn. */
const PATIENTS = ['three-hospitals', 'pre-operative', 'mother-of-twins'] as const;

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser()]);
  for (const key of PATIENTS) await signedInPatient(system, key);
  await actsFor(system, 'mother-of-twins', 'twin-one');
  await actsFor(system, 'pre-operative', 'three-hospitals', { relation: 'other', agreed: true });
  const { bench } = system;
  const { id, lines } = await bench.check(bench.orderOf(memberOf(bench, 'three-hospitals')));
  const repeated = await bench.flows.respond(
    bench.doctor,
    id as PublicId,
    checkResponseRequestShape.parse({
      line: lines.find(({ offeredReasons }) => offeredReasons.length > 0)?.line,
      kind: 're-examine',
      reason: 'N1',
    }),
    null,
    bench.origin,
  );
  if (!repeated.ok) throw repeated.reason;
  const doctor = formBrowser(system.url);
  await doctor.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
  await doctor.postJson(`/api/persons/${await personOf(bench, 'three-hospitals')}/emergency-access`, {
    reason: 'unable-to-consent',
    text: '车祸昏迷，家属未到',
    confirmation: COUNTY_DOCTOR.password,
  });
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

const signIn = async (page: Page, key: (typeof PATIENTS)[number]): Promise<void> => {
  const { login, password } = patientSignIn(key);
  await sendSignIn(page, `${system.url}/me`, login, password);
  await page.getByRole('heading', { name: '我的检查检验' }).waitFor();
  await page.locator('.card').first().waitFor();
};

const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: '主要页面' }).getByRole('link', { name });

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'the patient’s app at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const inspect = inspection(`patient-${screen}`);

    it.each(['标准版', '长辈版'] as const)('shows every screen in %s', async (size) => {
      const { page, context } = await openPage(browser, screen);
      const { person } = memberOf(system.bench, 'three-hospitals');
      const named = (name: string) => `${size === '长辈版' ? 'elder-' : ''}${name}`;
      await signIn(page, 'three-hospitals');
      if (size === '长辈版') await page.getByRole('button', { name: '长辈版' }).click();
      await inspect(page, named('home'));
      await page.getByText('紧急调阅').click();
      await page.getByText(/的医师因紧急情况/).waitFor();
      await inspect(page, named('home-told'));
      await page
        .getByRole('link', { name: /肾功能/ })
        .first()
        .click();
      await page.locator('.number-line').first().waitFor();
      expect(page.url()).not.toContain(person.nationalId);
      expect(await page.title()).not.toContain(person.name);
      expect(await page.locator('main').innerText()).not.toMatch(/正常|无问题/);
      await inspect(page, named('report'));
      await page.getByRole('button', { name: '生成二维码' }).click();
      await page.getByRole('img', { name: '给医生扫的二维码' }).waitFor();
      await inspect(page, named('share'));
      const opened = await page.context().newPage();
      await opened.goto(await page.locator('.address code').innerText());
      await inspect(opened, named('share-door'));
      await opened.getByLabel('您的姓名').fill('孙医生');
      await opened.getByLabel('医院和科室').fill('示例医院心内科');
      await opened.getByRole('button', { name: '打开报告' }).click();
      await opened.getByText('还可打开').waitFor();
      for (const place of [decodeURIComponent(opened.url()), await opened.title()])
        expect(place).not.toMatch(/孙医生|心内科/);
      await opened.close();
      await page.getByRole('button', { name: /历次结果.*肌酐/ }).click();
      await page.locator('.trend .line').first().waitFor();
      await inspect(page, named('trend'));
      await page.getByRole('button', { name: '返回' }).click();
      await tab(page, '按项目看').click();
      await page.getByLabel('找项目（中文或拼音首字母）').fill('jtdb');
      await page.getByRole('button', { name: /甲胎蛋白/ }).click();
      await page.locator('.trend').waitFor();
      expect(await page.locator('.trend .line').count(), 'two platforms are two curves').toBeLessThanOrEqual(
        1,
      );
      await inspect(page, named('trend-not-comparable'));
      await tab(page, '为什么又做了一次').click();
      await page.getByText('依据').waitFor();
      // In the name of what was ordered, not of everything in it.
      await page.getByRole('heading', { name: '肾功能', exact: true }).waitFor();
      await inspect(page, named('repeats'));
      await tab(page, '更多').click();
      await inspect(page, named('more'));
      await page.getByRole('link', { name: '我的分享' }).click();
      await page.getByText('示例医院心内科 孙医生').first().waitFor();
      expect(await page.getByText('未核实').count()).toBeGreaterThan(0);
      await inspect(page, named('shares'));
      await page.goBack();
      await page.getByRole('link', { name: '授权管理' }).click();
      await page.getByText('单独隐藏某家医院').waitFor();
      await inspect(page, named('consent'));
      await page.goBack();
      await page.getByRole('link', { name: '谁看过我的结果' }).click();
      await page.locator('.lines .card').first().waitFor();
      await inspect(page, named('access-log'));
      await page.goBack();
      await page.getByRole('link', { name: '我的反馈' }).click();
      await page.getByRole('heading', { name: '我的反馈' }).waitFor();
      await page.goBack();
      await page.getByRole('link', { name: '代办' }).click();
      await page.getByRole('heading', { name: '谁为我代办' }).waitFor();
      await inspect(page, named('family'));
      await context.close();
    });

    it('holds restricted results back until the second tap, and says that the tap was recorded', async () => {
      const { page, context } = await openPage(browser, screen);
      await signIn(page, 'pre-operative');
      const [link] = await page.getByRole('link', { name: /感染|术前|传染/ }).all();
      await link?.click();
      await page.getByRole('button', { name: '显示敏感项目' }).waitFor();
      expect(await page.locator('main').innerText()).not.toMatch(/HIV|免疫缺陷/);
      await page.getByRole('button', { name: '显示敏感项目' }).click();
      await page
        .getByRole('heading', { name: /HIV|免疫缺陷/ })
        .first()
        .waitFor();
      await inspect(page, 'restricted');
      await context.close();
    });

    it('gives consent and takes it back in the same number of taps, with what follows in plain words', async () => {
      const { page, context } = await openPage(browser, screen);
      await signIn(page, 'mother-of-twins');
      await page.goto(`${system.url}/me/consent`);
      const whole = page.locator('.card').first();
      for (const [act, standing] of [
        ['同意', '已同意'],
        ['撤回授权', '已撤回'],
      ] as const) {
        await whole.getByRole('button', { name: act, exact: true }).click();
        await whole.locator('.note').waitFor();
        await inspect(page, `consent-${act === '同意' ? 'given' : 'withdrawn'}`);
        await whole.getByRole('button', { name: `确认${act}` }).click();
        await whole.getByText('已记录').waitFor();
        await whole.getByText(standing, { exact: true }).waitFor();
      }
      await context.close();
    });

    it('reports an error from the value itself and follows the ticket', async () => {
      const { page, context } = await openPage(browser, screen);
      await signIn(page, 'mother-of-twins');
      await page.locator('.card a').first().click();
      await page
        .getByRole('link', { name: /有误？/ })
        .first()
        .click();
      await page.getByLabel('单位有误').check();
      await page.getByLabel(/想说明的情况/).fill('单位与报告单不一致');
      await page.getByLabel(/照片/).setInputFiles({
        name: 'paper.png',
        mimeType: 'image/png',
        buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 7]),
      });
      await inspect(page, 'report-error');
      await page.getByRole('button', { name: '提交' }).click();
      await page.getByText(/编号 JC/).waitFor();
      await page.getByRole('button', { name: '看我的反馈' }).click();
      await page.getByText('单位与报告单不一致').first().waitFor();
      await inspect(page, 'feedback');
      await context.close();
    });

    it('reports a look that was not for a visit', async () => {
      const { page, context } = await openPage(browser, screen);
      await signIn(page, 'three-hospitals');
      await page.goto(`${system.url}/me/access-log`);
      const look = page.locator('.lines .card').filter({ hasText: '我要反映' }).first();
      if (screen === 'desk') {
        await look.getByRole('button', { name: '这不是我本次就医，我要反映' }).click();
        await page.getByLabel(/想说明的情况/).fill('那天我不在医院');
        await inspect(page, 'report-look');
        await page.getByRole('button', { name: '提交' }).click();
      }
      await page
        .getByText(/已反映/)
        .first()
        .waitFor();
      await inspect(page, 'look-reported');
      await context.close();
    });

    it('says for whom a mother acts on every screen, and leads back', async () => {
      const { page, context } = await openPage(browser, screen);
      await signIn(page, 'mother-of-twins');
      await page.getByRole('link', { name: '看 陈静之大女 的结果' }).click();
      await page.getByText('正在为 陈静之大女 代办').waitFor();
      await page.locator('.card').first().waitFor();
      await inspect(page, 'acting');
      await tab(page, '按项目看').click();
      await page.getByText('正在为 陈静之大女 代办').waitFor();
      await page.reload();
      await page.getByText('正在为 陈静之大女 代办').waitFor();
      await page.getByRole('link', { name: '换回本人' }).click();
      await page.getByText('正在为').waitFor({ state: 'hidden' });
      await context.close();
    });
  },
);

describe('长辈版', A_SLOW_BROWSER_AGAIN, () => {
  it('has main text from 18 to 30 px, targets of 60 px, and is remembered', async () => {
    const { page, context } = await openPage(browser, 'phone');
    await signIn(page, 'three-hospitals');
    await tab(page, '更多').click();
    for (const [name, least] of [
      ['大字', 18],
      ['特大字', 24],
      ['最大字', 30],
    ] as const) {
      await page.getByLabel(`长辈版 · ${name}`, { exact: true }).check();
      const size = Number.parseFloat(await page.evaluate('getComputedStyle(document.body).fontSize'));
      expect(size).toBeGreaterThanOrEqual(least);
      expect(size).toBeLessThanOrEqual(30);
      const heights = (await page.evaluate(
        "[...document.querySelectorAll('main a, main button, main fieldset label, nav a, .bar button')].map((each) => each.getBoundingClientRect().height)",
      )) as number[];
      expect(Math.min(...heights), name).toBeGreaterThanOrEqual(60);
    }
    await page.reload();
    await page.getByRole('heading', { name: '更多' }).waitFor();
    expect(await page.getByLabel('长辈版 · 最大字', { exact: true }).isChecked()).toBe(true);
    await tab(page, '按项目看').click();
    await page.getByRole('button', { name: /肌酐/ }).click();
    await page.getByRole('region', { name: '历次结果表' }).waitFor();
    // Date, value, interval and hospital are all read without scrolling sideways.
    expect(
      await page.evaluate(
        "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.scrolls'))",
      ),
    ).toBeLessThanOrEqual(0);
    await keepPicture(page, 'elder-trend-stacked');
    await context.close();
  });
});

describe('a weak network', A_SLOW_BROWSER_AGAIN, () => {
  it('never looks like no results, and keeps what was read', async () => {
    const { page, context } = await openPage(browser, 'phone');
    await page.route('**/api/own/results*', (route) => route.abort());
    const { login, password } = patientSignIn('three-hospitals');
    await sendSignIn(page, `${system.url}/me`, login, password);
    await page.getByText('未能载入，不代表没有结果').waitFor();
    expect(await page.locator('main').innerText()).not.toContain('还没有');
    expect(await seriousFindings(page)).toEqual([]);
    await page.unroute('**/api/own/results*');
    await page.getByRole('button', { name: '重试' }).click();
    await page.locator('.card').first().waitFor();
    await tab(page, '更多').click();
    await page.getByRole('heading', { name: '更多' }).waitFor();
    await context.setOffline(true);
    await page.getByText('没有网络').waitFor();
    await tab(page, '我的检查检验').click();
    await page.locator('.card').first().waitFor();
    await keepPicture(page, 'patient-phone-offline');
    await context.close();
  });
});

describe('the policy of the pages', A_SLOW_BROWSER_AGAIN, () => {
  it('has nothing to refuse, and everything is reached by keyboard', async () => {
    const { page, context } = await openPage(browser, 'phone', { bypassCSP: false });
    const refused = policyViolations(page);
    await signIn(page, 'three-hospitals');
    const report = page.getByRole('link', { name: /肾功能/ }).first();
    await report.focus();
    await page.keyboard.press('Enter');
    await page.locator('.number-line').first().waitFor();
    const trend = page.getByRole('button', { name: /历次结果/ }).first();
    await trend.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('table').waitFor();
    await tab(page, '更多').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '更多' }).waitFor();
    expect(refused).toEqual([]);
    await context.close();
  });
});
