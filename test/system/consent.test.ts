import { describe, expect, test } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import { consentFlows } from '../../src/apps/flows/consent/consents.ts';
import { historyFlows } from '../../src/apps/flows/results/result-history.ts';
import type { PatientActor } from '../../src/apps/server/flows-port.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { Fault } from '../../src/kernel/fault.ts';
import type { Result } from '../../src/kernel/result.ts';
import { consentRequestShape, ownConsentRequestShape } from '../../src/web/wire/consent.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { listDocument } from '../example-region.ts';
import {
  bench,
  byNationalId,
  check,
  codeOf,
  doctor,
  doctorOf,
  flows,
  origin,
  reported,
  withAttackedRegion,
} from './attack-bench.ts';

withAttackedRegion();

/** Publishes what counts before anything is recorded. */
let versions = 0;
const counts = async (consent: 'assumed' | 'informed' | 'required') => {
  await publishLists(
    bench.database,
    [
      listDocument(
        'policy',
        'CN',
        {
          repeatReminderCivilDays: 90,
          consent,
          silentEncounterClasses: ['emergency'],
          otherReasonMinimum: 10,
        },
        { version: `2026-consent-${String(++versions).padStart(3, '0')}`, effectiveFrom: '2026-01-03' },
      ),
    ],
    { by: 'test', at: bench.dependencies.clock(), reason: 'consent' },
  );
};

const valueOf = <Value>(result: Result<Value, Fault>): Value => {
  if (!result.ok) throw result.reason;
  return result.value;
};

const consents = () => consentFlows({ ...bench.dependencies, publicUrl: () => 'https://huren.example' });
const record = async (person: string, act: object, by = doctor) =>
  valueOf(
    await consents().record(
      by,
      person as PublicId,
      consentRequestShape.parse({ kind: 'consented', way: 'spoken', relation: 'self', ...act }),
      null,
      origin,
    ),
  );

const patientOf = (person: string): PatientActor => ({
  kind: 'patient',
  name: `patient:${person}`,
  person: person as PublicId,
});
const own = async (person: string, act: object) =>
  valueOf(
    await consents().recordOwn(patientOf(person), ownConsentRequestShape.parse(act), null, {
      ...origin,
      purpose: 'own-data',
    }),
  );

const LAST_BASIS = statement(
  'test.last-basis',
  `select basis from audit_events where resource = $1 and action = $2 order by occurred_at desc limit 1`,
);
const basisOf = async (answer: OrderCheckAnswer, action = 'order.check'): Promise<string | undefined> =>
  (await bench.database.run<{ basis: string }>(LAST_BASIS, [`order-check/${answer.id}`, action]))[0]?.basis;

const POTASSIUM_VALUE = '4.17';
const arrived = () => reported({ lines: [['K', 'NM', POTASSIUM_VALUE, 'mmol/L', '3.5-5.3']] });

