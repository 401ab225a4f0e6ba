import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerReview } from '../../src/apps/flows/checks/answer-review.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import type { CheckFlows, StaffActor } from '../../src/apps/server/flows-port.ts';
import type { AnswerReview } from '../../src/apps/server/routes/answer-review.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import {
  type CheckResponseRequest,
  checkResponseRequestShape,
} from '../../src/web/wire/order-check-request.ts';
import { fresh, type IngestBench, ingestBench, orderMessage, reportMessage } from './ingest-fixtures.ts';
import { residentNumber } from './person-fixtures.ts';
import { askForPotassium } from './second-hospital.ts';

let bench: IngestBench;
let flows: CheckFlows;
let review: AnswerReview;

beforeAll(async () => {
  bench = await ingestBench();
  flows = checkFlows(bench.dependencies);
  review = answerReview(bench.dependencies);
  // The second hospital's own laboratory, which uses its own codes.
  await bench.register({
    code: 'JIANG-2-LIS',
    facility: 'JIANG2',
    institution: 'JIANG-2' as InstitutionCode,
  });
});
afterAll(() => bench.drop());

const staff = (
  role: 'doctor' | 'medical-affairs',
  staffNumber: string,
  institution = 'JIANG-2',
): StaffActor => ({
  kind: 'staff',
  name: `staff:${staffNumber}`,
  login: staffNumber,
  role,
  institution: institution as InstitutionCode,
  staffNumber,
  department: '内科',
  displayName: '顾清和',
});
const doctor = staff('doctor', '100118');
const office = staff('medical-affairs', '900001');
const origin = { requestId: 'test', peer: '127.0.0.1', purpose: 'treatment' } as const;
/** A doctor asks in order to treat, the office for the quality of the hospital's work. */
const originOf = ({ role }: StaffActor) =>
  role === 'doctor' ? origin : ({ ...origin, purpose: 'quality' } as const);

let sequence = 700;

/** A patient with potassium from the first hospital, recognised by a doctor of the second under an order number. */
const recognised = async (by: StaffActor = doctor) => {
  const nationalId = residentNumber(sequence++).number;
  const reported = reportMessage({ record: fresh('P'), nationalId });
  await bench.take(reported);
  const ordered = fresh('SQ');
  const record = fresh('H');
  const checked = await askForPotassium(flows, by, { record, nationalId, request: ordered });
  const { id } = checked;
  expect(checked.lines[0]?.outcome).toBe('must-consider');
  const answer = async (body: Partial<CheckResponseRequest>): Promise<void> => {
    const answered = await flows.respond(
      by,
      id as PublicId,
      checkResponseRequestShape.parse({ line: 1, ...body }),
      null,
      origin,
    );
    if (!answered.ok) throw answered.reason;
  };
  await answer({ kind: 'recognise' });
  return { check: id, ordered, record, nationalId, answer };
};

type Recognised = Awaited<ReturnType<typeof recognised>>;

/** What the second hospital's own laboratory reports of him afterwards. */
const reportHere = ({ record, nationalId }: Recognised, over: object = {}) =>
  bench.take(
    reportMessage({
      facility: 'JIANG2',
      record,
      nationalId,
      lines: [['K01', 'NM', '4.3', 'mmol/L', '3.5-5.3']],
      collectedAt: '20261120110000+0800',
      reportedAt: '20261120120000+0800',
      sentAt: '20261120120100+0800',
      ...over,
    }),
  );

const listed = async (name: 'executed' | 'waiting', check: string, actor: StaffActor = doctor) => {
  const answer = await review[name](actor, {}, originOf(actor));
  if (!answer.ok) throw answer.reason;
  return answer.value.recognitions.find((each) => each.check === check);
};

const evidence = async (check: string, actor: StaffActor = doctor): Promise<string | undefined> => {
  const answer = await review.executed(actor, {}, originOf(actor));
  if (!answer.ok) throw answer.reason;
  return answer.value.recognitions.find((each) => each.check === check)?.execution.evidence;
};

describe('recognised and yet executed', () => {
  test('waits for the ordering system first, and is listed once the item was collected anew', async () => {
    const story = await recognised();
    expect(await listed('waiting', story.check)).toMatchObject({
      code: 'K01',
      item: { code: 'LC-K' },
      orderNumber: story.ordered,
    });
    expect(await evidence(story.check)).toBeUndefined();
    await reportHere(story);
    expect(await evidence(story.check)).toBe('same-item');
    expect(await listed('waiting', story.check)).toBeUndefined();
  });

  test('is shown by a report under the order’s own number, whenever it was collected', async () => {
    const story = await recognised();
    await reportHere(story, { orderNumber: story.ordered, collectedAt: '20261120070000+0800' });
    expect(await evidence(story.check)).toBe('same-order');
  });

  test('is shown by the ordering system’s own word that the order is completed', async () => {
    const story = await recognised();
    await bench.take(
      orderMessage(
        {
          application: 'HIS',
          facility: 'JIANG2',
          record: story.record,
          nationalId: story.nationalId,
          sentAt: '20261120150000+0800',
        },
        [['SC', story.ordered, 'K01', 'CM']],
      ),
    );
    expect(await evidence(story.check)).toBe('order-status');
  });

  test('a status “cancelled” confirms the recognition as a cancellation does', async () => {
    const story = await recognised();
    await bench.take(
      orderMessage(
        {
          application: 'HIS',
          facility: 'JIANG2',
          record: story.record,
          nationalId: story.nationalId,
          sentAt: '20261120150000+0800',
        },
        [['SC', story.ordered, 'K01', 'CA']],
      ),
    );
    expect(await listed('waiting', story.check)).toBeUndefined();
    await reportHere(story);
    expect(await evidence(story.check)).toBeUndefined();
  });

  test('is not listed when undone, and not when a withdrawn report is all that shows it', async () => {
    const undone = await recognised();
    await undone.answer({ kind: 'undo' });
    await reportHere(undone);
    expect(await evidence(undone.check)).toBeUndefined();
    const withdrawn = await recognised();
    await reportHere(withdrawn, { status: 'X' });
    expect(await evidence(withdrawn.check)).toBeUndefined();
  });

  test('is for the doctor his own, for the medical affairs office its institution’s, for nobody else', async () => {
    const story = await recognised(staff('doctor', '100777'));
    await reportHere(story);
    expect(await evidence(story.check, staff('doctor', '100777'))).toBe('same-item');
    expect(await evidence(story.check, doctor)).toBeUndefined();
    expect(await evidence(story.check, office)).toBe('same-item');
    expect(await evidence(story.check, staff('medical-affairs', '900001', 'JIANG-1'))).toBeUndefined();
  });

  test('leaves an audit row for every patient on the list', async () => {
    const story = await recognised();
    const rows = () =>
      bench.rows<{ actor: string }>(
        `select a.actor from audit_events a join order_checks c on c.person_id = a.person_id
         where c.public_id = $1 and a.action = 'recognition.review' and a.resource = 'recognised-yet-executed'`,
        [story.check],
      );
    await evidence(story.check, office);
    expect(await rows()).toEqual([]);
    await reportHere(story);
    await evidence(story.check, office);
    expect(await rows()).toEqual([{ actor: office.name }]);
  });
});
