import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  admissionMessage,
  answerText,
  fresh,
  type IngestBench,
  ingestBench,
  orderMessage,
  reportMessage,
} from './ingest-fixtures.ts';

let bench: IngestBench;
beforeAll(async () => {
  bench = await ingestBench();
});
afterAll(() => bench.drop());

interface ResultLine {
  readonly local_code: string;
  readonly value_text: string;
  readonly value_number: number | null;
  readonly standing: string;
  readonly item_id: string | null;
  readonly report_version: number;
  readonly ordinal: number;
}

const resultsOf = (reportNumber: string): Promise<ResultLine[]> =>
  bench.rows(
    `select x.local_code, x.value_text, x.value_number, x.standing, x.item_id, x.report_version, x.ordinal
     from results x join reports r on r.person_id = x.person_id and r.report_id = x.report_id
     where r.report_number = $1 order by x.ordinal`,
    [reportNumber],
  );

const versionsOf = (reportNumber: string): Promise<{ version: number; standing: string }[]> =>
  bench.rows(
    `select v.version, v.standing from report_versions v join reports r on r.person_id = v.person_id and r.report_id = v.report_id
     where r.report_number = $1 order by v.version`,
    [reportNumber],
  );

const count = async (table: string): Promise<number> => {
  const [row] = await bench.rows<{ n: number }>(`select count(*)::integer as n from ${table}`);
  return row?.n ?? -1;
};

