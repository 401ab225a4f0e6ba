import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { consentFlows } from '../../src/apps/flows/consent/consents.ts';
import { ACCOUNT_TRIES_MAX, ADDRESS_TRIES_MAX } from '../../src/apps/flows/consent/typed-codes.ts';
import type { CallOrigin, PatientActor } from '../../src/apps/server/flows-port.ts';
import type { Fault } from '../../src/kernel/fault.ts';
import { type Clock, HOUR_MS, instant } from '../../src/kernel/instant.ts';
import type { Result } from '../../src/kernel/result.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { typedCodeShape, typedDecisionShape } from '../../src/web/wire/consent-code.ts';
import { actsFor, personOf } from './own-data-bench.ts';
import { doctorOf, memberOf, type RegionBench, regionBench } from './region-bench.ts';

const valueOf = <Value>(result: Result<Value, Fault>): Value => {
  if (!result.ok) throw result.reason;
  return result.value;
};
const codeOf = async (asked: Promise<Result<unknown, Fault>>): Promise<string> => {
  const result = await asked;
  return result.ok ? 'done' : result.reason.code;
};

/** A doctor of the city whose rule is to ask. */
const doctor = doctorOf('QL-DONGHU');

describe('a short code, typed on the patient’s own page', () => {
  let bench: RegionBench;
  /** Moves on by an hour before each test, so that no test spends the tries of another. */
  let ahead = 0;
  beforeAll(async () => {
    bench = await regionBench();
  });
  afterAll(() => bench?.drop());
  beforeEach(() => {
    ahead += HOUR_MS;
  });
  const clock: Clock = () => instant(bench.dependencies.clock() + ahead);
  const flows = (later = 0) =>
    consentFlows({
      ...bench.dependencies,
      clock: () => instant(clock() + later),
      publicUrl: () => 'https://huren.example',
    });

  const actorOf = async (key: string): Promise<PatientActor> => {
    const person = await personOf(bench, key);
    return { kind: 'patient', name: `patient:${person}`, person };
  };
  const from = (peer: string): CallOrigin => ({ ...bench.origin, peer });
  /** The doctor shows a code to somebody of the cast. */
  const shown = async (key: string) => {
    const { nationalId } = memberOf(bench, key).person;
    if (nationalId) await bench.present(nationalId, doctor);
    return valueOf(await flows().invite(doctor, await personOf(bench, key), bench.origin));
  };
  const open = async (
    who: string,
    typed: { code: string; patientName?: string },
    origin = bench.origin,
    later = 0,
  ) => flows(later).openTyped(await actorOf(who), typedCodeShape.parse(typed), origin);
  const decide = async (
    who: string,
    typed: { code: string; patientName?: string },
    decision: object,
    key = 'k1',
  ) =>
    flows().recordTyped(
      await actorOf(who),
      typedDecisionShape.parse({ ...typed, decision: { scope: 'own-institution', ...decision } }),
      key,
      bench.origin,
    );

  it('shows the same request as the QR code, is answered once, and the act names its way and words', async () => {
    const { typed, url } = await shown('pre-operative');
    expect(typed.digits).toMatch(/^\d{8}$/);
    expect(typed.at).toBe('https://huren.example/me/code');
    const code = `${typed.digits.slice(0, 4)} ${typed.digits.slice(4)}`;
    const request = valueOf(await open('pre-operative', { code }));
    const scanned = await flows().invited(url.split('/').at(-1) as string, bench.origin);
    expect(request.wording).toEqual(scanned?.overview.wording);
    expect(request).toMatchObject({ relation: 'self', level: 'existence', patientZh: scanned?.personZh });
    // Looked at again until it is decided, by the same account.
    expect(await codeOf(open('pre-operative', { code }))).toBe('done');
    const recorded = valueOf(await decide('pre-operative', { code }, { kind: 'consented' }));
    expect(recorded).toMatchObject({
      repeated: false,
      act: {
        kind: 'consented',
        way: 'code',
        relation: 'self',
        recipient: { code: 'QL-DONGHU' },
        wording: request.wording.version,
        recordedBy: { witness: '100118' },
      },
    });
    expect(valueOf(await decide('pre-operative', { code }, { kind: 'consented' })).repeated).toBe(true);
    expect(await codeOf(decide('pre-operative', { code }, { kind: 'denied' }, 'k2'))).toBe(
      'CONSENT_CODE_INVALID',
    );
    expect(await codeOf(open('pre-operative', { code }))).toBe('CONSENT_CODE_INVALID');
  });

  it('is kept as a keyed hash, ends after ten minutes, and is forgotten then', async () => {
    const { typed } = await shown('three-hospitals');
    const kept = JSON.stringify(
      await bench.dependencies.database.run(statement('test.codes', 'select * from consent_codes'), []),
    );
    expect(kept).not.toContain(typed.digits);
    expect(await codeOf(open('three-hospitals', { code: typed.digits }, bench.origin, 11 * 60_000))).toBe(
      'CONSENT_CODE_INVALID',
    );
    ahead += HOUR_MS;
    await shown('three-hospitals');
    const rows = await bench.dependencies.database.run(
      statement('test.codes-left', 'select code_hash from consent_codes'),
      [],
    );
    expect(rows).toHaveLength(1);
  });

  it('opens nothing to a stranger who guessed it; family type the patient’s name, and say who they are', async () => {
    const { typed } = await shown('pre-operative');
    const { name } = memberOf(bench, 'pre-operative').person;
    const code = typed.digits;
    expect(await codeOf(open('three-hospitals', { code }))).toBe('CONSENT_CODE_INVALID');
    expect(await codeOf(open('three-hospitals', { code, patientName: '王小二' }))).toBe(
      'CONSENT_CODE_INVALID',
    );
    const asked = { code, patientName: name };
    expect(valueOf(await open('three-hospitals', asked)).relation).toBeNull();
    // Now it is that account's, and nobody else's.
    expect(await codeOf(open('pre-operative', { code }))).toBe('CONSENT_CODE_INVALID');
    for (const relation of [undefined, 'self'])
      expect(await codeOf(decide('three-hospitals', asked, { kind: 'denied', relation }))).toBe(
        'CONSENT_RELATION_MISSING',
      );
    const { act } = valueOf(await decide('three-hospitals', asked, { kind: 'denied', relation: 'child' }));
    expect(act).toMatchObject({
      relation: 'child',
      representative: memberOf(bench, 'three-hospitals').person.name,
    });
  });

  it('knows who acts for whom, and lets nobody but a parent or guardian act for a child', async () => {
    await actsFor({ bench } as never, 'mother-of-twins', 'twin-one');
    const { typed } = await shown('twin-one');
    const code = typed.digits;
    expect(valueOf(await open('mother-of-twins', { code }))).toMatchObject({
      relation: 'parent',
      needsGuardian: true,
    });
    expect(valueOf(await decide('mother-of-twins', { code }, { kind: 'consented' })).act.relation).toBe(
      'parent',
    );
    const child = await shown('child');
    const named = { code: child.typed.digits, patientName: memberOf(bench, 'child').person.name };
    expect(
      await codeOf(decide('three-hospitals', named, { kind: 'consented', relation: 'sibling' }, 'k5')),
    ).toBe('CONSENT_GUARDIAN_NEEDED');
  });

  it('stops an account after some wrong codes, and an address after more, whatever is typed then', async () => {
    const { typed } = await shown('three-hospitals');
    const wrong = (place: number) => ({ code: String(place).padStart(8, '0') });
    for (let place = 0; place < ACCOUNT_TRIES_MAX; place++)
      expect(await codeOf(open('three-hospitals', wrong(place), from('10.0.0.1')))).toBe(
        'CONSENT_CODE_INVALID',
      );
    expect(await codeOf(open('three-hospitals', { code: typed.digits }, from('10.0.0.2')))).toBe(
      'CONSENT_CODE_TRIES_EXCEEDED',
    );
    // What is right costs nothing, however often.
    const own = await shown('pre-operative');
    for (let place = 0; place <= ACCOUNT_TRIES_MAX; place++)
      expect(await codeOf(open('pre-operative', { code: own.typed.digits }, from('10.0.0.1')))).toBe('done');
    const strangers = Array.from({ length: ADDRESS_TRIES_MAX }, (_none, place) => ({
      kind: 'patient' as const,
      name: `patient:${place}`,
      person: '019a0000-0000-7000-8000-000000000000' as PublicId,
    }));
    const tried = await Promise.all(
      strangers.map((actor) => codeOf(flows().openTyped(actor, wrong(1), from('10.0.0.1')))),
    );
    expect(tried.filter((code) => code === 'CONSENT_CODE_INVALID')).toHaveLength(
      ADDRESS_TRIES_MAX - ACCOUNT_TRIES_MAX,
    );
    expect(tried.filter((code) => code === 'CONSENT_CODE_TRIES_EXCEEDED')).toHaveLength(ACCOUNT_TRIES_MAX);
    expect(await codeOf(open('pre-operative', { code: own.typed.digits }, from('10.0.0.1')))).toBe(
      'CONSENT_CODE_TRIES_EXCEEDED',
    );
    // The account itself has lost nothing by the address, and an hour later all begins anew.
    expect(await codeOf(open('pre-operative', { code: own.typed.digits }, from('10.0.0.3')))).toBe('done');
    ahead += HOUR_MS;
    const again = await shown('three-hospitals');
    expect(await codeOf(open('three-hospitals', { code: again.typed.digits }, from('10.0.0.1')))).toBe(
      'done',
    );
  });

  it('writes every wrong code down', async () => {
    const refusals = statement(
      'test.code-refusals',
      `select count(*)::int as n from system_audit_events where action = 'consent.code'`,
    );
    const counted = async () =>
      (await bench.dependencies.database.run<{ n: number }>(refusals, []))[0]?.n ?? 0;
    const before = await counted();
    await open('pre-operative', { code: '00000000' });
    expect(await counted()).toBe(before + 1);
  });
});
