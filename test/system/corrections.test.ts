import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { correctionFlows } from '../../src/apps/flows/corrections/corrections.ts';
import type { Actor } from '../../src/apps/server/flows-port.ts';
import type { CorrectionFlows } from '../../src/apps/server/routes/corrections.ts';
import { Fault } from '../../src/kernel/fault.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { correctionRequestShape, deskQueryShape } from '../../src/web/wire/correction.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { checkResponseRequestShape } from '../../src/web/wire/order-check-request.ts';
import { doctorOf, memberOf, type RegionBench, regionBench } from './region-bench.ts';

const LISTED = statement(
  'test.listed-marks',
  "select actor, outcome from audit_events where action = 'order-check.list-marked'",
);

let bench: RegionBench;
let corrections: CorrectionFlows;

beforeAll(async () => {
  bench = await regionBench();
  corrections = correctionFlows(bench.dependencies);
});

afterAll(() => bench.drop());

const orderAgain = (key: string) => bench.check(bench.orderOf(memberOf(bench, key)));

const submit = (body: object, key: string | null = null, actor: Actor = bench.doctor) =>
  corrections.submit(actor, correctionRequestShape.parse(body), key, bench.origin);

const recognise = (check: string, line: number) =>
  bench.flows.respond(
    bench.doctor,
    check as PublicId,
    checkResponseRequestShape.parse({ line, kind: 'recognise' }),
    null,
    bench.origin,
  );

