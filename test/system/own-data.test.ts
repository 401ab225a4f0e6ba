import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { OwnAccount, OwnRepeats, OwnReport, OwnResults } from '../../src/web/wire/own-data.ts';
import {
  ownAccountShape,
  ownRepeatsShape,
  ownReportShape,
  ownResultsShape,
} from '../../src/web/wire/own-data.ts';
import { checkResponseRequestShape } from '../../src/web/wire/order-check-request.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { actsFor, patientSignIn, personOf, signedInPatient } from './own-data-bench.ts';
import { COUNTY_DOCTOR, type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

let system: RealSystem;
let patient: FormBrowser;
let mother: FormBrowser;

beforeAll(async () => {
  system = await realSystem();
  patient = await signedInPatient(system, 'three-orders');
  mother = await signedInPatient(system, 'mother-of-twins');
  await actsFor(system, 'mother-of-twins', 'twin-one');
});
afterAll(() => system.stop());

const read = async <Value>(browser: FormBrowser, path: string): Promise<Value> => {
  const response = await browser.get(path);
  expect(response.status, path).toBe(200);
  return (await response.json()) as Value;
};

const AUDIT = statement(
  'test.own-audit',
  'select actor, role, action, purpose, basis, outcome from audit_events where action = $1 order by event_id desc limit 1',
);
const lastAudit = async (action: string) =>
  (await system.bench.dependencies.database.run<Record<string, string>>(AUDIT, [action]))[0];

describe('a patient’s own results', () => {
  it('are those of every hospital, and leave a row in the access log', async () => {
    const { history, restricted } = ownResultsShape.parse(
      await read<OwnResults>(patient, '/api/own/results'),
    );
    expect(restricted).toBe('none');
    expect(history.person).toBe(await personOf(system.bench, 'three-orders'));
    expect(history.examinations.map(({ nameZh }) => nameZh)).toContain('胸部CT平扫');
    expect(history.sections.flatMap(({ items }) => items).map(({ code }) => code)).toContain('LC-ALT');
    expect(history.disclosure.basis).toBe('own-data');
    const person = await personOf(system.bench, 'three-orders');
    expect(await lastAudit('own-results.read')).toEqual({
      actor: `patient:${person}`,
      role: 'patient',
      action: 'own-results.read',
      purpose: 'own-data',
      basis: 'own-data',
      outcome: 'disclosed',
    });
  });

  it('open as reports; a report of somebody else is answered like one that does not exist', async () => {
    const { history } = await read<OwnResults>(patient, '/api/own/results');
    const [first] = history.reports;
    const report = ownReportShape.parse(await read<OwnReport>(patient, `/api/own/reports/${first?.id}`));
    expect(report.id).toBe(first?.id);
    const theirs = await mother.get(`/api/own/reports/${first?.id}`);
    const nobodys = await mother.get('/api/own/reports/01930000-0000-7000-8000-000000000001');
    expect([theirs.status, nobodys.status]).toEqual([404, 404]);
    const [one, other] = [await theirs.json(), await nobodys.json()] as Record<string, unknown>[];
    expect({ ...one, requestId: '', instance: '' }).toEqual({ ...other, requestId: '', instance: '' });
  });

  it('of others are refused, whoever they are', async () => {
    const stranger = await personOf(system.bench, 'three-hospitals');
    const second = await personOf(system.bench, 'twin-two');
    for (const person of [stranger, second, '01930000-0000-7000-8000-000000000002'])
      for (const path of ['results', 'repeats', 'shares']) {
        const response = await mother.get(`/api/own/${path}?person=${person}`);
        expect(response.status, `${path} of ${person}`).toBe(404);
        expect(((await response.json()) as { code: string }).code).toBe('PERSON_NOT_FOUND');
      }
  });

  it('are where a patient comes to after signing in', async () => {
    const home = await patient.get('/');
    expect([home.status, home.headers.get('location')]).toEqual([303, '/me']);
    expect((await patient.get('/me')).status).toBe(200);
  });

  it('are for patients alone', async () => {
    const doctor = formBrowser(system.url);
    await doctor.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
    for (const path of ['/api/own', '/api/own/results', '/api/own/repeats', '/api/own/shares'])
      expect((await doctor.get(path)).status, path).toBe(403);
    expect((await formBrowser(system.url).get('/api/own/results')).status).toBe(401);
    expect(
      (await patient.get(`/api/persons/${await personOf(system.bench, 'three-orders')}/results`)).status,
    ).toBe(403);
  });
});

describe('restricted classes', () => {
  it('are not sent before they are asked for, and asking leaves a row of its own', async () => {
    const browser = await signedInPatient(system, 'pre-operative');
    const first = await read<OwnResults>(browser, '/api/own/results');
    expect(first.restricted).toBe('hidden');
    expect(JSON.stringify(first)).not.toMatch(/HIV|免疫缺陷/);
    const asked = await read<OwnResults>(browser, '/api/own/results?restricted=shown');
    expect(asked.restricted).toBe('shown');
    expect(JSON.stringify(asked)).toMatch(/HIV|免疫缺陷/);
    expect((await lastAudit('own-results.read-restricted'))?.['outcome']).toBe('disclosed');
  });

  it('stay away from whoever acts for somebody, even their existence, unless that was recorded', async () => {
    const daughter = await signedInPatient(system, 'serial-hcg');
    const person = await personOf(system.bench, 'pre-operative');
    await actsFor(system, 'serial-hcg', 'pre-operative', { relation: 'child', agreed: true });
    for (const query of ['', '&restricted=shown']) {
      const { history, restricted } = await read<OwnResults>(
        daughter,
        `/api/own/results?person=${person}${query}`,
      );
      expect(restricted).toBe('none');
      expect(JSON.stringify(history)).not.toMatch(/HIV|免疫缺陷/);
    }
    const patient = formBrowser(system.url);
    const { login, password } = patientSignIn('pre-operative');
    await patient.signIn(login, password);
    const { history: own } = await read<OwnResults>(patient, '/api/own/results?restricted=shown');
    const hidden = own.reports[0]?.id;
    expect(own.reports).toHaveLength(1);
    const reported = async () =>
      daughter.postJson(`/api/own/corrections?person=${person}`, { report: hidden, kind: 'quality' });
    expect((await reported()).status).toBe(404);
    await actsFor(system, 'serial-hcg', 'pre-operative', {
      relation: 'child',
      agreed: true,
      restricted: true,
    });
    expect((await reported()).status).toBe(200);
    const { restricted } = await read<OwnResults>(
      daughter,
      `/api/own/results?person=${person}&restricted=shown`,
    );
    expect(restricted).toBe('shown');
  });
});

describe('acting for somebody', () => {
  it('shows the child’s results to the mother, named as such in the log, until either ends it', async () => {
    const child = await personOf(system.bench, 'twin-one');
    const account = ownAccountShape.parse(await read<OwnAccount>(mother, '/api/own'));
    expect(account.actingFor.map(({ person, relation }) => [person.person, relation])).toEqual([
      [child, 'parent'],
    ]);
    const { history } = await read<OwnResults>(mother, `/api/own/results?person=${child}`);
    expect(history.person).toBe(child);
    expect(history.reports).toHaveLength(1);
    const row = await lastAudit('own-results.read');
    expect(row?.['actor']).toBe(`patient:${await personOf(system.bench, 'mother-of-twins')}`);
    expect(row?.['role']).toBe('representative');
    const [report] = history.reports;
    const sent = await mother.postJson(`/api/own/corrections?person=${child}`, {
      report: report?.id,
      kind: 'quality',
    });
    expect(sent.status).toBe(200);
    const { id: ticket } = (await sent.json()) as { readonly id: string };
    expect((await mother.get(`/api/own/corrections/${ticket}?person=${child}`)).status).toBe(200);
    const [relation] = account.actingFor;
    expect(row?.['basis']).toBe(`acting-for/${relation?.id}`);
    const other = await patient.postJson(`/api/own/representations/${relation?.id}/end`, {});
    expect(other.status).toBe(404);
    expect((await mother.postJson(`/api/own/representations/${relation?.id}/end`, {})).status).toBe(200);
    expect((await mother.get(`/api/own/results?person=${child}`)).status).toBe(404);
    expect((await read<OwnAccount>(mother, '/api/own')).actingFor).toEqual([]);
    // Not what she sent for the child either: what comes of it is told to whoever acts for the child now.
    expect(await read(mother, '/api/own/corrections')).toMatchObject({ corrections: [] });
    expect((await mother.get(`/api/own/corrections/${ticket}`)).status).toBe(404);
  });
});

describe('why it was done again', () => {
  it('tells the doctor’s reason in plain words with the rule it comes from', async () => {
    const { bench } = system;
    const order = bench.orderOf(memberOf(bench, 'three-orders'));
    const { id, lines } = await bench.check(order);
    const line = lines.find(({ outcome }) => outcome === 'must-consider')?.line;
    const answered = await bench.flows.respond(
      bench.doctor,
      id as PublicId,
      checkResponseRequestShape.parse({ line, kind: 're-examine', reason: 'N1' }),
      null,
      bench.origin,
    );
    expect(answered.ok).toBe(true);
    const { repeats } = ownRepeatsShape.parse(await read<OwnRepeats>(patient, '/api/own/repeats'));
    expect(repeats).toHaveLength(1);
    expect(repeats[0]?.institutionZh).toBe('晏溪县人民医院');
    expect(repeats[0]?.plainZh.join('')).toMatch(/病情/);
    expect(repeats[0]?.basisZh).toMatch(/^《.+》（.+）/);
    await bench.flows.respond(
      bench.doctor,
      id as PublicId,
      checkResponseRequestShape.parse({ line, kind: 'undo' }),
      null,
      bench.origin,
    );
    expect((await read<OwnRepeats>(patient, '/api/own/repeats')).repeats).toEqual([]);
  });
});
