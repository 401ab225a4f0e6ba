import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { patientSignIn, signedInPatient } from '../system/own-data-bench.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import { listening } from '../system/statement-listener.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  inspection,
  openBrowser,
  openPage,
  SCREENS,
  sendSignIn,
} from './browser.ts';

/*
 * Consent as people meet it, in the city whose rule is to ask: in the card, at the registration desk, on a phone by QR code
 * and by typed digits. Every page of these walks is looked at on both screens.
 */

const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };
/** A hospital whose own system has orders checked and opens cards. */
interface Ordering {
  readonly institution: InstitutionCode;
  readonly client: string;
  readonly key: string;
}

const HOME = 'QL-DONGHU' as InstitutionCode;
const DOCTOR = { login: 'donghu.doctor', password: 'Correct-horse-71' };
const REGISTRAR = { login: 'donghu.desk', password: 'Correct-horse-72' };
/** Who has an account, on which screen. */
const ON_PHONE = { desk: 'corrected', phone: 'liver-panel' } as const;
const SCAN = {
  name: 'signed.png',
  mimeType: 'image/png',
  buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 9]),
};

let system: RealSystem;
let browser: Browser;
let home: Ordering;
let sent: string[];

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([
    realSystem({}, (database) => {
      const heard = listening(database);
      sent = heard.sent;
      return heard.database;
    }),
    openBrowser(),
  ]);
  const { database, clock, newPublicId } = system.bench.dependencies;
  const act = { at: clock(), newId: newPublicId, by: 'test', peer: 'test' };
  for (const [signIn, role, staffNumber, department, displayName] of [
    [DOCTOR, 'doctor', '219031', '内科', '纪云帆'],
    [REGISTRAR, 'registrar', '219014', '门诊服务台', '安若溪'],
  ] as const)
    await createAccount(
      database,
      { ...signIn, role, institution: HOME, staffNumber, department, displayName },
      act,
      TEST_COST,
    );
  for (const story of Object.values(ON_PHONE)) await signedInPatient(system, story);
  const client = 'ql-donghu-his';
  const registered = { code: client, name: 'HIS', institution: HOME, purposes: ['treatment'] } as const;
  home = { institution: HOME, client, key: (await createClient(database, registered, act)).key };
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

/** The hospital's code for an item. */
const codeOf = async (institution: InstitutionCode, item: string): Promise<string> => {
  const { snapshots, clock } = system.bench.dependencies;
  const rules = (await snapshots.current()).snapshot.rulesAt(clock());
  const entry = [...rules.codeMapOf(institution).values()].find((each) => each.item === item);
  if (!entry) throw new RangeError(`${institution} has no code for ${item}`);
  return entry.localCode;
};

/** The hospital's own system has an order checked. */
const check = async (
  patient: object,
  items: readonly string[],
  { institution, key } = home,
): Promise<OrderCheckAnswer> => {
  const answer = await fetch(`${system.url}/api/order-checks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      patient,
      encounter: { class: 'outpatient' },
      doctor: { staffNumber: '219031' },
      items: await Promise.all(
        items.map(async (item, index) => ({ line: index + 1, code: await codeOf(institution, item) })),
      ),
    }),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as OrderCheckAnswer;
};

const patientOf = (story: string): object => {
  const { nationalId, name, sex, birthDate } = memberOf(system.bench, story).person;
  return {
    identifiers: [{ type: 'national-id', number: nationalId }],
    name,
    sex,
    birthDate: birthDate.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3'),
  };
};

/** Whatever was agreed to at this hospital before is taken back, so that a story begins where nobody has been asked. */
const takenBack = async (story: string, item: string): Promise<void> => {
  const { person } = await check(patientOf(story), [item]);
  const answer = await fetch(`${system.url}/api/persons/${person}/consents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${home.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      kind: 'withdrawn',
      way: 'registration',
      relation: 'parent',
      representative: '周明',
    }),
  });
  expect(answer.status).toBe(200);
};

/** Address of the card that the doctor of a check has open. */
const cardOf = ({ id }: OrderCheckAnswer, { institution, client } = home): string =>
  system.cardLinks.addressOf({
    check: id as never,
    institution,
    client,
    staffNumber: '219031',
    department: '内科',
  });

const signIn = async (page: Page, path: string, account: { login: string; password: string }) => {
  await sendSignIn(page, system.url + path, account.login, account.password);
  await page.getByLabel('登录名').waitFor({ state: 'detached' });
};

