import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unmergePersons } from '../../src/adapters/postgres/person-links.ts';
import { publishLists, snapshotSource } from '../../src/adapters/postgres/lists.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import type { Actor, CheckFlows } from '../../src/apps/server/flows-port.ts';
import { Fault } from '../../src/kernel/fault.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { checkResponseRequestShape, orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { itemCode, listDocument } from '../example-region.ts';
import {
  admissionMessage,
  fresh,
  type IngestBench,
  ingestBench,
  ingestDocuments,
  type MessageParts,
  reportMessage,
} from './ingest-fixtures.ts';
import { residentNumber } from './person-fixtures.ts';

/** What somebody who wishes the region ill, or is only unlucky, might try against the whole of the main job. */

let bench: IngestBench;
let flows: CheckFlows;
beforeAll(async () => {
  bench = await ingestBench();
  await publishLists(
    bench.database,
    [
      listDocument('code-map', 'JIANG-1-MORE', {
        institution: 'JIANG-1' as InstitutionCode,
        entries: [
          { localCode: 'HIV', localNameZh: 'HIV抗体', item: itemCode('LI-HIV') },
          { localCode: 'GLUP', localNameZh: '葡萄糖', item: itemCode('LC-GLU'), unit: 'mmol/L' },
        ],
      }),
      listDocument('code-map', 'JIANG-2-MORE', {
        institution: 'JIANG-2' as InstitutionCode,
        entries: [{ localCode: 'GLU', localNameZh: '血糖', item: itemCode('LC-GLU') }],
      }),
    ],
    { by: 'test', at: bench.dependencies.clock(), reason: 'more local codes' },
  );
  flows = checkFlows(bench.dependencies);
});
afterAll(() => bench.drop());

const doctorOf = (institution: string): Actor => ({
  kind: 'staff',
  name: `staff:${institution}`,
  login: institution,
  role: 'doctor',
  institution: institution as InstitutionCode,
  staffNumber: '100118',
  department: '内科',
  displayName: '顾清和',
});
const doctor = doctorOf('JIANG-2');
const origin = { requestId: 'test', peer: '127.0.0.1' };

let sequence = 500;
const nextNationalId = (): string => residentNumber(sequence++).number;

const NAMED = { name: '周明轩', sex: 'male', birthDate: '1990-01-01' };

const check = async (patient: object, items: readonly string[] = ['K01'], over: object = {}) => {
  const asked = await flows.check(
    doctor,
    orderCheckRequestShape.parse({
      patient,
      encounter: { class: '门诊', number: fresh('V') },
      items: items.map((code, index) => ({ line: index + 1, code })),
      interventions: [],
      ...over,
    }),
    origin,
  );
  if (!asked.ok) throw asked.reason;
  return asked.value;
};

const byNationalId = (number: string, over: object = NAMED) => ({
  identifiers: [{ type: 'national-id', number }],
  ...over,
});

const respond = (id: string, body: object, key: string | null = null, by = doctor) =>
  flows.respond(by, id as PublicId, checkResponseRequestShape.parse(body), key, origin);

