import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountByLogin, createAccount } from '../../src/adapters/postgres/accounts.ts';
import { setSecondFactor } from '../../src/adapters/postgres/second-factors.ts';
import { newSecret } from '../../src/adapters/second-factor/totp.ts';
import { consoleAct } from '../../src/apps/cli/console-act.ts';
import { runCommandLine } from '../../src/apps/cli/main.ts';
import { readConfiguration } from '../../src/apps/configuration.ts';
import { type Installation, openInstallation } from '../../src/apps/installation.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type IngestBench, ingestBench, reportMessage } from './ingest-fixtures.ts';

let bench: IngestBench;
let folder: string;
let installation: Installation;
/** Public ids of two patients whose records the doctors below looked at. */
let persons: readonly [string, string];

const PASSWORD = 'Export-2026-x';
const recoveryCodes = new Map<string, string[]>();

/** A code of the phone counts for its half minute; recovery codes make the test independent of the clock. */
const renewCodes = async (login: string): Promise<void> => {
  const { database, keys } = installation;
  const account = await accountByLogin(database, login);
  if (!account) throw new Error(`no account ${login}`);
  const factor = { secret: newSecret(), lastPeriod: 0 };
  recoveryCodes.set(login, [
    ...(await setSecondFactor(database, keys, account, factor, consoleAct(installation))),
  ]);
};

const asStaff = async (login: string): Promise<string[]> => {
  if (!recoveryCodes.get(login)?.length) await renewCodes(login);
  const code = recoveryCodes.get(login)?.pop() as string;
  return ['--as', login, '--password-file', join(folder, 'password'), '--code', code];
};

const run = async (...asked: readonly string[]) => {
  const args = asked.includes('--as') ? asked : [...asked, ...(await asStaff('ops'))];
  return runAsNobody(...args);
};

const runAsNobody = async (...args: readonly string[]) => {
  const out: string[] = [];
  const notes: string[] = [];
  const code = await runCommandLine(args, {
    environment: { DATABASE_URL: bench.url, HUREN_DATA_DIR: folder },
    out: (line) => void out.push(line),
    note: (line) => void notes.push(line),
    progress: () => undefined,
    signal: new AbortController().signal,
  });
  return { code, out, notes: notes.join('\n') };
};

const LOOK = `insert into audit_events (person_id, public_id, occurred_at, actor, institution_id, action, resource, purpose, basis,
    outcome, peer, role, department, staff_number)
  select p.person_id, gen_random_uuid(), $2, $3, (select institution_id from institutions where code = $4), 'report.read',
    'report/1', 'treatment', 'consented', 'disclosed', '10.0.0.1', 'doctor', '消化内科', '100118'
  from persons p where p.public_id = $1`;

beforeAll(async () => {
  bench = await ingestBench();
  folder = mkdtempSync(join(tmpdir(), 'huren-audit-export-'));
  writeFileSync(join(folder, 'password'), `${PASSWORD}\n`);
  installation = await openInstallation(
    readConfiguration({ DATABASE_URL: bench.url, HUREN_DATA_DIR: folder }),
  );
  for (const [login, role, institution] of [
    ['ops', 'operator', null],
    ['privacy', 'privacy-officer', 'JIANG-2'],
    ['doctor', 'doctor', 'JIANG-1'],
  ] as const) {
    const account = { login, password: PASSWORD, role, institution, displayName: login } as const;
    await createAccount(
      installation.database,
      { ...account, institution: institution as InstitutionCode | null },
      consoleAct(installation),
    );
  }
  await bench.take(reportMessage({ record: 'A1', name: '端木甲' }));
  await bench.take(reportMessage({ record: 'A2', name: '端木乙' }));
  const found = await bench.rows<{ public_id: string }>('select public_id from persons order by person_id');
  persons = [found[0]?.public_id as string, found[1]?.public_id as string];
  await bench.rows('delete from audit_events');
  const looks: readonly [string, string, string, string][] = [
    [persons[0], '2026-01-31T15:59:59.999Z', 'staff:early', 'JIANG-1'],
    [persons[0], '2026-01-31T16:00:00Z', 'staff:first', 'JIANG-1'],
    [persons[1], '2026-02-03T02:00:00Z', 'staff:other', 'JIANG-2'],
    [persons[0], '2026-02-04T02:00:00Z', '=cmd|"x"', 'JIANG-2'],
    [persons[0], '2026-02-28T16:00:00Z', 'staff:late', 'JIANG-1'],
  ];
  for (const look of looks) await bench.rows(LOOK, look);
  await bench.rows(
    `insert into system_audit_events (public_id, occurred_at, actor, action, resource, outcome, peer) values
       (gen_random_uuid(), '2026-02-02T00:00:00Z', 'staff:it', 'sign-in', 'account:it', 'done', '10.0.0.1'),
       (gen_random_uuid(), '2026-02-02T00:01:00Z', 'stranger', 'sign-in', 'account:it', 'wrong', '10.0.0.2'),
       (gen_random_uuid(), '2026-02-02T00:02:00Z', 'console', 'keys.rotate', 'key/1', 'done', 'local'),
       (gen_random_uuid(), '2026-03-02T00:00:00Z', 'console', 'keys.rotate', 'key/2', 'done', 'local')`,
  );
});
afterAll(async () => {
  await installation.close();
  await bench.drop();
  rmSync(folder, { recursive: true, force: true });
});

