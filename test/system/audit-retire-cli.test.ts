import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkpointFile } from '../../src/adapters/audit-checkpoints/checkpoint-file.ts';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { setSecondFactor } from '../../src/adapters/postgres/second-factors.ts';
import { newSecret } from '../../src/adapters/second-factor/totp.ts';
import { consoleAct } from '../../src/apps/cli/console-act.ts';
import { runCommandLine } from '../../src/apps/cli/main.ts';
import { readConfiguration } from '../../src/apps/configuration.ts';
import { auditSealer } from '../../src/apps/flows/audit/seal-audit.ts';
import { type Installation, openInstallation } from '../../src/apps/installation.ts';
import { type Instant, parseInstant } from '../../src/kernel/instant.ts';
import { type TestDatabase, testDatabase } from './database.ts';

const PASSWORD = 'Retire-2026-x';

let store: TestDatabase;
let admin: pg.Client;
let folder: string;
let environment: Record<string, string>;
let installation: Installation;
const recoveryCodes = new Map<string, string[]>();

const run = async (...args: readonly string[]) => {
  const out: string[] = [];
  const notes: string[] = [];
  const code = await runCommandLine(args, {
    environment,
    out: (line) => void out.push(line),
    note: (line) => void notes.push(line),
    progress: () => undefined,
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n'), notes: notes.join('\n') };
};

/** A code of the phone counts for its half minute; recovery codes make the test independent of the clock. */
const asStaff = (login: string, password = 'password'): string[] => {
  const code = recoveryCodes.get(login)?.pop() as string;
  return ['--as', login, '--password-file', join(folder, password), '--code', code];
};

beforeAll(async () => {
  store = await testDatabase();
  admin = new pg.Client({ connectionString: store.url });
  await admin.connect();
  folder = mkdtempSync(join(tmpdir(), 'huren-retire-cli-'));
  environment = { DATABASE_URL: store.url, HUREN_DATA_DIR: folder };
  writeFileSync(join(folder, 'password'), `${PASSWORD}\n`);
  writeFileSync(join(folder, 'wrong'), 'Retire-2026-y\n');
  installation = await openInstallation(readConfiguration(environment));
  const { database, keys } = installation;
  const act = consoleAct(installation);
  for (const [login, role] of [
    ['ops', 'operator'],
    ['authority', 'regulator'],
  ] as const) {
    const account = { login, password: PASSWORD, role, institution: null, displayName: login };
    const made = await createAccount(database, account, act);
    const factor = { secret: newSecret(), lastPeriod: 0 };
    recoveryCodes.set(login, [...(await setSecondFactor(database, keys, made, factor, act))]);
  }
});
afterAll(async () => {
  await installation.close();
  await admin.end();
  await store.drop();
  rmSync(folder, { recursive: true, force: true });
});
const seal = async (at: string, rows: number): Promise<void> => {
  await admin.query(
    `insert into audit_events (person_id, public_id, occurred_at, actor, action, resource, purpose, basis, outcome, peer)
     select 7, gen_random_uuid(), $1::timestamptz, 'staff:doctor', 'report.read', 'report/1', 'treatment', 'consented', 'disclosed', ''
     from generate_series(1, $2::integer)`,
    [at, rows],
  );
  const { configuration, database } = installation;
  const sealer = auditSealer({
    database,
    clock: () => parseInstant(at) as Instant,
    digest: 'sm3',
    checkpoints: checkpointFile(configuration.checkpointDirectory, configuration.checkpointKeyFile),
  });
  for (let turn = 0; turn < 1_000; turn++) {
    await sealer.turn();
    const { rows: left } = await admin.query<{ left: string }>(
      `select count(*) as left from audit_events where event_id > coalesce(
         (select max(to_event) from audit_seals where book = 'person'), 0)`,
    );
    if (left[0]?.left === '0') break;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  sealer.finish();
};

it('retires by command: two people with password and code, archive, verification with and without the database', async () => {
  await seal('2010-05-01T08:00:00Z', 12);
  await seal('2026-11-01T08:00:00Z', 3);
  const archive = join(folder, 'audit-2011.ndjson.gz');
  const asked = ['audit', 'retire', 'request', '--before', '2011-01-01', '--reason', '满十五年'];

  // Nothing is retired unless somebody set how long the log is kept.
  expect((await run(...asked, ...asStaff('ops'))).notes).toContain('AUDIT_RETENTION_UNSET');
  environment['HUREN_AUDIT_RETENTION_YEARS'] = '2';
  expect((await run('audit', 'retire', 'list')).code).toBe(3);
  environment['HUREN_AUDIT_RETENTION_YEARS'] = '15';

  expect((await run(...asked, ...asStaff('ops', 'wrong'))).notes).toContain('NOT_SIGNED_IN');
  expect((await run(...asked, '--as', 'ops', '--password-file', join(folder, 'password'))).notes).toContain(
    'NOT_SIGNED_IN',
  );
  expect((await run(...asked)).code).toBe(2);
  const requested = await run(...asked, ...asStaff('ops'), '--json');
  expect(requested.notes).toBe('');
  const { id, parts } = JSON.parse(requested.out) as { id: string; parts: unknown };
  expect(parts).toEqual([{ book: 'person', sequence: '1', toEvent: '12', rows: '12' }]);

  const refusedToOps = await run('audit', 'retire', 'approve', id, ...asStaff('authority', 'wrong'));
  expect(refusedToOps.notes).toContain('NOT_SIGNED_IN');
  const carry = ['audit', 'retire', 'carry-out', id, '--archive', archive];
  expect((await run(...carry)).notes).toContain('AUDIT_RETIREMENT_NOT_APPROVED');
  const approved = await run('audit', 'retire', 'approve', id, ...asStaff('authority'));
  expect(approved.out).toContain('已批准，待执行');
  expect(existsSync(archive)).toBe(false);

  const carried = await run(...carry);
  expect(carried).toMatchObject({ code: 0, notes: '' });
  expect(carried.out).toMatch(/^已归档 12 行，归档文件 SHA-256 [0-9a-f]{64}/);
  expect((await admin.query('select 1 from audit_events')).rowCount).toBe(3);
  expect((await run('audit', 'retire', 'list')).out).toContain('staff:ops → staff:authority');

  const verified = await run('audit', 'verify');
  expect(verified.code).toBe(0);
  expect(verified.out).toContain('person: 另有 12 行已归档（到第 1 批）');
  expect(verified.out).toContain('✓ 未发现改动');

  // Elsewhere: no database, only the file, the signed lines and the public key.
  const outside = {
    HUREN_DATA_DIR: join(folder, 'nowhere'),
    DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
  };
  const known = environment;
  environment = outside;
  try {
    const lines = ['--checkpoints', join(folder, 'audit')];
    const publicKey = ['--public-key', join(folder, 'audit', 'audit-checkpoints.pub.pem')];
    const sound = await run('audit', 'verify', '--archive', archive, ...lines, ...publicKey);
    expect(sound).toMatchObject({ code: 0, notes: '' });
    expect(sound.out).toContain('person: 12 行，1 个批次（第 1 至 1 批）');
    writeFileSync(archive, 'something else');
    const broken = await run('audit', 'verify', '--archive', archive, ...lines);
    expect(broken.code).toBe(1);
    expect(broken.out).toContain('归档文件残缺');
    expect((await run('audit', 'verify', '--archive', join(folder, 'absent'), ...lines)).notes).toContain(
      'FILE_UNREADABLE',
    );
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  } finally {
    environment = known;
  }
});

it('says how it is used when it is used otherwise', async () => {
  for (const wrong of [
    ['retire'],
    ['retire', 'everything'],
    ['retire', 'list', 'all'],
    ['retire', 'approve'],
    ['retire', 'approve', 'not-an-id'],
    ['retire', 'carry-out', '00000000-0000-7000-8000-000000000000'],
    ['retire', 'request', '--before', 'yesterday', '--reason', '满十五年'],
    ['retire', 'request', '--before', '2011-01-01', '--reason', '满'],
    ['verify', '--checkpoints', folder],
  ])
    expect((await run('audit', ...wrong)).code, wrong.join(' ')).toBe(2);
});
