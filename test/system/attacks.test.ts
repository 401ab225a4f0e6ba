import { describe, expect, test } from 'vitest';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { checkResponseRequestShape } from '../../src/web/wire/order-check-request.ts';
import { listDocument } from '../example-region.ts';
import {
  bench,
  byNationalId,
  check,
  codeOf,
  doctor,
  doctorOf,
  flows,
  NAMED,
  nextNationalId,
  origin,
  POTASSIUM,
  reported,
  respond,
  withAttackedRegion,
} from './attack-bench.ts';
import { admissionMessage, fresh, reportMessage, type MessageParts } from './ingest-fixtures.ts';

withAttackedRegion();

describe('identity', () => {
  test('a number alone, with nothing to confirm whose it is, is not "nothing found"', async () => {
    const { nationalId } = await reported();
    const answer = await check({ identifiers: [{ type: 'national-id', number: nationalId }] });
    expect(answer.lines[0]?.outcome).toBe('not-checked');
    expect(answer.status).toBe('not-checked');
  });

  test('a record number of one patient beside the ID number of another is not checked', async () => {
    const other = await reported();
    const record = fresh('H');
    await bench.take(admissionMessage({ application: 'HIS', facility: 'JIANG2', record, name: '周明轩' }));
    const known = await check({ identifiers: [{ type: 'medical-record', number: record }], ...NAMED });
    expect(known.lines[0]?.candidates).toEqual([]);
    const answer = await check({
      identifiers: [
        { type: 'medical-record', number: record },
        { type: 'national-id', number: other.nationalId },
      ],
    });
    expect(answer.status).toBe('not-checked');
  });

  test('a record number of another hospital, with no name beside it, is not checked', async () => {
    const { record } = await reported();
    const identifiers = [{ type: 'medical-record', issuer: 'JIANG-1', number: record }];
    expect((await check({ identifiers })).status).toBe('not-checked');
    expect((await check({ identifiers, ...NAMED })).lines[0]?.outcome).toBe('must-consider');
  });

  test('record numbers of two patients in one request are not checked', async () => {
    const [first, second] = [await reported(), await reported()];
    const record = fresh('H');
    const another = fresh('H');
    for (const [number, nationalId] of [
      [record, first.nationalId],
      [another, second.nationalId],
    ] as const)
      await bench.take(
        admissionMessage({ application: 'HIS', facility: 'JIANG2', record: number, nationalId }),
      );
    const answer = await check({
      identifiers: [
        { type: 'medical-record', number: record },
        { type: 'medical-record', number: another },
      ],
      ...NAMED,
    });
    expect(answer.status).toBe('not-checked');
  });
});

describe('what is restricted', () => {
  const hiv = () =>
    reported({
      lines: [['HIV', 'ST', '阳性', '', '阴性']],
    });

  test('cannot be learnt by recognising what was not shown', async () => {
    const { nationalId } = await hiv();
    const answer = await check(byNationalId(nationalId), ['HIV']);
    expect(answer.lines[0]?.outcome).toBe('not-disclosed');
    const bare = await check(byNationalId(nextNationalId()), ['HIV']);
    const hidden = await codeOf(respond(answer.id, { line: 1, kind: 'recognise' }));
    expect(hidden).toBe(await codeOf(respond(bare.id, { line: 1, kind: 'recognise' })));
    expect(hidden).not.toBeNull();
  });

  test('stays hidden where a region publishes a policy that says nothing about it', async () => {
    await publishLists(
      bench.database,
      [
        listDocument(
          'policy',
          'CN',
          {
            repeatReminderCivilDays: 90,
            consent: 'assumed-by-policy',
            silentEncounterClasses: ['emergency'],
            otherReasonMinimum: 10,
          },
          { version: '2026-b', effectiveFrom: '2026-01-02' },
        ),
      ],
      { by: 'test', at: bench.dependencies.clock(), reason: 'nothing about restricted classes' },
    );
    const { nationalId } = await hiv();
    expect((await check(byNationalId(nationalId), ['HIV'])).lines[0]?.outcome).toBe('not-disclosed');
  });

  test('cannot be read by opening the report in which it stands', async () => {
    const { report } = await reported({
      lines: [
        ['K', 'NM', '4.1', 'mmol/L', '3.5-5.3'],
        ['HIV', 'ST', '阳性', '', '阴性'],
      ],
    });
    const read = await flows.report(doctor, report as PublicId, origin);
    expect(JSON.stringify(read)).not.toContain('阳性');
    const own = await flows.report(doctorOf('JIANG-1'), report as PublicId, origin);
    expect(JSON.stringify(own)).toContain('阳性');
  });
});

