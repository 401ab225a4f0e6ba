import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { setClientDisabled } from '../../src/adapters/postgres/accounts-clients.ts';
import { closeStudies } from '../../src/apps/demonstration/studies/send-studies.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import type { FormBrowser } from '../system/http-server.ts';
import { signedLaunch } from '../system/launching.ts';
import { patientSignIn, signedInPatient } from '../system/own-data-bench.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  inspection,
  openBrowser,
  openPage,
  SCREENS,
  sendSignIn,
  sidewaysOverflow,
  uncaughtErrors,
} from './browser.ts';
import { orderFor, signInDoctor } from './county-doctor.ts';
import { announcing, sendInstances, studiesOf } from './sent-studies.ts';

let system: RealSystem;
let browser: Browser;
let patient: FormBrowser;
/** The thin CT of the city's hospital, of the patient who has a thick one of a township's as well. */
let report: PublicId;
let studyUid: string;

/** How many of a study's images have come so far. */
const CAME = 3;
const ANNOUNCED = 24;

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser({ drawing: true })]);
  for (const { institution, study } of studiesOf(system, 'nodule-thin')) {
    await sendInstances(system, institution, study.instances());
    if (institution === 'WX-CENTRAL') studyUid = study.studyUid;
  }
  await closeStudies(system.imaging);
  for (const { institution, study } of studiesOf(system, 'nodule-thick'))
    await sendInstances(
      system,
      institution,
      [...study.instances()].slice(0, CAME).map((each) => announcing(each, ANNOUNCED)),
    );
  const { bench } = system;
  await bench.check(bench.orderOf(memberOf(bench, 'nodule-thick')));
  const { lines } = await bench.check(bench.orderOf(memberOf(bench, 'nodule-thin')));
  report = lines[0]?.candidates[0]?.report as PublicId;
  patient = await signedInPatient(system, 'nodule-thin');
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

const drawn = (page: Page) => page.locator('.pane[data-drawn=true]');

const OPENINGS = statement(
  'test.study-openings',
  "select actor, basis from audit_events where action = 'study.read' order by event_id",
);

/** Who opened studies so far, the latest last. */
const openings = () => system.bench.opened.database.run<{ actor: string; basis: string }>(OPENINGS, []);

/** Follows a link that opens a window of its own, to the first real pixels in it. */
const followed = async (context: BrowserContext, press: () => Promise<void>): Promise<Page> => {
  const [page] = await Promise.all([context.waitForEvent('page'), press()]);
  await drawn(page).waitFor();
  return page;
};

const openPerson = async (page: Page, key: string): Promise<void> => {
  await page.goto(`${system.url}/clinician`);
  await page.getByLabel('号码或姓名').fill(memberOf(system.bench, key).person.nationalId ?? '');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: '结果历史' }).click();
  await page.getByRole('tab', { name: /检查/ }).click();
  await page.locator('.examination').first().waitFor();
};

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'the doctor’s ways to images at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const inspect = inspection(`entries-${screen}`);

    it('lead from the list of examinations and from the report, and leave one row in the log', async () => {
      const { page, context } = await openPage(browser, screen);
      await signInDoctor(page, system, '/clinician');
      const before = (await openings()).length;
      await openPerson(page, 'nodule-thin');
      const thin = page.locator('.examination').first();
      expect(await thin.innerText()).toMatch(/影像 \d+ 幅/);
      await inspect(page, 'examinations');
      const view = await followed(context, () => thin.getByRole('link', { name: /看影像/ }).click());
      await view.getByText('本显示未经诊断校准').waitFor();
      await view.getByRole('button', { name: '报告' }).or(view.getByText('检查所见')).first().waitFor();
      expect(view.url()).not.toContain(memberOf(system.bench, 'nodule-thin').person.nationalId);
      await view.close();
      await thin.getByRole('button', { name: /看原报告/ }).click();
      await page.getByText('报告单号').waitFor();
      await inspect(page, 'drawer');
      const again = await followed(context, () =>
        page
          .getByRole('dialog')
          .getByRole('link', { name: /看影像/ })
          .click(),
      );
      await again.close();
      // The same doctor within the hour: one opening, whatever the ways and the screens.
      expect((await openings()).length - before).toBeLessThanOrEqual(1);
      expect((await openings()).at(-1)?.actor).toBe('staff:doctor');
      await context.close();
    });

    it('say 影像上传中 while images are coming, everywhere, and never that they are missing', async () => {
      const { page, context } = await openPage(browser, screen);
      const words = `影像上传中 ${CAME}/${ANNOUNCED}`;
      await signInDoctor(page, system, '/clinician');
      await openPerson(page, 'nodule-thick');
      const thick = page.locator('.examination').first();
      expect(await thick.innerText()).toContain(words);
      await inspect(page, 'coming');
      await thick.getByRole('button', { name: /看原报告/ }).click();
      await page.getByRole('dialog').getByText(words).waitFor();
      const view = await followed(context, () =>
        page
          .getByRole('dialog')
          .getByRole('link', { name: /看影像/ })
          .click(),
      );
      await view.getByText(words).waitFor();
      await inspect(view, 'coming-view');
      await context.close();
    });
  },
);