/** Finds a patient of the cast at the desk, by the number of the document. */
const findAtDesk = async (page: Page, story: string): Promise<void> => {
  await page.goto(`${system.url}/desk`);
  await page.getByLabel('号码或姓名').fill(memberOf(system.bench, story).person.nationalId ?? '');
  await page.getByRole('button', { name: '查找' }).click();
  await page.getByRole('link', { name: /授权登记/ }).waitFor();
};

const screens = Object.keys(SCREENS) as (keyof typeof SCREENS)[];

describe.each(screens)('consent at a %s', A_SLOW_BROWSER_AGAIN, (screen) => {
  const inspect = inspection(`consent-${screen}`);

  it('the doctor’s open card tells that a like result exists; the mother agrees, one press opens it', async () => {
    await takenBack('child', 'XR-CHEST-PA');
    const child = await check(patientOf('child'), ['XR-CHEST-PA']);
    const { page, context } = await openPage(browser, screen);
    await page.goto(cardOf(child));
    await page.locator('#consent-title').waitFor();
    await inspect(page, 'card-asks');
    const before = await page.content();
    const told = await page.locator('#consent .existing').innerText();
    expect(told).toMatch(/^胸部正位DR：望溪市妇幼保健院 \d{4}-\d{2}-\d{2} 有同类结果/);
    // Item, day and institution, and nothing of what it says.
    expect(before).not.toContain('检查所见');
    expect(before).not.toMatch(/诊断意见|肺纹理|支气管/);
    await page.getByRole('button', { name: /父母/ }).click();
    await page.locator('#consent-title').waitFor({ state: 'detached' });
    await page.getByText('参考时限至').first().waitFor();
    await inspect(page, 'card-opened');
    await page
      .getByRole('link', { name: /看原报告|查看报告|报告/ })
      .first()
      .click();
    await page.getByText('检查所见').first().waitFor();
    await inspect(page, 'card-report');
    await context.close();
  });

  it('a patient agrees by the QR code or by typed digits, finds the view in the log, withdraws, and the next check says so', async () => {
    const story = ON_PHONE[screen];
    const item = screen === 'desk' ? 'LC-CREA' : 'LC-ALT';
    await takenBack(story, item);
    expect((await check(patientOf(story), [item])).lines[0]?.outcome).toBe('consent-needed');

    const staff = await openPage(browser, screen);
    await signIn(staff.page, '/', DOCTOR);
    const { person } = await check(patientOf(story), [item]);
    await staff.page.goto(`${system.url}/patients/${person}/consent`);
    await inspect(staff.page, 'doctor-consent');
    await staff.page.getByRole('button', { name: '出示二维码和授权码' }).click();
    await staff.page.getByRole('img', { name: '授权二维码' }).waitFor();
    await inspect(staff.page, 'doctor-code');
    const link = await staff.page.getByRole('link', { name: '在本机打开' }).getAttribute('href');
    const digits = await staff.page.locator('.consent-digits').innerText();
    expect(digits).toMatch(/^\d{4} \d{4}$/);

    const phone = await openPage(browser, screen);
    if (screen === 'desk') {
      // Whoever scans needs no account.
      await phone.page.goto(link ?? '');
      await inspect(phone.page, 'qr');
      await phone.page.getByRole('button', { name: '同意', exact: true }).click();
      await phone.page.getByText('已登记。').waitFor();
      await inspect(phone.page, 'qr-done');
      await signIn(phone.page, '/me', patientSignIn(story));
    } else {
      await signIn(phone.page, '/me', patientSignIn(story));
      await phone.page.getByRole('link', { name: '更多' }).click();
      await phone.page.getByRole('link', { name: '输入授权码' }).click();
      await phone.page.getByLabel('授权码').fill('0000 0000');
      await phone.page.getByRole('button', { name: '查看请求' }).click();
      await phone.page.getByText('CONSENT_CODE_INVALID').waitFor();
      await inspect(phone.page, 'code-wrong');
      await phone.page.getByLabel('授权码').fill(digits);
      await phone.page.getByRole('button', { name: '查看请求' }).click();
      await phone.page.getByRole('button', { name: '同意', exact: true }).waitFor();
      await inspect(phone.page, 'code-request');
      await phone.page.getByRole('button', { name: '同意', exact: true }).click();
      await phone.page.getByRole('group', { name: '请确认' }).waitFor();
      await inspect(phone.page, 'code-confirm');
      await phone.page.getByRole('button', { name: '确认同意' }).click();
      await phone.page.getByText('已记录。').waitFor();
      await inspect(phone.page, 'code-done');
    }
    expect((await check(patientOf(story), [item])).lines[0]?.outcome).not.toBe('consent-needed');

    await phone.page.goto(`${system.url}/me/access-log`);
    await phone.page.locator('.lines .card').filter({ hasText: '东湖' }).first().waitFor();
    await inspect(phone.page, 'access-log');

    await phone.page.goto(`${system.url}/me/consent`);
    const whole = phone.page.locator('section', { hasText: '只给一家医院的同意' });
    await whole.getByText('青澜市东湖街道社区卫生服务中心').waitFor();
    await inspect(phone.page, 'me-consent');
    await whole.getByRole('button', { name: '撤回授权' }).click();
    await inspect(phone.page, 'me-withdraw');
    await whole.getByRole('button', { name: '确认撤回授权' }).click();
    await whole.waitFor({ state: 'detached' });
    const back = phone.page.locator('section', { hasText: '已撤回的同意' });
    await back.getByRole('heading', { name: '青澜市东湖街道社区卫生服务中心' }).waitFor();
    await inspect(phone.page, 'me-withdrawn');
    const next = await check(patientOf(story), [item]);
    expect(next.lines[0]).toMatchObject({ outcome: 'consent-needed', candidates: [] });
    expect(next.lines[0]?.existing[0]?.text.zh).toContain('患者已撤回授权');
    await staff.page.goto(cardOf(next));
    await staff.page.locator('#consent-title').waitFor();
    await inspect(staff.page, 'card-withdrawn');
    await staff.context.close();
    await phone.context.close();
  });

  it('a daughter signs on paper for an elder without a phone, hides one hospital and one class, and takes it back', async () => {
    const story = screen === 'desk' ? 'three-hospitals' : 'three-orders';
    const item = screen === 'desk' ? 'LC-CREA' : 'LC-ALT';
    const { page, context } = await openPage(browser, screen);
    await signIn(page, '/', REGISTRAR);
    await findAtDesk(page, story);
    await inspect(page, 'desk-found');
    await page.getByRole('link', { name: /授权登记/ }).click();
    await page.getByRole('heading', { name: '授权登记' }).waitFor();
    await inspect(page, 'desk-consent');

    const next = () => page.getByRole('button', { name: /下一步/ }).click();
    const sign = async (): Promise<void> => {
      await page.getByLabel('代为签署人姓名').fill('邵雨晴');
      await page.getByRole('radio', { name: /纸质签署/ }).check();
      await page.locator('#scan').setInputFiles(SCAN);
      await page.getByRole('button', { name: '登记', exact: true }).click();
      await page.getByRole('heading', { name: /已登记/ }).waitFor();
    };
    await page.getByLabel('同意', { exact: true }).check();
    await page.getByLabel(/由谁决定/).selectOption('child');
    await page.getByLabel(/对谁/).selectOption('all');
    await next();
    await page.getByRole('heading', { name: '登记后会怎样' }).waitFor();
    expect(await page.locator('main').innerText()).toContain('能用的就不必重做');
    await inspect(page, 'desk-review');
    // Paper without its scan is not paper.
    await page.getByLabel('代为签署人姓名').fill('邵雨晴');
    await page.getByRole('radio', { name: /纸质签署/ }).check();
    await page.getByRole('button', { name: '登记', exact: true }).click();
    await page.getByText('纸质授权须附扫描件或照片').waitFor();
    await inspect(page, 'desk-review-refused');
    await sign();
    await page.getByRole('link', { name: '看扫描件' }).first().waitFor();
    await inspect(page, 'desk-recorded');
    const opened = await check(patientOf(story), [item]);
    const [candidate] = opened.lines[0]?.candidates ?? [];
    if (!candidate) throw new Error('nothing was opened');

    const source = candidate.institution.nameZh;
    await page.getByLabel('拒绝（隐藏）').check();
    await page.getByLabel(/哪家医院/).fill('没有这家医院');
    await page
      .getByLabel(/由谁决定/)
      .last()
      .selectOption('child');
    await page.getByLabel(/对谁/).selectOption('all');
    await next();
    await page.getByText('没有找到这家医院').waitFor();
    await page.getByLabel(/哪家医院/).fill(source);
    await next();
    const effect = await page.locator('main .lead').last().innerText();
    expect(effect).toContain(`看不到${source}的检查检验结果`);
    expect(effect).toContain(`${source}自己仍能看到`);
    await inspect(page, 'desk-hide-review');
    await sign();
    await page.getByRole('heading', { name: '现在隐藏或撤回的' }).waitFor();
    await inspect(page, 'desk-hidden');
    const hidden = await check(patientOf(story), [item]);
    expect(JSON.stringify(hidden)).not.toContain(source);

    await page.getByLabel('拒绝（隐藏）').check();
    await page.getByLabel(/哪一类结果/).selectOption({ index: 1 });
    await page
      .getByLabel(/由谁决定/)
      .last()
      .selectOption('child');
    await next();
    expect(await page.locator('main .lead').last().innerText()).toContain('也看不到它们是否存在');
    await inspect(page, 'desk-class-review');
    await sign();

    const row = page.locator('section', { hasText: '现在隐藏或撤回的' }).getByRole('listitem');
    expect(await row.count()).toBe(2);
    const way = row.filter({ hasText: source });
    await way.getByLabel('由谁决定').selectOption('child');
    await way.getByRole('button', { name: /恢复显示/ }).click();
    expect(await page.locator('main .lead').last().innerText()).toContain(`可以看到${source}`);
    await inspect(page, 'desk-undo-review');
    await sign();
    expect(await row.count()).toBe(1);
    const again = await check(patientOf(story), [item]);
    expect(again.lines[0]?.candidates.map(({ institution }) => institution.nameZh)).toContain(source);
    await page.getByRole('link', { name: /打印授权书/ }).count();
    await page.goto(`${page.url()}/paper`);
    await inspect(page, 'desk-paper');
    await context.close();
  });
});

