import { describe, expect, test } from 'vitest';
import { unmergePersons } from '../../src/adapters/postgres/person-links.ts';
import { publishLists, snapshotSource } from '../../src/adapters/postgres/lists.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { checkResponseRequestShape, orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { itemCode, listDocument } from '../example-region.ts';
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
import { admissionMessage, fresh, ingestDocuments, reportMessage } from './ingest-fixtures.ts';

withAttackedRegion();

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

  test('a recognition given before the persons were parted is marked as of another person', async () => {
    const { nationalId, report } = await reported({ lines: POTASSIUM('4.1') });
    const record = fresh('H');
    await bench.take(admissionMessage({ application: 'HIS', facility: 'JIANG2', record, nationalId }));
    const answer = await check({ identifiers: [{ type: 'medical-record', number: record }], ...NAMED });
    expect(await codeOf(respond(answer.id, { line: 1, kind: 'recognise' }))).toBeNull();
    const keys = await bench.rows<{ person_id: string }>(
      'select person_id from reports where public_id = $1 union all select person_id from order_checks where public_id = $2',
      [report, answer.id],
    );
    const [personId, otherId] = keys.map(({ person_id }) => person_id) as [string, string];
    await bench.database.transaction((session) =>
      unmergePersons(session, {
        cause: 'staff',
        actor: 'test',
        reason: 'test',
        at: bench.dependencies.clock(),
        personId,
        otherId,
      }),
    );
    const read = await flows.read(doctor, answer.id as PublicId, origin);
    expect(read.ok && read.value.marks).toMatchObject([{ report, kind: 'other-person', relied: true }]);
    const home = await flows.markedChecks(doctor, origin);
    expect(home.ok && home.value.checks.map(({ id }) => id)).toContain(answer.id);
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
