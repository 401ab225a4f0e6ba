import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { registerEntity } from '../../src/adapters/postgres/application-entities.ts';
import { countRefused } from '../../src/adapters/postgres/image-reception.ts';
import { receiving } from '../../src/apps/flows/imaging/receive.ts';
import { systemClock } from '../../src/apps/installation.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type Attributes, instanceOf } from '../system/imaging-bench.ts';
import { COUNTY_TECHNICIAN, type RealSystem, realSystem } from '../system/real-system.ts';
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
const PASSWORD = 'Correct-horse-92';
const INSTITUTION = 'YX-COUNTY' as InstitutionCode;

let system: RealSystem;
let browser: Browser;

let studies = 0;
/** UIDs of a study of its own for each call. */
const uids = (): Attributes => {
  const study = `2.25.7700${++studies}`;
  return { StudyInstanceUID: study, SeriesInstanceUID: `${study}.1`, SOPInstanceUID: `${study}.1.1` };
};

const send = async (attributes: Attributes, bytes?: Uint8Array): Promise<void> => {
  const instance = instanceOf(attributes);
  const begun = await receiving(system.imaging).begin({
    ...instance,
    institution: INSTITUTION,
    sender: 'dimse:CT01',
    assumedCharset: null,
  });
  await begun.write(bytes ?? instance.bytes);
  await begun.finish();
};

