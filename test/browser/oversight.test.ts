import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { type RealSystem, REGULATORS, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
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

const signIn = async (page: Page, { login, password }: (typeof REGULATORS)[number]): Promise<void> => {
  await sendSignIn(page, `${system.url}/`, login, password);
  await page.getByRole('heading', { name: '穿透式监管' }).waitFor();
};

/** The child's order, checked by the hospital's own system. */
const checkChild = async (): Promise<string> => {
  const answer = await fetch(`${system.url}/api/order-checks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(system.bench.orderOf(memberOf(system.bench, 'child'))),
  });
  return ((await answer.json()) as OrderCheckAnswer).id;
};

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  "the authority's cases at a %s",
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const inspect = async (page: Page, name: string): Promise<void> => {
      await keepPicture(page, `oversight-${screen}-${name}`);
      expect(await seriousFindings(page), name).toEqual([]);
      expect(await sidewaysOverflow(page), `${name} fits sideways`).toBe(0);
    };

    it('are asked for by one, approved by another, read and closed', async () => {
      const check = await checkChild();
      const { name } = memberOf(system.bench, 'child').person;
      const { page: first, context: ofFirst } = await openPage(browser, screen);
      await signIn(first, REGULATORS[0]);
      await first.getByLabel('对象').selectOption('order-check');
      await first.getByLabel('编号', { exact: true }).fill(check);
      await first.getByLabel(/^事由/).fill('患者投诉同一项目在两家医院重复检查，核实当时依据');
      await inspect(first, 'cases');
      await first.getByRole('button', { name: '提交，等待第二人审批' }).click();
      await first.getByText('等待申请人以外的第二人审批').waitFor();
      await inspect(first, 'requested');
      expect(await first.content()).not.toContain(name);
      expect(await first.locator('main').innerText(), 'people, not actors').not.toContain('staff:');
      expect(await first.locator('main').innerText()).toContain(`演练监管1（${REGULATORS[0].login}）`);
      const address = first.url();
      const { page: second, context: ofSecond } = await openPage(browser, screen);
      await signIn(second, REGULATORS[1]);
      await second.goto(address);
      await second.getByLabel('审批意见').fill('同意立案');
      await inspect(second, 'to-decide');
      await second.getByRole('button', { name: /^批准/ }).click();
      await second.getByText('开放至').waitFor();
      await first.goto(address);
      await first.getByRole('link', { name: /^第 1 项/ }).click();
      await first.getByText(name).first().waitFor();
      await first.getByText('所据报告此后没有更正或撤回。').waitFor();
      await inspect(first, 'subject');
      await first.getByRole('link', { name: '返回案件' }).click();
      await first.getByLabel(/^说明/).fill('当时依据充分，未发现问题');
      await first.getByRole('button', { name: '办结' }).click();
      await first.getByText('已办结', { exact: true }).waitFor();
      await inspect(first, 'closed');
      await ofFirst.close();
      await ofSecond.close();
    });
  },
);
