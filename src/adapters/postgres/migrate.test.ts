import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bareDatabase, type TestDatabase } from '../../../test/system/database.ts';
import { statement } from './database.ts';
import { migrate, MIGRATIONS_FOLDER, readMigrations } from './migrate.ts';

let db: TestDatabase;
let path: string;
let folder: URL;

beforeEach(async () => {
  db = await bareDatabase();
  path = mkdtempSync(join(tmpdir(), 'huren-migrations-'));
  folder = pathToFileURL(`${path}/`);
});
afterEach(async () => {
  await db.drop();
  rmSync(path, { recursive: true });
});

const write = (name: string, sql: string) => writeFileSync(join(path, name), sql);

const tables = async (): Promise<string[]> => {
  const rows = await db.database.run<{ name: string }>(
    statement(
      'test.tables',
      `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    ),
  );
  return rows.map((row) => row.name);
};

test("the program's own migrations apply to an empty database, once", async () => {
  const versions = (await readMigrations()).map((migration) => migration.version);
  expect(await migrate(db.url)).toEqual({
    applied: versions,
    version: versions.at(-1),
    unknown: [],
    isDistributed: false,
  });
  expect(await migrate(db.url)).toEqual({
    applied: [],
    version: versions.at(-1),
    unknown: [],
    isDistributed: false,
  });
});

/** Brings the database to one of the program's own versions. */
const migrateTo = async (version: number) => {
  for (const name of readdirSync(MIGRATIONS_FOLDER))
    if (/^\d{4}-/.test(name) && Number(name.slice(0, 4)) <= version)
      copyFileSync(new URL(name, MIGRATIONS_FOLDER), join(path, name));
  await migrate(db.url, folder);
};

test('what is there already is brought along: apps ask anew for images, reports are found by the study that they state', async () => {
  const run = (name: string, text: string, values: readonly (string | number | string[])[] = []) =>
    db.database.run<Record<string, unknown>>(statement(`test.${name}`, text), values);
  await migrateTo(48);
  const [account] = await run(
    'account',
    `insert into accounts (login, password_hash, role, display_name, created_at, person_public_id)
     values ('p', '', 'patient', 'p', now(), gen_random_uuid()) returning account_id`,
  );
  const ENDED = {
    lists: ['openid', 'patient/ImagingStudy.rs'],
    older: ['patient/ImagingStudy.read'],
    everything: ['patient/*.rs'],
    byUser: ['user/*.read', 'user/Observation.rs'],
  };
  const STAYING = {
    results: ['openid', 'patient/Observation.rs', 'patient/DiagnosticReport.rs'],
    system: ['system/ImagingStudy.rs'],
    named: ['patient/ImagingStudyNote.rs'],
    none: [],
  };
  for (const [grant, scopes] of Object.entries({ ...ENDED, ...STAYING }))
    await run(
      'context',
      `insert into application_contexts (grant_hash, account_id, expires_at, application_code, scopes, granted_at)
       values ($1, $2, now(), 'app', $3, now())`,
      [grant, account?.['account_id'] as string, scopes],
    );
  await migrateTo(54);
  const left = await run('contexts', 'select grant_hash from application_contexts order by 1');
  expect(left.map((row) => row['grant_hash'])).toEqual(Object.keys(STAYING).toSorted());

  const stated = { studyUid: '2.25.7' };
  const reports: readonly (readonly [kind: string, ...versions: object[]])[] = [
    ['imaging', { substance: stated }],
    ['imaging', { particulars: stated, substance: { studyUid: '' } }],
    // Said once, and not any more.
    ['imaging', { substance: stated }, { substance: { findings: 'of "studyUid":"2.25.7"' } }],
    ['imaging', { substance: {}, findings: { studyUid: '2.25.7' } }],
    ['laboratory', { substance: stated }],
  ];
  for (const [index, [kind, ...versions]] of reports.entries()) {
    await run(
      'report',
      `insert into reports (person_id, report_id, public_id, institution_id, sender_id, report_number, order_number, kind, title,
         standing, version, stated_at, updated_at)
       overriding system value
       values ($1::bigint, $1::bigint, ('00000000-0000-7000-8000-00000000000' || $1)::uuid, 1, 1, $1, '', $2, '', 'final', $3, now(), now())`,
      [String(index), kind, versions.length],
    );
    for (const [before, content] of versions.entries())
      await run(
        'version',
        `insert into report_versions (person_id, report_id, version, recorded_at, message_id, standing, stated_at, content)
         values ($1, $1, $2, now(), 1, 'final', now(), $3)`,
        [String(index), before + 1, JSON.stringify(content)],
      );
  }
  await migrate(db.url);
  expect(await run('stated', 'select study_uid, person_id from reported_studies order by person_id')).toEqual(
    [
      { study_uid: '2.25.7', person_id: '0' },
      { study_uid: '2.25.7', person_id: '1' },
    ],
  );
});

test('two starters at once: one applies, the other waits and finds nothing to do', async () => {
  write('0001-one.sql', 'create table one (n int); select pg_sleep(0.2);');
  const reports = await Promise.all([migrate(db.url, folder), migrate(db.url, folder)]);
  expect(reports.map((report) => report.applied.join()).toSorted()).toEqual(['', '1']);
});

test('a migration that fails leaves nothing of itself, names its file and line, and can be mended', async () => {
  write('0001-one.sql', 'create table one (n int);');
  write('0002-two.sql', '-- two\ncreate table two (n int);\n\ncreate table two (n int);\n');
  await expect(migrate(db.url, folder)).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    place: '0002-two.sql:4',
  });
  expect(await tables()).toEqual(['one', 'schema_migrations']);
  write('0002-two.sql', 'create table two (n int);');
  expect((await migrate(db.url, folder)).applied).toEqual([2]);
});

test('a migration that has run and was altered since is refused', async () => {
  write('0001-one.sql', 'create table one (n int);');
  await migrate(db.url, folder);
  write('0001-one.sql', 'create table one (n bigint);');
  await expect(migrate(db.url, folder)).rejects.toMatchObject({ code: 'MIGRATION_ALTERED' });
});

test('a migration numbered before one that has run is refused', async () => {
  write('0002-two.sql', 'create table two (n int);');
  await migrate(db.url, folder);
  write('0001-one.sql', 'create table one (n int);');
  await expect(migrate(db.url, folder)).rejects.toMatchObject({ code: 'MIGRATION_OUT_OF_ORDER' });
  expect(await tables()).toEqual(['schema_migrations', 'two']);
});

test('an older program works on a newer schema, unless the newer migration says that it breaks', async () => {
  write('0001-one.sql', 'create table one (n int);');
  write('0002-added.sql', 'create table added (n int);');
  await migrate(db.url, folder);
  rmSync(join(path, '0002-added.sql'));
  expect(await migrate(db.url, folder)).toEqual({
    applied: [],
    version: 2,
    unknown: [2],
    isDistributed: false,
  });

  write('0002-added.sql', 'create table added (n int);');
  write('0003-changed.sql', '-- breaking\ndrop table one;');
  await migrate(db.url, folder);
  rmSync(join(path, '0002-added.sql'));
  rmSync(join(path, '0003-changed.sql'));
  await expect(migrate(db.url, folder)).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW' });
});

test.each([
  ['a bad name', { 'first.sql': 'select 1' }],
  ['a number used twice', { '0001-one.sql': 'select 1', '0001-two.sql': 'select 1' }],
  ['a file without a statement', { '0001-one.sql': '-- nothing\n' }],
])('%s is refused before anything runs', async (_, files) => {
  for (const [name, sql] of Object.entries(files)) write(name, sql);
  await expect(migrate(db.url, folder)).rejects.toMatchObject({ code: 'MIGRATION_INVALID' });
  expect(await tables()).toEqual([]);
});

test('a database that is not there is told as unreachable', async () => {
  const nowhere = db.url.replace('@/', '@/absent_');
  await expect(migrate(nowhere, folder)).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
});