describe('before the patient has agreed', () => {
  test('a like result is told by item, date and institution, and one click opens it', async () => {
    await counts('required');
    const { nationalId, report } = await arrived();
    const before = await check(byNationalId(nationalId));
    expect(before).toMatchObject({
      interrupt: true,
      title: { zh: '拟开项目中有 1 项已有同类结果，征得患者同意后可查看内容' },
      lines: [
        {
          outcome: 'consent-needed',
          candidates: [],
          existing: [{ item: { code: 'LC-K' }, institution: { code: 'JIANG-1' } }],
        },
      ],
    });
    expect(before.lines[0]?.notice?.zh).toMatch(/ 2026-11-\d\d 有同类结果，征得患者同意后可查看内容$/);
    expect(JSON.stringify(before)).not.toContain(POTASSIUM_VALUE);
    expect(JSON.stringify(before)).not.toContain(report);
    expect(await basisOf(before)).toBe('consent-needed');
    expect(await codeOf(flows.report(doctor, report as PublicId, origin))).toBe('CONSENT_NEEDED');

    const recorded = await record(before.person as string, { relation: 'parent', check: before.id });
    expect(recorded).toMatchObject({
      act: { kind: 'consented', way: 'spoken', relation: 'parent', wording: 'default.2', inForce: true },
      repeated: false,
    });
    const opened = valueOf(await flows.read(doctor, before.id as PublicId, origin));
    expect(opened.lines[0]).toMatchObject({
      outcome: 'must-consider',
      existing: [],
      candidates: [{ value: { text: POTASSIUM_VALUE }, disclosure: { basis: 'consented' } }],
    });
    expect(await basisOf(before, 'order-check.read')).toBe(`consented ${recorded.act.id}`);
    expect(valueOf(await flows.report(doctor, report as PublicId, origin)).observations).toHaveLength(1);
    expect((await check(byNationalId(nationalId))).lines[0]?.outcome).toBe('must-consider');
  });

  test('what was decided replays byte for byte, whatever is shown of it', async () => {
    await counts('required');
    const { nationalId } = await arrived();
    const before = await check(byNationalId(nationalId));
    await record(before.person as string, {});
    await own(before.person as string, { kind: 'denied' });
    const replayed = valueOf(await flows.replay(doctor, before.id as PublicId, origin));
    expect(replayed.outcome).toBe('same');
    expect(replayed.replayedHash).toBe(replayed.storedHash);
  });

  test('consent given here opens nothing for another institution, and ends by itself', async () => {
    await counts('required');
    const { nationalId } = await arrived();
    const { person } = await check(byNationalId(nationalId));
    const { act } = await record(person as string, {});
    expect(act.recipient?.code).toBe('JIANG-2');
    const hours = (Date.parse(act.until as string) - Date.parse(act.actedAt)) / 3_600_000;
    expect(hours).toBe(24);
    const search = { by: 'national-id', text: nationalId } as const;
    await flows.searchPersons(doctorOf('COUNTY'), search, origin);
    const elsewhere = await historyFlows(bench.dependencies).resultHistory(
      doctorOf('COUNTY'),
      person as PublicId,
      origin,
    );
    const history = valueOf(elsewhere);
    expect(history.reports).toEqual([]);
    expect(history.existing).toMatchObject([{ items: [{ nameZh: '钾' }] }]);
    expect(JSON.stringify(history)).not.toContain(POTASSIUM_VALUE);
  });

  test('informed is enough where the policy says so, and not where it asks for consent', async () => {
    await counts('informed');
    const { nationalId } = await arrived();
    const before = await check(byNationalId(nationalId));
    expect(before.lines[0]?.outcome).toBe('consent-needed');
    const { act } = await record(before.person as string, { kind: 'informed' });
    const told = await check(byNationalId(nationalId));
    expect(told.lines[0]?.outcome).toBe('must-consider');
    expect(await basisOf(told)).toBe(`informed ${act.id}`);
    await counts('required');
    expect((await check(byNationalId(nationalId))).lines[0]?.outcome).toBe('consent-needed');
  });
});

describe('what the patient does by phone', () => {
  test('agrees for all, finds it, withdraws, and the next check says so', async () => {
    await counts('required');
    const { nationalId } = await arrived();
    const { person } = await check(byNationalId(nationalId));
    const agreed = await own(person as string, { kind: 'consented' });
    expect(agreed.effectZh).toContain('不必重做');
    expect((await check(byNationalId(nationalId))).lines[0]?.outcome).toBe('must-consider');
    await own(person as string, { kind: 'withdrawn' });
    const next = await check(byNationalId(nationalId));
    expect(next.lines[0]).toMatchObject({ outcome: 'consent-needed', candidates: [] });
    const overview = valueOf(
      await consents().ownOverview(patientOf(person as string), null, { ...origin, purpose: 'own-data' }),
    );
    expect(overview).toMatchObject({ standing: 'withdrawn', level: 'existence' });
    expect(overview.acts.map(({ kind, way }) => `${kind} ${way}`)).toEqual([
      'withdrawn phone',
      'consented phone',
    ]);
  });

  test('a withdrawal of everything takes back what was agreed to at a desk', async () => {
    await counts('required');
    const { nationalId } = await arrived();
    const { person } = await check(byNationalId(nationalId));
    await record(person as string, {});
    await own(person as string, { kind: 'withdrawn' });
    expect((await check(byNationalId(nationalId))).lines[0]?.outcome).toBe('consent-needed');
    await record(person as string, {});
    expect((await check(byNationalId(nationalId))).lines[0]?.outcome).toBe('must-consider');
  });

  test('who hid one hospital does not show it again by agreeing at a desk', async () => {
    await counts('assumed');
    const { nationalId } = await arrived();
    const { person } = await check(byNationalId(nationalId));
    await own(person as string, { kind: 'denied', source: 'JIANG-1' });
    await record(person as string, {});
    expect((await check(byNationalId(nationalId))).lines[0]).toMatchObject({
      outcome: 'not-disclosed',
      candidates: [],
      existing: [],
    });
  });

  test('a restricted class is opened by an act that names it, and by no other', async () => {
    await counts('assumed');
    const { nationalId } = await reported({ lines: [['HIV', 'ST', '阴性', '', '阴性']] });
    const hiv = async () => (await check(byNationalId(nationalId), ['HIV'])).lines[0]?.outcome;
    const { person } = await check(byNationalId(nationalId), ['HIV']);
    await own(person as string, { kind: 'consented' });
    expect(await hiv()).toBe('not-disclosed');
    await own(person as string, { kind: 'consented', recordClass: 'hiv' });
    expect(await hiv()).not.toBe('not-disclosed');
    await own(person as string, { kind: 'withdrawn', recordClass: 'hiv' });
    expect(await hiv()).toBe('not-disclosed');
    expect(
      await codeOf(
        consents().recordOwn(
          patientOf(person as string),
          ownConsentRequestShape.parse({ kind: 'consented', recordClass: 'none' }),
          null,
          origin,
        ),
      ),
    ).toBe('CONSENT_CLASS_UNKNOWN');
  });
});