describe('a report message', () => {
  test('becomes a report, its version, its results, the kept message and one event', async () => {
    const reportNumber = fresh('R');
    const message = reportMessage({ reportNumber });
    const outcome = await bench.take(message);
    expect(outcome).toMatchObject({ outcome: 'accepted', code: null });
    expect(outcome.reports).toMatchObject([{ version: 1, decision: 'first', standing: 'final' }]);
    expect(answerText(outcome)).toMatch(/\rMSA\|AA\|/);
    expect(await versionsOf(reportNumber)).toEqual([{ version: 1, standing: 'final' }]);
    expect(await resultsOf(reportNumber)).toMatchObject([
      { local_code: 'K', value_text: '4.1', value_number: 4.1, standing: 'final', ordinal: 1 },
      { local_code: 'ALT', value_text: '23', value_number: 23, standing: 'final', ordinal: 2 },
    ]);
    const events = await bench.rows<{ topic: string; payload: string }>('select topic, payload from outbox');
    expect(events.at(-1)).toMatchObject({ topic: 'reports.stored' });
    expect(events.at(-1)?.payload).toContain(outcome.reports[0]?.report);
  });

  test('is kept compressed and sealed: neither the name nor the record number lies in clear in its row', async () => {
    const record = fresh('CLEARRECORD');
    await bench.take(reportMessage({ record, name: '诸葛明文' }));
    const rows = await bench.rows<{ body: Buffer }>('select body from messages where body is not null');
    for (const { body } of rows) {
      expect(body.includes(Buffer.from(record))).toBe(false);
      expect(body.includes(Buffer.from('诸葛明文'))).toBe(false);
    }
  });

  test('of a known person goes in at once and reads the same as the first of a new person', async () => {
    const record = fresh('P');
    const first = fresh('R');
    const second = fresh('R');
    await bench.take(reportMessage({ record, reportNumber: first }));
    await bench.take(reportMessage({ record, reportNumber: second }));
    const [one, other] = [await resultsOf(first), await resultsOf(second)];
    expect(other).toEqual(one);
    const persons = await bench.rows<{ person_id: string }>(
      'select distinct person_id from reports where report_number in ($1, $2)',
      [first, second],
    );
    expect(persons).toHaveLength(1);
  });

  test('with several reports stores each under its own number', async () => {
    const [one, two] = [fresh('R'), fresh('R')];
    const lines = reportMessage({ reportNumber: one }).split('\r');
    const obr = lines.find((line) => line.startsWith('OBR')) as string;
    const second = [
      obr.replace('OBR|1', 'OBR|2').replace(one, two),
      'OBX|1|NM|GLU^GLU||5.5|mmol/L|3.9-6.1||||F',
    ];
    expect((await bench.take([...lines, ...second].join('\r'))).outcome).toBe('accepted');
    expect((await resultsOf(one)).map(({ local_code }) => local_code)).toEqual(['K', 'ALT']);
    expect((await resultsOf(two)).map(({ local_code }) => local_code)).toEqual(['GLU']);
  });

  test('sent again has no second effect and the same acknowledgement, byte for byte', async () => {
    const reportNumber = fresh('R');
    const message = reportMessage({ reportNumber });
    const first = await bench.take(message);
    const before = [await count('results'), await count('messages'), await count('outbox')];
    const again = await bench.take(message);
    expect(again.outcome).toBe('duplicate');
    expect(answerText(again)).toBe(answerText(first));
    expect([await count('results'), await count('messages'), await count('outbox')]).toEqual(before);
  });

  test('with other content under the same id is set aside and asks to be mended', async () => {
    const controlId = fresh('M');
    await bench.take(reportMessage({ controlId }));
    const other = await bench.take(reportMessage({ controlId }));
    expect(other).toMatchObject({ outcome: 'quarantined', code: 'CONTROL_ID_REUSED', place: 'MSH[1]-10' });
    expect(answerText(other)).toMatch(/\rMSA\|AE\|/);
  });

  test('of a sender registered as one that reuses ids is a message of its own when its content differs', async () => {
    await bench.register({ code: 'OLD-LIS', facility: 'OLD', reusesControlIds: true });
    const message = () => reportMessage({ controlId: '1', facility: 'OLD' });
    const first = message();
    expect((await bench.take(first)).outcome).toBe('accepted');
    expect((await bench.take(message())).outcome).toBe('accepted');
    expect((await bench.take(first)).outcome).toBe('duplicate');
  });

  test('of an unregistered sender is kept whole, refused for good, and names no patient in the reason', async () => {
    const outcome = await bench.take(reportMessage({ application: 'STRANGER', name: '欧阳无名' }));
    expect(outcome).toMatchObject({ outcome: 'quarantined', code: 'SENDER_UNKNOWN' });
    expect(answerText(outcome)).toMatch(/\rMSA\|AR\|/);
    const [row] = await bench.rows<{ sender_address: string; detail: string; place: string }>(
      'select sender_address, detail, place from quarantined_messages where public_id = $1',
      [outcome.quarantine],
    );
    expect(row?.sender_address).toBe('STRANGER|JIANG1');
    expect(JSON.stringify(row) + answerText(outcome)).not.toContain('欧阳无名');
  });

  test('that is refused again and again is one record that counts its arrivals', async () => {
    const message = reportMessage({ application: 'NOISE' });
    const ids = new Set<string | null>();
    for (let turn = 0; turn < 3; turn++) ids.add((await bench.take(message)).quarantine);
    expect(ids.size).toBe(1);
    const [row] = await bench.rows<{ arrivals: number }>(
      'select arrivals from quarantined_messages where public_id = $1',
      [[...ids][0] ?? null],
    );
    expect(row?.arrivals).toBe(3);
  });

  test('without a report number is set aside with the place of the report', async () => {
    const outcome = await bench.take(reportMessage({ reportNumber: '', orderNumber: '' }));
    expect(outcome).toMatchObject({ outcome: 'quarantined', code: 'REPORT_NUMBER_MISSING', place: 'OBR[1]' });
  });

  test('for nobody is set aside: no identifier, no owner', async () => {
    const outcome = await bench.take(reportMessage({ record: '' }));
    expect(outcome).toMatchObject({ outcome: 'quarantined', code: 'PERSON_UNIDENTIFIED' });
  });

  test('of two people is set aside, and nothing of it is stored', async () => {
    const record = fresh('P');
    await bench.take(reportMessage({ record }));
    const reportNumber = fresh('R');
    const outcome = await bench.take(
      reportMessage({ record, reportNumber, name: '司马别人', birthDate: '19510303', sex: 'F' }),
    );
    expect(outcome).toMatchObject({ outcome: 'quarantined', code: 'PERSON_CONTRADICTION' });
    expect(await versionsOf(reportNumber)).toEqual([]);
  });

  test('under a report number of another person is set aside: no result crosses', async () => {
    const reportNumber = fresh('R');
    await bench.take(reportMessage({ reportNumber }));
    const outcome = await bench.take(reportMessage({ reportNumber }));
    expect(outcome).toMatchObject({
      outcome: 'quarantined',
      code: 'REPORT_OF_ANOTHER_PERSON',
      place: 'OBR[1]',
    });
    expect(await versionsOf(reportNumber)).toHaveLength(1);
  });

  test('with an unknown local code is taken, and its result waits visibly without an item', async () => {
    const reportNumber = fresh('R');
    const outcome = await bench.take(reportMessage({ reportNumber, lines: [['NEW-CODE', 'NM', '7']] }));
    expect(outcome.outcome).toBe('accepted');
    expect(await resultsOf(reportNumber)).toMatchObject([{ local_code: 'NEW-CODE', item_id: null }]);
  });

  test('never turns <0.01, >1000, 1+, 阴性 or nothing into a number', async () => {
    const reportNumber = fresh('R');
    await bench.take(
      reportMessage({
        reportNumber,
        lines: [
          ['K', 'NM', '<0.01'],
          ['ALT', 'NM', '>1000'],
          ['AST', 'NM', '1+'],
          ['HBSAG', 'NM', '阴性'],
          ['GLU', 'NM', '', '', '', 'X'],
        ],
      }),
    );
    expect(await resultsOf(reportNumber)).toMatchObject([
      { value_text: '<0.01', value_number: 0.01 },
      { value_text: '>1000', value_number: 1000 },
      { value_text: '1+', value_number: null },
      { value_text: '阴性', value_number: null },
      { value_text: '', value_number: null, standing: 'not-obtained' },
    ]);
    const comparators = await bench.rows<{ comparator: string | null }>(
      `select x.comparator from results x join reports r on r.person_id = x.person_id and r.report_id = x.report_id
       where r.report_number = $1 order by ordinal`,
      [reportNumber],
    );
    expect(comparators.map(({ comparator }) => comparator)).toEqual(['<', '>', null, null, null]);
  });
});

