import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mergePersons, unmergePersons } from '../../src/adapters/postgres/person-links.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import type { CheckFlows } from '../../src/apps/server/flows-port.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { checkResponseRequestShape, orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import {
  admissionMessage,
  fresh,
  type IngestBench,
  ingestBench,
  orderMessage,
  reportMessage,
} from './ingest-fixtures.ts';
import { residentNumber } from './person-fixtures.ts';
import { askForPotassium, SECOND_DOCTOR, TREATMENT } from './second-hospital.ts';

let bench: IngestBench;
let flows: CheckFlows;
beforeAll(async () => {
  bench = await ingestBench();
  flows = checkFlows(bench.dependencies);
});
afterAll(() => bench.drop());

let sequence = 100;

/** A patient of the first hospital with a potassium result, who now sees a doctor of the second. */
const begin = async () => {
  const nationalId = residentNumber(sequence++).number;
  const parts = { record: fresh('P'), nationalId, reportNumber: fresh('R') };
  await bench.take(reportMessage(parts));
  const ordered = fresh('ORD');
  const record = fresh('H');
  // The second hospital's own record of the patient: another source record, linked by the national ID.
  await bench.take(admissionMessage({ application: 'HIS', facility: 'JIANG2', record, nationalId }));
  const asked = await askForPotassium(flows, SECOND_DOCTOR, { record, nationalId, request: ordered });
  return { ...parts, ordered, hospitalRecord: record, check: asked };
};

const respond = async (check: string, kind: 'recognise' | 'undo') => {
  const answered = await flows.respond(
    SECOND_DOCTOR,
    check as PublicId,
    checkResponseRequestShape.parse({ line: 1, kind }),
    null,
    TREATMENT,
  );
  if (!answered.ok) throw answered.reason;
};

const marksOf = (check: string) =>
  bench.rows<{ kind: string; relied: boolean; report_version: number }>(
    'select kind, relied, report_version from check_marks where check_public_id = $1 order by mark_id',
    [check],
  );

const correct = (parts: { record: string; nationalId: string; reportNumber: string }, over = {}) =>
  bench.take(
    reportMessage({
      ...parts,
      status: 'C',
      sentAt: '20261120100000+0800',
      reportedAt: '20261120095900+0800',
      lines: [
        ['K', 'NM', '6.4', 'mmol/L', '3.5-5.3'],
        ['ALT', 'NM', '23', 'U/L', '9-50'],
      ],
      ...over,
    }),
  );

describe('a changed report', () => {
  test('marks the decision that relied on it, in the transaction that changes it', async () => {
    const { check, ...parts } = await begin();
    expect(check.lines[0]?.outcome).toBe('must-consider');
    await respond(check.id, 'recognise');
    const outcome = await correct(parts);
    expect(outcome.reports).toMatchObject([{ decision: 'correction', version: 2, marked: 1, relied: 1 }]);
    expect(await marksOf(check.id)).toEqual([{ kind: 'corrected', relied: true, report_version: 2 }]);
    const marked = await flows.markedChecks(SECOND_DOCTOR, TREATMENT);
    expect(marked.ok && JSON.stringify(marked.value)).toContain(check.id);
  });

  test('marks a decision that only weighed it as one that did not rely on it', async () => {
    const { check, ...parts } = await begin();
    await correct(parts);
    expect(await marksOf(check.id)).toEqual([{ kind: 'corrected', relied: false, report_version: 2 }]);
  });

  test('marks a recognition that was undone as one that did not rely on it', async () => {
    const { check, ...parts } = await begin();
    await respond(check.id, 'recognise');
    await respond(check.id, 'undo');
    await correct(parts);
    expect(await marksOf(check.id)).toMatchObject([{ relied: false }]);
  });

  test('withdrawn and live again leaves a mark each time', async () => {
    const { check, ...parts } = await begin();
    await respond(check.id, 'recognise');
    await correct(parts, { status: 'X' });
    await correct(parts, { sentAt: '20261120110000+0800', reportedAt: '20261120105900+0800' });
    expect(await marksOf(check.id)).toEqual([
      { kind: 'withdrawn', relied: true, report_version: 2 },
      { kind: 'reinstated', relied: true, report_version: 3 },
    ]);
  });

  test('that only repeats itself leaves no mark', async () => {
    const { check, record, nationalId, reportNumber } = await begin();
    await respond(check.id, 'recognise');
    await bench.take(reportMessage({ record, nationalId, reportNumber, orderNumber: 'other' }));
    expect(await marksOf(check.id)).toEqual([]);
  });

  test('still reaches a decision made under a link that is gone: the doctor relied on it all the same', async () => {
    const { check, ...parts } = await begin();
    await respond(check.id, 'recognise');
    const keys = await bench.rows<{ person_id: string }>(
      `select person_id from reports where report_number = $1
       union all select person_id from order_checks where public_id = $2`,
      [parts.reportNumber, check.id],
    );
    const [reportPerson, checkPerson] = keys.map(({ person_id }) => person_id) as [string, string];
    const order = { cause: 'staff', actor: 'test', reason: 'test', at: bench.dependencies.clock() } as const;
    expect(reportPerson).not.toBe(checkPerson);
    const parted = await bench.database.transaction((session) =>
      unmergePersons(session, { ...order, personId: reportPerson, otherId: checkPerson }),
    );
    expect(parted.ok).toBe(true);
    const outcome = await correct(parts);
    expect(outcome.reports).toMatchObject([{ marked: 1, relied: 1 }]);
    expect(await marksOf(check.id)).toMatchObject([
      { kind: 'other-person', relied: true },
      { kind: 'corrected', relied: true },
    ]);
    await bench.database.transaction((session) =>
      mergePersons(session, { ...order, personId: reportPerson, otherId: checkPerson, grade: 'strong' }),
    );
  });
});

describe('a cancelled order', () => {
  const cancel = (record: string, placer: string, code: string) =>
    bench.take(
      orderMessage({ application: 'HIS', facility: 'JIANG2', record, sentAt: '20261120120000' }, [
        ['CA', placer, code],
      ]),
    );
  const fulfilled = (check: string) =>
    bench.rows<{ line: number; actor: string }>(
      "select line, actor from check_responses where check_public_id = $1 and kind = 'fulfilled'",
      [check],
    );

  test('confirms the recognition of the same order number and code, once', async () => {
    const { check, hospitalRecord, ordered } = await begin();
    await respond(check.id, 'recognise');
    expect((await cancel(hospitalRecord, ordered, 'K01')).outcome).toBe('accepted');
    expect((await cancel(hospitalRecord, ordered, 'K01')).outcome).toBe('accepted');
    expect(await fulfilled(check.id)).toEqual([{ line: 1, actor: 'sender:JIANG-2-HIS' }]);
  });

  test('of another code, or without a recognition, confirms nothing', async () => {
    const { check, hospitalRecord, ordered } = await begin();
    await cancel(hospitalRecord, ordered, 'K01');
    await respond(check.id, 'recognise');
    await cancel(hospitalRecord, ordered, 'ALT');
    expect(await fulfilled(check.id)).toEqual([]);
  });
});

describe('a patient known by a record number alone', () => {
  const outcomesOf = async (patient: object) => {
    const checked = await flows.check(
      SECOND_DOCTOR,
      orderCheckRequestShape.parse({
        patient,
        encounter: { class: '门诊', number: fresh('V') },
        items: [
          { line: 1, code: 'K01' },
          { line: 2, code: 'ALT' },
        ],
      }),
      TREATMENT,
    );
    if (!checked.ok) throw checked.reason;
    return checked.value;
  };

  test('is told of his own result, and that nothing else was checked: others may know him by a number', async () => {
    await bench.register({
      code: 'JIANG-2-LIS',
      facility: 'JIANG2',
      institution: 'JIANG-2' as InstitutionCode,
    });
    const record = fresh('NB');
    const report = {
      facility: 'JIANG2',
      record,
      lines: [['K01', 'NM', '4.3', 'mmol/L', '3.5-5.3']],
    } as const;
    await bench.take(reportMessage(report));
    const stated = { name: '周明轩', sex: 'male', birthDate: '1990-01-01' };
    const answer = await outcomesOf({ identifiers: [{ type: 'medical-record', number: record }], ...stated });
    expect(answer.lines.map(({ outcome }) => outcome)).toEqual(['own-institution', 'not-checked']);
    expect(answer.lines[1]?.notice?.zh).toBe('患者身份未能确认，本次未核查，不影响开单');
    expect(answer.title.zh).toContain('未核查');
    expect((await flows.replay(SECOND_DOCTOR, answer.id as PublicId, TREATMENT)).ok).toBe(true);

    // Once his hospital knows his number, whatever others have would be found.
    await bench.take(reportMessage({ ...report, nationalId: residentNumber(sequence++).number }));
    const later = await outcomesOf({ identifiers: [{ type: 'medical-record', number: record }], ...stated });
    expect(later.lines.map(({ outcome }) => outcome)).toEqual(['own-institution', 'nothing-found']);
  });
});
