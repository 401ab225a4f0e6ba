import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookupPerson } from '../../src/adapters/postgres/person-lookup.ts';
import { correctionFlows } from '../../src/apps/flows/corrections/corrections.ts';
import { ownDataFlows } from '../../src/apps/flows/own-data/own-data.ts';
import type { LaunchedActor, PatientActor } from '../../src/apps/server/flows-port.ts';
import { DAY_MS, instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import {
  type CorrectionAnswer,
  correctionOnBehalfShape,
  correctionRequestShape,
  correctionStepShape,
  deskQueryShape,
} from '../../src/web/wire/correction.ts';
import {
  codeOf,
  type CorrectionBench,
  correctionBench,
  desk,
  doctor,
  origin,
  staff,
  valueOf,
} from './correction-bench.ts';

const office = staff('JIANG-1', 'medical-affairs', 'desk-two');
const registrar = staff('JIANG-2', 'registrar', 'window');

let opened: CorrectionBench;
let bench: CorrectionBench['bench'];
let flows: CorrectionBench['flows'];
let corrections: CorrectionBench['corrections'];
let ownData: ReturnType<typeof ownDataFlows>;
beforeAll(async () => {
  opened = await correctionBench();
  ({ bench, flows, corrections } = opened);
  ownData = ownDataFlows({
    ...bench.dependencies,
    publicUrl: () => 'https://huren.example',
    share: { minutes: 15, openings: 1 },
  });
});
afterAll(() => bench.drop());

const eventsOf = async (ticket: string): Promise<number> =>
  (await bench.rows('select 1 from correction_events where correction_public_id = $1', [ticket])).length;

describe('a wrong value', () => {
  test('goes its whole course, and each step is told, seen and on record', async () => {
    const { report } = await opened.begin();
    const sent = await opened.submit({ report, ordinal: 1, kind: 'wrong-value', text: '与纸质报告不同' });
    expect(sent).toMatchObject({
      state: 'submitted',
      disputed: false,
      due: { what: 'accept', overdue: false },
    });
    expect(sent.steps).toEqual(['reply']);
    const accepted = await opened.taken(sent, { step: 'accept' });
    expect(accepted).toMatchObject({ state: 'accepted', due: { what: 'answer' } });
    const asked = await opened.taken(accepted, { step: 'ask', text: '纸质报告是哪一天的？' });
    // The reporter has two steps to see, and sees them by reading.
    const news = await corrections.countNews(doctor);
    expect(news).toBeGreaterThan(0);
    const own = valueOf(await corrections.own(doctor, origin)).corrections.find(({ id }) => id === sent.id);
    expect(own?.unseen).toBe(true);
    expect(await opened.read(sent.id)).toMatchObject({ unseen: true });
    expect(await opened.read(sent.id)).toMatchObject({ unseen: false });
    expect(await corrections.countNews(doctor)).toBe(news - 1);
    const unopened = await corrections.countNews(desk);
    await opened.caseOf(sent.id);
    const before = await corrections.countNews(desk);
    expect(before).toBe(unopened - 1);
    const replied = await opened.taken(asked, { step: 'reply', text: '十一月二十日' }, doctor);
    // What the reporter says is news to whoever sits at the desk, until somebody there opens the ticket.
    expect(await corrections.countNews(office)).toBe(before + 1);
    await opened.caseOf(sent.id);
    expect(await corrections.countNews(office)).toBe(before);
    const verifying = await opened.taken(replied, { step: 'investigate' });
    expect(await codeOf(opened.step(verifying, { step: 'refuse' }))).toBe('CORRECTION_REASON_UNKNOWN');
    expect(await codeOf(opened.step(verifying, { step: 'refuse', reason: 'other', text: '无' }))).toBe(
      'CORRECTION_WORDS_MISSING',
    );
    expect(await codeOf(opened.step(verifying, { step: 'correct', remedy: 'amended' }))).toBe(
      'CORRECTION_NOT_AMENDED',
    );
    expect(
      await codeOf(opened.step(verifying, { step: 'correct', remedy: 'otherwise', text: '口头更正' })),
    ).toBe('CORRECTION_REMEDY_UNFIT');
    const refused = await opened.taken(verifying, { step: 'refuse', reason: 'value-confirmed' });
    expect(refused).toMatchObject({ state: 'unfounded', due: null });
    expect(refused.history.at(-1)?.reason?.zh).toContain('结果无误');
    const heard = await opened.taken(refused, { step: 'follow-up' }, doctor);
    expect(heard).toMatchObject({ state: 'followed-up', steps: [] });
    expect(heard.history.map((each) => `${each.by} ${each.step}`)).toEqual([
      'reporter submit',
      'source accept',
      'source ask',
      'reporter reply',
      'source investigate',
      'source refuse',
      'reporter follow-up',
    ]);
    const audited = await bench.rows<{ action: string; actor: string }>(
      "select action, actor from audit_events where resource = $1 and outcome = 'recorded' order by event_id",
      [`correction/${sent.id}`],
    );
    expect(audited.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      'staff:gu correction.submit',
      'staff:desk-one correction.accept',
      'staff:desk-one correction.ask',
      'staff:gu correction.reply',
      'staff:desk-one correction.investigate',
      'staff:desk-one correction.refuse',
      'staff:gu correction.follow-up',
    ]);
  });

  test('is answered by the amended message, and the decisions are looked at again beside the old ones', async () => {
    const patient = await opened.begin();
    const relied = await patient.check();
    valueOf(await opened.recognise(relied.id));
    const sent = await opened.submit({
      report: patient.report,
      ordinal: 1,
      kind: 'wrong-value',
      text: '应为 6.4',
    });
    await opened.amend(patient);
    const closed = await opened.read(sent.id);
    expect(closed).toMatchObject({ state: 'corrected', currentVersion: 2, due: null });
    expect(closed.history.at(-1)).toMatchObject({ by: 'platform', remedy: 'amended', reportVersion: 2 });
    expect(await opened.caseOf(sent.id)).toMatchObject({
      decisions: [{ check: relied.id, doctor: 'gu', department: '内科', answer: 'recognise', review: null }],
    });
    await opened.workOff();
    await opened.workOff();
    const { decisions } = await opened.caseOf(sent.id);
    expect(decisions).toMatchObject([
      {
        check: relied.id,
        told: true,
        review: { reportVersion: 2, lines: [{ results: [{ itemZh: expect.any(String) }] }] },
      },
    ]);
    // A value of another number is worth as much: the verdict stands, the doctor is asked to look.
    expect(decisions[0]?.review?.lines[0]?.results[0]).toMatchObject({
      changed: false,
      valueBefore: '4.1 mmol/L',
      valueAfter: '6.4 mmol/L',
    });
    expect(await opened.marksOf(relied.id)).toEqual([{ kind: 'corrected', relied: true }]);
    const replayed = valueOf(await flows.replay(doctor, relied.id as PublicId, origin));
    expect(replayed.outcome).toBe('same');
    const own = valueOf(await corrections.reviews(doctor, relied.id as PublicId, origin));
    expect(own.reviews).toHaveLength(1);
    const elsewhere = { ...doctor, institution: 'JIANG-1' as InstitutionCode };
    expect(await codeOf(corrections.reviews(elsewhere, relied.id as PublicId, origin))).toBe(
      'ORDER_CHECK_UNKNOWN',
    );
  });

  test('is offered, not closed, by an amendment of something else', async () => {
    const patient = await opened.begin();
    const sent = await opened.submit({
      report: patient.report,
      ordinal: 2,
      kind: 'wrong-value',
      text: 'ALT 不对',
    });
    await opened.amend(patient);
    const offered = await opened.read(sent.id);
    expect(offered).toMatchObject({ state: 'submitted', offeredVersion: 2 });
    const corrected = await opened.taken(offered, {
      step: 'correct',
      remedy: 'amended',
      text: 'ALT 经复核无须改',
    });
    expect(corrected).toMatchObject({ state: 'corrected', offeredVersion: null });
  });
});