describe('the lines of an order', A_SLOW_BROWSER_AGAIN, () => {
  it('say 影像上传中 while images are coming, never that they are missing', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signInDoctor(page, system);
    await orderFor(page, system, 'nodule-thick');
    const lines = await page.locator('main').innerText();
    expect(lines).toContain(`影像上传中 ${CAME}/${ANNOUNCED}`);
    expect(lines).not.toContain('缺失');
    await inspection('entries-desk')(page, 'coming-order');
    await context.close();
  });
});

describe('images without a session', A_SLOW_BROWSER_AGAIN, () => {
  it('open from the card by key: V the report, V again its images', async () => {
    const { page, context } = await openPage(browser, 'desk', { bypassCSP: false });
    await system.bench.flows.check(
      system.bench.doctor,
      orderCheckRequestShape.parse(
        system.bench.orderOf(memberOf(system.bench, 'nodule-thin'), { request: { number: 'SQ-IMG' } }),
      ),
      system.bench.origin,
    );
    const launch = signedLaunch(
      { client: 'yx-county-his', staff: '100118', department: '儿科', order: 'SQ-IMG' },
      system.launchSecret,
    );
    await page.goto(system.url + launch);
    await page.locator('.line').first().waitFor();
    expect(await page.locator('.candidate').first().innerText()).toMatch(/影像 \d+ 幅/);
    await page.keyboard.press('v');
    await page.getByRole('heading', { name: '检查所见' }).waitFor();
    const view = await followed(context, () => page.keyboard.press('v'));
    expect(view.url()).toContain('/viewing/');
    await view.getByText('工号 100118').waitFor();
    // Who came by a pass has no session to sign with.
    expect(await view.getByLabel(/会诊意见/).count()).toBe(0);
    expect((await openings()).at(-1)).toEqual({
      actor: 'launched:yx-county-his/100118',
      basis: 'client/yx-county-his',
    });
    await context.close();
  });

  it('open by an address that the hospital’s system signed (IHE IID)', async () => {
    const { page, context } = await openPage(browser, 'desk', { bypassCSP: false });
    const before = (await openings()).length;
    const invoke = (over: Record<string, string>) =>
      signedLaunch(
        { client: 'yx-county-his', staff: '100119', department: '儿科', requestType: 'STUDY', ...over },
        system.launchSecret,
      ).replace('/launch?', '/IHEInvokeImageDisplay?');
    const refused: string[] = [];
    page.on('response', (answer) => {
      if (answer.status() >= 400) refused.push(`${answer.status()} ${answer.url()}`);
    });
    await page.goto(system.url + invoke({ studyUID: studyUid }));
    await drawn(page).waitFor();
    // The preview and whatever else the page asks for.
    expect(refused).toEqual([]);
    expect((await openings()).slice(before)).toEqual([
      { actor: 'launched:yx-county-his/100119', basis: 'client/yx-county-his' },
    ]);
    await page.goto(system.url + invoke({ studyUID: '2.25.1' }));
    await page.getByText('STUDY_UNKNOWN').waitFor();
    await context.close();
  });

  it('say that looking has ended, where the hospital’s system is locked while its doctor looks', async () => {
    const { page, context } = await openPage(browser, 'desk');
    const doctor = { client: 'yx-county-his', staff: '100120', department: '儿科' };
    const invoked = signedLaunch(
      { ...doctor, requestType: 'STUDY', studyUID: studyUid },
      system.launchSecret,
    );
    await page.goto(system.url + invoked.replace('/launch?', '/IHEInvokeImageDisplay?'));
    await drawn(page).waitFor();
    const { database, clock, newPublicId } = system.bench.dependencies;
    const act = { at: clock(), newId: newPublicId, by: 'test', peer: 'test' };
    await setClientDisabled(database, doctor.client, true, act);
    try {
      await page.getByRole('heading', { name: '看图已结束' }).waitFor();
      expect(await page.locator('canvas').count()).toBe(0);
      expect(await page.getByText('分享').count()).toBe(0);
      await inspection('entries-desk')(page, 'pass-ended');
    } finally {
      await setClientDisabled(database, doctor.client, false, act);
    }
    await context.close();
  });

  it('open behind a share, on a phone, until the patient takes it back', async () => {
    const made = await patient.postJson('/api/own/shares', { report, masked: false });
    const { url, share } = (await made.json()) as { url: string; share: { id: string } };
    const { page, context } = await openPage(browser, 'phone');
    const uncaught = uncaughtErrors(page);
    await page.goto(url);
    await page.getByRole('button', { name: '打开报告' }).click();
    // One frame comes while the share is open, all others are asked for and not answered yet.
    let release = (): void => undefined;
    const isRevoked = new Promise<void>((resolve) => {
      release = resolve;
    });
    let opensWith: string | undefined;
    await page.route('**/frames/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      opensWith ??= pathname;
      if (pathname !== opensWith) await isRevoked;
      await route.continue();
    });
    await page.getByRole('link', { name: '看影像' }).click();
    await drawn(page).waitFor();
    expect(await page.getByText('持分享码查看').count()).toBe(1);
    await inspection('entries-phone')(page, 'share');
    expect((await openings()).at(-1)).toEqual({
      actor: 'holder-of-code',
      basis: `report-share/${share.id}`,
    });
    const revoked = await patient.postJson(`/api/own/shares/${share.id}/revocation`, {});
    expect(revoked.status).toBe(200);
    // What was found out of a share a moment ago is not asked again.
    await expect
      .poll(async () => (await page.request.get(`${system.url}${opensWith}`)).status(), {
        timeout: 30_000,
        interval: 500,
      })
      .not.toBe(200);
    release();
    await page.getByRole('heading', { name: '分享已结束' }).waitFor();
    expect(await page.locator('canvas').count()).toBe(0);
    await inspection('entries-phone')(page, 'share-revoked');
    await page.setViewportSize({ width: 1366, height: 768 });
    await inspection('entries-phone')(page, 'share-revoked-wide');
    expect(uncaught).toEqual([]);
    await expect
      .poll(async () => (await page.reload())?.status(), { timeout: 30_000, interval: 2_000 })
      .toBe(404);
    await context.close();
  });
});

