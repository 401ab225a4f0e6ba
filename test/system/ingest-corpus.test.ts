import { afterAll, beforeAll, expect, test } from 'vitest';
import { CORPUS } from '../contract/hl7v2-corpus.ts';
import { type IngestBench, ingestBench } from './ingest-fixtures.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await ingestBench();
  // One sender of the bench stands for all of them: what differs here is the shape of the messages.
  await bench.register({ code: 'CORPUS', application: 'CORPUS', facility: 'ANY' });
});
afterAll(() => bench.drop());

const counted = async () => {
  const [row] = await bench.rows<{ reports: number; results: number; messages: number }>(
    `select (select count(*)::integer from reports) as reports, (select count(*)::integer from results) as results,
       (select count(*)::integer from messages) as messages`,
  );
  return row;
};

test('interop 15: of messages in the shapes of many countries and vendors 99 of 100 are taken, the rest lie in quarantine with their reason, and sending them all again doubles nothing', async () => {
  const refused: string[] = [];
  for (const { name, text } of CORPUS) {
    const { outcome, code } = await bench.take(text);
    if (outcome !== 'accepted') refused.push(`${name}: ${code ?? outcome}`);
  }
  expect(CORPUS.length).toBeGreaterThanOrEqual(100);
  expect(refused).toEqual(['two patients in one message: HL7_TWO_PATIENTS']);
  expect(1 - refused.length / CORPUS.length).toBeGreaterThanOrEqual(0.99);
  const quarantined = await bench.rows<{ reason_code: string; place: string }>(
    'select reason_code, place from quarantined_messages',
  );
  expect(quarantined).toHaveLength(refused.length);
  expect(quarantined.every(({ reason_code }) => reason_code !== '')).toBe(true);

  const before = await counted();
  expect(before?.reports).toBeGreaterThan(80);
  for (const { text } of CORPUS) await bench.take(text);
  expect(await counted()).toEqual(before);
});
