import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import {
  type AccessLogAnswer,
  type AccessReportAnswer,
  accessLogAnswerShape,
  accessReportAnswerShape,
} from '../../src/web/wire/access-log.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { actsFor, personOf, presentNumber, signedInPatient } from './own-data-bench.ts';
import { signedInOfficer } from './privacy-bench.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from './real-system.ts';

let system: RealSystem;
let patient: FormBrowser;
let mother: FormBrowser;
let doctor: FormBrowser;

beforeAll(async () => {
  system = await realSystem();
  patient = await signedInPatient(system, 'three-orders');
  mother = await signedInPatient(system, 'mother-of-twins');
  await actsFor(system, 'mother-of-twins', 'twin-one');
  doctor = formBrowser(system.url);
  await doctor.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
  for (const key of ['three-orders', 'twin-one']) await presentNumber(doctor, system, key);
});
afterAll(() => system.stop());

const logOf = async (browser: FormBrowser, query = ''): Promise<AccessLogAnswer> => {
  const response = await browser.get(`/api/own/access-log${query}`);
  expect(response.status).toBe(200);
  return accessLogAnswerShape.parse(await response.json());
};

const look = async (key: string): Promise<void> => {
  const response = await doctor.get(`/api/persons/${await personOf(system.bench, key)}/results`);
  expect(response.status).toBe(200);
};

const CASES = statement(
  'test.privacy-cases',
  'select kind, actor, department, state from privacy_cases order by case_id',
);

