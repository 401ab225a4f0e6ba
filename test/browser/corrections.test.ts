import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { drainOutbox } from '../../src/apps/worker/worker.ts';
import { instant } from '../../src/kernel/instant.ts';
import { systemClock } from '../../src/apps/installation.ts';
import type { InstitutionCode, StaffRole } from '../../src/organisation/index.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from '../system/real-system.ts';
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

const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };
const PASSWORD = 'Correct-horse-91';

let system: RealSystem;
let browser: Browser;
/** A report of another hospital about the story of the passed window, its number and the hospital. */
let report: { readonly id: string; readonly number: string; readonly institution: string };
/** The check by which the county's doctor found it. */
let check: string;

const account = (login: string, role: StaffRole, institution: string) =>
  createAccount(
    system.bench.dependencies.database,
    {
      login,
      password: PASSWORD,
      role,
      institution: institution as InstitutionCode,
      displayName: '演练职工',
      staffNumber: login,
    },
    { at: systemClock(), newId: system.bench.dependencies.newPublicId, by: 'test', peer: 'test' },
    TEST_COST,
  );

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser()]);
  const { bench } = system;
  const checked = await bench.check(bench.orderOf(memberOf(bench, 'potassium-five')));
  check = checked.id;
  const found = checked.lines.flatMap(({ candidates }) => candidates)[0];
  const id = found?.report as string;
  const read = await bench.flows.report(bench.doctor, id as never, bench.origin);
  if (!read.ok) throw read.reason;
  report = { id, number: read.value.reportNumber, institution: read.value.institution.code };
  await account('source.office', 'medical-affairs', report.institution);
  await account('county.window', 'registrar', 'YX-COUNTY');
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