const OPPORTUNITIES = statement('test.opportunities', 'select count(*)::int as counted from opportunities');

/** What differs between any two cards: who the patient is, ids, moments, tokens of forms. */
const withoutIds = (html: string): string =>
  html
    .replaceAll(/<p class="person">.*?<\/p>/gs, 'PERSON')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/\/card\/[\w.-]+/g, '/card/TOKEN')
    .replaceAll(/name="formToken" value="[^"]*"/g, 'TOKEN')
    .replaceAll(/\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?Z)?/g, 'MOMENT');

describe('a restricted result', A_SLOW_BROWSER_AGAIN, () => {
  it('leaves no trace in the card’s bytes, in what is counted, or in the statements sent', async () => {
    const has = patientOf('pre-operative') as { identifiers: { number: string }[] };
    // The same name and day, another number: nobody has reported on her.
    const hasNot = { ...has, identifiers: [{ type: 'national-id', number: '48022519680312044X' }] };
    const { database } = system.bench.dependencies;
    const county: Ordering = {
      institution: 'YX-COUNTY' as InstitutionCode,
      client: 'yx-county-his',
      key: system.key,
    };
    const items = ['LI-HIV', 'LI-TPAB'];
    const looked = async (patient: object) => {
      sent.length = 0;
      const answer = await check(patient, items, county);
      const card = await fetch(cardOf(answer, county));
      const statements = [...sent];
      const html = await card.text();
      const [row] = await database.run<{ counted: number }>(OPPORTUNITIES, []);
      return { answer, statements, html, bytes: Buffer.byteLength(withoutIds(html)), counted: row?.counted };
    };
    await looked(has);
    await looked(hasNot);
    const hidden = await looked(has);
    const nothing = await looked(hasNot);
    expect(hidden.answer.lines[0]?.outcome).toBe('not-disclosed');
    expect(hidden.html).toContain('未获授权，无法提供跨机构结果');
    expect(withoutIds(hidden.html)).toBe(withoutIds(nothing.html));
    expect(hidden.bytes).toBe(nothing.bytes);
    expect(hidden.statements).toEqual(nothing.statements);
    expect(hidden.counted).toBe(nothing.counted);
    for (const screen of screens) {
      const { page, context } = await openPage(browser, screen);
      await page.goto(cardOf(hidden.answer, county));
      await page.getByText('未获授权').first().waitFor();
      await inspection(`consent-${screen}`)(page, 'card-restricted');
      await context.close();
    }
  });
});
