import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bareDatabase, type TestDatabase } from '../../../test/system/database.ts';
import { statement } from './database.ts';
import { migrate, readMigrations } from './migrate.ts';

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
