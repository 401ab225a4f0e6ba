import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { potassiumMessage, realSystem, type RealSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  SCREENS,
  browserMissing,
  inspection,
  keepPicture,
  openBrowser,
  openPage,
  seriousFindings,
} from './browser.ts';
import { orderFor, signInDoctor } from './county-doctor.ts';

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

const signIn = (page: Page): Promise<void> => signInDoctor(page, system);

const order = (page: Page, key: string, codes?: readonly string[]): Promise<void> =>
  orderFor(page, system, key, codes);

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'the county doctor at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const inspect = inspection(`real-${screen}`);

    it('finds the child’s chest DR elsewhere, recognises it, takes it back, sees the reasons and the report', async () => {
      const { page, context } = await openPage(browser, screen);
      await signIn(page);
      await order(page, 'child');
      await inspect(page, 'child');
      expect(await page.locator('h1').innerText()).toBe(
        '拟开项目中有 1 项已有可互认结果，请确认；另有 1 项可供参考',
      );
      // What may stand in comes first, whatever the order of the lines.
      const [chest, blood] = [page.locator('section.line').nth(0), page.locator('section.line').nth(1)];
      expect(await chest.innerText()).toContain('参考时限至');
      expect(await chest.innerText()).toContain('望溪HR');
      const bloodText = await blood.innerText();
      expect(bloodText).toContain('可供参考的结果如下；血常规 可照常开单');
      expect(bloodText).not.toContain('缺“');
      expect(bloodText.match(/三级乙等/g)).toHaveLength(1);
      expect(bloodText.match(/已超过参考时限/g)).toHaveLength(1);
      expect(bloodText).toContain('高 ↑');
      expect(bloodText).toContain('低 ↓');
      expect(await blood.getByRole('row').count()).toBe(19);
      expect(await blood.getByRole('columnheader').allInnerTexts()).toEqual([
        '项目',
        '结果',
        '提示',
        '单位',
        '参考区间',
      ]);
      expect(await blood.getByRole('button').count()).toBe(0);

      await chest.getByRole('button', { name: /互认，撤销本次申请/ }).click();
      await page.getByText('已互认，等待开单系统确认撤销申请').waitFor();
      expect(await page.locator('.record').innerText()).toContain('望溪市妇幼保健院');
      await inspect(page, 'child-recognised');
      await page.getByRole('button', { name: /撤销这次应答/ }).click();
      await chest.getByRole('button', { name: /互认，撤销本次申请/ }).waitFor();

      await page.getByRole('link', { name: '查看依据' }).click();
      await inspect(page, 'child-explanation');
      expect(await page.locator('section.line').first().innerText()).toContain('已超参考时限');
      expect(await page.getByText('是否在参考时限内').first().isVisible()).toBe(false);
      await page.emulateMedia({ media: 'print' });
      await page.getByText('是否在参考时限内').first().waitFor();
      await page.emulateMedia({ media: 'screen' });
      await page.locator('summary', { hasText: '已超参考时限' }).first().click();
      await page.locator('.members summary', { hasText: '白细胞计数' }).first().click();
      await inspect(page, 'child-explanation-opened');
      expect(await page.locator('details[open] table').last().innerText()).toContain('是否在参考时限内');
      await page.getByRole('link', { name: '展开全部核查' }).click();
      await inspect(page, 'child-explanation-whole');
      expect(await page.locator('details.explained:not([open])').count()).toBe(0);
      await page.getByRole('link', { name: '返回核查结果' }).click();
      await page.getByRole('link', { name: /看原报告.*白细胞计数/ }).click();
      await inspect(page, 'child-report');
      const report = await page.locator('main').innerText();
      expect(report).toContain('望溪市妇幼保健院');
      expect(report).toContain(memberOf(system.bench, 'child').person.name);
      await context.close();
    });

    it('recognises a liver panel but for what is missing, and sees which results stand differently', async () => {
      const { page, context } = await openPage(browser, screen);
      await signIn(page);
      await order(page, 'liver-panel');
      await inspect(page, 'liver-panel');
      const line = page.locator('section.line');
      const text = await line.innerText();
      expect(text).toContain('肝功能十二项 已有 8 项，另有 3 项可供参考，缺“总胆汁酸”');
      expect(text).toContain('另有 3 项判定不同，见表内说明');
      const heading = line.locator('tr.heading');
      expect(await heading.innerText()).toContain('可供参考，由接诊医师判断');
      expect(await line.locator('tbody').nth(1).getByRole('row').count()).toBe(4);
      await line.getByRole('button', { name: /互认，撤销本次申请/ }).click();
      await page.getByText('已互认，等待开单系统确认撤销申请').waitFor();
      await context.close();
    });
  },
);

describe('the county doctor', A_SLOW_BROWSER_AGAIN, () => {
  it('is told at home and at the check that a report relied on was corrected', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signIn(page);
    await order(page, 'potassium-eight');
    const single = (
      await system.bench.check(system.bench.orderOf(memberOf(system.bench, 'potassium-eight')))
    ).lines[0]?.panel?.missing.find(({ item }) => item.code === 'LC-K')?.single as string;
    expect(await system.send(potassiumMessage({ value: '4.61', flag: 'N', status: 'F' }))).toBe('AA');
    await order(page, 'potassium-eight', [single]);
    const own = page.locator('.candidate').first();
    expect(await own.innerText()).toContain('4.61');
    await own.getByRole('button', { name: /互认，撤销本次申请/ }).click();
    await page.getByText('已互认，等待开单系统确认撤销申请').waitFor();
    expect(await system.send(potassiumMessage({ value: '6.10', flag: 'HH', status: 'C' }))).toBe('AA');
    await page.goto(`${system.url}/`);
    expect(await page.locator('.marked').innerText()).toContain('您曾互认的报告已更正，请复核');
    await keepPicture(page, 'real-desk-home-corrected');
    expect(await seriousFindings(page)).toEqual([]);
    await page.locator('.marked a').click();
    expect(await page.locator('.marked').innerText()).toContain('您曾互认的报告已更正，请复核');
    await keepPicture(page, 'real-desk-check-corrected');
    await order(page, 'potassium-eight', [single]);
    const now = await page.locator('.candidate').first().innerText();
    expect(now).toContain('6.10');
    expect(now).toContain('危急值 ↑');
    expect(now).toContain('已更正');
    await context.close();
  });

  it('reads “not checked” of a newborn whom no other institution could name, never “nothing found”', async () => {
    const { page, context } = await openPage(browser, 'phone');
    await signIn(page);
    await page.getByLabel('姓名', { exact: true }).check();
    await page.getByLabel('号码或姓名').fill('陈静之小女');
    await page.getByLabel(/^就诊号/).fill('ZY20261123007');
    await page.getByRole('button', { name: '查找' }).click();
    await page.getByRole('link', { name: /开单核查/ }).click();
    await page.getByLabel('血常规').check();
    await page.getByRole('button', { name: '核查', exact: true }).click();
    await page.getByRole('heading', { name: '本次未核查', exact: true }).waitFor();
    const text = await page.locator('main').innerText();
    expect(text).toContain('患者身份未能确认，本次未核查，不影响开单');
    expect(text).toContain('陈静之小女');
    expect(text).not.toContain('未发现');
    expect(await seriousFindings(page)).toEqual([]);
    await keepPicture(page, 'real-phone-newborn');
    await context.close();
  });
});
