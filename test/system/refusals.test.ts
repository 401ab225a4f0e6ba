import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import type { ResultHistory } from '../../src/web/wire/result-history.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { personOf } from './own-data-bench.ts';
import { COUNTY_DOCTOR, COUNTY_TECHNICIAN, type RealSystem, realSystem } from './real-system.ts';

let system: RealSystem;
let doctor: FormBrowser;
let technician: FormBrowser;
let person: string;

beforeAll(async () => {
  system = await realSystem();
  doctor = formBrowser(system.url);
  await doctor.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
  technician = formBrowser(system.url);
  await technician.signIn(COUNTY_TECHNICIAN.login, COUNTY_TECHNICIAN.password);
  person = await personOf(system.bench, 'three-hospitals');
});
afterAll(() => system.stop());

const run = <Row>(name: string, text: string, values: string[] = []): Promise<Row[]> =>
  system.bench.dependencies.database.run<Row>(statement(name, text), values);
const refusals = () =>
  run(
    'test.refusals',
    `select action, outcome, role, staff_number, basis from audit_events
     where outcome like 'refused%' and person_id = (select person_id from persons where public_id = $1) order by event_id`,
    [person],
  );

describe('a refusal about a person', () => {
  it('is in the log when the role has no such right, with who it was', async () => {
    expect((await technician.get(`/api/persons/${person}/results`)).status).toBe(403);
    expect(await refusals()).toEqual([
      {
        action: 'result-history.read',
        outcome: 'refused: NOT_PERMITTED',
        role: 'institution-it',
        staff_number: '900001',
        basis: 'none',
      },
    ]);
  });

  it('is in the log when the patient hides the report, where the doctor is told that there is none', async () => {
    const history = (await (await doctor.get(`/api/persons/${person}/results`)).json()) as ResultHistory;
    const foreign = history.reports.find(({ institution }) => !history.institutions[institution]?.own);
    await run(
      'test.refuse-all',
      `insert into consent_acts (person_id, public_id, request_key, kind, purpose, relation, way, wording, acted_at, actor, recorded_at)
       select person_id, gen_random_uuid(), 'refusal', 'denied', 'treatment', 'self', 'phone', '1', '2020-01-01', 'patient', '2020-01-01'
       from persons where public_id = $1`,
      [person],
    );
    const hidden = await doctor.get(`/api/reports/${foreign?.id}`);
    expect(hidden.status).toBe(404);
    const rows = await run<{ outcome: string; staff_number: string }>(
      'test.hidden',
      `select outcome, staff_number from audit_events where action = 'report.read' and outcome like 'refused%'`,
    );
    expect(rows).toEqual([{ outcome: 'refused: REPORT_UNKNOWN', staff_number: '100118' }]);
  });

  it('is a row without a person when there is nobody of that id', async () => {
    expect((await doctor.get('/api/reports/019a0000-0000-7000-8000-000000000000')).status).toBe(404);
    expect(
      await run(
        'test.nobody',
        `select actor, outcome from system_audit_events where action = 'report.read' and outcome like 'refused%'`,
      ),
    ).toEqual([{ actor: 'staff:' + COUNTY_DOCTOR.login, outcome: 'refused: REPORT_UNKNOWN' }]);
  });
});
