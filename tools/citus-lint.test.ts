import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { citusDdl, readLayouts, type TableLayout } from '../src/adapters/postgres/citus-ddl.ts';
import { ASKS_MAX } from '../src/adapters/postgres/joint-asks.ts';
import { migrate, readMigrations } from '../src/adapters/postgres/migrate.ts';
import { splitSql } from '../src/adapters/postgres/sql-statements.ts';
import { bareDatabase, type TestDatabase } from '../test/system/database.ts';
import { readCatalogue } from './catalogue.ts';
import { lintSchema, lintSource, lintStatement } from './citus-lint.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every statement the program declares while its modules load. */
const declared = vi.hoisted((): { name: string; text: string }[] => []);
/** Forms in which statements are asked for several callers at once; never on Citus, where each asks a shard of his own. */
const joint = vi.hoisted((): { of(asks: number): { name: string; text: string } }[] => []);
vi.mock(import('../src/adapters/postgres/database.ts'), async (original) => ({
  ...(await original()),
  statement: (name: string, text: string) => {
    declared.push({ name, text });
    return { name, text };
  },
}));

vi.mock(import('../src/adapters/postgres/joint-statements.ts'), async (original) => {
  const { jointRead, jointWrite, ...others } = await original();
  const noted = (made: ReturnType<typeof jointRead>) => {
    if (made.joint) joint.push(made.joint);
    return made;
  };
  return {
    ...others,
    jointRead: (...of: Parameters<typeof jointRead>) => noted(jointRead(...of)),
    jointWrite: (...of: Parameters<typeof jointWrite>) => noted(jointWrite(...of)),
  };
});

/** Statements made per partition or per table at run time; their texts are fixed but for that name. */
const MADE_AT_RUN_TIME = ['src/adapters/postgres/partitions.ts'];

const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const declaring = sources.filter(
  ({ path, text }) =>
    /\b(statement|jointRead|jointWrite)\(/.test(text) &&
    !['database.ts', 'joint-statements.ts'].some((name) => path.endsWith(`postgres/${name}`)),
);

const migrations = await readMigrations();
const layouts = readLayouts(migrations);

let db: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  db = await bareDatabase();
  await migrate(db.url);
  client = new pg.Client({ connectionString: db.url });
  await client.connect();
  for (const { path } of declaring) await import(pathToFileURL(join(root, path)).href);
});
afterAll(async () => {
  await client.end();
  await db.drop();
});

/** A declared name as it stands in the source; what a template fills in may be anything. */
const namePattern = (name: string): RegExp =>
  new RegExp(
    `^${name
      .split(/\$\{\w+\}/)
      .map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
      .join('.+')}$`,
  );

