import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../src/adapters/postgres/migrate.ts';
import { bareDatabase, type TestDatabase } from '../test/system/database.ts';
import { dumpSchema } from './schema-dump.ts';

let db: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  db = await bareDatabase();
  await migrate(db.url);
  client = new pg.Client({ connectionString: db.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await db.drop();
});

test('migrations/schema.sql is what the migrations make of an empty database (npm run schema writes it)', async () => {
  const committed = readFileSync(new URL('../migrations/schema.sql', import.meta.url), 'utf8');
  expect(committed).toBe(await dumpSchema(client));
});

test.each([
  'alter table institutions add column planted integer not null default 3',
  'create index planted on results (report_id)',
  'alter table reports add constraint planted check (version > 0)',
  'create sequence planted',
  'create view planted as select 1 as one',
  `create function planted() returns int language sql as 'select 1'`,
])('the dump notices: %s', async (change) => {
  const before = await dumpSchema(client);
  await client.query('begin');
  await client.query(change);
  const after = await dumpSchema(client);
  await client.query('rollback');
  expect(after).not.toBe(before);
  expect(after).toContain('planted');
});