describe('versions of a report', () => {
  const statement = (parts: { record: string; reportNumber: string }) => {
    let minute = 10;
    return (status: string, value: string, over: Parameters<typeof reportMessage>[0] = {}) => {
      minute++;
      return reportMessage({
        ...parts,
        status,
        sentAt: `2026112010${minute}00+0800`,
        reportedAt: `2026112009${minute}00+0800`,
        lines: [
          ['K', 'NM', value, 'mmol/L', '3.5-5.3'],
          ['ALT', 'NM', '23', 'U/L', '9-50'],
        ],
        ...over,
      });
    };
  };
  const begin = () => {
    const parts = { record: fresh('P'), reportNumber: fresh('R') };
    return { ...parts, say: statement(parts) };
  };

  test('a correction under the same number is a new version; the hot table holds only the new values', async () => {
    const { reportNumber, say } = begin();
    await bench.take(say('F', '4.1'));
    const outcome = await bench.take(say('C', '6.1'));
    expect(outcome.reports).toMatchObject([{ version: 2, decision: 'correction', standing: 'corrected' }]);
    expect(await versionsOf(reportNumber)).toEqual([
      { version: 1, standing: 'final' },
      { version: 2, standing: 'corrected' },
    ]);
    expect(await resultsOf(reportNumber)).toMatchObject([
      { value_text: '6.1', standing: 'corrected', report_version: 2, ordinal: 1 },
      { value_text: '23', report_version: 2, ordinal: 2 },
    ]);
  });

  test('a line left out of the correction stays as a withdrawn line', async () => {
    const { reportNumber, say } = begin();
    await bench.take(say('F', '4.1'));
    await bench.take(say('C', '4.2', { lines: [['K', 'NM', '4.2', 'mmol/L']] }));
    expect(await resultsOf(reportNumber)).toMatchObject([
      { local_code: 'K', value_text: '4.2', report_version: 2 },
      { local_code: 'ALT', value_text: '23', standing: 'withdrawn', report_version: 2 },
    ]);
  });

  test('a late preliminary statement never downgrades a final one', async () => {
    const { reportNumber, say } = begin();
    const late = say('P', '3.9');
    await bench.take(say('F', '4.1'));
    const outcome = await bench.take(late);
    expect(outcome).toMatchObject({ outcome: 'accepted', reports: [{ decision: 'stale', version: 1 }] });
    expect(await resultsOf(reportNumber)).toMatchObject([{ value_text: '4.1', standing: 'final' }, {}]);
  });

  test('a correction that arrives before its original stands', async () => {
    const { reportNumber, say } = begin();
    const original = say('F', '4.1');
    await bench.take(say('C', '6.1'));
    await bench.take(original);
    expect(await versionsOf(reportNumber)).toEqual([{ version: 1, standing: 'corrected' }]);
    expect(await resultsOf(reportNumber)).toMatchObject([{ value_text: '6.1' }, {}]);
  });

  const linesOf = (status: string) =>
    [
      ['K', 'NM', '4.1', 'mmol/L', '3.5-5.3', status],
      ['ALT', 'NM', '23', 'U/L', '9-50', status],
    ] as const;

  test.each([
    ['OBR-25 X', 'X', {}, 'withdrawn'],
    ['ORC CA', 'F', { orderControl: 'CA' }, 'withdrawn'],
    ['every line D', 'C', { lines: linesOf('D') }, 'withdrawn'],
    ['every line W', 'C', { lines: linesOf('W') }, 'entered-in-error'],
  ] as const)('%s takes the report back', async (_name, status, over, standing) => {
    const { reportNumber, say } = begin();
    await bench.take(say('F', '4.1'));
    const outcome = await bench.take(say(status, '4.1', over));
    expect(outcome).toMatchObject({ outcome: 'accepted', reports: [{ version: 2, decision: 'withdrawal' }] });
    expect((await resultsOf(reportNumber)).map((line) => line.standing)).toEqual([standing, standing]);
  });

  test('a new number that names the old one withdraws the old report, in either order of arrival', async () => {
    for (const newFirst of [false, true]) {
      const { record, reportNumber, say } = begin();
      const newNumber = fresh('R');
      const old = say('F', '4.1');
      const renewed = say('F', '6.1', {
        record,
        reportNumber: newNumber,
        orderControl: 'RU',
        replaces: reportNumber,
      });
      for (const message of newFirst ? [renewed, old] : [old, renewed])
        expect((await bench.take(message)).outcome).toBe('accepted');
      expect((await resultsOf(reportNumber)).map(({ standing }) => standing)).toEqual([
        'withdrawn',
        'withdrawn',
      ]);
      expect((await resultsOf(newNumber)).map(({ standing }) => standing)).toEqual(['final', 'final']);
      const [head] = await bench.rows<{ replaced: boolean; standing: string }>(
        'select replaced_by is not null as replaced, standing from reports where report_number = $1',
        [reportNumber],
      );
      expect(head).toEqual({ replaced: true, standing: 'withdrawn' });
    }
  });

  test('a report follows its person through a merge: the correction under the other number reaches it', async () => {
    const { record, reportNumber, say } = begin();
    await bench.take(say('F', '4.1'));
    const survivor = fresh('P');
    expect(
      (await bench.take(admissionMessage({ record: survivor, type: 'ADT^A40^ADT_A39' }, record))).outcome,
    ).toBe('accepted');
    const outcome = await bench.take(say('C', '6.1', { record: survivor }));
    expect(outcome.reports).toMatchObject([{ decision: 'correction', version: 2 }]);
    expect(await resultsOf(reportNumber)).toMatchObject([{ value_text: '6.1' }, {}]);
    expect(await bench.rows('select 1 from reports where report_number = $1', [reportNumber])).toHaveLength(
      1,
    );
  });
});

