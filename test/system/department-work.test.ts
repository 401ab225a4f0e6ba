import { afterAll, beforeAll, expect, test } from 'vitest';
import { departmentWork } from '../../src/apps/flows/checks/department-work.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import type { CheckFlows, StaffActor } from '../../src/apps/server/flows-port.ts';
import type { DepartmentWork } from '../../src/apps/server/routes/department-work.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { DepartmentWorkAnswer } from '../../src/web/wire/department-work.ts';
import {
  type CheckResponseRequest,
  checkResponseRequestShape,
} from '../../src/web/wire/order-check-request.ts';
import { fresh, type IngestBench, ingestBench, reportMessage } from './ingest-fixtures.ts';
import { residentNumber } from './person-fixtures.ts';
import { askForPotassium, SECOND_DOCTOR, TREATMENT } from './second-hospital.ts';

const doctorOf = (department: string, staffNumber: string, institution = 'JIANG-2'): StaffActor => ({
  ...SECOND_DOCTOR,
  institution: institution as InstitutionCode,
  name: `staff:${staffNumber}`,
  login: staffNumber,
  staffNumber,
  department,
});
const internist = doctorOf('内科', '100118');
const surgeon = doctorOf('外科', '100777');
const elsewhere = doctorOf('急诊科', '200001', 'JIANG-1');
const officeOf = (institution: string): StaffActor => ({
  ...doctorOf('医务处', '900001', institution),
  role: 'medical-affairs',
});

let bench: IngestBench;
let flows: CheckFlows;
let work: DepartmentWork;
let sequence = 840;
/** The checks of the internist, as they were made. */
const checks: string[] = [];
const numbers: string[] = [];

/** The first hospital reports potassium of somebody; a doctor orders it again and answers so, or not at all. */
const order = async (by: StaffActor, ...answers: readonly Partial<CheckResponseRequest>[]) => {
  const nationalId = residentNumber(sequence++).number;
  await bench.take(reportMessage({ record: fresh('P'), nationalId }));
  const record = fresh('H');
  const request = fresh('SQ');
  const { id } = await askForPotassium(flows, by, { record, nationalId, request });
  for (const answer of answers) {
    const answered = await flows.respond(
      by,
      id as PublicId,
      checkResponseRequestShape.parse({ line: 1, ...answer }),
      null,
      TREATMENT,
    );
    if (!answered.ok) throw answered.reason;
  }
  if (by === internist) checks.push(id);
  numbers.push(nationalId, record, request);
  return { nationalId, record, request };
};

const asked = async (query: object = {}, institution = 'JIANG-2'): Promise<DepartmentWorkAnswer> => {
  const answer = await work(officeOf(institution), query, { ...TREATMENT, purpose: 'quality' });
  if (!answer.ok) throw answer.reason;
  return answer.value;
};

beforeAll(async () => {
  bench = await ingestBench();
  flows = checkFlows(bench.dependencies);
  work = departmentWork(bench.dependencies);
  await bench.register({
    code: 'JIANG-2-LIS',
    facility: 'JIANG2',
    institution: 'JIANG-2' as InstitutionCode,
  });
  const executed = await order(internist, { kind: 'recognise' });
  await bench.take(
    reportMessage({
      facility: 'JIANG2',
      record: executed.record,
      nationalId: executed.nationalId,
      orderNumber: executed.request,
      lines: [['K01', 'NM', '4.3', 'mmol/L', '3.5-5.3']],
      collectedAt: '20261120110000+0800',
      reportedAt: '20261120120000+0800',
      sentAt: '20261120120100+0800',
    }),
  );
  await order(internist, { kind: 're-examine', reason: 'N1' });
  await order(internist, { kind: 're-examine', reason: 'N6', text: '患者及家属要求重新检查一次' });
  await order(surgeon);
  await order(surgeon, { kind: 'recognise' }, { kind: 'undo' });
  await order(elsewhere);
});
afterAll(() => bench.drop());

test('counts the own institution by department and doctor, and nothing of another', async () => {
  const { rows, isTruncated, decisions } = await asked();
  expect(rows).toEqual([
    {
      department: '内科',
      doctor: '100118',
      checks: 3,
      recognisable: 3,
      recognised: 1,
      repeats: 2,
      avoidable: 1,
      reasons: [
        { reason: 'N1', avoidable: false, items: 1 },
        { reason: 'N6', avoidable: true, items: 1 },
      ],
      recognisedYetExecuted: 1,
      unanswered: 0,
    },
    {
      department: '外科',
      doctor: '100777',
      checks: 2,
      recognisable: 2,
      recognised: 0,
      repeats: 0,
      avoidable: 0,
      reasons: [],
      recognisedYetExecuted: 0,
      unanswered: 2,
    },
  ]);
  expect(isTruncated).toBe(false);
  expect(decisions).toEqual([]);
  expect((await asked({}, 'JIANG-1')).rows.map(({ department, checks: made }) => [department, made])).toEqual(
    [['急诊科', 1]],
  );
});

test('lists one doctor’s decisions without anything that names a patient, and leaves a row in the log of each', async () => {
  const logged = () =>
    bench.rows<{ purpose: string }>(
      "select purpose from audit_events where action = 'recognition.review' and resource = 'department-work'",
    );
  const before = await logged();
  const answer = await asked({ doctor: '100118' });
  expect(answer.rows.map(({ doctor }) => doctor)).toEqual(['100118']);
  expect(answer.decisions.map(({ check }) => check)).toEqual(checks.toReversed());
  expect(answer.decisions.map(({ answers }) => answers.map(({ kind, reason }) => [kind, reason]))).toEqual([
    [['re-examine', 'N6']],
    [['re-examine', 'N1']],
    [['recognise', null]],
  ]);
  expect(answer.decisions[0]).toMatchObject({
    ordered: ['K01'],
    found: [{ code: 'LC-K', grade: 'must-consider' }],
  });
  const text = JSON.stringify(answer);
  for (const secret of [...numbers, '周明轩', '患者及家属要求']) expect(text).not.toContain(secret);
  expect((await logged()).slice(before.length)).toEqual(checks.map(() => ({ purpose: 'quality' })));
});

test('answers for a department or doctor of another institution as for one that is not there', async () => {
  const unknown = JSON.stringify(await asked({ department: '没有的科室', doctor: '999999' }));
  expect(JSON.stringify(await asked({ department: '急诊科' }))).toBe(unknown);
  expect(JSON.stringify(await asked({ doctor: '200001' }))).toBe(unknown);
  expect(JSON.parse(unknown)).toMatchObject({ rows: [], decisions: [], isTruncated: false });
  expect((await asked({ department: '外科' })).rows.map(({ department }) => department)).toEqual(['外科']);
});

test('counts the days asked for, at most a month', async () => {
  const { from, to } = await asked();
  expect((await asked({ from: to, to })).rows).toHaveLength(2);
  expect((await asked({ from, to: from })).rows).toEqual([]);
  for (const wrong of [
    { from: '2026-10-01', to: '2026-11-01' },
    { from: '2026-11-02', to: '2026-11-01' },
  ])
    expect(await work(officeOf('JIANG-2'), wrong, TREATMENT)).toMatchObject({
      ok: false,
      reason: { code: 'WORK_PERIOD_REFUSED' },
    });
});