describe('what is recorded at a desk', () => {
  test('paper needs its scan, a signature for another a name, and the same form twice is one act', async () => {
    await counts('required');
    const { nationalId } = await arrived();
    const { person } = await check(byNationalId(nationalId));
    const act = (over: object) =>
      consents().record(
        doctor,
        person as PublicId,
        consentRequestShape.parse({ kind: 'consented', way: 'paper', relation: 'child', ...over }),
        'k1',
        origin,
      );
    expect(await codeOf(act({}))).toBe('CONSENT_REPRESENTATIVE_MISSING');
    expect(await codeOf(act({ representative: '周小燕' }))).toBe('CONSENT_SCAN_MISSING');
    const scan = Uint8Array.of(0x25, 0x50, 0x44, 0x46, 0x2d, 0x31);
    const first = valueOf(await act({ representative: '周小燕', scan }));
    expect(first.act).toMatchObject({ relation: 'child', representative: '周小燕', hasScan: true });
    const again = valueOf(await act({ representative: '周小燕', scan }));
    expect(again).toMatchObject({ repeated: true, act: { id: first.act.id } });
    const shown = valueOf(await consents().scan(doctor, first.act.id as PublicId, origin));
    expect(shown).toMatchObject({ mediaType: 'application/pdf' });
    expect([...shown.bytes]).toEqual([...scan]);
    expect(await codeOf(consents().scan(doctorOf('JIANG-1'), first.act.id as PublicId, origin))).toBe(
      'CONSENT_UNKNOWN',
    );
    const [stored] = await bench.database.run<{ told: string }>(
      statement(
        'test.representative',
        `select encode(representative, 'escape') as told from consent_acts where public_id = $1`,
      ),
      [first.act.id],
    );
    expect(stored?.told).not.toContain('周小燕');
  });

  test('a child under fourteen does not agree for itself', async () => {
    await counts('required');
    const child = { name: '周小满', sex: 'female', birthDate: '2019-05-04' };
    const { nationalId } = await reported({ name: '周小满', birthDate: '20190504', sex: 'F' });
    const { person, lines } = await check(byNationalId(nationalId, child));
    expect(lines[0]?.outcome).toBe('consent-needed');
    expect(
      await codeOf(
        consents().record(
          doctor,
          person as PublicId,
          consentRequestShape.parse({ kind: 'consented', way: 'spoken', relation: 'self' }),
          null,
          origin,
        ),
      ),
    ).toBe('CONSENT_GUARDIAN_NEEDED');
    await record(person as string, { relation: 'parent' });
    expect((await check(byNationalId(nationalId, child))).lines[0]?.outcome).toBe('must-consider');
  });

  test('nobody is asked about whoever is not there', async () => {
    expect(
      await codeOf(consents().overview(doctor, '019a0000-0000-7000-8000-000000000000' as PublicId, origin)),
    ).toBe('PERSON_NOT_FOUND');
  });
});
