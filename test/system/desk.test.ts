import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { personOf, signedInPatient } from './own-data-bench.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };
const PASSWORD = 'Correct-horse-78';

let system: RealSystem;
let desk: FormBrowser;
let other: FormBrowser;

const registrar = async (login: string): Promise<FormBrowser> => {
  const { database, clock, newPublicId } = system.bench.dependencies;
  await createAccount(
    database,
    {
      login,
      password: PASSWORD,
      role: 'registrar',
      institution: 'YX-COUNTY' as InstitutionCode,
      staffNumber: login,
      department: '门诊服务台',
      displayName: '演练服务台',
    },
    { at: clock(), newId: newPublicId, by: 'test', peer: 'test' },
    TEST_COST,
  );
  const browser = formBrowser(system.url);
  await browser.signIn(login, PASSWORD);
  return browser;
};

beforeAll(async () => {
  system = await realSystem();
  desk = await registrar('desk.one');
  other = await registrar('desk.two');
});
afterAll(() => system.stop());

const begin = async (key: string, present = 'self'): Promise<string> => {
  await desk.get('/desk');
  const { nationalId, name } = memberOf(system.bench, key).person;
  const search = nationalId === null ? { by: 'name', text: name } : { by: 'national-id', text: nationalId };
  const found = await (await desk.post('/desk/patients', { ...search, birthDate: '' })).text();
  const person = /name="person" value="([^"]+)"/.exec(found)?.[1] as string;
  const begun = await desk.post('/desk/visits', { person, present, document: 'id-card' });
  expect(begun.status).toBe(303);
  return begun.headers.get('location') as string;
};
const textOf = async (browser: FormBrowser, path: string): Promise<string> => {
  const response = await browser.get(path);
  expect(response.status, path).toBe(200);
  return response.text();
};

const LAST = statement(
  'test.desk-audit',
  `select actor, role, department, purpose, basis, action from audit_events where actor = 'staff:desk.one' and action = $1
   order by event_id desc limit 1`,
);

describe('the desk, for a patient without a phone', () => {
  it('begins with a look at a document, prints results in plain words, and stands in the log as the desk', async () => {
    const visit = await begin('three-orders');
    const results = await textOf(desk, `${visit}/results`);
    expect(results).toContain('丙氨酸氨基转移酶');
    expect(results).toContain('含义请咨询医生');
    expect(results).not.toMatch(/正常|无问题/);
    const [row] = await system.bench.dependencies.database.run<Record<string, string>>(LAST, [
      'own-results.read',
    ]);
    expect(row).toMatchObject({ role: 'registrar', department: '门诊服务台', purpose: 'own-data' });
    expect(row?.['basis']).toBe(`desk-visit/${visit.split('/').at(-1)}`);
    expect(await textOf(desk, `${visit}/repeats`)).toContain('没有重做的记录');
    expect(await textOf(desk, `${visit}/access-log`)).toContain('门诊服务台');
  });

  it('tells what happened without the patient having asked, also where it was read on a phone', async () => {
    const doctor = formBrowser(system.url);
    await doctor.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
    const person = await personOf(system.bench, 'three-orders');
    const told = await begin('three-orders');
    expect(await textOf(desk, told)).not.toContain('请告知患者');
    const opened = await doctor.postJson(`/api/persons/${person}/emergency-access`, {
      reason: 'life-threatening',
      text: '心脏骤停，正在抢救',
      confirmation: COUNTY_DOCTOR.password,
    });
    expect(opened.status).toBe(200);
    const page = await textOf(desk, told);
    expect(page).toMatch(/请告知患者.*紧急调阅.*生命垂危/s);
    expect(page).not.toContain('已在手机上看过');
    expect((await other.get(told)).status).toBe(404);
    const [row] = await system.bench.dependencies.database.run<Record<string, string>>(LAST, [
      'own-notifications.read',
    ]);
    expect(row).toMatchObject({ role: 'registrar', purpose: 'own-data' });
  });

  it('is nobody else’s visit, and ends', async () => {
    const visit = await begin('three-orders');
    for (const path of ['', '/results', '/repeats', '/access-log', '/representations'])
      expect((await other.get(visit + path)).status, path).toBe(404);
    const patient = await signedInPatient(system, 'three-orders');
    expect((await patient.get(`${visit}/results`)).status).toBe(403);
    await desk.get(visit);
    expect((await desk.post(`${visit}/end`, {})).status).toBe(303);
    expect((await desk.get(`${visit}/results`)).status).toBe(404);
  });

  it('shows restricted results to the patient in person only', async () => {
    const alone = await begin('pre-operative');
    expect(await textOf(desk, `${alone}/results`)).not.toMatch(/HIV|免疫缺陷/);
    expect(await textOf(desk, `${alone}/results?restricted=shown`)).toMatch(/HIV|免疫缺陷/);
    const family = await begin('pre-operative', 'representative');
    const shown = await textOf(desk, `${family}/results?restricted=shown`);
    expect(shown).not.toMatch(/HIV|免疫缺陷|敏感项目没有显示/);
  });

  it('records who acts for the patient, as the law lets them, and ends it', async () => {
    const visit = await begin('three-hospitals');
    const child = memberOf(system.bench, 'daughter').person.nationalId as string;
    const form = {
      nationalId: child,
      relation: 'child',
      evidence: 'household-register',
      until: '2027-06-30',
    };
    await desk.get(`${visit}/representations`);
    const refused = await desk.post(`${visit}/representations`, form);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('须本人同意');
    const nobody = await desk.post(`${visit}/representations`, {
      ...form,
      nationalId: '480225199001010000',
      agreed: 'yes',
    });
    expect(await nobody.text()).toContain('没有找到这个身份证号的人');
    expect((await desk.post(`${visit}/representations`, { ...form, agreed: 'yes' })).status).toBe(303);
    const listed = await textOf(desk, `${visit}/representations`);
    expect(listed).toContain('至 2027-06-30');
    const daughter = await signedInPatient(system, 'daughter');
    const father = await personOf(system.bench, 'three-hospitals');
    expect((await daughter.get(`/api/own/results?person=${father}`)).status).toBe(200);
    const end = /action="([^"]+\/end)"/.exec(listed)?.[1] as string;
    expect((await desk.post(end, {})).status).toBe(303);
    expect((await daughter.get(`/api/own/results?person=${father}`)).status).toBe(404);
  });
});