describe('the patient’s way to images', A_SLOW_BROWSER_AGAIN, () => {
  it('leads from the own report, in the patient’s words', async () => {
    const { page, context } = await openPage(browser, 'phone');
    const { login, password } = patientSignIn('nodule-thin');
    await sendSignIn(page, `${system.url}/me/reports/${report}`, login, password);
    await page.goto(`${system.url}/me/reports/${report}`);
    await page.getByText(/影像 \d+ 幅/).waitFor();
    await inspection('entries-phone')(page, 'own-report');
    await page.getByRole('link', { name: /看影像/ }).click();
    await drawn(page).waitFor();
    await page.getByText('不能用于诊断').waitFor();
    expect((await openings()).at(-1)?.actor).toMatch(/^patient:/);
    await context.close();
  });
});

describe('a phone', A_SLOW_BROWSER_AGAIN, () => {
  it('says whose pictures a comparison shows, where the prior examination takes the whole screen', async () => {
    const { page, context } = await openPage(browser, 'phone');
    await signInDoctor(page, system);
    await page.goto(`${system.url}/reports/${report}/images`);
    await drawn(page).waitFor();
    const facts = page.locator('.heading .facts');
    const own = await facts.innerText();
    const prior = page.getByLabel('对比');
    const [, chosen] = await prior.locator('option').all();
    const words = ((await chosen?.innerText()) ?? '').split(' ');
    await prior.selectOption({ index: 1 });
    await page.locator('.heading .is-prior').getByText('既往检查').waitFor();
    await drawn(page).waitFor();
    // Its hospital, which is the last thing that the choice names.
    expect(await facts.innerText()).toContain(words.at(-1));
    expect(own).not.toContain(words.at(-1));
    await inspection('entries-phone')(page, 'prior');
    await context.close();
  });

  it('that is turned, and turned back, has its own tools again', async () => {
    const { page, context } = await openPage(browser, 'phone');
    await signInDoctor(page, system);
    await page.goto(`${system.url}/reports/${report}/images`);
    await drawn(page).waitFor();
    await page.setViewportSize({ width: 812, height: 375 });
    await page.getByText('更多工具').waitFor({ state: 'detached' });
    await page.setViewportSize({ width: 375, height: 812 });
    await page.getByText('更多工具').waitFor();
    expect(await sidewaysOverflow(page)).toBe(0);
    await context.close();
  });
});