describe('a correction that nobody reported', () => {
  const reviewsOf = async (check: string) =>
    valueOf(await corrections.reviews(doctor, check as PublicId, origin)).reviews;

  test('is laid beside the decisions that weighed the report, once for a version, and is on the doctor’s list', async () => {
    const patient = await opened.begin();
    const relied = await patient.check();
    const other = await patient.check();
    valueOf(await opened.recognise(relied.id));
    await opened.amend(patient);
    const listed = async () =>
      valueOf(await flows.markedChecks(doctor, origin)).checks.find(({ id }) => id === relied.id);
    expect(await listed()).toMatchObject({ marks: [{ kind: 'corrected', relied: true }], reviewed: false });
    expect(await reviewsOf(relied.id)).toEqual([]);
    await opened.workOff();
    expect(await listed()).toMatchObject({ reviewed: true });
    for (const check of [relied.id, other.id])
      expect(await reviewsOf(check)).toMatchObject([
        {
          check,
          review: {
            reportVersion: 2,
            lines: [{ results: [{ valueBefore: '4.1 mmol/L', valueAfter: '6.4 mmol/L', changed: false }] }],
          },
        },
      ]);
    expect(valueOf(await flows.replay(doctor, relied.id as PublicId, origin)).outcome).toBe('same');

    await opened.amend(patient, { status: 'X', sentAt: '20261120110000+0800' });
    await opened.workOff();
    await opened.workOff();
    const [first, second, ...more] = await reviewsOf(relied.id);
    expect(more).toEqual([]);
    expect(first?.review).toMatchObject({ reportVersion: 2 });
    expect(second?.review?.lines[0]?.results[0]).toMatchObject({ valueAfter: null, changed: true });
  });

  test('leaves alone the decisions that did not weigh the report', async () => {
    const [patient, neighbour] = [await opened.begin(), await opened.begin()];
    const unaffected = await neighbour.check();
    await opened.amend(patient);
    await opened.workOff();
    expect(await reviewsOf(unaffected.id)).toEqual([]);
  });
});