const codeOf = async (work: Promise<{ ok: boolean; reason?: unknown }>): Promise<string | null> => {
  try {
    const outcome = await work;
    return outcome.ok ? null : (outcome.reason as Fault).code;
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
};

const reportsOf = (answer: OrderCheckAnswer): string[] =>
  answer.lines.flatMap(({ candidates }) => candidates.map(({ report }) => report));

const staffOfSource = (institution: string, role: 'institution-it' | 'doctor'): Actor => ({
  ...(doctorOf(institution) as Extract<Actor, { kind: 'staff' }>),
  name: `staff:${role}-of-source`,
  role,
});

describe('a result that is reported as another person’s', () => {
  let relied: OrderCheckAnswer;
  let open: OrderCheckAnswer;
  let report: string;
  let source: string;
  let sent: Awaited<ReturnType<typeof submit>>;

  beforeAll(async () => {
    relied = await orderAgain('child');
    await recognise(relied.id, 2);
    open = await orderAgain('child');
    const [chest] = open.lines[1]?.candidates ?? [];
    report = chest?.report as string;
    source = chest?.institution.code as string;
    sent = await submit({ report, kind: 'wrong-person', text: '片上姓名不是本患儿' });
  });

  it('is a ticket that begins as submitted and is in dispute', () => {
    expect(sent.ok && sent.value).toMatchObject({ state: 'submitted', disputed: true, kind: 'wrong-person' });
  });

  it('is offered by no order check from then on, and the explanation says why', async () => {
    const next = await orderAgain('child');
    expect(next.status).toBe('checked');
    expect(reportsOf(next)).not.toContain(report);
    expect(next.lines[1]?.outcome).toBe('nothing-found');
    const explained = await bench.flows.explain(bench.doctor, next.id as PublicId, bench.origin);
    const candidate =
      explained.ok &&
      explained.value.lines[1]?.candidates.find((each: { report: string }) => each.report === report);
    expect(candidate && candidate.grade).toBe('excluded');
    expect(candidate && candidate.checks[0]).toMatchObject({
      check: 'identity-established',
      outcome: 'fail',
      finding: 'identity-disputed',
    });
  });

  it('replays byte for byte: decisions from before with it, decisions from after without', async () => {
    const next = await orderAgain('child');
    for (const { id } of [relied, open, next]) {
      const replayed = await bench.flows.replay(bench.doctor, id as PublicId, bench.origin);
      expect(replayed.ok && replayed.value.outcome).toBe('same');
    }
  });

  it('marks every decision that weighed it, and tells the doctor who relied on it', async () => {
    const read = async (id: string) => {
      const check = await bench.flows.read(bench.doctor, id as PublicId, bench.origin);
      return check.ok ? check.value.marks : [];
    };
    expect(await read(relied.id)).toMatchObject([{ report, kind: 'disputed', relied: true }]);
    expect(await read(open.id)).toMatchObject([{ report, kind: 'disputed', relied: false }]);
    const listings = () => bench.opened.database.run(LISTED);
    expect(await listings()).toEqual([]);
    const marked = await bench.flows.markedChecks(bench.doctor, bench.origin);
    // Whose decisions they are was told, so it is on record.
    expect(await listings()).toMatchObject([{ actor: bench.doctor.name, outcome: 'disclosed' }]);
    expect(marked.ok && marked.value.checks.map(({ id }: { id: string }) => id)).toContain(relied.id);
  });

  it('can no longer be recognised on a check that had offered it', async () => {
    expect(await codeOf(recognise(open.id, 2))).toBe('RESULT_CHANGED_SINCE');
  });

  it('stays readable, and says that it is being looked into', async () => {
    const read = await bench.flows.report(bench.doctor, report as PublicId, bench.origin);
    expect(read.ok && read.value.disputed).toBe(true);
  });

  it('waits at the desk of the institution that issued it, and at nobody else’s', async () => {
    const there = await corrections.desk(
      staffOfSource(source, 'institution-it'),
      deskQueryShape.parse({}),
      bench.origin,
    );
    expect(there.ok && there.value.corrections.map((each) => each.report)).toContain(report);
    const elsewhere = await corrections.desk(
      staffOfSource('YX-COUNTY', 'institution-it'),
      deskQueryShape.parse({}),
      bench.origin,
    );
    expect(elsewhere.ok && elsewhere.value.corrections.map((each) => each.report)).not.toContain(report);
  });
});

describe('a ticket', () => {
  let report: string;
  let ordinal: number;

  beforeAll(async () => {
    const answer = await orderAgain('potassium-five');
    const [first] = answer.lines.flatMap(({ candidates }) => candidates);
    report = first?.report as string;
    ordinal = first?.ordinal as number;
  });

  it('about a wrong value leaves the value in decisions: only its source can say what is right', async () => {
    const sent = await submit({ report, ordinal, kind: 'wrong-value', text: '与纸质报告不同' });
    expect(sent.ok && sent.value.disputed).toBe(false);
    expect(sent.ok && sent.value.ticket).toMatch(/^JC\d{8}-[0-9A-F]{10}$/);
    expect(reportsOf(await orderAgain('potassium-five'))).toContain(report);
  });

  it('is one ticket however often the same form is sent', async () => {
    const twice = await Promise.all(
      [1, 2].map(() => submit({ report, kind: 'quality', text: '溶血' }, 'form-1')),
    );
    const ids = twice.map((each) => each.ok && each.value.id);
    expect(ids[0]).toBe(ids[1]);
    const own = await corrections.own(bench.doctor, bench.origin);
    expect(own.ok && own.value.corrections.filter(({ id }) => id === ids[0])).toHaveLength(1);
  });

  it('keeps its photo encrypted and gives it back to the reporter and to the source alone', async () => {
    const photo = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
    const sent = await submit({ report, kind: 'other', text: '见照片', photo });
    const id = sent.ok ? (sent.value.id as PublicId) : ('' as PublicId);
    const given = await corrections.photo(bench.doctor, id, bench.origin);
    expect(given.ok && given.value.mediaType).toBe('image/png');
    expect(given.ok && Buffer.from(given.value.bytes).equals(Buffer.from(photo))).toBe(true);
    const stranger = { ...doctorOf('WX-MCH'), name: 'staff:stranger' } as Actor;
    expect(await codeOf(corrections.photo(stranger, id, bench.origin))).toBe('CORRECTION_UNKNOWN');
    expect(await codeOf(corrections.read(stranger, id, bench.origin))).toBe('CORRECTION_UNKNOWN');
  });

  it('is refused for a picture nobody can open, a value that is not there, and no words at all', async () => {
    const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic', 'latin1'), Buffer.alloc(16)]);
    expect(await codeOf(submit({ report, kind: 'quality', photo: new Uint8Array(heic) }))).toBe('PHOTO_HEIC');
    expect(await codeOf(submit({ report, ordinal: 999, kind: 'quality' }))).toBe('CORRECTION_VALUE_UNKNOWN');
    expect(await codeOf(submit({ report, kind: 'other' }))).toBe('CORRECTION_TEXT_MISSING');
    const nowhere = '01930000-0000-7000-8000-00000000dead';
    expect(await codeOf(submit({ report: nowhere, kind: 'quality' }))).toBe('REPORT_UNKNOWN');
  });

  it('leaves an audit row when it is sent and each time it is seen', async () => {
    const sent = await submit({ report, kind: 'wrong-unit' });
    const id = sent.ok ? sent.value.id : '';
    await corrections.read(bench.doctor, id as PublicId, bench.origin);
    const rows = await bench.opened.database.run<{ action: string }>(
      statement(
        'test.correction-audit',
        'select action from audit_events where resource = $1 order by event_id',
      ),
      [`correction/${id}`],
    );
    expect(rows.map(({ action }) => action)).toEqual(['correction.submit', 'correction.read']);
  });
});