describe('a consultation opinion', A_SLOW_BROWSER_AGAIN, () => {
  const FIRST = '右肺上叶混合磨玻璃结节，约 7 mm。';
  const SECOND = '较两月前青石卫生院片略增大，建议三个月后薄层复查。';

  it('is written beside the report and beside the images, and read by colleagues and the patient', async () => {
    const { page, context } = await openPage(browser, 'desk');
    const inspect = inspection('entries-desk');
    await signInDoctor(page, system, '/clinician');
    await openPerson(page, 'nodule-thin');
    await page
      .locator('.examination')
      .first()
      .getByRole('button', { name: /看原报告/ })
      .click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('会诊意见（不改动原报告）').fill(FIRST);
    await drawer.getByRole('button', { name: '添加会诊意见' }).click();
    await drawer.getByRole('region', { name: '会诊意见' }).getByText(FIRST).waitFor();
    expect(await drawer.getByLabel('会诊意见（不改动原报告）').inputValue()).toBe('');
    expect(await drawer.getByRole('region', { name: '会诊意见' }).innerText()).toContain('顾清和');
    await inspect(page, 'opinion-drawer');
    const view = await followed(context, () => drawer.getByRole('link', { name: /看影像/ }).click());
    await view.getByText(FIRST).waitFor();
    await view.getByLabel('会诊意见（不改动原报告）').fill(SECOND);
    await view.getByRole('button', { name: '添加会诊意见' }).click();
    await view.getByRole('region', { name: '会诊意见' }).getByText(SECOND).waitFor();
    await inspect(view, 'opinion-view');
    // What is written into the form moves no picture.
    const at = await view.locator('.top-right b').first().innerText();
    await view.getByLabel('会诊意见（不改动原报告）').press('ArrowDown');
    expect(await view.locator('.top-right b').first().innerText()).toBe(at);
    await context.close();
    expect(await (await patient.get(`/api/own/reports/${report}`)).text()).toContain(SECOND);
    const phone = await openPage(browser, 'phone');
    const { login, password } = patientSignIn('nodule-thin');
    await phone.page.goto(`${system.url}/me/reports/${report}`);
    await phone.page.getByLabel('登录名').fill(login);
    await phone.page.getByLabel('密码').fill(password);
    await phone.page.getByRole('button', { name: '登录' }).click();
    await phone.page.goto(`${system.url}/me/reports/${report}`);
    await phone.page.getByRole('region', { name: '会诊意见' }).getByText(SECOND).waitFor();
    await inspection('entries-phone')(phone.page, 'opinion');
    await phone.context.close();
  });

  // A second try finds what the first one left.
  let round = 0;

  it('is withdrawn where it was read: struck for staff, and to the patient only that it was', async () => {
    round += 1;
    const THIRD = `考虑转移，建议 PET-CT（${round}）。`;
    const WHY = `看错了侧别，已重新阅片（${round}）`;
    const { page, context } = await openPage(browser, 'desk');
    const inspect = inspection('entries-desk');
    await signInDoctor(page, system, '/clinician');
    await page.goto(`${system.url}/reports/${report}/images`);
    await page.getByLabel('会诊意见（不改动原报告）').fill(THIRD);
    await page.getByRole('button', { name: '添加会诊意见' }).click();
    const opinions = page.getByRole('region', { name: '会诊意见' });
    const own = opinions.locator('article', { hasText: THIRD });
    // Asked first, and left: nothing has happened.
    await own.getByRole('button', { name: '撤回这条意见' }).click();
    await own.getByRole('button', { name: '不撤回' }).click();
    await own.getByRole('button', { name: '撤回这条意见' }).click();
    const reason = own.getByLabel('撤回理由');
    await own.locator('textarea:focus').waitFor();
    await reason.fill(WHY);
    await inspect(page, 'withdrawing-view');
    await own.getByRole('button', { name: '确认撤回' }).click();
    const folded = opinions.locator('details', { hasText: THIRD });
    await folded.locator('summary', { hasText: '已撤回' }).click();
    await folded.locator('s', { hasText: THIRD }).waitFor();
    await folded.getByText(WHY).waitFor();
    expect(await own.getByRole('button', { name: '撤回这条意见' }).count()).toBe(0);
    await inspect(page, 'withdrawn-view');

    // The plain page, which has no script: the one before it is taken back by its form.
    await page.goto(`${system.url}/reports/${report}`);
    const listed = page.locator('#opinions');
    await listed.locator('details', { hasText: WHY }).locator('summary').click();
    await listed.locator('s', { hasText: THIRD }).waitFor();
    const form = listed.locator('details', { has: page.locator('form') }).last();
    await form.locator('summary').click();
    await inspect(page, 'withdrawing-plain');
    await form.getByLabel('撤回理由').fill('已另写一条');
    await form.getByRole('button', { name: '确认撤回' }).click();
    await listed.locator('summary', { hasText: '已撤回' }).nth(1).waitFor();
    await inspect(page, 'withdrawn-plain');
    await context.close();

    const phone = await openPage(browser, 'phone');
    const { login, password } = patientSignIn('nodule-thin');
    await sendSignIn(phone.page, `${system.url}/me/reports/${report}`, login, password);
    await phone.page.goto(`${system.url}/me/reports/${report}`);
    const read = phone.page.getByRole('region', { name: '会诊意见' });
    await read
      .getByText(/已于 .* 撤回，内容不再显示/)
      .first()
      .waitFor();
    await inspection('entries-phone')(phone.page, 'opinion-withdrawn');
    await phone.page.getByRole('link', { name: /看影像/ }).click();
    await drawn(phone.page).waitFor();
    await phone.page
      .getByText(/已于 .* 撤回，内容不再显示/)
      .first()
      .waitFor();
    // Neither the page nor what it carries for its script says what was taken back, or why.
    const held = await phone.page.content();
    for (const words of [THIRD, WHY]) expect(held).not.toContain(words);
    await inspection('entries-phone')(phone.page, 'opinion-withdrawn-view');
    await phone.context.close();
  });

  it('has no form on a report of one’s own institution', async () => {
    const { page, context } = await openPage(browser, 'desk');
    await signInDoctor(page, system, '/clinician');
    await openPerson(page, 'three-hospitals');
    await page.getByRole('tab', { name: /心电/ }).click();
    await page
      .getByRole('button', { name: /看原报告/ })
      .first()
      .click();
    await page.getByRole('dialog').getByText('报告单号').waitFor();
    expect(await page.getByRole('dialog').getByLabel('会诊意见（不改动原报告）').count()).toBe(0);
    await page.getByRole('dialog').getByText('未收到影像').waitFor();
    await context.close();
  });
});