const FEBRUARY = ['--from', '2026-02-01', '--until', '2026-03-01'];
const actorsOf = (out: readonly string[]): string[] =>
  out.map((line) => (JSON.parse(line) as { actor: string }).actor);

describe('huren audit export of the book of persons', () => {
  test('gives what is stored, a line of JSON a row, within days of China; no internal key, no name', async () => {
    const { code, out } = await run('audit', 'export', ...FEBRUARY, '--format', 'ndjson');
    expect(code).toBe(0);
    expect(actorsOf(out)).toEqual(['staff:first', 'staff:other', '=cmd|"x"']);
    expect(JSON.parse(out[1] as string)).toEqual({
      event: expect.stringMatching(/^\d+$/) as string,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      occurredAt: '2026-02-03T02:00:00.000Z',
      actor: 'staff:other',
      role: 'doctor',
      department: '消化内科',
      staffNumber: '100118',
      institution: 'JIANG-2',
      action: 'report.read',
      resource: 'report/1',
      purpose: 'treatment',
      basis: 'consented',
      outcome: 'disclosed',
      peer: '10.0.0.1',
      person: persons[1],
    });
    expect(out.join()).not.toContain('端木');
  });

  test('can be had of one person and of one institution alone', async () => {
    const ndjson = ['--format', 'ndjson'];
    const ofPerson = await run('audit', 'export', ...FEBRUARY, ...ndjson, '--person', persons[0]);
    expect(actorsOf(ofPerson.out)).toEqual(['staff:first', '=cmd|"x"']);
    const ofInstitution = await run('audit', 'export', ...FEBRUARY, ...ndjson, '--institution', 'JIANG-2');
    expect(actorsOf(ofInstitution.out)).toEqual(['staff:other', '=cmd|"x"']);
    const filters = ['--person', persons[0], '--institution', 'JIANG-1'];
    const both = await run('audit', 'export', ...FEBRUARY, ...ndjson, ...filters);
    expect(actorsOf(both.out)).toEqual(['staff:first']);
  });

  test('gives FHIR AuditEvents by BALP unless told otherwise', async () => {
    const { out } = await run('audit', 'export', ...FEBRUARY, '--person', persons[1]);
    expect(out).toHaveLength(1);
    expect(JSON.parse(out[0] as string)).toMatchObject({
      resourceType: 'AuditEvent',
      meta: { profile: ['https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead'] },
      entity: [{ what: { identifier: { value: persons[1] } } }, {}],
    });
  });

  test('gives CSV of which no cell runs as a formula', async () => {
    const { out } = await run('audit', 'export', ...FEBRUARY, '--format', 'csv');
    expect(out[0]).toMatch(/^event,id,occurredAt,actor,/);
    expect(out[3]).toContain(`,"'=cmd|""x""",`);
  });

  test('stands in the log before its rows leave, and in the log of the person asked for', async () => {
    await bench.rows("delete from system_audit_events where action = 'audit.export'");
    await bench.rows("delete from audit_events where action = 'access-log.export'");
    await run('audit', 'export', ...FEBRUARY, '--person', persons[0], '--format', 'ndjson');
    await run('audit', 'export', ...FEBRUARY, '--book', 'system');
    expect(
      await bench.rows(
        "select actor, resource, outcome from system_audit_events where action = 'audit.export' order by event_id",
      ),
    ).toEqual([
      {
        actor: 'staff:ops',
        resource: `audit/person/2026-01-31T16:00:00.000Z/2026-02-28T16:00:00.000Z/person/${persons[0]}`,
        outcome: 'ndjson',
      },
      {
        actor: 'staff:ops',
        resource: 'audit/system/2026-01-31T16:00:00.000Z/2026-02-28T16:00:00.000Z',
        outcome: 'fhir',
      },
    ]);
    expect(
      await bench.rows(
        `select p.public_id, e.basis, e.outcome from audit_events e join persons p on p.person_id = e.person_id
         where e.action = 'access-log.export'`,
      ),
    ).toEqual([{ public_id: persons[0], basis: 'log-export', outcome: 'disclosed' }]);
  });

  test('asks who takes it out: nobody without a sign-in, a privacy officer of the own institution alone', async () => {
    await bench.rows("delete from system_audit_events where action = 'audit.export'");
    expect(await runAsNobody('audit', 'export', ...FEBRUARY)).toMatchObject({ code: 2, out: [] });
    const ndjson = [...FEBRUARY, '--format', 'ndjson'];
    const own = await run(
      'audit',
      'export',
      ...ndjson,
      '--institution',
      'JIANG-2',
      ...(await asStaff('privacy')),
    );
    expect(actorsOf(own.out)).toEqual(['staff:other', '=cmd|"x"']);
    for (const [login, filter] of [
      ['privacy', ['--institution', 'JIANG-1']],
      ['privacy', []],
      ['privacy', ['--book', 'system']],
      ['doctor', ['--institution', 'JIANG-1']],
    ] as const) {
      const refused = await run('audit', 'export', ...ndjson, ...filter, ...(await asStaff(login)));
      expect(refused, `${login} ${filter.join(' ')}`).toMatchObject({ code: 1, out: [] });
      expect(refused.notes).toContain('AUDIT_EXPORT_ROLE');
    }
    expect(
      await bench.rows(
        "select actor, outcome from system_audit_events where action = 'audit.export' order by event_id",
      ),
    ).toEqual([
      { actor: 'staff:privacy', outcome: 'ndjson' },
      ...['privacy', 'privacy', 'privacy', 'doctor'].map((login) => ({
        actor: `staff:${login}`,
        outcome: 'refused',
      })),
    ]);
  });

  test('refuses who and what it does not know instead of finding nothing', async () => {
    const nobody = '00000000-0000-7000-8000-000000000000';
    const unknown = await run('audit', 'export', ...FEBRUARY, '--person', nobody);
    expect(unknown).toMatchObject({ code: 1, out: [] });
    expect(unknown.notes).toContain('PERSON_NOT_FOUND');
    const nowhere = await run('audit', 'export', ...FEBRUARY, '--institution', 'NOWHERE');
    expect(nowhere.notes).toContain('INSTITUTION_UNKNOWN');
    const refused = [
      ['--book', 'system', '--person', persons[0]],
      ['--book', 'patients'],
      ['--format', 'pdf'],
      ['--person', '端木甲'],
    ];
    for (const wrong of refused)
      expect((await run('audit', 'export', ...FEBRUARY, ...wrong)).code, wrong.join(' ')).toBe(2);
    expect((await run('audit', 'export', '--from', '2026-02-01')).code).toBe(2);
  });
});

describe('huren audit export of the book of acts without a person', () => {
  test('gives what is stored, and the same as FHIR AuditEvents', async () => {
    const stored = await run('audit', 'export', ...FEBRUARY, '--book', 'system', '--format', 'ndjson');
    expect(stored.out.map((line) => (JSON.parse(line) as { resource: string }).resource)).toEqual([
      'account:it',
      'account:it',
      'key/1',
    ]);
    const fhir = await run('audit', 'export', ...FEBRUARY, '--book', 'system');
    const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';
    expect(fhir.out.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { resourceType: 'AuditEvent', type: { system: DICOM, code: '110114' }, outcome: '0' },
      { type: { code: '110114' }, outcome: '4', outcomeDesc: 'wrong' },
      { type: { system: DICOM, code: '110100' }, subtype: [{ code: 'keys.rotate' }] },
    ]);
    const csv = await run('audit', 'export', ...FEBRUARY, '--book', 'system', '--format', 'csv');
    expect(csv.out[0]).toBe('event,id,occurredAt,actor,action,resource,outcome,peer');
    expect(csv.out).toHaveLength(4);
  });
});