const codeOf = async (work: Promise<{ ok: boolean; reason?: unknown }>): Promise<string | null> => {
  try {
    const outcome = await work;
    return outcome.ok ? null : (outcome.reason as Fault).code;
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
};

/** A patient of the first hospital with one report. */
const reported = async (over: Partial<MessageParts> = {}) => {
  const parts = { record: fresh('P'), nationalId: nextNationalId(), reportNumber: fresh('R'), ...over };
  const taken = await bench.take(reportMessage(parts));
  expect(taken.outcome).toBe('accepted');
  return { ...parts, report: taken.reports?.[0]?.report as string };
};

const POTASSIUM = (value: string): MessageParts['lines'] => [['K', 'NM', value, 'mmol/L', '3.5-5.3']];

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

describe('what changes between two moments, or comes at once', () => {
  test('a record with results of its own beside the ID number of somebody else is not checked', async () => {
    const other = await reported();
    const record = fresh('P');
    await reported({ record, nationalId: '', lines: POTASSIUM('5.5') });
    const asked = await flows.check(
      doctorOf('JIANG-1'),
      orderCheckRequestShape.parse({
        patient: {
          identifiers: [
            { type: 'medical-record', number: record },
            { type: 'national-id', number: other.nationalId },
          ],
        },
        encounter: { class: '门诊', number: fresh('V') },
        items: [{ line: 1, code: 'K' }],
      }),
      origin,
    );
    expect(asked.ok && asked.value.status).toBe('not-checked');
  });

  test('eight checks at once of a patient nobody knew leave one person who can be checked', async () => {
    const nationalId = nextNationalId();
    const answers = await Promise.all(Array.from({ length: 8 }, () => check(byNationalId(nationalId))));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill('checked'));
    const later = await check(byNationalId(nationalId));
    expect(later.status).toBe('checked');
    await reported({ nationalId });
    expect((await check(byNationalId(nationalId))).lines[0]?.outcome).toBe('must-consider');
  });

  test('the same report number at two institutions is two reports', async () => {
    await bench.register({
      code: 'JIANG-2-LIS',
      application: 'LIS',
      facility: 'JIANG2',
      institution: 'JIANG-2' as InstitutionCode,
    });
    const reportNumber = fresh('R');
    const first = await reported({ reportNumber, lines: POTASSIUM('4.1') });
    const second = await reported({
      reportNumber,
      facility: 'JIANG2',
      lines: [['K01', 'NM', '9.9', 'mmol/L']],
    });
    expect(second.report).not.toBe(first.report);
    expect((await check(byNationalId(first.nationalId))).lines[0]?.candidates[0]?.value?.text).toBe('4.1');
  });

  test('a report corrected to another item no longer gives the first one', async () => {
    const { report: _, ...parts } = await reported({ lines: POTASSIUM('4.1') });
    await reported({
      ...parts,
      status: 'C',
      sentAt: '20261120100000+0800',
      reportedAt: '20261120095900+0800',
      lines: [['AST', 'NM', '30', 'U/L', '9-50']],
    });
    const answer = await check(byNationalId(parts.nationalId));
    expect(answer.lines[0]?.outcome).toBe('nothing-found');
  });

  test('a report corrected to a unit that the item cannot take is no longer to be recognised', async () => {
    const { report: _, ...parts } = await reported({ lines: POTASSIUM('4.1') });
    await reported({
      ...parts,
      status: 'C',
      sentAt: '20261120100000+0800',
      reportedAt: '20261120095900+0800',
      lines: [['K', 'NM', '4.1', 'U/L', '3.5-5.3']],
    });
    const answer = await check(byNationalId(parts.nationalId));
    expect(answer.lines[0]?.outcome).toBe('view-only');
  });

  test('lone surrogates and odd signs in names replay to the same bytes', async () => {
    const { nationalId } = await reported();
    const answer = await check(byNationalId(nationalId), [], {
      items: [{ line: 1, code: 'K01', name: '钾\ud800%_\u2028' }],
      encounter: { class: '门诊', number: 'V\udfff%' },
      diagnoses: [{ code: 'E87.6\ud83d' }],
    });
    expect(answer.lines[0]?.outcome).toBe('must-consider');
    const replayed = await flows.replay(doctor, answer.id as PublicId, origin);
    expect(replayed.ok && replayed.value.outcome).toBe('same');
  });

  test('an own result dated in the future does not silence the one from elsewhere', async () => {
    const { nationalId } = await reported({ lines: POTASSIUM('4.1') });
    await reported({
      nationalId,
      facility: 'JIANG2',
      collectedAt: '20290101080000+0800',
      reportedAt: '20290101090000+0800',
      lines: [['K01', 'NM', '9.9', 'mmol/L']],
    });
    const answer = await check(byNationalId(nationalId));
    expect(answer.lines[0]?.outcome).toBe('must-consider');
  });

  test('a code map that is corrected takes the results read by the wrong one out of the wrong item', async () => {
    const map = (version: string, item: string, from: string) =>
      listDocument(
        'code-map',
        'JIANG-1-WRONG',
        {
          institution: 'JIANG-1' as InstitutionCode,
          entries: [{ localCode: 'X9', localNameZh: 'X9', item: itemCode(item) }],
        },
        { version, effectiveFrom: from },
      );
    const publish = (document: ReturnType<typeof map>) =>
      publishLists(bench.database, [document], { by: 'test', at: bench.dependencies.clock(), reason: 'x' });
    await publish(map('1', 'LC-K', '2026-01-01'));
    const { nationalId } = await reported({ lines: [['X9', 'NM', '4.1', 'mmol/L']] });
    expect((await check(byNationalId(nationalId))).lines[0]?.outcome).toBe('must-consider');
    await publish(map('2', 'LC-GLU', '2026-02-01'));
    expect((await check(byNationalId(nationalId))).lines[0]?.outcome).not.toBe('must-consider');
  });

  test('a recognition of a person who was parted since is refused', async () => {
    const { nationalId } = await reported({ lines: POTASSIUM('4.1') });
    const record = fresh('H');
    await bench.take(admissionMessage({ application: 'HIS', facility: 'JIANG2', record, nationalId }));
    const answer = await check({ identifiers: [{ type: 'medical-record', number: record }], ...NAMED });
    expect(answer.lines[0]?.outcome).toBe('must-consider');
    const keys = await bench.rows<{ person_id: string }>(
      `select person_id from reports where public_id = $1 union all select person_id from order_checks where public_id = $2`,
      [answer.lines[0]?.candidates[0]?.report ?? '', answer.id],
    );
    const [one, two] = keys.map(({ person_id }) => person_id) as [string, string];
    await bench.database.transaction((session) =>
      unmergePersons(session, {
        cause: 'staff',
        actor: 'test',
        reason: 'test',
        at: bench.dependencies.clock(),
        personId: one,
        otherId: two,
      }),
    );
    expect(await codeOf(respond(answer.id, { line: 1, kind: 'recognise' }))).toBe('RESULT_CHANGED_SINCE');
    const read = await flows.read(doctor, answer.id as PublicId, origin);
    expect(JSON.stringify(read)).not.toContain('"4.1"');
    const again = await check({ identifiers: [{ type: 'medical-record', number: record }], ...NAMED });
    expect(again.lines[0]?.candidates).toEqual([]);
  });
});