describe('another person’s result', () => {
  test('is back in decisions when the source finds that it is the patient’s, and whoever was told is told so', async () => {
    const patient = await opened.begin();
    const relied = await patient.check();
    valueOf(await opened.recognise(relied.id));
    const sent = await opened.submit({ report: patient.report, kind: 'wrong-person', text: '不是他的' });
    expect(sent.disputed).toBe(true);
    const during = await patient.check();
    expect(during.lines[0]?.outcome).toBe('nothing-found');
    const accepted = await opened.taken(sent, { step: 'accept' });
    const refused = await opened.taken(accepted, { step: 'refuse', reason: 'identity-confirmed' });
    expect(refused).toMatchObject({ state: 'unfounded', disputed: false });
    const after = await patient.check();
    expect(after.lines[0]?.outcome).toBe('must-consider');
    expect((await opened.recognise(after.id)).ok).toBe(true);
    expect(await opened.marksOf(relied.id)).toEqual([
      { kind: 'disputed', relied: true },
      { kind: 'upheld', relied: true },
    ]);
    await opened.workOff();
    // What the check during the dispute would have offered stands beside what it did.
    const { decisions } = await opened.caseOf(sent.id);
    const review = decisions.find(({ check }) => check === during.id)?.review;
    expect(review?.lines[0]?.results[0]).toMatchObject({ changed: true });
    expect((await flows.replay(doctor, during.id as PublicId, origin)).ok).toBe(true);
  });

  test('is gone for good when the source takes the report back', async () => {
    const patient = await opened.begin();
    const relied = await patient.check();
    const sent = await opened.submit({ report: patient.report, kind: 'wrong-person', text: '不是他的' });
    await opened.amend(patient, { status: 'X' });
    expect(await opened.read(sent.id)).toMatchObject({ state: 'corrected', disputed: false });
    expect((await patient.check()).lines[0]?.outcome).toBe('nothing-found');
    await opened.workOff();
    const decision = (await opened.caseOf(sent.id)).decisions.find(({ check }) => check === relied.id);
    expect(decision?.review?.lines[0]?.results[0]).toMatchObject({
      changed: true,
      valueBefore: '4.1 mmol/L',
      valueAfter: null,
    });
  });

  test('is not given back by a message alone: somebody must say that it is the patient’s now', async () => {
    const patient = await opened.begin();
    const sent = await opened.submit({ report: patient.report, kind: 'wrong-person', text: '标本互换' });
    await opened.amend(patient);
    const offered = await opened.read(sent.id);
    expect(offered).toMatchObject({ state: 'submitted', disputed: true, offeredVersion: 2 });
    expect((await patient.check()).lines[0]?.outcome).toBe('nothing-found');
    const corrected = await opened.taken(offered, { step: 'correct', remedy: 'amended' });
    expect(corrected.disputed).toBe(false);
    expect((await patient.check()).lines[0]?.outcome).toBe('must-consider');
  });

  test('goes back to its own record when the two records are parted', async () => {
    const patient = await opened.begin();
    const relied = await patient.check();
    valueOf(await opened.recognise(relied.id));
    const sent = await opened.submit({ report: patient.report, kind: 'wrong-person', text: '同名同号错挂' });
    const atDesk = await opened.caseOf(sent.id);
    expect(atDesk.linkedRecords).toMatchObject([{ name: 'same', sex: 'same', nationalId: 'same' }]);
    expect(JSON.stringify(atDesk)).not.toContain('周明轩');
    expect(atDesk.remedies).toContain('parted');
    expect(await codeOf(opened.step(sent, { step: 'correct', remedy: 'parted' }))).toBe(
      'CORRECTION_RECORD_UNKNOWN',
    );
    const record = atDesk.linkedRecords[0]?.record;
    const parted = await opened.taken(sent, { step: 'correct', remedy: 'parted', record });
    expect(parted).toMatchObject({ state: 'corrected', disputed: false });
    expect((await patient.check()).lines[0]?.outcome).not.toBe('must-consider');
    expect(await opened.marksOf(relied.id)).toEqual([
      { kind: 'disputed', relied: true },
      { kind: 'other-person', relied: true },
    ]);
    await opened.workOff();
    const review = (await opened.caseOf(sent.id)).decisions.find(({ check }) => check === relied.id)?.review;
    expect(review?.lines[0]?.results[0]).toMatchObject({ after: null, changed: true });
  });

  test('stays out while a second ticket disputes it', async () => {
    const patient = await opened.begin();
    const [first, second] = [
      await opened.submit({ report: patient.report, kind: 'wrong-person', text: '一' }),
      await opened.submit({ report: patient.report, kind: 'wrong-person', text: '二' }),
    ];
    const end = async (ticket: CorrectionAnswer) =>
      opened.taken(await opened.taken(ticket, { step: 'accept' }), {
        step: 'refuse',
        reason: 'identity-confirmed',
      });
    await end(first);
    expect((await patient.check()).lines[0]?.outcome).toBe('nothing-found');
    await end(second);
    expect((await patient.check()).lines[0]?.outcome).toBe('must-consider');
  });
});

