import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type CheckpointFile, checkpointFile } from '../../src/adapters/audit-checkpoints/checkpoint-file.ts';
import type { Retirement } from '../../src/adapters/postgres/audit-retirements.ts';
import { carryOutRetirement } from '../../src/apps/flows/audit/carry-out-retirement.ts';
import { decideRetirement, requestRetirement } from '../../src/apps/flows/audit/retire-audit.ts';
import { auditSealer } from '../../src/apps/flows/audit/seal-audit.ts';
import { verifyAudit } from '../../src/apps/flows/audit/verify-audit.ts';
import type { Fault } from '../../src/kernel/fault.ts';
import { type Instant, parseInstant } from '../../src/kernel/instant.ts';
import type { Result } from '../../src/kernel/result.ts';
import { uuidV7 } from '../../src/kernel/uuid.ts';
import { type TestDatabase, testDatabase } from './database.ts';

/** The log of one test file: what its tests look at and change. */
export const bench = {} as {
  store: TestDatabase;
  admin: pg.Client;
  /** Checkpoints, key and archive lie here. */
  folder: string;
  checkpoints: CheckpointFile;
  now: Instant;
};
const clock = (): Instant => bench.now;
/** A moment by its text. */
export const at = (text: string): Instant => parseInstant(text) as Instant;

/** Who may ask. */
export const OPERATOR = { name: 'staff:ops', role: 'operator', peer: 'console' } as const;
/** Who may decide. */
export const AUTHORITY = { name: 'staff:authority', role: 'regulator', peer: 'console' } as const;
/** Public id of the person whom the rows of the book `person` are about, where a test gives them one. */
export const PERSON = '00000000-0000-7000-8000-000000000007';
const BEFORE = at('2020-01-01T00:00:00Z');

/** Rows of the book `person` as disclosures leave them; two of them with a character that ends a line for some readers. */
export const look = async (count: number, day: string): Promise<void> => {
  await bench.admin.query(
    `insert into audit_events (person_id, public_id, occurred_at, actor, institution_id, action, resource, purpose, basis, outcome,
       peer, role, department, staff_number)
     select 7, gen_random_uuid(), $2::timestamptz, E'staff:"doctor\\u2028\\n2 [', 1, 'report.read', 'report/' || n, 'treatment',
       'consented', 'disclosed', '127.0.0.1', case when n % 2 = 0 then 'doctor' end, case when n % 2 = 0 then '消化内科' end, null
     from generate_series(1, $1::integer) n`,
    [count, day],
  );
};

/** Rows of the book `system`. */
export const act = async (count: number, day: string): Promise<void> => {
  await bench.admin.query(
    `insert into system_audit_events (public_id, occurred_at, actor, action, resource, outcome, peer)
     select gen_random_uuid(), $2::timestamptz, 'staff:it', 'sign-in', 'account:it', 'done', '127.0.0.1'
     from generate_series(1, $1::integer) n`,
    [count, day],
  );
};

const UNSEALED = `select (select count(*) from audit_events where event_id > coalesce(
    (select max(to_event) from audit_seals where book = 'person'), 0)) + (select count(*) from system_audit_events
    where event_id > coalesce((select max(to_event) from audit_seals where book = 'system'), 0)) as rows`;

/** Seals all there is as of a day, and signs it. */
export const sealAll = async (day: string): Promise<void> => {
  const sealer = auditSealer({
    database: bench.store.database,
    clock: () => at(day),
    digest: 'sha256',
    checkpoints: bench.checkpoints,
  });
  for (let turn = 0; turn < 1_000; turn++) {
    await sealer.turn();
    const { rows } = await bench.admin.query<{ rows: string }>(UNSEALED);
    if (rows[0]?.rows === '0') {
      sealer.finish();
      return;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  throw new Error('the sealer never came to an end');
};

/** What the flows work with: five years of retention. */
export const dependencies = () => ({
  database: bench.store.database,
  clock,
  newPublicId: () => uuidV7(bench.now, 1, randomBytes(8)),
  retentionYears: 5 as number | null,
  checkpoints: bench.checkpoints,
});

/** The code of a refusal; `ok` where there is none. */
export const codeOf = (result: Result<unknown, Fault>): string => (result.ok ? 'ok' : result.reason.code);

/** Asks for the retirement of what is before 2020. */
export const request = (
  over: { before?: Instant; years?: number | null; actor?: typeof OPERATOR | typeof AUTHORITY } = {},
) =>
  requestRetirement(
    { ...dependencies(), retentionYears: over.years === undefined ? 5 : over.years },
    over.actor ?? OPERATOR,
    { before: over.before ?? BEFORE, reason: '满保存年限' },
  );

/** A retirement that was asked for and approved. */
export const approved = async (): Promise<Retirement> => {
  const requested = await request();
  if (!requested.ok) throw requested.reason;
  const decided = await decideRetirement(dependencies(), AUTHORITY, requested.value.id, 'approved');
  if (!decided.ok) throw decided.reason;
  return decided.value;
};

/** Verifies the log. */
export const verify = () => verifyAudit({ session: bench.store.database, checkpoints: bench.checkpoints });
/** What verification finds. */
export const findings = async () => (await verify()).findings;
/** Where the archive is written. */
export const archivePath = (): string => join(bench.folder, 'retired.ndjson.gz');
/** Carries a retirement out. */
export const carryOut = (
  retirement: Pick<Retirement, 'id'>,
  over: Partial<Parameters<typeof carryOutRetirement>[0]> = {},
) => carryOutRetirement({ ...dependencies(), ...over }, retirement.id, archivePath());

/** How many rows a table, or a part of it, has. */
export const count = async (text: string): Promise<number> =>
  Number((await bench.admin.query<{ rows: string }>(`select count(*) as rows from ${text}`)).rows[0]?.rows);

/** The checkpoint file. */
export const LINES = (): string => join(bench.folder, 'audit-checkpoints.jsonl');

/** Years of a log: two batches of each book are old enough, one of persons is old in part, one of each is new. */
export const fill = async (): Promise<void> => {
  await look(40, '2018-03-01T08:00:00Z');
  await act(10, '2018-03-01T08:00:00Z');
  await sealAll('2018-03-01T08:01:00Z');
  await look(30, '2019-03-01T08:00:00Z');
  await act(5, '2019-03-01T08:00:00Z');
  await sealAll('2019-03-01T08:01:00Z');
  await look(5, '2019-12-31T23:59:59.999Z');
  await look(5, '2020-01-01T00:00:00Z');
  await sealAll('2020-01-01T00:01:00Z');
  await look(20, '2026-11-01T08:00:00Z');
  await act(3, '2026-11-01T08:00:00Z');
  await sealAll('2026-11-01T08:01:00Z');
};

/** Gives each test of the file a log of its own. */
export const benchHooks = (): void => {
  beforeAll(async () => {
    bench.store = await testDatabase();
    bench.admin = new pg.Client({ connectionString: bench.store.url });
    await bench.admin.connect();
  });
  afterAll(async () => {
    await bench.admin.end();
    await bench.store.drop();
  });

  beforeEach(async () => {
    bench.now = at('2026-11-25T08:00:00Z');
    for (const table of [
      'audit_events',
      'system_audit_events',
      'audit_seals',
      'audit_retirements',
      'audit_retirement_parts',
    ])
      await bench.admin.query(`truncate ${table} restart identity`);
    bench.folder = mkdtempSync(join(tmpdir(), 'huren-retirement-'));
    bench.checkpoints = checkpointFile(bench.folder, join(bench.folder, 'key.pem'));
    await fill();
    return () => rmSync(bench.folder, { recursive: true, force: true });
  });
};