describe('time', () => {
  test('a collection after its own report is not believed', async () => {
    const { nationalId } = await reported({
      collectedAt: '20261119080000+0800',
      reportedAt: '20261110080000+0800',
      lines: POTASSIUM('4.1'),
    });
    const answer = await check(byNationalId(nationalId));
    expect(answer.lines[0]?.outcome).not.toBe('must-consider');
  });

  test('a result dated in the future does not stand before the one that counts', async () => {
    const { nationalId, record } = await reported({ lines: POTASSIUM('4.1') });
    await reported({
      nationalId,
      record,
      collectedAt: '20290101080000+0800',
      reportedAt: '20290101090000+0800',
      lines: POTASSIUM('9.9'),
    });
    const answer = await check(byNationalId(nationalId));
    expect(answer.lines[0]?.outcome).toBe('must-consider');
    expect(answer.lines[0]?.candidates[0]?.value?.text).toBe('4.1');
  });
});

describe('a long history', () => {
  test('of results that cannot stand in does not hide the one that can', async () => {
    const { nationalId, record } = await reported({ lines: POTASSIUM('4.1') });
    for (let n = 0; n < 8; n++)
      await reported({
        nationalId,
        record,
        status: 'P',
        collectedAt: `202611200${n < 5 ? '8' : '9'}${10 + n}00+0800`,
        lines: POTASSIUM('8.8'),
      });
    const answer = await check(byNationalId(nationalId));
    expect(answer.lines[0]?.outcome).toBe('must-consider');
  });

  test('of three hundred withdrawn results does not hide the one that stands', async () => {
    const { nationalId, record } = await reported({ lines: POTASSIUM('4.1') });
    const lines = Array.from({ length: 300 }, () => POTASSIUM('8.8')[0]) as unknown as MessageParts['lines'];
    const parts = {
      nationalId,
      record,
      reportNumber: fresh('R'),
      collectedAt: '20261120083000+0800',
      lines,
    };
    await reported(parts);
    await reported({
      ...parts,
      status: 'X',
      sentAt: '20261120094000+0800',
      reportedAt: '20261120093900+0800',
    });
    const answer = await check(byNationalId(nationalId));
    expect(answer.lines[0]?.outcome).toBe('must-consider');
    expect(answer.lines[0]?.candidates[0]?.value?.text).toBe('4.1');
  });
});

describe('the answer', () => {
  test('under a key used for another answer is refused, not taken for the first', async () => {
    const { nationalId } = await reported();
    const { id } = await check(byNationalId(nationalId));
    expect(await codeOf(respond(id, { line: 1, kind: 're-examine', reason: 'N1' }, 'k'))).toBeNull();
    expect(await codeOf(respond(id, { line: 1, kind: 're-examine', reason: 'N2' }, 'k'))).not.toBeNull();
  });

  test('with control characters in its text is refused by its shape', () => {
    const odd = checkResponseRequestShape.safeParse({
      line: 1,
      kind: 're-examine',
      reason: 'N6',
      text: '患者拟参加器官\u0000移植术前评估',
    });
    expect(odd.success).toBe(false);
  });

  test('that names a report without its line does not recognise another report', async () => {
    const { nationalId, record } = await reported({ lines: POTASSIUM('4.1') });
    const older = await reported({
      nationalId,
      record,
      collectedAt: '20261119080000+0800',
      lines: POTASSIUM('3.9'),
    });
    const { id } = await check(byNationalId(nationalId));
    const named = { line: 1, kind: 'recognise', report: older.report };
    const shape = checkResponseRequestShape.safeParse(named);
    if (!shape.success) return;
    const answered = await respond(id, named);
    expect(answered.ok && answered.value.response.report).toBe(older.report);
  });
});

describe('a correction at the same moment as the answer', () => {
  test('is either seen by the answer or marks it as one that relied on what was corrected', async () => {
    for (let round = 0; round < 12; round++) {
      const parts = await reported({ lines: POTASSIUM('4.1') });
      const { id } = await check(byNationalId(parts.nationalId));
      const { report: _, ...message } = parts;
      const [answered] = await Promise.all([
        codeOf(respond(id, { line: 1, kind: 'recognise' })),
        bench.take(
          reportMessage({
            ...message,
            status: 'C',
            sentAt: '20261120100000+0800',
            reportedAt: '20261120095900+0800',
            lines: POTASSIUM('6.4'),
          }),
        ),
      ]);
      const marks = await bench.rows<{ relied: boolean }>(
        'select relied from check_marks where check_public_id = $1',
        [id],
      );
      if (answered === null) expect(marks).toEqual([{ relied: true }]);
      else expect(answered).toBe('RESULT_CHANGED_SINCE');
    }
  });
});