describe('a doctor', () => {
  test('follows here what was sent from inside the hospital’s own system, and nobody else’s', async () => {
    const { report } = await opened.begin();
    const sent = await opened.submit({ report, kind: 'quality', text: '溶血' });
    const launched: LaunchedActor = {
      kind: 'launched',
      name: `launched:his/${doctor.staffNumber}`,
      client: 'his',
      institution: 'JIANG-2' as InstitutionCode,
      staffNumber: doctor.staffNumber ?? '',
      department: null,
      check: sent.id as PublicId,
      frameOrigins: [],
    };
    expect(valueOf(await corrections.read(launched, sent.id as PublicId, origin)).id).toBe(sent.id);
    const own = valueOf(await corrections.own(launched, origin)).corrections.map(({ id }) => id);
    expect(own).toContain(sent.id);
    for (const other of [
      { ...launched, name: 'launched:his/2', staffNumber: '2' },
      { ...launched, name: 'launched:other/gu', institution: 'JIANG-1' as InstitutionCode },
    ]) {
      expect(await codeOf(corrections.read(other, sent.id as PublicId, origin))).toBe('CORRECTION_UNKNOWN');
      expect(valueOf(await corrections.own(other, origin)).corrections).toEqual([]);
    }
  });
});

describe('a desk', () => {
  test('of two people takes a step once: the second is told that it has moved on', async () => {
    const { report } = await opened.begin();
    const sent = await opened.submit({ report, kind: 'quality', text: '溶血' });
    const codes = await Promise.all([
      codeOf(opened.step(sent, { step: 'accept' }, desk)),
      codeOf(opened.step(sent, { step: 'accept' }, office)),
    ]);
    expect(new Set(codes)).toEqual(new Set(['CORRECTION_MOVED_ON', null]));
    expect(await eventsOf(sent.id)).toBe(2);
  });

  test('that sends the same form twice takes one step, and another step under its key is refused', async () => {
    const { report } = await opened.begin();
    const sent = await opened.submit({ report, kind: 'quality', text: '溶血' });
    const twice = await Promise.all([1, 2].map(() => opened.step(sent, { step: 'accept' }, desk, 'form-1')));
    expect(twice.map(({ ok }) => ok)).toEqual([true, true]);
    expect(await eventsOf(sent.id)).toBe(2);
    expect(await codeOf(opened.step(sent, { step: 'investigate' }, desk, 'form-1'))).toBe(
      'CORRECTION_KEY_REUSED',
    );
  });

  test('finds what waits by state, kind and time, and counts what is overdue', async () => {
    const { report } = await opened.begin();
    const sent = await opened.submit({ report, kind: 'image-missing' });
    const { clock } = bench.dependencies;
    const later = correctionFlows({ ...bench.dependencies, clock: () => instant(clock() + 30 * DAY_MS) });
    const list = async (query: object, over = corrections) =>
      valueOf(await over.desk(desk, deskQueryShape.parse(query), origin));
    const idsOf = ({ corrections: found }: { corrections: readonly { id: string }[] }) =>
      found.map(({ id }) => id);
    expect(idsOf(await list({ kind: 'image-missing' }))).toContain(sent.id);
    expect(idsOf(await list({ kind: 'wrong-unit' }))).not.toContain(sent.id);
    expect(idsOf(await list({ state: 'unfounded' }))).not.toContain(sent.id);
    expect((await list({ overdue: 'yes' })).corrections).toEqual([]);
    const overdue = await list({ overdue: 'yes' }, later);
    expect(idsOf(overdue)).toContain(sent.id);
    expect(overdue.counts.overdue).toBe(overdue.counts.open);
    expect(overdue.corrections[0]?.due?.overdue).toBe(true);
  });

  test('of another institution, and a doctor of the source, have no part in it', async () => {
    const { report } = await opened.begin();
    const sent = await opened.submit({ report, kind: 'quality', text: '溶血' });
    const stranger = staff('JIANG-2', 'institution-it', 'other-desk');
    expect(await codeOf(opened.step(sent, { step: 'accept' }, stranger))).toBe('CORRECTION_UNKNOWN');
    expect(await codeOf(corrections.openCase(stranger, sent.id as PublicId, origin))).toBe(
      'CORRECTION_UNKNOWN',
    );
    expect(
      await codeOf(corrections.read(staff('JIANG-1', 'doctor', 'li'), sent.id as PublicId, origin)),
    ).toBe('CORRECTION_UNKNOWN');
    // The reporter answers for nobody's report.
    expect(
      await codeOf(
        corrections.takeStep(
          doctor,
          'source',
          sent.id as PublicId,
          correctionStepShape.parse({ step: 'accept', seen: 1 }),
          null,
          origin,
        ),
      ),
    ).toBe('CORRECTION_UNKNOWN');
  });

  test('reports errors in its own institution’s reports, and opens nobody else’s', async () => {
    const { report } = await opened.begin();
    const request = correctionRequestShape.parse({ report, kind: 'wrong-unit' });
    expect((await corrections.submit(desk, request, null, origin)).ok).toBe(true);
    const stranger = staff('JIANG-2', 'institution-it', 'other-desk');
    expect(await codeOf(corrections.submit(stranger, request, null, origin))).toBe('REPORT_UNKNOWN');
  });
});

