import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/system/database.ts';
import { statement } from './database.ts';
import { type ResultRecord, resultValues } from './results.ts';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await testDatabase();
});
afterAll(() => opened.drop());

const RECORD: ResultRecord = {
  reportPublicId: '01a1f693-21c6-7007-9492-86cb5ff58758' as never,
  ordinal: 1,
  reportVersion: 1,
  itemKey: null,
  institutionKey: '1' as never,
  performerKey: '1' as never,
  campus: null,
  anchorAt: 0 as never,
  collectedAt: null,
  collectedPrecision: null,
  receivedAt: null,
  reportedAt: null,
  standing: 'final',
  localCode: '',
  localName: '',
  side: null,
  specimen: null,
  specimenStates: null,
  fasting: null,
  timePoint: null,
  pointOfCare: false,
  methodClass: null,
  valueText: '',
  valueNumber: null,
  comparator: null,
  unitText: '',
  unit: null,
  referenceText: '',
  flag: null,
  images: 'unknown',
};
/** Places of value_text and value_number among the values. */
const VALUE_TEXT = 22;
const VALUE_NUMBER = 23;

const READ = statement(
  'test.read-arrays',
  'select array_to_json($1::text[])::text as texts, array_to_json($2::double precision[])::text as numbers',
);

// A NUL cannot be in a PostgreSQL text; the reader of messages refuses it.
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\u0000'));

test('whatever a laboratory prints reaches the database character by character', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          valueText: fc.oneof(
            text,
            fc.constantFrom('NULL', '{}', '"', '\\', ',', ' ', '\\"', '', '阴性', '𠮷'),
          ),
          valueNumber: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
        }),
        { minLength: 1, maxLength: 20 },
      ),
      async (lines) => {
        const values = resultValues(lines.map((line) => ({ ...RECORD, ...line })));
        const [row] = await opened.database.run<{ texts: string; numbers: string }>(READ, [
          values[VALUE_TEXT] as string,
          values[VALUE_NUMBER] as string,
        ]);
        expect(JSON.parse(row?.texts ?? '')).toEqual(lines.map(({ valueText }) => valueText));
        const numbers = (JSON.parse(row?.numbers ?? '') as (number | null)[]).map((number) =>
          number === null ? null : number + 0,
        );
        expect(numbers).toEqual(
          lines.map(({ valueNumber }) => (valueNumber === null ? null : valueNumber + 0)),
        );
      },
    ),
    { numRuns: 200 },
  );
});