describe('谁看过我的结果', () => {
  it('names institution, department and role of whoever looked, and no person where the policy tells none', async () => {
    await look('three-orders');
    const [line] = (await logOf(patient)).lines;
    expect(line).toMatchObject({
      kind: 'person',
      institution: { code: 'YX-COUNTY' },
      department: '儿科',
      role: { code: 'doctor', text: { zh: '医师' } },
      name: null,
      purpose: { code: 'treatment', text: { zh: '接诊' } },
      what: [{ kind: 'results' }, { kind: 'search' }],
      refused: false,
      emergency: false,
      reported: null,
    });
  });

  it('folds what one doctor looked at in one sitting, and the own reading of a day', async () => {
    const before = await logOf(patient);
    await look('three-orders');
    await look('three-orders');
    const after = await logOf(patient);
    const persons = (log: AccessLogAnswer) => log.lines.filter(({ kind }) => kind === 'person');
    expect(persons(after)).toHaveLength(persons(before).length);
    expect(persons(after)[0]?.count).toBe((persons(before)[0]?.count ?? 0) + 2);
    expect(after.lines.filter(({ kind }) => kind === 'own')).toHaveLength(1);
  });

  it('shows institutions at which the patient has never been, alone when asked', async () => {
    const { bench } = system;
    const stranger = await bench.opened.database.run<{ institution_id: string }>(
      statement(
        'test.stranger',
        `select institution_id from institutions where institution_id not in (
           select institution_id from reports where person_id = (select person_id from persons where public_id = $1))
         limit 1`,
      ),
      [await personOf(bench, 'three-orders')],
    );
    await bench.opened.database.run(
      statement(
        'test.strange-look',
        `insert into audit_events (person_id, public_id, occurred_at, actor, institution_id, action, resource, purpose, basis,
           outcome, peer, role, department)
         select person_id, gen_random_uuid(), now(), 'staff:stranger', $2, 'report.read', 'report/1', 'treatment',
           'assumed-by-policy', 'disclosed', '10.0.0.9', 'doctor', '骨科' from persons where public_id = $1`,
      ),
      [await personOf(bench, 'three-orders'), stranger[0]?.institution_id as string],
    );
    const { lines } = await logOf(patient, '?filter=unfamiliar');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every(({ unfamiliar }) => unfamiliar)).toBe(true);
    expect((await logOf(patient)).lines.some(({ unfamiliar }) => !unfamiliar)).toBe(true);
  });

  it('makes one case of a reported line, however often it is sent, and says what becomes of it', async () => {
    const line = (await logOf(patient)).lines.find(({ kind }) => kind === 'person');
    const send = async (): Promise<AccessReportAnswer> => {
      const response = await patient.postJson(`/api/own/access-log/${line?.id}/reports`, {
        text: '那天我没有去医院',
      });
      expect(response.status).toBe(200);
      return accessReportAnswerShape.parse(await response.json());
    };
    const first = await send();
    expect(await send()).toEqual(first);
    expect(first.state).toBe('open');
    const { dependencies } = system.bench;
    expect(await dependencies.database.run(CASES)).toHaveLength(1);
    const reported = (await logOf(patient)).lines.find(({ reported: each }) => each !== null);
    expect(reported?.reported).toMatchObject({ state: 'open', outcome: null });
  });

  it('is shut to others: a line of somebody else is none, whoever one acts for is told, and staff are refused', async () => {
    const line = (await logOf(patient)).lines.find(({ kind }) => kind === 'person');
    const foreign = await mother.postJson(`/api/own/access-log/${line?.id}/reports`, { text: '' });
    expect(foreign.status).toBe(404);
    expect(await foreign.json()).toMatchObject({ code: 'ACCESS_LOG_LINE_UNKNOWN' });
    await look('twin-one');
    const child = await personOf(system.bench, 'twin-one');
    expect((await logOf(mother, `?person=${child}`)).lines[0]).toMatchObject({ kind: 'person' });
    const other = await personOf(system.bench, 'three-orders');
    expect((await mother.get(`/api/own/access-log?person=${other}`)).status).toBe(404);
    expect((await doctor.get('/api/own/access-log')).status).toBe(403);
  });

  it('is given by FHIR to the patient whole, and to a privacy officer as far as the own institution looked', async () => {
    const person = await personOf(system.bench, 'three-orders');
    const eventsOf = async (browser: FormBrowser) => {
      const response = await browser.get(`/fhir/AuditEvent?patient=${person}`);
      expect(response.status).toBe(200);
      const bundle = (await response.json()) as {
        entry: {
          resource: {
            resourceType: string;
            agent: { altId?: string; who: { identifier: { value: string } } }[];
          };
        }[];
      };
      return bundle.entry.map(({ resource }) => resource);
    };
    const own = await eventsOf(patient);
    expect(own.every(({ resourceType }) => resourceType === 'AuditEvent')).toBe(true);
    expect(own.some(({ agent }) => agent[0]?.altId === '100118')).toBe(true);
    const officer = await signedInOfficer(system);
    const seen = await eventsOf(officer);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every(({ agent }) => agent[1]?.who.identifier.value === 'YX-COUNTY')).toBe(true);
    expect(own.length).toBeGreaterThan(seen.length);
    expect((await doctor.get(`/fhir/AuditEvent?patient=${person}`)).status).toBe(403);
    expect((await mother.get(`/fhir/AuditEvent?patient=${person}`)).status).toBe(404);
  });

  it('can be taken along as CSV, without a formula in it', async () => {
    const response = await patient.get('/api/own/access-log/export');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const text = await response.text();
    expect(text).toContain('时间,机构,科室,身份,姓名,用途,内容,次数,结果');
    expect(text).toContain('儿科');
    for (const row of text.split('\r\n')) expect(row).not.toMatch(/(^|,)[=+@]/);
  });

  it('says since when it is told, once what is past its retention went into an archive', async () => {
    expect((await logOf(patient)).retiredBefore).toBeNull();
    const { database } = system.bench.opened;
    await database.run(
      statement(
        'test.retired',
        `with r as (insert into audit_retirements (public_id, before_at, reason, state, requested_by, requested_at)
           values (gen_random_uuid(), '2010-12-31T16:00:00Z', 'test', 'done', 'staff:ops', now()) returning retirement_id)
         insert into audit_retirement_parts (retirement_id, book, sequence, to_event, row_count)
         select retirement_id, 'person', 1, 1, 1 from r`,
      ),
    );
    expect((await logOf(patient)).retiredBefore).toBe('2010-12-31T16:00:00.000Z');
    const taken = await patient.get('/api/own/access-log/export');
    expect(await taken.text()).toContain('2011-01-01 00:00 之前,,,,,,,,已满保存年限，移入归档，未列出');
  });
});