const signIn = async (page: Page, login: string, password: string): Promise<void> => {
  await sendSignIn(page, `${system.url}/`, login, password);
  await page.getByRole('button', { name: '退出' }).waitFor();
};

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'a ticket at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const contexts: BrowserContext[] = [];
    afterAll(async () => {
      for (const context of contexts) await context.close();
    });
    const inspect = async (page: Page, name: string): Promise<void> => {
      await keepPicture(page, `tickets-${screen}-${name}`);
      expect(await seriousFindings(page), name).toEqual([]);
      expect(await sidewaysOverflow(page), `${name} fits sideways`).toBe(0);
      const { person } = memberOf(system.bench, 'potassium-five');
      for (const place of [decodeURIComponent(page.url()), await page.title()])
        expect(place, name).not.toContain(person.name);
    };
    const signedIn = async (login: string, password: string): Promise<Page> => {
      const { page, context } = await openPage(browser, screen);
      contexts.push(context);
      await signIn(page, login, password);
      return page;
    };

    it('goes from the doctor to the desk and back, each told what the other did', async () => {
      const doctor = await signedIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
      await doctor.goto(`${system.url}/reports/${report.id}/correction`);
      await inspect(doctor, 'form');
      await doctor.locator('input[name=kind][value=wrong-person]').check();
      await doctor.getByLabel('说明（选“其他”时必填）').fill('姓名与腕带不符');
      await doctor.getByRole('button', { name: '提交' }).click();
      await doctor.getByRole('heading', { name: /纠错单 JC/ }).waitFor();
      const ticket = doctor.url();
      await inspect(doctor, 'ticket-submitted');

      const desk = await signedIn('source.office', PASSWORD);
      await desk.getByRole('link', { name: '本机构报告的纠错单' }).click();
      await desk.getByRole('heading', { name: '本机构报告的纠错单' }).waitFor();
      await inspect(desk, 'queue');
      const number = /JC[0-9A-F-]+/.exec(await doctor.locator('h1').innerText())?.[0] as string;
      await desk.getByRole('link', { name: number }).click();
      await desk.getByRole('heading', { name: number }).waitFor();
      await inspect(desk, 'case-submitted');
      await desk.getByRole('button', { name: '受理' }).click();
      await desk.getByText('向反映人询问').first().click();
      await desk.getByLabel('问题').fill('请问腕带号码是多少？');
      await desk.getByRole('button', { name: '发送询问' }).click();
      await desk.getByText('请问腕带号码是多少？').waitFor();

      await doctor.goto(`${system.url}/corrections`);
      await doctor.getByText('有新进展').first().waitFor();
      await inspect(doctor, 'own-list');
      await doctor.goto(ticket);
      await inspect(doctor, 'ticket-asked');
      await doctor.getByLabel('内容').fill('腕带号 000123');
      await doctor.getByRole('button', { name: '答复' }).click();
      await doctor.getByText('腕带号 000123').waitFor();

      // The desk's page is from before the answer: a step decided on it is refused, and the page shows why.
      await desk.getByText('不成立', { exact: true }).last().click();
      await desk.getByLabel('理由').selectOption('identity-confirmed');
      await desk.getByRole('button', { name: '以不成立办结' }).click();
      await desk.getByText('已被他人处理').waitFor();
      await inspect(desk, 'case-moved-on');
      await desk.getByRole('button', { name: '开始核实' }).click();
      await desk.getByRole('button', { name: '开始核实' }).waitFor({ state: 'detached' });
      await inspect(desk, 'case-verifying');
      await desk.locator('summary', { hasText: '不成立' }).click();
      await desk.getByLabel('理由').selectOption('identity-confirmed');
      await desk.getByRole('button', { name: '以不成立办结' }).click();
      await desk.getByRole('button', { name: '记录回访' }).waitFor();
      await inspect(desk, 'case-unfounded');

      await doctor.goto(ticket);
      await doctor.getByRole('button', { name: '已知晓处理结果' }).click();
      await doctor.getByText('已回访').first().waitFor();
      await inspect(doctor, 'ticket-followed-up');

      // The worker looks at the decision again when every check that was on its way is kept.
      const { dependencies } = system.bench;
      await drainOutbox({ ...dependencies, clock: () => instant(dependencies.clock() + 120_000) });
      await desk.reload();
      await inspect(desk, 'case-reviewed');
      expect(await desk.locator('main').innerText()).toContain('结论未变');
      await doctor.goto(`${system.url}/checks/${check}/reviews`);
      await doctor.getByText('结论未变').first().waitFor();
      await inspect(doctor, 'reviews');
    });

    it('is sent from the card inside the hospital’s own system', async () => {
      const { page, context } = await openPage(browser, screen);
      contexts.push(context);
      const token = system.cardLinks.tokenOf({
        check: check as never,
        institution: 'YX-COUNTY' as InstitutionCode,
        client: 'yx-county-his',
        staffNumber: '100118',
        department: null,
      });
      await page.goto(`${system.url}/card/${token}/reports/${report.id}`);
      await page.getByRole('link', { name: '报告有误？' }).click();
      await inspect(page, 'card-form');
      await page.locator('input[name=kind][value=other]').check();
      await page.getByRole('button', { name: '提交' }).click();
      await page.getByRole('alert').waitFor();
      await page.getByLabel('说明（选“其他”时必填）').fill('送检科室写错');
      await page.getByRole('button', { name: '提交' }).click();
      await page.getByRole('heading', { name: /纠错单 JC/ }).waitFor();
      await inspect(page, 'card-ticket');
    });

    it('is taken down at the window for a patient, and refused in the same words whatever does not fit', async () => {
      const page = await signedIn('county.window', PASSWORD);
      await page.goto(`${system.url}/corrections`);
      await page.getByRole('link', { name: '代患者提交' }).click();
      await inspect(page, 'on-behalf-form');
      const fill = async (nationalId: string) => {
        await page.getByLabel('出具机构').selectOption(report.institution);
        await page.getByLabel('报告单号').fill(report.number);
        await page.getByLabel('患者身份证号').fill(nationalId);
        await page.locator('input[name=kind][value=quality]').check();
        await page.getByRole('button', { name: '提交' }).click();
      };
      await fill(memberOf(system.bench, 'child').person.nationalId ?? '');
      await page.getByText('没有这位患者的这份报告').waitFor();
      await inspect(page, 'on-behalf-refused');
      await fill(memberOf(system.bench, 'potassium-five').person.nationalId ?? '');
      await page.getByRole('heading', { name: /纠错单 JC/ }).waitFor();
      await inspect(page, 'on-behalf-ticket');
    });
  },
);
