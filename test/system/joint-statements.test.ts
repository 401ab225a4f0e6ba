import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase, statement } from '../../src/adapters/postgres/database.ts';
import { arrayOf, jointRead, jointWrite, typesOf } from '../../src/adapters/postgres/joint-statements.ts';
import { bareDatabase, type TestDatabase } from './database.ts';

const NEWEST = jointRead(
  'test.newest',
  [...typesOf('bigint', 2), 'integer'],
  (parameter) =>
    `select person_id, noted, row_number() over (order by noted desc) as place from notes
   where person_id = any(${arrayOf(parameter, 1, 2)}) order by noted desc limit ${parameter(3)}`,
);
const NOTE = jointWrite(
  'test.note',
  ['bigint', 'text'],
  (asks) =>
    `insert into notes (person_id, noted) values ${asks.map((ask) => `(${ask(1)}, ${ask(2)})`).join(', ')}`,
);
const CREATE = statement(
  'test.create',
  'create table notes (person_id bigint, noted text, primary key (person_id, noted))',
);
const COMMITS = statement('test.commits', 'select count(distinct xmin::text)::int as commits from notes');

let lab: TestDatabase;
let alone: Database;
beforeAll(async () => {
  lab = await bareDatabase();
  alone = openDatabase({ connectionString: lab.url, jointly: false });
  await alone.run(CREATE);
});
afterAll(async () => {
  await alone.close();
  await lab.drop();
});

describe('a statement that several ask at once', () => {
  it('keeps what each of them said in one commit, and of one who may not nothing', async () => {
    const notes = Array.from({ length: 7 }, (_, index) => [String(index % 3), `note ${index}`]);
    await Promise.all(notes.map((note) => lab.database.run(NOTE, note)));
    expect(await alone.run<{ commits: number }>(COMMITS)).toEqual([{ commits: 1 }]);
    const twice = [
      ['8', 'new'],
      ['0', 'note 0'],
      ['9', 'new'],
    ];
    const settled = await Promise.allSettled(twice.map((note) => lab.database.run(NOTE, note)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(settled[1]).toMatchObject({ reason: { code: '23505' } });
    expect(await alone.run(NEWEST, ['8', '9', 10])).toHaveLength(2);
  });

  it('reads for each of them what it reads for one who is alone, in the same order', async () => {
    const asks = Array.from({ length: 20 }, (_, index) => [
      String(index % 4),
      String(index % 2),
      1 + (index % 5),
    ]);
    const byOne = await Promise.all(asks.map((ask) => alone.run<object>(NEWEST, ask)));
    const together = await Promise.all(asks.map((ask) => lab.database.run<object>(NEWEST, ask)));
    expect(byOne.some((rows) => rows.length > 1)).toBe(true);
    expect(together).toEqual(byOne.map((rows, index) => rows.map((row) => ({ ask: index % 8, ...row }))));
  });
});
