import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import { moveAllStrayed, moveStrayed } from '../../src/apps/flows/ingest/ingest-remap.ts';
import type { CheckFlows } from '../../src/apps/server/flows-port.ts';
import { drainOutbox } from '../../src/apps/worker/worker.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { ListDocument } from '../../src/recognition/index.ts';
import { checkResponseRequestShape, orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { itemCode, listDocument } from '../example-region.ts';
import { fresh, type IngestBench, ingestBench, reportMessage } from './ingest-fixtures.ts';
import { residentNumber } from './person-fixtures.ts';
import { SECOND_DOCTOR, TREATMENT } from './second-hospital.ts';

const HOSPITAL = 'JIANG-1' as InstitutionCode;

let bench: IngestBench;
let flows: CheckFlows;
beforeAll(async () => {
  bench = await ingestBench();
  flows = checkFlows(bench.dependencies);
});
afterAll(() => bench.drop());

const publishMap = (version: string, entries: readonly (readonly [string, string])[]) =>
  publishLists(
    bench.database,
    [
      listDocument(
        'code-map',
        'JIANG-1',
        {
          institution: HOSPITAL,
          entries: entries.map(([localCode, item]) => ({
            localCode,
            localNameZh: localCode,
            item: itemCode(item),
          })),
        },
        { version, effectiveFrom: '2026-11-01' },
      ) as ListDocument,
    ],
    { by: 'test', at: bench.dependencies.clock(), reason: 'test' },
  );

let sequence = 500;

const patientOf = (nationalId: string) => ({
  identifiers: [{ type: 'national-id', number: nationalId }],
  name: '周明轩',
  sex: 'male',
  birthDate: '1990-01-01',
});

const check = async (nationalId: string, code: string) => {
  const checked = await flows.check(
    SECOND_DOCTOR,
    orderCheckRequestShape.parse({
      patient: patientOf(nationalId),
      encounter: { class: '门诊', number: fresh('V') },
      items: [{ line: 1, code }],
    }),
    TREATMENT,
  );
  if (!checked.ok) throw checked.reason;
  return checked.value;
};

const marksOf = (id: string) =>
  bench.rows<{ kind: string; relied: boolean }>(
    'select kind, relied from check_marks where check_public_id = $1 order by mark_id',
    [id],
  );

test('a corrected code map moves results, marks whoever relied on the wrong item, and changes no decision', async () => {
  const nationalId = residentNumber(sequence++).number;
  // The hospital took its code of glucose for potassium by mistake; ALT is a line beside it.
  await publishMap('mistaken', [
    ['Q1', 'LC-K'],
    ['ALT', 'LC-ALT'],
  ]);
  expect(await moveStrayed(bench.dependencies, HOSPITAL)).toEqual({ moved: 0, reports: 0, unreadable: 0 });
  await bench.take(
    reportMessage({
      record: fresh('P'),
      nationalId,
      lines: [
        ['Q1', 'NM', '5.1', 'mmol/L', '3.9-6.1'],
        ['ALT', 'NM', '23', 'U/L', '9-50'],
      ],
    }),
  );
  const wrong = await check(nationalId, 'K01');
  const right = await check(nationalId, 'ALT');
  const wrongResult = wrong.lines[0]?.candidates[0];
  expect(wrongResult?.item.code).toBe('LC-K');
  const answered = await flows.respond(
    SECOND_DOCTOR,
    wrong.id as PublicId,
    checkResponseRequestShape.parse({
      line: 1,
      kind: 'recognise',
      report: wrongResult?.report,
      ordinal: wrongResult?.ordinal,
    }),
    null,
    TREATMENT,
  );
  expect(answered.ok).toBe(true);

  await publishMap('put-right', [
    ['Q1', 'LC-GLU'],
    ['ALT', 'LC-ALT'],
  ]);
  expect(await moveAllStrayed(bench.dependencies)).toEqual({ moved: 1, reports: 1, unreadable: 0 });
  const rows = await bench.rows<{ local_code: string; code: string; unit: string }>(
    `select r.local_code, i.code, r.unit from results r join items i using (item_id)
     where r.report_public_id = $1 order by r.ordinal`,
    [wrongResult?.report ?? ''],
  );
  expect(rows).toMatchObject([
    { local_code: 'Q1', code: 'LC-GLU', unit: 'mmol/L' },
    { local_code: 'ALT', code: 'LC-ALT' },
  ]);
  expect(await marksOf(wrong.id)).toEqual([{ kind: 'other-item', relied: true }]);
  expect(await marksOf(right.id)).toEqual([]);
  for (const { id } of [wrong, right]) {
    const replayed = await flows.replay(SECOND_DOCTOR, id as PublicId, TREATMENT);
    expect(replayed.ok && replayed.value.outcome).toBe('same');
  }
  expect((await check(nationalId, 'K01')).lines[0]?.outcome).toBe('nothing-found');
  const [event] = await bench.rows<{ payload: string }>(
    "select payload from outbox where topic = 'results.mapped' order by outbox_id desc limit 1",
  );
  expect(JSON.parse(event?.payload ?? '{}')).toMatchObject({
    freed: 0,
    moved: [{ ordinal: 1, from: 'LC-K', to: 'LC-GLU' }],
  });
  expect(await moveAllStrayed(bench.dependencies)).toEqual({ moved: 0, reports: 0, unreadable: 0 });
});

test('a check that was kept while a correction committed is marked afterwards, and one that saw it is not', async () => {
  await publishMap('usual', [['K', 'LC-K']]);
  const parts = {
    record: fresh('P'),
    nationalId: residentNumber(sequence++).number,
    reportNumber: fresh('R'),
  };
  const line = (value: string) => ({ lines: [['K', 'NM', value, 'mmol/L', '3.5-5.3']] as const });
  await bench.take(reportMessage({ ...parts, ...line('4.1') }));
  // As if it had been on its way: it read version 1, and the correction's own marking did not see it.
  const between = await check(parts.nationalId, 'K01');
  await bench.take(
    reportMessage({
      ...parts,
      ...line('6.4'),
      status: 'C',
      sentAt: '20261120100000+0800',
      reportedAt: '20261120095900+0800',
    }),
  );
  await bench.rows('delete from check_marks where check_public_id = $1 returning mark_id', [between.id]);
  const after = await check(parts.nationalId, 'K01');
  const { clock } = bench.dependencies;
  const drain = async (aheadMs: number) => {
    const dependencies = { ...bench.dependencies, clock: () => instant(clock() + aheadMs) };
    while ((await drainOutbox(dependencies)) > 0);
  };
  await drain(0);
  expect(await marksOf(between.id)).toEqual([]);
  await drain(30_000);
  expect(await marksOf(between.id)).toEqual([{ kind: 'corrected', relied: false }]);
  expect(await marksOf(after.id)).toEqual([]);
});