describe('races', () => {
  test('the same message eight times at once is stored once and acknowledged eight times alike', async () => {
    for (const known of [false, true]) {
      const record = fresh('P');
      if (known) await bench.take(reportMessage({ record }));
      const reportNumber = fresh('R');
      const message = reportMessage({ record, reportNumber });
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => bench.take(message)));
      expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
      expect(outcomes.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(7);
      expect(new Set(outcomes.map(answerText)).size).toBe(1);
      expect(await resultsOf(reportNumber)).toHaveLength(2);
    }
  });

  test('eight versions of one report at once end as the newest, with no version number twice', async () => {
    const record = fresh('P');
    const reportNumber = fresh('R');
    const messages = Array.from({ length: 8 }, (_, index) =>
      reportMessage({
        record,
        reportNumber,
        status: index === 0 ? 'F' : 'C',
        reportedAt: `202611200${index + 1}0000+0800`,
        sentAt: `202611200${index + 1}0100+0800`,
        lines: [['K', 'NM', `4.${index}`, 'mmol/L']],
      }),
    );
    const outcomes = await Promise.all(messages.toReversed().map((message) => bench.take(message)));
    expect(outcomes.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(await resultsOf(reportNumber)).toMatchObject([{ value_text: '4.7', standing: 'corrected' }]);
    const versions = (await versionsOf(reportNumber)).map(({ version }) => version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  });

  test('two persons who claim one report number at once: one gets it, the other is set aside', async () => {
    const reportNumber = fresh('R');
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () => bench.take(reportMessage({ reportNumber }))),
    );
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual([
      'accepted',
      'quarantined',
      'quarantined',
      'quarantined',
    ]);
    expect(await resultsOf(reportNumber)).toHaveLength(2);
  });

  test('messages that carry the same two new reports in opposite order do not block each other', async () => {
    const record = fresh('P');
    await bench.take(reportMessage({ record }));
    for (let round = 0; round < 10; round++) {
      const numbers = [fresh('R'), fresh('R')];
      const both = (first: string, second: string) => {
        const lines = reportMessage({ record, reportNumber: first }).split('\r');
        const obr = lines.find((line) => line.startsWith('OBR')) as string;
        return [...lines, obr.replace(first, second), 'OBX|1|NM|GLU^GLU||5.5|mmol/L|||||F'].join('\r');
      };
      const outcomes = await Promise.all([
        bench.take(both(numbers[0] as string, numbers[1] as string)),
        bench.take(both(numbers[1] as string, numbers[0] as string)),
      ]);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
    }
  });
});