describe('a patient without a phone', () => {
  test('is helped at the window, by the paper in the hand; a report of somebody else is as unknown as none', async () => {
    const [patient, other] = [await opened.begin(), await opened.begin()];
    const request = {
      institution: 'JIANG-1',
      reportNumber: patient.reportNumber,
      nationalId: patient.nationalId,
      relation: 'guardian',
      kind: 'wrong-person',
    };
    const take = (over: object) =>
      corrections.submitOnBehalf(
        registrar,
        correctionOnBehalfShape.parse({ ...request, ...over }),
        null,
        origin,
      );
    const sent = valueOf(await take({}));
    expect(sent).toMatchObject({
      disputed: true,
      reportedBy: { onBehalf: 'guardian', doctor: 'window' },
    });
    for (const over of [
      { nationalId: other.nationalId },
      { reportNumber: 'nothing' },
      { institution: 'NOBODY' },
      { nationalId: '11010519491231002X' },
      { nationalId: '110105194912310021' },
    ])
      expect(await codeOf(take(over)), JSON.stringify(over)).toBe('CORRECTION_REPORT_NOT_FOUND');
    // Whoever sits at the window tomorrow can tell the patient what has become of it.
    const colleague = staff('JIANG-2', 'registrar', 'window-two');
    expect((await opened.read(sent.id, colleague)).id).toBe(sent.id);
    expect(
      await codeOf(corrections.read(staff('JIANG-1', 'registrar', 'w'), sent.id as PublicId, origin)),
    ).toBe('CORRECTION_UNKNOWN');
  });
});

