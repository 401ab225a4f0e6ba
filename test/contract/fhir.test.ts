import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/apps/installation.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { applicationToken } from '../system/application-token.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [name: string]: unknown;
}

interface Bundle extends Resource {
  readonly total: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry: readonly {
    readonly fullUrl: string;
    readonly resource: Resource;
    readonly search: { readonly mode: string };
  }[];
}

const UNKNOWN = '019a0000-0000-7000-8000-000000000000';
const AUDITED = statement(
  'test.fhir-audit',
  `select actor, action, resource, purpose, outcome from audit_events where actor = $1 order by event_id`,
);

describe('FHIR R4, read only', () => {
  let system: RealSystem;
  /** A system of a hospital that treats nobody here. */
  let strangerKey: string;
  let checked: OrderCheckAnswer;
  let person: string;
  const number = () => memberOf(system.bench, 'three-hospitals').person.nationalId as string;

  const get = (path: string, key = system.key): Promise<Response> =>
    fetch(system.url + path, { headers: { authorization: `Bearer ${key}` } });
  const post = (path: string, fields: Record<string, string>, key = system.key): Promise<Response> =>
    fetch(system.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: new URLSearchParams(fields),
    });
  const bundle = async (path: string): Promise<Bundle> => {
    const answer = await get(path);
    expect(answer.status, path).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/fhir+json');
    return (await answer.json()) as Bundle;
  };
  const matches = ({ entry }: Bundle): readonly Resource[] =>
    entry.filter(({ search }) => search.mode === 'match').map(({ resource }) => resource);

  beforeAll(async () => {
    system = await realSystem();
    const { database, newPublicId } = system.bench.dependencies;
    const act = { at: systemClock(), newId: newPublicId, by: 'test', peer: 'test' };
    const stranger = {
      code: 'stranger-his',
      name: 'HIS',
      institution: 'WX-MCH' as InstitutionCode,
      purposes: ['treatment'],
    } as const;
    strangerKey = (await createClient(database, stranger, act)).key;
    const answer = await fetch(`${system.url}/api/order-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(system.bench.orderOf(memberOf(system.bench, 'three-hospitals'))),
    });
    checked = (await answer.json()) as OrderCheckAnswer;
    person = checked.person as string;
  });
  afterAll(() => system?.stop());

  it('says what it can do, to everybody, and refuses what it does not say', async () => {
    const answer = await fetch(`${system.url}/fhir/metadata`);
    const statementOf = (await answer.json()) as {
      readonly fhirVersion: string;
      readonly rest: readonly {
        readonly resource: readonly {
          readonly type: string;
          readonly interaction: readonly { readonly code: string }[];
          readonly searchParam: readonly { readonly name: string }[];
          readonly searchInclude: readonly string[];
        }[];
      }[];
    };
    expect(statementOf.fhirVersion).toBe('4.0.1');
    for (const { type, interaction, searchParam, searchInclude } of statementOf.rest[0]?.resource ?? []) {
      if (!interaction.some(({ code }) => code === 'search-type')) continue;
      // Nobody but the patient and the privacy officer reads the access log.
      if (type === 'Patient' || type === 'AuditEvent') continue;
      const sample: Readonly<Record<string, string>> = {
        patient: person,
        category: 'laboratory',
        code: 'x',
        date: 'ge2020-01-01',
        _id: 'x',
        _lastUpdated: 'ge2020-01-01',
        identifier: 'urn:dicom:uid|urn:oid:1.2.3',
        started: 'ge2020-01-01',
        status: 'available',
        modality: 'CT',
      };
      for (const { name } of searchParam)
        expect(
          (
            await get(
              `/fhir/${type}?patient=${person}${name === 'patient' ? '' : `&${name}=${sample[name]}`}`,
            )
          ).status,
          `${type} ${name}`,
        ).toBe(200);
      for (const include of searchInclude)
        expect((await get(`/fhir/${type}?patient=${person}&_include=${include}`)).status, include).toBe(200);
      expect((await get(`/fhir/${type}?patient=${person}&_sort=date`)).status, type).toBe(400);
      expect((await get(`/fhir/${type}?patient=${person}&_include=Observation:encounter`)).status).toBe(400);
      expect((await get(`/fhir/${type}`)).status, type).toBe(400);
    }
  });

  it('reads what it found, one by one, as it was in the list', async () => {
    const all = await bundle(`/fhir/Observation?patient=${person}&_count=200`);
    expect(all.total).toBeGreaterThan(3);
    for (const each of matches(all).slice(0, 5)) {
      expect(each).toMatchObject({
        resourceType: 'Observation',
        subject: { reference: `Patient/${person}` },
        status: expect.stringMatching(/^(final|corrected|preliminary|cancelled|entered-in-error)$/),
      });
      expect('valueQuantity' in each && 'valueString' in each).toBe(false);
      const read = (await (await get(`/fhir/Observation/${each.id}`)).json()) as Resource;
      // Read by itself a result names the record that the hospital holds; in the list, the person asked for.
      expect({ ...read, subject: null }).toEqual({ ...each, subject: null });
    }
    const reports = await bundle(`/fhir/DiagnosticReport?patient=${person}&_include=DiagnosticReport:result`);
    const included = new Set(
      reports.entry.filter(({ search }) => search.mode === 'include').map(({ resource }) => resource.id),
    );
    const referenced = matches(reports).flatMap(({ result }) =>
      (result as { reference: string }[]).map(({ reference }) => reference.replace('Observation/', '')),
    );
    expect(new Set(referenced)).toEqual(included);
    expect([...included].sort()).toEqual(
      matches(all)
        .map(({ id }) => id)
        .sort(),
    );
  });

  it('narrows by code, category and date', async () => {
    const all = matches(await bundle(`/fhir/Observation?patient=${person}&_count=200`));
    const first = all[0] as Resource;
    const [coding] = (first['code'] as { coding: { system: string; code: string }[] }).coding;
    const token = encodeURIComponent(`${coding?.system}|${coding?.code}`);
    const coded = matches(await bundle(`/fhir/Observation?patient=${person}&code=${token}&_count=200`));
    expect(coded.length).toBeGreaterThan(0);
    expect(coded.length).toBeLessThan(all.length);
    for (const each of coded)
      expect((each['code'] as { coding: unknown[] }).coding).toContainEqual(expect.objectContaining(coding));
    const day = String(first['effectiveDateTime']).slice(0, 10);
    const before = matches(await bundle(`/fhir/Observation?patient=${person}&date=lt${day}&_count=200`));
    const since = matches(await bundle(`/fhir/Observation?patient=${person}&date=ge${day}&_count=200`));
    expect(before.length + since.length).toBe(all.length);
    const totals = await Promise.all(
      ['imaging', 'laboratory'].map(
        async (category) => (await bundle(`/fhir/Observation?patient=${person}&category=${category}`)).total,
      ),
    );
    expect(Math.min(...totals)).toBeGreaterThan(0);
    expect((totals[0] as number) + (totals[1] as number)).toBe(all.length);
    expect((await get(`/fhir/Observation?patient=${person}&date=yesterday`)).status).toBe(400);
  });

  it('finds by code what it finds without one, whichever system names the code', async () => {
    const all = matches(await bundle(`/fhir/Observation?patient=${person}&_count=200`));
    const codingsOf = (each: Resource) =>
      (each['code'] as { coding: { system: string; code: string }[] }).coding;
    const systems = new Set<string>();
    for (const { system: named, code } of all.flatMap(codingsOf)) {
      systems.add(named);
      const expected = all
        .filter((each) => codingsOf(each).some((one) => one.system === named && one.code === code))
        .map(({ id }) => id);
      const found = await bundle(
        `/fhir/Observation?patient=${person}&code=${encodeURIComponent(`${named}|${code}`)}&_count=200`,
      );
      expect(
        matches(found).map(({ id }) => id),
        `${named}|${code}`,
      ).toEqual(expected);
      expect(found.total).toBe(expected.length);
      const reports = await bundle(
        `/fhir/DiagnosticReport?patient=${person}&code=${encodeURIComponent(`${named}|${code}`)}&_count=200`,
      );
      // A report comes whole, not only with the line that was asked for.
      for (const report of matches(reports)) {
        const whole = (await (await get(`/fhir/DiagnosticReport/${report.id}`)).json()) as Resource;
        expect({ ...whole, subject: null }).toEqual({ ...report, subject: null });
      }
      expect(new Set(matches(reports).map(({ id }) => id))).toEqual(
        new Set(expected.map((id) => id.split('.')[0])),
      );
    }
    expect(systems).toEqual(
      new Set(['http://loinc.org', 'urn:huren:item', ...[...systems].filter((one) => one.endsWith(':code'))]),
    );
    expect((await bundle(`/fhir/Observation?patient=${person}&code=http://loinc.org|0-0`)).total).toBe(0);
  });

  it('finds by id and by the last change, the newest first', async () => {
    const all = matches(await bundle(`/fhir/Observation?patient=${person}&_count=200&_sort=-date`));
    const dates = all.flatMap((each) =>
      typeof each['effectiveDateTime'] === 'string' ? [each['effectiveDateTime']] : [],
    );
    expect(dates).toEqual(dates.toSorted().toReversed());
    const [first, second] = all as [Resource, Resource];
    const byId = await bundle(`/fhir/Observation?patient=${person}&_id=${first.id},${second.id}`);
    expect(matches(byId).map(({ id }) => id)).toEqual([first.id, second.id]);
    const changed = (each: Resource) => (each['meta'] as { lastUpdated: string }).lastUpdated;
    const [before, since] = await Promise.all(
      ['lt', 'ge'].map((prefix) =>
        bundle(`/fhir/Observation?patient=${person}&_lastUpdated=${prefix}${changed(first)}`),
      ),
    );
    expect((before?.total ?? 0) + (since?.total ?? 0)).toBe(all.length);
    expect(since?.total).toBeGreaterThan(0);
    for (const wrong of [
      '_sort=date',
      '_sort=code',
      '_lastUpdated=soon',
      '_total=none',
      'code:text=x',
      '_count=0',
      '_id=',
    ]) {
      const refused = await get(`/fhir/Observation?patient=${person}&${wrong}`);
      expect(refused.status, wrong).toBe(400);
      expect(await refused.json()).toMatchObject({
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error' }],
      });
    }
  });

  it('gives everything of a person in pages, each thing once', async () => {
    const results = matches(await bundle(`/fhir/Observation?patient=${person}&_count=200`)).map(
      ({ id }) => id,
    );
    const reports = matches(await bundle(`/fhir/DiagnosticReport?patient=${person}&_count=200`)).map(
      ({ id }) => id,
    );
    const paged: Resource[] = [];
    let next: string | undefined = `/fhir/Patient/${person}/$everything?_count=4`;
    while (next) {
      const page: Bundle = await bundle(next);
      expect(page.total).toBe(1 + results.length + reports.length);
      paged.push(...matches(page));
      next = page.link.find(({ relation }) => relation === 'next')?.url.replace(system.url, '');
    }
    const idsOf = (type: string) =>
      paged.filter(({ resourceType }) => resourceType === type).map(({ id }) => id);
    expect(idsOf('Patient')).toEqual([person]);
    expect(idsOf('DiagnosticReport')).toEqual(reports);
    expect(idsOf('Observation').toSorted()).toEqual(results.toSorted());
    const typed = await bundle(`/fhir/Patient/${person}/$everything?_type=DiagnosticReport&_count=200`);
    expect(matches(typed).map(({ id }) => id)).toEqual(reports);
    const none = await bundle(`/fhir/Patient/${person}/$everything?end=1990-01-01&_type=Observation`);
    expect(none.total).toBe(0);
    expect((await get(`/fhir/Patient/${person}/$everything?_type=Consent`)).status).toBe(400);
    expect((await get(`/fhir/Patient/${person}/$everything?_since=2020-01-01`)).status).toBe(400);
    expect(await (await get(`/fhir/Patient/${person}/$everything`, strangerKey)).text()).toBe(
      await (await get(`/fhir/Patient/${UNKNOWN}/$everything`)).text(),
    );
  });

  it('goes through pages without a gap or a repeat, by a cursor that nobody can make up', async () => {
    const whole = matches(await bundle(`/fhir/Observation?patient=${person}&_count=200`)).map(({ id }) => id);
    const paged: string[] = [];
    let next: string | undefined = `/fhir/Observation?patient=${person}&_count=3`;
    while (next) {
      const page: Bundle = await bundle(next);
      expect(page.total).toBe(whole.length);
      paged.push(...matches(page).map(({ id }) => id));
      next = page.link.find(({ relation }) => relation === 'next')?.url.replace(system.url, '');
    }
    expect(paged).toEqual(whole);
    expect((await get(`/fhir/Observation?patient=${person}&_cursor=Zm9v`)).status).toBe(400);
  });

  it('finds people by POST alone, sends no number back and writes down whom it showed', async () => {
    const found = await post('/fhir/Patient/_search', {
      identifier: `urn:oid:2.16.156.10011.1.3|${number()}`,
    });
    const text = await found.text();
    expect(text).not.toContain(number());
    const [patient] = matches(JSON.parse(text) as Bundle);
    expect(patient).toMatchObject({ resourceType: 'Patient', name: [{ text: expect.any(String) }] });
    expect((await get(`/fhir/Patient/${patient?.id}`)).status).toBe(200);
    expect((await get(`/fhir/Patient?identifier=x`)).status).toBe(404);
    const other = await post('/fhir/Patient/_search', { identifier: `http://hospital.example|${number()}` });
    expect(other.status).toBe(400);
    expect(await other.text()).toContain('FHIR_IDENTIFIER_SYSTEM_UNKNOWN');
    const rows = await system.bench.opened.database.run<{ action: string; purpose: string }>(AUDITED, [
      'client:yx-county-his',
    ]);
    expect(new Set(rows.map(({ purpose }) => purpose))).toEqual(new Set(['treatment']));
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['person.search', 'person.read', 'results.read', 'report.read']),
    );
  });

  it('answers a hospital that treats nobody here exactly as if there were nobody, byte for byte', async () => {
    const [line] = matches(await bundle(`/fhir/Observation?patient=${person}`));
    const report = line?.id.split('.')[0];
    const bodyOf = async (path: string, key: string): Promise<string> => {
      const answer = await get(path, key);
      return `${answer.status} ${await answer.text()}`;
    };
    for (const [known, unknown] of [
      [`Patient/${person}`, `Patient/${UNKNOWN}`],
      [`Observation/${line?.id}`, `Observation/${UNKNOWN}.1`],
      [`DiagnosticReport/${report}`, `DiagnosticReport/${UNKNOWN}`],
      [`Observation?patient=${person}`, `Observation?patient=${UNKNOWN}`],
      [`Patient/${person}/$everything`, `Patient/${UNKNOWN}/$everything`],
      [
        `DiagnosticReport?patient=${person}&_include=DiagnosticReport:result`,
        `DiagnosticReport?patient=${UNKNOWN}&_include=DiagnosticReport:result`,
      ],
    ]) {
      const refused = await bodyOf(`/fhir/${known}`, strangerKey);
      expect(refused).toMatch(/^404 .*FHIR_UNKNOWN/);
      expect(refused).toBe(await bodyOf(`/fhir/${unknown}`, strangerKey));
      expect(refused).toBe(await bodyOf(`/fhir/${unknown}`, system.key));
    }
    const rows = await system.bench.opened.database.run<{ outcome: string }>(AUDITED, [
      'client:stranger-his',
    ]);
    expect(rows.filter(({ outcome }) => !outcome.startsWith('refused'))).toEqual([]);
  });

  it('lets an app see what its scopes name, of the patients of its institution, or of its one patient', async () => {
    const backend = await applicationToken(system, ['system/Observation.rs']);
    expect((await get(`/fhir/Observation?patient=${person}`, backend)).status).toBe(200);
    expect((await get(`/fhir/DiagnosticReport?patient=${person}`, backend)).status).toBe(403);
    expect((await get(`/fhir/Patient/${person}`, backend)).status).toBe(403);
    expect((await get(`/api/persons/${person}/results`, backend)).status).toBe(403);
    const foreign = await applicationToken(system, ['system/Observation.rs'], 'WX-MCH');
    expect((await get(`/fhir/Observation?patient=${person}`, foreign)).status).toBe(404);
    const { database, newPublicId } = system.bench.dependencies;
    const account = await createAccount(
      database,
      {
        login: 'fhir.patient',
        password: 'Correct-horse-48',
        role: 'patient',
        institution: null,
        displayName: '本人',
        person: person as PublicId,
      },
      { at: systemClock(), newId: newPublicId, by: 'test', peer: 'test' },
      { cost: 1024, blockSize: 8, parallelism: 1 },
    );
    const own = await applicationToken(system, ['patient/*.rs'], 'YX-COUNTY', {
      accountId: account.accountId,
      patient: person as PublicId,
    });
    expect((await get(`/fhir/Observation?patient=${person}`, own)).status).toBe(200);
    const other = await fetch(`${system.url}/api/order-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(system.bench.orderOf(memberOf(system.bench, 'child'))),
    });
    const { person: child } = (await other.json()) as OrderCheckAnswer;
    expect((await get(`/fhir/Observation?patient=${child}`)).status).toBe(200);
    expect((await get(`/fhir/Observation?patient=${child}`, own)).status).toBe(404);
    const rows = await database.run<{ actor: string; purpose: string }>(
      statement(
        'test.fhir-own',
        `select actor, purpose from audit_events where actor like 'application:%' and action = 'results.read' order by event_id`,
      ),
    );
    expect(rows.map(({ purpose }) => purpose)).toEqual(['treatment', 'own-data']);
  });

  it('refuses a stranger with an OperationOutcome', async () => {
    const answer = await fetch(`${system.url}/fhir/Observation?patient=${person}`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('application/fhir+json');
    expect(await answer.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'login' }],
    });
  });
});