describe('orders', () => {
  const statesOf = (placer: string) =>
    bench.rows<{ local_code: string; state: string; item_id: string | null }>(
      'select local_code, state, item_id from orders where placer_number = $1 order by local_code',
      [placer],
    );
  const hospital = { application: 'HIS', facility: 'JIANG2' };

  test('are stored with their items, changed and cancelled line by line or as a whole', async () => {
    const record = fresh('P');
    const placer = fresh('O');
    const take = (sentAt: string, lines: readonly (readonly [string, string, string])[]) =>
      bench.take(orderMessage({ ...hospital, record, sentAt }, lines));
    expect(
      (
        await take('20261120100000', [
          ['NW', placer, 'K01'],
          ['NW', placer, 'ALT'],
          ['NW', placer, 'UNMAPPED'],
        ])
      ).outcome,
    ).toBe('accepted');
    expect(await statesOf(placer)).toMatchObject([
      { local_code: 'ALT', state: 'new', item_id: expect.any(String) },
      { local_code: 'K01', state: 'new', item_id: expect.any(String) },
      { local_code: 'UNMAPPED', state: 'new', item_id: null },
    ]);
    await take('20261120100100', [['CA', placer, 'K01']]);
    expect((await statesOf(placer)).map(({ state }) => state)).toEqual(['new', 'cancelled', 'new']);
    await take('20261120100200', [['CA', placer, '']]);
    expect((await statesOf(placer)).map(({ state }) => state)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
    ]);
  });

  test('a cancellation that overtakes its order stands', async () => {
    const record = fresh('P');
    const placer = fresh('O');
    const ordered = orderMessage({ ...hospital, record, sentAt: '20261120100000' }, [['NW', placer, 'K01']]);
    const cancelled = orderMessage({ ...hospital, record, sentAt: '20261120100500' }, [
      ['CA', placer, 'K01'],
    ]);
    await bench.take(cancelled);
    await bench.take(ordered);
    expect(await statesOf(placer)).toMatchObject([{ state: 'cancelled' }]);
  });

  test('without a number or without saying what is ordered are set aside', async () => {
    const record = fresh('P');
    expect(await bench.take(orderMessage({ ...hospital, record }, [['NW', '', 'K01']]))).toMatchObject({
      code: 'ORDER_NUMBER_MISSING',
    });
    expect(await bench.take(orderMessage({ ...hospital, record }, [['NW', fresh('O'), '']]))).toMatchObject({
      code: 'ORDER_CODE_MISSING',
    });
  });
});

describe('patient administration', () => {
  test('makes a person known, and the first report finds him', async () => {
    const record = fresh('P');
    expect((await bench.take(admissionMessage({ record, type: 'ADT^A04' }))).outcome).toBe('accepted');
    const persons = await count('persons');
    expect((await bench.take(reportMessage({ record }))).outcome).toBe('accepted');
    expect(await count('persons')).toBe(persons);
  });

  test('of a type that is not used here is set aside and refused for good', async () => {
    const outcome = await bench.take(admissionMessage({ type: 'ADT^A60' }));
    expect(outcome).toMatchObject({ outcome: 'quarantined', code: 'MESSAGE_TYPE_UNSUPPORTED' });
    expect(answerText(outcome)).toMatch(/\rMSA\|AR\|/);
  });
});