/** What waits for each screen: a study of nobody beside a candidate, other content, two patients, a file that is none. */
const sendAll = async (record: string): Promise<void> => {
  const holder = { PatientID: record, PatientName: 'Chen^Er=陈^二', PatientBirthDate: '19800101' };
  await send({ ...uids(), ...holder });
  await send({
    ...uids(),
    PatientID: record,
    PatientName: 'Wang^Wu=王^五',
    PatientBirthDate: '19990909',
    StudyDescription: `腹部CT平扫 ${record}`,
  });
  const twice = { ...uids(), ...holder, StudyDescription: `头颅CT平扫 ${record}` };
  await send(twice);
  await send({ ...twice, SliceThickness: 5, SeriesDescription: '骨窗' });
  const shared = { ...uids(), ...holder, StudyDescription: `胸部CT平扫 ${record}` };
  await send(shared);
  await send({
    ...shared,
    SOPInstanceUID: `${shared.StudyInstanceUID}.1.2`,
    PatientID: `${record}9`,
    PatientName: 'Zhao^Liu=赵^六',
  });
  await send(uids(), Buffer.from(`no data set ${record}`));
};

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser()]);
  const { database, newPublicId } = system.bench.dependencies;
  await createAccount(
    database,
    {
      login: 'county.window',
      password: PASSWORD,
      role: 'registrar',
      institution: INSTITUTION,
      displayName: '演练登记',
      staffNumber: '800001',
    },
    { at: systemClock(), newId: newPublicId, by: 'test', peer: 'test' },
    TEST_COST,
  );
  await registerEntity(database, {
    institution: INSTITUTION,
    aeTitle: 'CT01',
    services: ['store'],
    networks: ['10.1.0.0/16'],
    certificateFingerprint: null,
    listensAt: null,
    assumedCharset: null,
  });
  const stranger = { remoteAddress: '10.1.2.3', reason: 'callingAeTitle', count: 3 };
  await countRefused(database, { ...stranger, callingAeTitle: 'MR99' }, systemClock());
  await countRefused(
    database,
    { ...stranger, callingAeTitle: 'ELSEWHERE', remoteAddress: '192.0.2.7' },
    systemClock(),
  );
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
  'images that wait for somebody, at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const contexts: BrowserContext[] = [];
    afterAll(async () => {
      for (const context of contexts) await context.close();
    });
    const inspect = async (page: Page, name: string): Promise<void> => {
      await keepPicture(page, `image-desk-${screen}-${name}`);
      expect(await seriousFindings(page), name).toEqual([]);
      expect(await sidewaysOverflow(page), `${name} fits sideways`).toBe(0);
      for (const place of [decodeURIComponent(page.url()), await page.title()])
        expect(place, name).not.toMatch(/陈二|王五|赵六/);
    };
    const signedIn = async (login: string, password: string): Promise<Page> => {
      const { page, context } = await openPage(browser, screen);
      contexts.push(context);
      await signIn(page, login, password);
      return page;
    };

    it('are given to a person and taken back by keyboard alone, and two headers are compared and answered', async () => {
      const record = `ID${screen.length}${Date.now()}`;
      await sendAll(record);
      const page = await signedIn('county.window', PASSWORD);
      await page.getByRole('link', { name: '待归属影像' }).click();
      const entry = page.getByRole('region', { name: `腹部CT平扫 ${record}` });
      await entry.getByText('与影像不同').first().waitFor();
      await inspect(page, 'worklist');
      const give = entry.getByRole('button', { name: /归入此人.*陈二/ });
      await give.focus();
      await page.keyboard.press('Enter');
      await entry.getByText('已归入此人').waitFor();
      expect(page.url()).toContain('#match-');
      await inspect(page, 'worklist-given');
      await entry.getByRole('button', { name: '撤销' }).focus();
      await page.keyboard.press('Enter');
      await entry.getByRole('button', { name: /归入此人.*陈二/ }).waitFor();

      await page
        .getByRole('region', { name: `胸部CT平扫 ${record}` })
        .getByRole('link', { name: '并排核对两份头信息并答复' })
        .click();
      await page.getByRole('cell', { name: /赵\^六/ }).waitFor();
      await inspect(page, 'two-patients');
      await page.getByRole('button', { name: '确为另一位患者，不展示' }).click();
      await page.getByRole('button', { name: '撤销答复' }).waitFor();

      await page.getByRole('link', { name: '影像核对单' }).first().click();
      await page.getByRole('heading', { name: '影像核对单' }).waitFor();
      await inspect(page, 'cases');
      await page
        .getByRole('row', { name: new RegExp(`头颅CT平扫 ${record}`) })
        .getByRole('link')
        .click();
      await page.getByText('像素数据相同，只是头信息不同').waitFor();
      await inspect(page, 'other-content');
      await page.getByRole('button', { name: '以后收到的为更正' }).click();
      await page.getByText('已定：展示后收到的').waitFor();
      await page.getByRole('button', { name: '撤销答复' }).click();
      await page.getByRole('button', { name: '保留先收到的' }).waitFor();
      await inspect(page, 'other-content-undone');
    });

    it('are taken from the wrong person by 检查号, and put back in one press', async () => {
      const record = `WP${screen.length}${Date.now()}`;
      await send({
        ...uids(),
        PatientID: record,
        PatientName: 'Chen^Er=陈^二',
        PatientBirthDate: '19800101',
        AccessionNumber: record,
        StudyDescription: '颈椎MR平扫',
      });
      const page = await signedIn('county.window', PASSWORD);
      await page.getByRole('link', { name: '待归属影像' }).click();
      await page.getByLabel('检查号或检查 UID').fill(record);
      await page.getByRole('button', { name: '查找' }).click();
      await page.getByText('现归入').waitFor();
      await page.getByText('之后收到的随这项检查一并移出').waitFor();
      await inspect(page, 'placed');
      await page.getByRole('button', { name: /不是这位患者/ }).click();
      const entry = page.getByRole('region', { name: /颈椎MR平扫/ });
      await entry.getByText('本院工作人员指出').waitFor();
      expect(page.url()).toContain('#match-');
      await inspect(page, 'set-apart');
      await entry.getByRole('button', { name: /放回原患者名下/ }).click();
      await page.getByRole('heading', { name: '待归属影像' }).waitFor();
      expect(await page.getByText('颈椎MR平扫').count()).toBe(0);
    });

    it('are counted for the engineer beside who was refused, and no other institution’s', async () => {
      await sendAll(`IT${screen.length}${Date.now()}`);
      const page = await signedIn(COUNTY_TECHNICIAN.login, COUNTY_TECHNICIAN.password);
      await page.getByRole('link', { name: '影像', exact: true }).click();
      await page.getByRole('row', { name: /dimse:CT01/ }).waitFor();
      await page.getByRole('row', { name: /MR99.*未登记/ }).waitFor();
      expect(await page.getByText('ELSEWHERE').count()).toBe(0);
      await page.reload();
      await page.getByRole('row', { name: /dimse:CT01/ }).waitFor();
      await inspect(page, 'console');
      // Nothing of a table lies behind its edge: on a phone its rows are cards.
      for (const table of await page.locator('.scroll').all())
        expect(await table.evaluate((each) => each.scrollWidth - each.clientWidth), screen).toBe(0);
      await page.getByRole('link', { name: '影像核对单' }).click();
      await page
        .getByRole('row', { name: /数据结构错误|数据不完整/ })
        .first()
        .getByRole('link')
        .click();
      await page.getByLabel('说明').fill('调试时的测试文件');
      await page.getByRole('button', { name: '已知悉，不展示' }).click();
      await page.getByText('调试时的测试文件').waitFor();
      await inspect(page, 'unreadable-answered');
    });
  },
);
