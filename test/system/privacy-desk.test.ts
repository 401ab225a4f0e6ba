import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { personOf } from './own-data-bench.ts';
import { signedInOfficer } from './privacy-bench.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

let system: RealSystem;
let officer: FormBrowser;
let stranger: FormBrowser;
let doctor: FormBrowser;
let person: string;

beforeAll(async () => {
  system = await realSystem();
  officer = await signedInOfficer(system);
  stranger = await signedInOfficer(system, 'city.privacy', 'WX-CENTRAL');
  doctor = formBrowser(system.url);
  await doctor.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
  person = await personOf(system.bench, 'child');
  await system.bench.present(memberOf(system.bench, 'child').person.nationalId as string);
  await doctor.get(`/api/persons/${person}/results`);
  const opened = await doctor.postJson(`/api/persons/${person}/emergency-access`, {
    reason: 'life-threatening',
    text: '高热惊厥，家属未到',
    confirmation: COUNTY_DOCTOR.password,
  });
  if (opened.status !== 200) throw new Error(`no emergency access: ${opened.status}`);
});
afterAll(() => system.stop());

const pageOf = async (browser: FormBrowser, path: string): Promise<string> => {
  const response = await browser.get(path);
  expect(response.status, path).toBe(200);
  return response.text();
};
const caseOf = async (): Promise<string> =>
  /\/privacy\/cases\/[0-9a-f-]{36}/.exec(await pageOf(officer, '/privacy'))?.[0] as string;
const rows = <Row>(name: string, text: string): Promise<Row[]> =>
  system.bench.dependencies.database.run<Row>(statement(name, text));

describe('the privacy officer’s desk', () => {
  it('is where the officer comes first, and lists the emergency of the own institution without naming the patient', async () => {
    const home = await officer.get('/');
    expect(home.headers.get('location')).toBe('/privacy');
    const queue = await pageOf(officer, '/privacy');
    expect(queue).toContain('现按平台默认规定执行');
    expect(queue).toContain('60 分钟内查看超过 60 名患者');
    expect(queue).toContain('GB/T 39725-2020');
    expect(queue).toContain('紧急调阅');
    expect(queue).toContain('工号 100118');
    expect(queue).not.toContain(memberOf(system.bench, 'child').person.name);
    expect(await pageOf(stranger, '/privacy')).toContain('没有待审查的事项');
    expect((await stranger.get(await caseOf())).status).toBe(404);
    expect((await doctor.get('/privacy')).status).toBe(403);
  });

  it('shows reason, patient and what was looked at, and leaves a row of the reading', async () => {
    const shown = await pageOf(officer, await caseOf());
    for (const text of [
      '生命垂危，正在抢救',
      '高热惊厥，家属未到',
      memberOf(system.bench, 'child').person.name,
      '历次检查检验结果',
    ])
      expect(shown).toContain(text);
    expect(
      await rows(
        'test.read',
        `select role, purpose, basis from audit_events where action = 'privacy-case.read' limit 1`,
      ),
    ).toEqual([{ role: 'privacy-officer', purpose: 'quality', basis: 'privacy-review' }]);
  });

  it('keeps findings with words, closes the case once, and tells the patient', async () => {
    const path = await caseOf();
    expect((await officer.post(path, { finding: 'justified', text: '' })).status).toBe(400);
    expect((await officer.post(path, { finding: 'follow-up', text: '请科室补充抢救记录' })).status).toBe(303);
    expect(await pageOf(officer, '/privacy')).toContain('核实中');
    expect((await officer.post(path, { finding: 'justified', text: '抢救记录已核对' })).status).toBe(303);
    expect(await pageOf(officer, '/privacy')).toContain('没有待审查的事项');
    const closed = await pageOf(officer, path);
    expect(closed).toContain('已办结：属正常诊疗或工作需要');
    expect(closed).toContain('请科室补充抢救记录');
    const again = await officer.post(path, { finding: 'not-justified', text: '再改一次' });
    expect(again.status).toBe(400);
    expect(await again.text()).toContain('已办结，未作改动');
    expect(await rows('test.told', 'select kind from patient_notifications order by told_at')).toEqual([
      { kind: 'emergency-access' },
      { kind: 'case-closed' },
    ]);
  });

  it('searches the log of the own institution for a reason alone, and the search is in the log', async () => {
    expect((await officer.post('/privacy/search', { reason: '', staff: '100118', days: '7' })).status).toBe(
      400,
    );
    const nationalId = memberOf(system.bench, 'child').person.nationalId as string;
    const search = (browser: FormBrowser) =>
      browser.post('/privacy/search', { reason: '患者来电反映', nationalId, staff: '100118', days: '366' });
    const found = await (await search(officer)).text();
    expect(found).toContain('历次检查检验结果');
    expect(await (await search(stranger)).text()).toContain('没有相符的记录');
    expect(
      await rows(
        'test.search',
        `select outcome from system_audit_events where action = 'access-log.search' order by event_id limit 1`,
      ),
    ).toMatchObject([{ outcome: expect.stringMatching(/^found \d+: 患者来电反映$/) as string }]);
    expect(
      (await rows('test.search-rows', `select 1 from audit_events where action = 'access-log.search'`))
        .length,
    ).toBeGreaterThan(0);
  });

  it('keeps the list of persons watched over', async () => {
    const nationalId = memberOf(system.bench, 'child').person.nationalId as string;
    expect(
      (await officer.post('/privacy/watched', { nationalId: '11010519491231002X', note: '名人' })).status,
    ).toBe(400);
    expect((await officer.post('/privacy/watched', { nationalId, note: '公众人物' })).status).toBe(303);
    const listed = await pageOf(officer, '/privacy/watched');
    expect(listed).toContain('公众人物');
    expect(await pageOf(stranger, '/privacy/watched')).toContain('名单为空');
    expect((await officer.post(`/privacy/watched/${person}/removal`, {})).status).toBe(303);
    expect(await pageOf(officer, '/privacy/watched')).toContain('名单为空');
  });
});
