import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { type OwnNotification, ownNotificationsShape } from '../../src/web/wire/own-notifications.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { actsFor, personOf, signedInPatient } from './own-data-bench.ts';
import { signedInOfficer } from './privacy-bench.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from './real-system.ts';

let system: RealSystem;
let person: PublicId;
let patient: FormBrowser;
let daughter: FormBrowser;
let stranger: FormBrowser;

beforeAll(async () => {
  system = await realSystem();
  person = await personOf(system.bench, 'three-hospitals');
  patient = await signedInPatient(system, 'three-hospitals');
  daughter = await signedInPatient(system, 'daughter');
  stranger = await signedInPatient(system, 'mother-of-twins');
  await actsFor(system, 'daughter', 'three-hospitals', { relation: 'child', agreed: true });
});
afterAll(() => system.stop());

const told = async (browser: FormBrowser, query = ''): Promise<readonly OwnNotification[]> => {
  const response = await browser.get(`/api/own/notifications${query}`);
  expect(response.status).toBe(200);
  return ownNotificationsShape.parse(await response.json()).notifications;
};
const openOne = (browser: FormBrowser, id: string, body: object = {}) =>
  browser.postJson(`/api/own/notifications/${id}/readings`, body);
const auditOf = (action: string) =>
  system.bench.dependencies.database.run<Record<string, string>>(
    statement(
      'test.notification-audit',
      'select actor, role, purpose, outcome from audit_events where action = $1 order by event_id',
    ),
    [action],
  );

describe('what a patient is told without having asked', () => {
  it('is nothing before anything happened', async () => {
    expect(await told(patient)).toEqual([]);
    expect((await auditOf('own-notifications.read')).at(-1)).toEqual({
      actor: `patient:${person}`,
      role: 'patient',
      purpose: 'own-data',
      outcome: 'disclosed',
    });
  });

  it('is an emergency access, in plain words, to the patient and to the daughter who acts, and to nobody else', async () => {
    const doctor = formBrowser(system.url);
    await doctor.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
    const opened = await doctor.postJson(`/api/persons/${person}/emergency-access`, {
      reason: 'unable-to-consent',
      text: '车祸昏迷，家属未到',
      confirmation: COUNTY_DOCTOR.password,
    });
    expect(opened.status).toBe(200);
    const [only, ...more] = await told(patient);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ kind: 'emergency-access', readAt: null, title: { zh: '紧急调阅' } });
    expect(only?.text.zh).toMatch(/县.*医院儿科的医师因紧急情况.*患者无法表达意愿/);
    expect(await told(daughter, `?person=${person}`)).toEqual([only]);
    expect((await auditOf('own-notifications.read')).at(-1)?.['role']).toBe('representative');

    expect(await told(daughter)).toEqual([]);
    expect(await told(stranger)).toEqual([]);
    expect((await stranger.get(`/api/own/notifications?person=${person}`)).status).toBe(404);
    expect((await doctor.get('/api/own/notifications')).status).toBe(403);
  });

  it('is marked by the first who opens it, once, and by nobody else', async () => {
    const id = (await told(patient))[0]?.id as string;
    const refused = await openOne(stranger, id);
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({ code: 'NOTIFICATION_UNKNOWN' });
    expect((await openOne(stranger, id, { person })).status).toBe(404);
    // Without saying for whom, the daughter opens her own, and this is not hers.
    expect((await openOne(daughter, id)).status).toBe(404);
    expect((await told(patient))[0]?.readAt).toBeNull();

    expect((await openOne(daughter, id, { person })).status).toBe(200);
    const first = (await told(patient))[0]?.readAt;
    expect(first).not.toBeNull();
    expect((await openOne(patient, id)).status).toBe(200);
    expect((await told(patient))[0]?.readAt).toBe(first);
    expect(await auditOf('own-notifications.open')).toMatchObject([{ role: 'representative' }]);
  });

  it('is then what the review found', async () => {
    const officer = await signedInOfficer(system);
    const [row] = await system.bench.dependencies.database.run<{ id: string }>(
      statement('test.case', `select public_id as id from privacy_cases where kind = 'emergency-access'`),
    );
    await officer.get(`/privacy/cases/${row?.id}`);
    const found = await officer.post(`/privacy/cases/${row?.id}`, {
      finding: 'not-justified',
      text: '家属已在场',
    });
    expect(found.status).toBe(303);
    const [newest, earlier] = await told(patient);
    expect(newest).toMatchObject({ kind: 'case-closed', readAt: null, title: { zh: '紧急调阅已复核' } });
    expect(newest?.text.zh).toContain('医院确认这次查看不应发生');
    // What the officer wrote for the hospital is not for the patient.
    expect(JSON.stringify(newest)).not.toContain('家属已在场');
    expect(earlier?.kind).toBe('emergency-access');
  });
});