describe('a patient', () => {
  const patientOf = async (nationalId: string): Promise<PatientActor> => {
    const found = await lookupPerson(bench.database, bench.dependencies.keys, {
      identifiers: [{ type: 'national-id', issuer: 'CN', number: nationalId }],
    });
    const person = found?.publicId as PublicId;
    return { kind: 'patient', name: `patient:${person}`, person };
  };

  test('reports an error in an own result, is asked, answers and hears of the outcome', async () => {
    const [mine, other] = [await opened.begin(), await opened.begin()];
    const patient = await patientOf(mine.nationalId);
    const { patients } = corrections;
    const request = (report: string) =>
      correctionRequestShape.parse({ report, ordinal: 1, kind: 'wrong-unit' });
    const sent = valueOf(await patients.submit(patient, request(mine.report), undefined, 'key-1', origin));
    const again = valueOf(await patients.submit(patient, request(mine.report), undefined, 'key-1', origin));
    expect(again.id).toBe(sent.id);
    expect(await codeOf(patients.submit(patient, request(other.report), undefined, null, origin))).toBe(
      'REPORT_UNKNOWN',
    );
    const [listed] = valueOf(await patients.list(patient, undefined, origin)).corrections;
    expect(listed).toMatchObject({ id: sent.id, unseen: false, reportedBy: { party: 'patient' } });
    const atDesk = (await opened.caseOf(sent.id)).correction;
    expect(atDesk.reportedBy).toEqual({
      party: 'patient',
      institutionZh: null,
      doctor: null,
      onBehalf: null,
    });
    const asked = await opened.taken(await opened.taken(sent, { step: 'accept' }), {
      step: 'ask',
      text: '请问报告上是什么单位？',
    });
    const told = valueOf(await patients.list(patient, undefined, origin)).corrections;
    expect(told[0]).toMatchObject({ unseen: true, steps: ['reply'] });
    const replied = valueOf(
      await patients.step(
        patient,
        sent.id as PublicId,
        correctionStepShape.parse({ step: 'reply', seen: asked.history.length, text: 'mg/dL' }),
        undefined,
        null,
        origin,
      ),
    );
    expect(replied.history.at(-1)).toMatchObject({ by: 'reporter', text: 'mg/dL' });
    await opened.amend(mine, {
      lines: [
        ['K', 'NM', '4.1', 'mEq/L', '3.5-5.3'],
        ['ALT', 'NM', '23', 'U/L', '9-50'],
      ],
    });
    const closed = valueOf(await patients.read(patient, sent.id as PublicId, undefined, origin));
    expect(closed).toMatchObject({ state: 'corrected', steps: ['follow-up'], unseen: true });
    const stranger = await patientOf(other.nationalId);
    expect(await codeOf(patients.read(stranger, sent.id as PublicId, undefined, origin))).toBe(
      'CORRECTION_UNKNOWN',
    );
    const logged = await bench.rows<{ basis: string }>(
      'select distinct basis from audit_events where actor = $1',
      [patient.name],
    );
    expect(logged).toEqual([{ basis: 'own-data' }]);
  });

  const toldOf = async (patient: PatientActor): Promise<string[]> => {
    const overview = valueOf(await ownData.notifications(patient, { person: undefined }, origin));
    return overview.notifications.map(({ text }) => text.zh).toReversed();
  };

  test('is told of every step that others take on the ticket, outside the ticket too, and of none of the own', async () => {
    const mine = await opened.begin();
    const patient = await patientOf(mine.nationalId);
    const request = correctionRequestShape.parse({ report: mine.report, ordinal: 1, kind: 'wrong-value' });
    const sent = valueOf(await corrections.patients.submit(patient, request, undefined, 'told', origin));
    expect(await toldOf(patient)).toEqual([]);
    const accepted = await opened.taken(sent, { step: 'accept' });
    const asked = await opened.taken(accepted, { step: 'ask', text: '王医生问：哪天？' });
    const reply = correctionStepShape.parse({ step: 'reply', seen: asked.history.length, text: '昨天' });
    valueOf(await corrections.patients.step(patient, sent.id as PublicId, reply, undefined, null, origin));
    await opened.amend(mine);
    const told = await toldOf(patient);
    expect(told.map((text) => text.replace(/^.*）：/, ''))).toEqual([
      '出报告的医院已受理。详情见“我的反馈”。',
      '医院有问题需要您答复。详情见“我的反馈”。',
      '已更正。详情见“我的反馈”。',
    ]);
    expect(told.every((text) => text.includes(sent.ticket))).toBe(true);
    // Whoever acts for the patient may read it too: neither what the hospital wrote nor which report it was stands there.
    expect(told.join()).not.toMatch(/王医生|肝功能|钾/);
  });

  test('is told when a result that a doctor recognised is corrected or withdrawn, and of no other correction', async () => {
    const [used, unused] = [await opened.begin(), await opened.begin()];
    valueOf(await opened.recognise((await used.check()).id));
    await unused.check();
    await opened.amend(used);
    await opened.amend(unused);
    expect(await toldOf(await patientOf(unused.nationalId))).toEqual([]);
    await opened.amend(used, { status: 'X', sentAt: '20261120110000+0800' });
    const told = await toldOf(await patientOf(used.nationalId));
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('认可过的检查检验结果已由出报告的医院更正');
    expect(told[1]).toContain('已由出报告的医院撤回');
    // The same message again tells nothing again.
    await opened.amend(used, { status: 'X', sentAt: '20261120110000+0800' });
    expect(await toldOf(await patientOf(used.nationalId))).toHaveLength(2);
  });
});