describe('between two checks', () => {
  test('lists published between two checks rule the second at once, also on another process', async () => {
    const { nationalId } = await reported({ lines: POTASSIUM('4.1') });
    const other = checkFlows({
      ...bench.dependencies,
      snapshots: snapshotSource(bench.database),
    });
    const ask = () =>
      other.check(
        doctor,
        orderCheckRequestShape.parse({
          patient: byNationalId(nationalId),
          encounter: { class: '门诊', number: fresh('V') },
          items: [{ line: 1, code: 'K01' }],
          interventions: [],
        }),
        origin,
      );
    const before = await ask();
    expect(before.ok && before.value.lines[0]?.outcome).toBe('must-consider');
    const list = ingestDocuments().find(({ kind, code }) => kind === 'grants' && code === 'JIANG-1');
    await publishLists(
      bench.database,
      [
        {
          ...list,
          version: '2026-b',
          effectiveFrom: '2026-01-02',
          content: { institution: 'JIANG-1', grants: [] },
        } as never,
      ],
      { by: 'test', at: bench.dependencies.clock(), reason: 'revoked' },
    );
    const after = await ask();
    expect(after.ok && after.value.lines[0]?.outcome).toBe('may-consider');
    const replayed = await other.replay(doctor, (before.ok ? before.value.id : '') as PublicId, origin);
    expect(replayed.ok && replayed.value.outcome).toBe('same');
    await publishLists(
      bench.database,
      [{ ...list, version: '2026-c', effectiveFrom: '2026-01-03' } as never],
      { by: 'test', at: bench.dependencies.clock(), reason: 'granted' },
    );
  });

  test('the same encounter number of another kind of encounter is another encounter', async () => {
    const { nationalId } = await reported({ lines: POTASSIUM('4.1') });
    const number = fresh('V');
    const first = await check(byNationalId(nationalId), ['K01'], { encounter: { class: '门诊', number } });
    await respond(first.id, { line: 1, kind: 'recognise' });
    const second = await check(byNationalId(nationalId), ['K01'], { encounter: { class: '住院', number } });
    expect(second.interrupt).toBe(true);
  });

  test('a recognition whose result was withdrawn does not keep the doctor from being asked about the next', async () => {
    const { report: _, ...parts } = await reported({ lines: POTASSIUM('4.1') });
    const number = fresh('V');
    const encounter = { encounter: { class: '门诊', number } };
    const first = await check(byNationalId(parts.nationalId), ['K01'], encounter);
    await respond(first.id, { line: 1, kind: 'recognise' });
    await bench.take(
      reportMessage({
        ...parts,
        status: 'X',
        sentAt: '20261120100000+0800',
        reportedAt: '20261120095900+0800',
      }),
    );
    await reported({
      record: parts.record,
      nationalId: parts.nationalId,
      lines: POTASSIUM('4.6'),
    });
    const second = await check(byNationalId(parts.nationalId), ['K01'], encounter);
    expect(second.lines[0]?.candidates[0]?.value?.text).toBe('4.6');
    expect(second.interrupt).toBe(true);
  });

  test('an ADT that joins two people between two checks gives the second what the first could not know', async () => {
    const { record } = await reported({ nationalId: '', lines: POTASSIUM('4.1'), name: '无名氏甲' });
    const nationalId = nextNationalId();
    await bench.take(admissionMessage({ record: fresh('P'), nationalId }));
    const before = await check(byNationalId(nationalId));
    expect(before.lines[0]?.candidates).toEqual([]);
    const survivor = fresh('P');
    await bench.take(admissionMessage({ record: survivor, nationalId }));
    const merged = await bench.take(
      admissionMessage({ type: 'ADT^A40', record: survivor, nationalId }, record),
    );
    expect(merged.outcome).toBe('accepted');
    const after = await check(byNationalId(nationalId));
    expect(after.lines[0]?.outcome).toBe('must-consider');
    const replayed = await flows.replay(doctor, before.id as PublicId, origin);
    expect(replayed.ok && replayed.value.outcome).toBe('same');
  });

  test('a page left open until the window has passed does not recognise by the old verdict', async () => {
    const { nationalId } = await reported({ lines: POTASSIUM('4.1') });
    const { id, lines } = await check(byNationalId(nationalId));
    const until = Date.parse(lines[0]?.candidates[0]?.until ?? '');
    const late = checkFlows({ ...bench.dependencies, clock: () => (until + 1) as never });
    const code = await codeOf(
      late.respond(
        doctor,
        id as PublicId,
        checkResponseRequestShape.parse({ line: 1, kind: 'recognise' }),
        null,
        origin,
      ),
    );
    expect(code).not.toBeNull();
  });

  test('a search leaves a trace with everybody whom it showed', async () => {
    const { nationalId } = await reported();
    const found = await flows.searchPersons(doctor, { by: 'national-id', text: nationalId }, origin);
    const person = found.ok ? (found.value.persons[0]?.person ?? '') : '';
    const rows = await bench.rows<{ n: number }>(
      `select count(*)::integer as n from audit_events a join persons p on p.person_id = a.person_id
       where p.public_id = $1 and a.action = 'person.search'`,
      [person],
    );
    expect(rows[0]?.n).toBe(1);
  });

  test('a name with sql signs finds nobody else', async () => {
    const found = await flows.searchPersons(doctor, { by: 'name', text: '周%' }, origin);
    expect(found.ok && found.value.persons).toEqual([]);
  });

  test('a passport without the country that issued it is not "nothing found"', async () => {
    const shape = orderCheckRequestShape.safeParse({
      patient: { identifiers: [{ type: 'passport', number: 'E12345678' }], ...NAMED },
      encounter: { class: '门诊' },
      items: [{ line: 1, code: 'K01' }],
    });
    expect(shape.success).toBe(false);
  });
});
