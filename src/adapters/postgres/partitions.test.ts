import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/system/database.ts';
import { statement } from './database.ts';
import { ensurePartitions } from './partitions.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const insertMessage = statement(
  'test.insert-message',
  `insert into messages (person_id, received_at, sender_id, control_id, message_type, body, body_size, key_id)
   values (1, $1, 1, 'c', 'ORU', '', 0, 'k') returning tableoid::regclass::text as place`,
);

test('partitions of this month and the next two are made once, across the end of a year', async () => {
  const at = Date.UTC(2031, 10, 23);
  const first = await ensurePartitions(db.database, at);
  expect(first.created).toEqual([
    'messages_2031_11',
    'messages_2031_12',
    'messages_2032_01',
    'report_versions_2031_11',
    'report_versions_2031_12',
    'report_versions_2032_01',
  ]);
  expect(await ensurePartitions(db.database, at)).toEqual({ created: [], left: [] });
  const [row] = await db.database.run<{ place: string }>(insertMessage, ['2032-01-31T23:59:59.999Z']);
  expect(row?.place).toBe('messages_2032_01');
});

test('a month whose rows already lie in the default partition is left there, and said so', async () => {
  await db.database.run(insertMessage, ['2033-05-02T00:00:00Z']);
  const report = await ensurePartitions(db.database, Date.UTC(2033, 3, 1));
  expect(report.left).toEqual(['messages_2033_05']);
  expect(report.created).toContain('messages_2033_06');
});
