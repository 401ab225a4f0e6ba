import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointFile } from '../../src/adapters/audit-checkpoints/checkpoint-file.ts';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { setAccountIdentity } from '../../src/adapters/postgres/accounts-identity.ts';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import { lookupPerson } from '../../src/adapters/postgres/person-lookup.ts';
import { keepWatched } from '../../src/adapters/postgres/watched-persons.ts';
import { findAnomalies } from '../../src/apps/flows/audit/find-anomalies.ts';
import { auditSealer } from '../../src/apps/flows/audit/seal-audit.ts';
import { answerReview } from '../../src/apps/flows/checks/answer-review.ts';
import { departmentWork } from '../../src/apps/flows/checks/department-work.ts';
import type { StaffActor } from '../../src/apps/server/flows-port.ts';
import { HOUR_MS, instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { answerReviewQueryShape } from '../../src/web/wire/answer-review.ts';
import { deskQueryShape } from '../../src/web/wire/correction.ts';
import { listDocument } from '../example-region.ts';
import {
  type CorrectionBench,
  correctionBench,
  type CorrectionPatient,
  desk,
  doctor,
  origin,
  staff,
} from './correction-bench.ts';

const office = staff('JIANG-2', 'medical-affairs', 'office');
const PATIENTS = 3;

/** Every list that names persons: who opens it, and how. Counted as looks at each of them. */
const LISTS: readonly {
  readonly name: string;
  readonly by: StaffActor;
  readonly open: (bench: CorrectionBench) => Promise<{ ok: boolean }>;
}[] = [
  {
    name: 'the decisions of a doctor in the work of the departments',
    by: office,
    open: ({ bench }) =>
      departmentWork(bench.dependencies)(office, { doctor: 'gu' }, { ...origin, purpose: 'quality' }),
  },
  {
    name: 'recognitions that wait for the ordering system',
    by: office,
    open: ({ bench }) =>
      answerReview(bench.dependencies).waiting(office, answerReviewQueryShape.parse({}), {
        ...origin,
        purpose: 'quality',
      }),
  },
  {
    name: 'decisions to look at again',
    by: doctor,
    open: ({ flows }) => flows.markedChecks(doctor, origin),
  },
  {
    name: 'tickets that a doctor follows',
    by: doctor,
    open: ({ corrections }) => corrections.own(doctor, origin),
  },
  {
    name: 'tickets of the desk that is to answer',
    by: desk,
    open: ({ corrections }) => corrections.desk(desk, deskQueryShape.parse({ state: 'all' }), origin),
  },
];

let opened: CorrectionBench;
let folder: string;
let ahead = 0;
const patients: CorrectionPatient[] = [];

const act = () => ({
  at: opened.bench.dependencies.clock(),
  newId: opened.bench.dependencies.newPublicId,
  by: 'test',
  peer: 'test',
});

beforeAll(async () => {
  opened = await correctionBench();
  folder = mkdtempSync(join(tmpdir(), 'huren-lists-'));
  const { database, dependencies } = opened.bench;
  const { keys, clock, snapshots } = dependencies;
  for (let index = 0; index < PATIENTS; index++) {
    const patient = await opened.begin();
    patients.push(patient);
    await opened.recognise((await patient.check()).id);
    await opened.submit({ report: patient.report, ordinal: 1, kind: 'wrong-value' });
    await opened.amend(patient, { lines: [['ALT', 'NM', '23', 'U/L', '9-50']] });
  }
  // The third works at both hospitals, the second is watched over by both.
  for (const institution of ['JIANG-1', 'JIANG-2']) {
    const login = `colleague.${institution.toLowerCase()}`;
    await createAccount(
      database,
      {
        login,
        password: 'Correct-horse-88',
        role: 'doctor',
        institution: institution as InstitutionCode,
        displayName: '同事',
      },
      act(),
    );
    await setAccountIdentity(database, keys, login, patients[2]?.nationalId as string, act());
    const { registry } = await snapshots.current();
    const watched = await lookupPerson(database, keys, {
      identifiers: [{ type: 'national-id', issuer: 'CN', number: patients[1]?.nationalId as string }],
    });
    await keepWatched(database, {
      institutionKey: registry.institutionKey(institution as InstitutionCode) as string,
      person: watched?.publicId as never,
      note: '公众人物',
      addedBy: 'test',
      addedAt: clock(),
    });
  }
  await publishLists(
    database,
    [
      listDocument('policy', 'JIANG', {
        zone: 'JIANG' as never,
        repeatReminderCivilDays: 90,
        consent: 'assumed',
        silentEncounterClasses: [],
        otherReasonMinimum: 10,
        privacy: {
          emergencyMinutes: 60,
          reviewDays: 3,
          namesStaffToPatients: false,
          rules: [
            { kind: 'colleague' },
            { kind: 'watched-person' },
            { kind: 'no-encounter', windowDays: 30, afterHours: 4 },
            { kind: 'bulk', persons: PATIENTS - 1, windowMinutes: 60 },
          ],
        },
      }),
    ],
    { by: 'test', at: clock(), reason: 'test' },
  );
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await opened.bench.drop();
});

/** Seals everything, then lets the rules read it, also those that are asked some hours later. */
const watch = async (): Promise<void> => {
  const { database, dependencies } = opened.bench;
  const clock = () => instant(dependencies.clock() + ahead);
  const checkpoints = checkpointFile(folder, join(folder, 'key.pem'));
  const sealer = auditSealer({ database, clock, digest: 'sha256', checkpoints });
  const unsealed = `select 1 from audit_events where event_id > coalesce(
    (select max(to_event) from audit_seals where book = 'person'), 0)`;
  do await sealer.turn();
  while ((await opened.bench.rows(unsealed)).length > 0);
  while ((await findAnomalies({ ...dependencies, clock })) > 0);
  ahead += 5 * HOUR_MS;
  while ((await findAnomalies({ ...dependencies, clock })) > 0);
};

describe.each(LISTS)('$name', ({ by, open }) => {
  it('is a look at everybody it names, by whoever opened it, for the rules over the log', async () => {
    const { bench } = opened;
    await watch();
    await bench.rows('delete from privacy_cases');
    const [last] = await bench.rows<{ id: string }>('select max(event_id)::text as id from audit_events');
    expect((await open(opened)).ok).toBe(true);
    const looks = await bench.rows<{ person: string; actor: string; role: string; institution: string }>(
      `select distinct e.person_id::text as person, e.actor, e.role, i.code as institution
       from audit_events e join institutions i on i.institution_id = e.institution_id
       where e.event_id > $1::bigint and e.outcome = 'disclosed'`,
      [last?.id ?? '0'],
    );
    expect(looks).toHaveLength(PATIENTS);
    for (const look of looks)
      expect(look).toMatchObject({ actor: by.name, role: by.role, institution: by.institution });

    await watch();
    const cases = await bench.rows<{ kind: string; actor: string; institution: string; persons: number }>(
      `select c.kind, c.actor, i.code as institution, ((c.evidence::json)->>'persons')::integer as persons
       from privacy_cases c join institutions i on i.institution_id = c.institution_id order by c.kind`,
    );
    const found = { actor: by.name, institution: by.institution };
    // A list shows decisions, reports and tickets of the own institution: a visit of each person is behind it.
    expect(cases).toEqual([
      { ...found, kind: 'bulk', persons: PATIENTS },
      { ...found, kind: 'colleague', persons: null },
      { ...found, kind: 'watched-person', persons: null },
    ]);
  });
});
