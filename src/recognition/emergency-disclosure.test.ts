import { describe, expect, it } from 'vitest';
import { EXAMPLE, NOW, resultOf } from '../../test/example-region.ts';
import type { ConsentAct, ConsentActKind, ConsentState, EmergencyAccess } from '../consent/index.ts';
import { HOUR_MS, instant } from '../kernel/instant.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import { disclosureOf, isVeiled } from './disclosure.ts';

const rules = EXAMPLE.rulesAt(NOW);
const HERE = 'JIANG-2' as InstitutionCode;
const doctor = { institution: HERE };
const potassium = resultOf('LC-K', '2026-11-10 08:00', { performer: 'JIANG-1' });
const hiv = resultOf('LI-HIV', '2026-11-10 08:00', { performer: 'JIANG-1' });

const emergency = (change: Partial<EmergencyAccess> = {}): EmergencyAccess => ({
  id: 'e' as PublicId,
  recipient: HERE,
  doctor: '1001',
  openedAt: instant(NOW - HOUR_MS / 2),
  until: instant(NOW + HOUR_MS / 2),
  ...change,
});
const act = (kind: ConsentActKind, recordClass: string | null = null): ConsentAct => ({
  id: 'a' as PublicId,
  kind,
  scope: { purpose: 'treatment', source: null, recipient: null, recordClass },
  relation: 'self',
  way: 'spoken',
  wording: '1',
  actedAt: instant(NOW - 2 * HOUR_MS),
  until: null,
});
const state = (acts: readonly ConsentAct[], ...emergencies: readonly EmergencyAccess[]): ConsentState => ({
  acts,
  emergencies,
  at: NOW,
});

describe('an emergency access', () => {
  it('shows what the patient refused, and says that it rests on the emergency', () => {
    expect(disclosureOf(potassium, null, doctor, state([act('denied')]), rules).level).toBe('nothing');
    expect(disclosureOf(potassium, null, doctor, state([act('denied')], emergency()), rules)).toEqual({
      level: 'content',
      basis: 'emergency-access',
      act: 'e',
    });
    expect(isVeiled(potassium.item, null, doctor, state([act('denied')]), rules)).toBe(true);
    expect(isVeiled(potassium.item, null, doctor, state([act('denied')], emergency()), rules)).toBe(false);
  });

  it('is no basis for what is shown anyway', () => {
    expect(disclosureOf(potassium, null, doctor, state([act('consented')], emergency()), rules).basis).toBe(
      'consented',
    );
    expect(disclosureOf(potassium, null, doctor, state([], emergency()), rules).basis).toBe(
      'assumed-by-policy',
    );
  });

  it.each([
    ['has ended', emergency({ until: NOW })],
    ['has not begun', emergency({ openedAt: instant(NOW + 1) })],
    ['is another institution’s', emergency({ recipient: 'JIANG-3' as InstitutionCode })],
  ])('opens nothing when it %s', (_what, opened) => {
    expect(disclosureOf(potassium, null, doctor, state([act('denied')], opened), rules).level).toBe(
      'nothing',
    );
  });

  it('leaves restricted classes hidden, without a trace of whether there is anything', () => {
    expect(disclosureOf(hiv, null, doctor, state([], emergency()), rules)).toMatchObject({
      level: 'nothing',
      basis: 'restricted',
    });
    expect(isVeiled(hiv.item, null, doctor, state([], emergency()), rules)).toBe(true);
  });

  it('leaves them to the purposes that open them', () => {
    expect(disclosureOf(hiv, 'pre-operative', doctor, state([act('denied')], emergency()), rules)).toEqual({
      level: 'content',
      basis: 'emergency-access',
      act: 'e',
    });
  });
});