describe('what the repository holds', () => {
  test('the schema keeps the rules of Citus', async () => {
    expect(lintSchema(await readCatalogue(client), layouts)).toEqual([]);
  });

  test('every statement of the migrations keeps the rules of Citus', () => {
    const findings = migrations.flatMap(({ version, statements }) =>
      statements.flatMap(({ text, line }) => lintStatement(`${version}:${line}`, text, layouts)),
    );
    expect(findings).toEqual([]);
  });

  test('every statement of the program keeps the rules of Citus', () => {
    expect(declared.flatMap(({ name, text }) => lintStatement(name, text, layouts))).toEqual([]);
  });

  test('every statement of the program was seen, and no two share a name', () => {
    const seen = declared.map(({ name }) => name);
    expect(seen.filter((name, index) => seen.indexOf(name) !== index)).toEqual([]);
    const missed = declaring
      .filter(({ path }) => !MADE_AT_RUN_TIME.includes(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/\b(?:statement|jointRead|jointWrite)\(\s*(['"`])(.*?)\1/g)]
          .filter(([, , name]) => !seen.some((each) => namePattern(name as string).test(each)))
          .map(([, , name]) => `${path}: ${name}`),
      );
    expect(missed).toEqual([]);
  });

  test('every statement of the program is valid against the schema that the migrations make', async () => {
    const invalid: string[] = [];
    expect(joint.length).toBeGreaterThan(0);
    const forms = joint.flatMap((form) => [form.of(2), form.of(ASKS_MAX)]);
    for (const [index, { name, text }] of [...declared, ...forms].entries())
      await client.query(`prepare statement_${index} as ${text}`).catch((error: Error) => {
        if (
          splitSql(text).length === 1 &&
          /^(select|insert|update|delete|with|values|merge)\b/i.test(text.trim())
        )
          invalid.push(`${name}: ${error.message}`);
      });
    expect(invalid).toEqual([]);
  });

  test('no source counts rows by rowCount or reads a constraint’s name from an error', () => {
    expect(sources.flatMap(({ path, text }) => lintSource(path, text))).toEqual([]);
  });
});

const PLANTED_TABLES: readonly TableLayout[] = [
  { table: 'people', kind: 'distributed', column: 'person_id' },
  { table: 'things', kind: 'distributed', column: 'person_id' },
  { table: 'keys', kind: 'distributed', column: 'code' },
  { table: 'kinds', kind: 'reference' },
  { table: 'queue', kind: 'local' },
];
const PLANTED_SCHEMA = `
  create table kinds (kind_id bigint primary key);
  create table queue (queue_id bigint primary key);
  create table people (person_id bigint primary key, kind_id bigint references kinds);
  create table things (person_id bigint not null references people, thing_id bigint generated always as identity,
    name text, primary key (person_id, thing_id));
  create table keys (code text primary key, person_id bigint not null);`;

/** Lints a schema of a few tables after one change to it, without keeping either. */
const lintPlanted = async (change: string, tables = PLANTED_TABLES): Promise<string[]> => {
  await client.query('begin');
  try {
    await client.query('create schema planted');
    await client.query('drop schema public cascade');
    await client.query('alter schema planted rename to public');
    await client.query(PLANTED_SCHEMA);
    if (change) await client.query(change);
    return lintSchema(await readCatalogue(client), tables).map((finding) => finding.rule);
  } finally {
    await client.query('rollback');
  }
};

describe('a violation of each structural rule is caught', () => {
  test('the schema without a violation passes', async () => {
    expect(await lintPlanted('')).toEqual([]);
  });

  test.each([
    [
      'a unique constraint without the distribution column',
      'alter table things add constraint p unique (name)',
      'the distribution column stands in every key',
    ],
    [
      'a unique index over an expression of it',
      'create unique index p on things ((person_id + 1))',
      'the distribution column stands in every key',
    ],
    [
      'a distribution column that only rides along in include',
      'create unique index p on things (name) include (person_id)',
      'the distribution column stands in every key',
    ],
    [
      'an exclusion constraint without it',
      'alter table things add constraint p exclude using btree (name with =)',
      'the distribution column stands in every key',
    ],
    [
      'a nullable distribution column',
      'create table p (person_id bigint)',
      'the distribution column is not null',
    ],
    [
      'a generated distribution column',
      'create table p (n bigint, person_id bigint not null generated always as (n) stored)',
      'the distribution column is not generated',
    ],
    [
      'a distribution column of another type',
      'create table p (person_id integer not null)',
      'the distribution column person_id has one type everywhere',
    ],
    [
      'a missing distribution column',
      'create table p (n bigint)',
      'the distribution column person_id does not exist',
    ],
    [
      'an integer numbered by a sequence',
      'alter table things add column p serial',
      'a column numbered by a sequence is bigint',
    ],
    [
      'a foreign key to a table distributed otherwise',
      'alter table people add column code text references keys',
      'a foreign key between distributed tables joins their distribution columns',
    ],
    [
      'a foreign key from a reference to a distributed table',
      'alter table kinds add column p bigint references people',
      'a reference table refers only to reference tables',
    ],
    [
      'a foreign key from a distributed to a local table',
      'alter table people add column p bigint references queue',
      'no foreign key from a distributed to a local table',
    ],
    [
      'a foreign key from a local to a distributed table',
      'alter table queue add column p bigint references people',
      'no foreign key from a local to a distributed table',
    ],
    [
      'a foreign key that sets null',
      'alter table people add column p bigint references kinds on delete set null',
      'no foreign key sets null or a default on delete',
    ],
    [
      'a foreign key that cascades on update',
      'alter table people add column p bigint references kinds on update cascade',
      'no foreign key acts on update',
    ],
    [
      'a trigger',
      `create function p() returns trigger language plpgsql as 'begin return new; end';
       create trigger p before insert on people for each row execute function p()`,
      'no trigger',
    ],
    ['a rule', 'create rule p as on insert to people do instead nothing', 'no rule'],
    ['inheritance', 'create table q () inherits (people)', 'no inheritance'],
    [
      'partitions of partitions',
      `create table p (person_id bigint not null, n int not null) partition by range (n);
       create table p1 partition of p for values from (0) to (9) partition by range (n)`,
      'no partitions of partitions',
    ],
  ])('%s', async (_, change, rule) => {
    const tables = [...PLANTED_TABLES, { table: 'p', kind: 'distributed', column: 'person_id' }] as const;
    expect(await lintPlanted(change, change.includes('create table p ') ? tables : PLANTED_TABLES)).toContain(
      rule,
    );
  });

  test('a table without a layout line is refused', () => {
    const statements = splitSql('-- Words that say nothing of it.\ncreate table p (n bigint)');
    expect(() => readLayouts([{ version: 1, name: 'p', checksum: '', breaking: false, statements }])).toThrow(
      /MIGRATION_INVALID.*layout/,
    );
  });
});

describe('a violation of each rule of statements is caught', () => {
  test.each([
    ['merge into people p using kinds k on true when matched then do nothing', 'no merge'],
    ['select kind_id, count(*) from people group by rollup (kind_id)', 'no grouping sets, rollup or cube'],
    ['with recursive r as (select 1) select * from r', 'no recursive query'],
    [
      'update queue set n = 1 where (a, b) in (select a, b from queue limit 3)',
      'no row comparison with a subquery',
    ],
    [
      'select * from unnest($1::bigint[]) u cross join lateral (select * from things where person_id = u limit 1) t',
      'no lateral limit over unnest',
    ],
    [
      'insert into things select * from unnest($1::bigint[]) u where not exists (select 1 from things t where t.person_id = u)',
      'no correlated subquery beside unnest in insert … select',
    ],
    [
      'insert into people (person_id) values ($1) on conflict (person_id) do update set seen = now()',
      'no clock or volatile function in do update set',
    ],
    [
      'insert into people (person_id) values ($1) on conflict (person_id) do update set seen = current_timestamp',
      'no clock or volatile function in do update set',
    ],
    [
      'update things set name = gen_random_uuid()::text where person_id = $1',
      'no volatile function in update',
    ],
    ['insert into people (person_id, kind_id) values ($1, (select 1))', 'no subquery within values'],
    ['alter sequence s restart', 'no alter sequence'],
    ['create trigger t before insert on people execute function f()', 'no trigger'],
    ['create rule r as on insert to people do nothing', 'no rule'],
    ['cluster people using people_pkey', 'no cluster'],
    ['alter table people detach partition people_1 concurrently', 'no detach concurrently'],
    ["prepare transaction 'x'", 'no prepared transaction'],
    ['commit', 'the runner opens and closes the transaction'],
    [
      'alter table people add column n int check (n > 0)',
      'a column is added without an inline check, unique or primary key, and without a sequence',
    ],
    [
      'alter table people add n bigserial',
      'a column is added without an inline check, unique or primary key, and without a sequence',
    ],
    ['update things set person_id = $1 where person_id = $2', 'the distribution column is never updated'],
    [
      'update things t set name = $1, person_id = $2 from kinds where t.person_id = $3',
      'the distribution column is never updated',
    ],
    ['alter table things alter column person_id type integer', 'the distribution column is never altered'],
    ['alter table things drop column person_id', 'the distribution column is never altered'],
    [
      'select * from things where person_id = any($1) for update',
      'rows are locked only of one distribution value (… = $n)',
    ],
    [
      'with x as (select * from things where done is null limit 5 for update skip locked) select * from x',
      'rows are locked only of one distribution value (… = $n)',
    ],
    [
      'select * from things t join keys k on k.person_id = t.person_id',
      'tables distributed by different columns are not joined',
    ],
    [
      'select * from things t, keys k where k.person_id = t.person_id',
      'tables distributed by different columns are not joined',
    ],
  ])('%s', (sql, rule) => {
    expect(lintStatement('planted', sql, PLANTED_TABLES).map((finding) => finding.rule)).toContain(rule);
  });

  test.each([
    'select * from things where person_id = $1 for update',
    'select * from queue where done is null limit 5 for update skip locked',
    'select * from things where person_id in (select person_id from keys where code = $1)',
    "insert into people (person_id, seen) values ($1, now()) on conflict (person_id) do update set seen = excluded.seen where people.name <> 'now()' returning 1",
    'with t as (insert into things (person_id) select n from unnest($1::bigint[]) n returning person_id) insert into people select * from t',
    'alter table people add constraint positive check (kind_id > 0)',
    'alter table people add column n bigint default 7',
    'update things set name = $1, seen = now() where person_id = $2',
    'select (a, b) from things where person_id = $1',
    'select t.* from things t join people p on p.person_id = t.person_id join kinds k on k.kind_id = p.kind_id',
  ])('and what Citus allows passes: %s', (sql) => {
    expect(lintStatement('planted', sql, PLANTED_TABLES)).toEqual([]);
  });

  test.each([
    ['if (result.rowCount === 0) return', 'rows are counted by returning, never by rowCount'],
    [
      `if ((error as { constraint?: string }).constraint === 'x') return`,
      'an error’s constraint name is never read',
    ],
  ])('in source: %s', (line, rule) => {
    expect(lintSource('planted.ts', line)).toEqual([{ place: 'planted.ts:1', rule }]);
  });
});

test('the generated layout statements name every table once, reference tables first', () => {
  const ddl = citusDdl(migrations);
  for (const layout of layouts)
    expect(ddl.match(new RegExp(`\\b${layout.table}\\b`, 'g')), layout.table).toHaveLength(1);
  expect(ddl.lastIndexOf('create_reference_table')).toBeLessThan(ddl.indexOf('create_distributed_table'));
  expect(ddl).toContain(`select create_distributed_table('results', 'person_id');`);
});

// Needs an empty database of a Citus coordinator with its workers, which it leaves empty again.
test('on the cluster that CITUS_URL names, the schema distributes and every statement plans', async ({
  skip,
}) => {
  const url = process.env['CITUS_URL'];
  if (!url) return skip('CITUS_URL names no Citus coordinator');
  const cluster = new pg.Client({ connectionString: url });
  await cluster.connect();
  const { rows } = await cluster.query(
    `select 1 from pg_class where relnamespace = 'public'::regnamespace limit 1`,
  );
  if (rows.length > 0) {
    await cluster.end();
    // Before anything is made, and so before anything is dropped.
    throw new Error('the database that CITUS_URL names is not empty; it was left as it is');
  }
  try {
    await migrate(url);
    for (const { text } of splitSql(citusDdl(migrations))) await cluster.query(text);
    const laid = await cluster.query<{ table: string }>(
      `select table_name::text as table from citus_tables order by 1`,
    );
    const wanted = layouts.filter((layout) => layout.kind !== 'local').map((layout) => layout.table);
    expect(laid.rows.map((row) => row.table)).toEqual(expect.arrayContaining(wanted));
    const refused: string[] = [];
    for (const { name, text } of declared)
      await cluster
        .query(`explain (generic_plan) ${text}`)
        .catch((error: Error) => refused.push(`${name}: ${error.message}`));
    expect(refused).toEqual([]);
  } finally {
    await cluster.query('drop schema public cascade');
    await cluster.query('create schema public');
    await cluster.end();
  }
});
