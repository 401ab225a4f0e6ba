import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { fresh, type IngestBench, ingestBench, type MessageParts, reportMessage } from './ingest-fixtures.ts';
import { residentNumber } from './person-fixtures.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await ingestBench();
  await bench.register({
    code: 'JIANG-1-PARTS',
    facility: 'PARTS',
    institution: 'JIANG-1' as InstitutionCode,
    dialect: { resultMode: 'increment' },
  });
});
afterAll(() => bench.drop());

let sequence = 900;

/** One report of a laboratory that sends a message per result, each with its own report time. */
const laboratory = () => {
  const shared = {
    facility: 'PARTS',
    record: fresh('P'),
    nationalId: residentNumber(sequence++).number,
    reportNumber: fresh('R'),
    orderNumber: fresh('A'),
  };
  let minute = 10;
  return {
    ...shared,
    async send(lines: MessageParts['lines'], over: Partial<MessageParts> = {}) {
      const at = `202611200${9}${minute++}00+0800`;
      const outcome = await bench.take(
        reportMessage({ ...shared, lines, reportedAt: at, sentAt: at, ...over }),
      );
      return outcome.reports[0];
    },
    rows: () =>
      bench.rows<{ local_code: string; value_text: string; standing: string; report_version: number }>(
        `select s.local_code, s.value_text, s.standing, s.report_version from results s
         join reports r on r.person_id = s.person_id and r.report_id = s.report_id
         where r.report_number = $1 order by s.ordinal`,
        [shared.reportNumber],
      ),
  };
};

const K = (value: string) => ['K', 'NM', value, 'mmol/L', '3.5-5.3'] as const;
const ALT = (value: string) => ['ALT', 'NM', value, 'U/L', '9-50'] as const;
const AST = (value: string) => ['AST', 'NM', value, 'U/L', '15-40'] as const;

const shown = async (report: ReturnType<typeof laboratory>) =>
  (await report.rows()).map((row) => `${row.local_code} ${row.value_text} ${row.standing}`);

describe('a laboratory that sends a message per result', () => {
  test('adds up to one report, and none of its parts corrects another', async () => {
    const report = laboratory();
    expect(await report.send([K('4.1')])).toMatchObject({ decision: 'first', version: 1 });
    expect(await report.send([ALT('23')])).toMatchObject({ decision: 'newer-version', standing: 'final' });
    expect(await report.send([AST('19')])).toMatchObject({ decision: 'newer-version', version: 3 });
    expect(await shown(report)).toEqual(['K 4.1 final', 'ALT 23 final', 'AST 19 final']);
    expect((await report.rows()).every((row) => row.report_version === 3)).toBe(true);
  });

  test('says nothing new by a part sent again', async () => {
    const report = laboratory();
    await report.send([K('4.1')], { reportedAt: '20261120091000+0800' });
    await report.send([ALT('23')], { reportedAt: '20261120091100+0800' });
    const again = await report.send([K('4.1')], { reportedAt: '20261120091000+0800' });
    expect(again).toMatchObject({ decision: 'repeat', version: 2 });
  });

  test('corrects a result by another value of the same line, stated later', async () => {
    const report = laboratory();
    await report.send([K('4.1')]);
    await report.send([ALT('23')]);
    expect(await report.send([K('6.1')])).toMatchObject({ decision: 'correction', standing: 'corrected' });
    expect(await shown(report)).toEqual(['K 6.1 corrected', 'ALT 23 final']);
  });

  test('never lets an older part overtake a newer one, and still takes from it what is new', async () => {
    const report = laboratory();
    await report.send([K('6.1')], { reportedAt: '20261120093000+0800' });
    await report.send([K('4.1'), AST('19')], { reportedAt: '20261120090000+0800' });
    expect(await shown(report)).toEqual(['K 6.1 final', 'AST 19 final']);
  });

  test('keeps what is issued issued when a further part calls itself preliminary', async () => {
    const report = laboratory();
    await report.send([K('4.1')]);
    await report.send([['ALT', 'NM', '23', 'U/L', '9-50', 'P']], { status: 'P' });
    expect(await shown(report)).toEqual(['K 4.1 final', 'ALT 23 preliminary']);
    await report.send([ALT('24')]);
    expect(await shown(report)).toEqual(['K 4.1 final', 'ALT 24 final']);
  });

  test('takes the whole report back by X', async () => {
    const report = laboratory();
    await report.send([K('4.1')]);
    await report.send([ALT('23')]);
    expect(await report.send([K('4.1')], { status: 'X' })).toMatchObject({ decision: 'withdrawal' });
    expect((await report.rows()).map(({ standing }) => standing)).toEqual(['withdrawn', 'withdrawn']);
  });
});

test('without the setting a second message is the whole report: another value corrects, a line left out is withdrawn', async () => {
  const shared = {
    record: fresh('P'),
    nationalId: residentNumber(sequence++).number,
    reportNumber: fresh('R'),
  };
  await bench.take(reportMessage({ ...shared, lines: [K('4.1')] }));
  const outcome = await bench.take(
    reportMessage({
      ...shared,
      lines: [ALT('23')],
      reportedAt: '20261120091500+0800',
      sentAt: '20261120091500+0800',
    }),
  );
  expect(outcome.reports).toMatchObject([{ decision: 'correction' }]);
});
