import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointFile } from '../../src/adapters/audit-checkpoints/checkpoint-file.ts';
import { setAccountIdentity } from '../../src/adapters/postgres/accounts-identity.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { findAnomalies } from '../../src/apps/flows/audit/find-anomalies.ts';
import { auditSealer } from '../../src/apps/flows/audit/seal-audit.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { HOUR_MS, instant, MINUTE_MS } from '../../src/kernel/instant.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import { personOf, presentNumber } from './own-data-bench.ts';
import { signedInOfficer } from './privacy-bench.ts';
import { COUNTY_DOCTOR, COUNTY_TECHNICIAN, type RealSystem, realSystem } from './real-system.ts';
import { memberOf } from './region-bench.ts';

let system: RealSystem;
let officer: FormBrowser;
let doctor: FormBrowser;
let folder: string;
let ahead = 0;
const clock = () => instant(systemClock() + ahead);

beforeAll(async () => {
  system = await realSystem();
  folder = mkdtempSync(join(tmpdir(), 'huren-anomalies-'));
  officer = await signedInOfficer(system);
  doctor = formBrowser(system.url);
  await doctor.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await system.stop();
});

const look = async (key: string): Promise<void> => {
  await presentNumber(doctor, system, key);
  const response = await doctor.get(`/api/persons/${await personOf(system.bench, key)}/results`);
  expect(response.status).toBe(200);
};

/** Seals everything, then lets the rules read it. */
const watch = async (): Promise<void> => {
  const { dependencies } = system.bench;
  const { database } = dependencies;
  const checkpoints = checkpointFile(folder, join(folder, 'key.pem'));
  const sealer = auditSealer({ database, clock, digest: 'sha256', checkpoints });
  const unsealed = statement(
    'test.unsealed',
    `select count(*)::integer as rows from audit_events where event_id > coalesce(
       (select max(to_event) from audit_seals where book = 'person'), 0)`,
  );
  for (let turn = 0; turn < 500; turn++) {
    await sealer.turn();
    if ((await database.run<{ rows: number }>(unsealed))[0]?.rows === 0) break;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  while ((await findAnomalies({ ...dependencies, clock })) > 0);
};

const kinds = async (): Promise<string[]> => {
  const rows = await system.bench.dependencies.database.run<{ kind: string }>(
    statement('test.kinds', 'select kind from privacy_cases order by case_id'),
  );
  return rows.map(({ kind }) => kind);
};

describe('rules over the access log', () => {
  it('open nothing for a look at a patient of the hospital', async () => {
    await watch();
    await look('child');
    await watch();
    expect(await kinds()).toEqual([]);
  });

  it('open one case a day for a colleague, by the number that the account states', async () => {
    const { database, keys, newPublicId } = system.bench.dependencies;
    await setAccountIdentity(
      database,
      keys,
      COUNTY_TECHNICIAN.login,
      memberOf(system.bench, 'three-orders').person.nationalId as string,
      { at: clock(), newId: newPublicId, by: 'test', peer: 'test' },
    );
    await look('three-orders');
    await look('three-orders');
    await watch();
    await watch();
    expect(await kinds()).toEqual(['colleague']);
  });

  it('open a case for a person watched over, which the officer finds in the queue', async () => {
    const nationalId = memberOf(system.bench, 'three-hospitals').person.nationalId as string;
    await officer.get('/privacy/watched');
    await officer.post('/privacy/watched', { nationalId, note: '公众人物' });
    await look('three-hospitals');
    await watch();
    expect(await kinds()).toEqual(['colleague', 'watched-person']);
    const queue = await (await officer.get('/privacy')).text();
    expect(queue).toContain('查看重点关注人员');
    expect(queue).toContain('查看本院职工');
  });

  it('ask some hours later whether there was a visit, and open a case where there was none', async () => {
    const { database } = system.bench.dependencies;
    const person = await personOf(system.bench, 'child');
    // The child has never been to this hospital: no check, order or report of it.
    for (const table of ['order_checks', 'orders', 'reports'])
      await database.run(
        statement(
          `test.no-${table}`,
          `delete from ${table} where institution_id = (select institution_id from institutions where code = 'YX-COUNTY')
             and person_id in (select unnest(members) from person_clusters where person_id = (select person_id from persons where public_id = $1)
               union select person_id from persons where public_id = $1)`,
        ),
        [person],
      );
    await look('child');
    await watch();
    expect(await kinds()).not.toContain('no-encounter');
    ahead = 5 * HOUR_MS;
    await watch();
    expect((await kinds()).filter((kind) => kind === 'no-encounter').length).toBeGreaterThan(0);
  });

  it('open one case for many persons in a short time', async () => {
    const { database } = system.bench.dependencies;
    await database.run(
      statement(
        'test.bulk',
        `insert into audit_events (person_id, public_id, occurred_at, actor, institution_id, action, resource, purpose, basis,
           outcome, peer, role, department, staff_number)
         select 900000000 + n, gen_random_uuid(), $1, 'staff:curious', (select institution_id from institutions where code = 'YX-COUNTY'),
           'person.read', 'person/1', 'treatment', 'assumed-by-policy', 'disclosed', '10.0.0.9', 'doctor', '骨科', '100999'
         from generate_series(1, 61) n`,
      ),
      [new Date(clock() - MINUTE_MS).toISOString()],
    );
    await watch();
    const bulk = await database.run<{
      staff_number: string;
      evidence: string;
      person_public_id: string | null;
    }>(
      statement(
        'test.bulk-case',
        `select staff_number, evidence, person_public_id from privacy_cases where kind = 'bulk'`,
      ),
    );
    expect(bulk).toHaveLength(1);
    expect(bulk[0]).toMatchObject({ staff_number: '100999', person_public_id: null });
    expect(JSON.parse(bulk[0]?.evidence ?? '{}')).toMatchObject({ persons: 61, allowed: 60 });
  });
});
