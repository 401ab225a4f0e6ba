import { describe, expect, it } from 'vitest';
import { EXAMPLE, NOW, resultOf, sessionOf, UNTREATED } from '../../test/example-region.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import { decide } from './decide.ts';
import { disclose } from './disclose.ts';
import { CONSENT_NOT_RECORDED, disclosureOf } from './disclosure.ts';
import type { CandidateFacts, OrderPurpose } from './facts.ts';

const rules = EXAMPLE.rulesAt(NOW);
const doctor = { institution: 'JIANG-2' as InstitutionCode };
const authority = { institution: null };
const hivElsewhere = resultOf('LI-HIV', '2026-11-10 08:00');
const hivHere = resultOf('LI-HIV', '2026-11-10 08:00', { performer: 'JIANG-2' });

const disclosed = (
  candidates: readonly CandidateFacts[],
  purpose: OrderPurpose = 'diagnosis',
  actor: { institution: InstitutionCode | null } = doctor,
) =>
  disclose(
    decide(
      sessionOf([{ localCode: 'HIV' }, { localCode: 'K01' }], { purpose }),
      { kind: 'searched', candidates, patient: UNTREATED },
      EXAMPLE,
      NOW,
    ),
    actor,
    CONSENT_NOT_RECORDED,
    rules,
  );

describe('disclosure of one result', () => {
  it.each([
    ['an ordinary one from elsewhere', 'LC-K', 'JIANG-1', 'diagnosis', 'content', 'assumed-by-policy'],
    ['an own one', 'LC-K', 'JIANG-2', 'diagnosis', 'content', 'own-institution'],
    ['a restricted one from elsewhere', 'LI-HIV', 'JIANG-1', 'diagnosis', 'nothing', 'restricted'],
    ['a restricted one of our own', 'LI-HIV', 'JIANG-2', 'diagnosis', 'content', 'own-institution'],
    [
      'a restricted one before an operation',
      'LI-HIV',
      'JIANG-1',
      'pre-operative',
      'content',
      'assumed-by-policy',
    ],
    ['a restricted one without an order', 'LI-HIV', 'JIANG-1', null, 'nothing', 'restricted'],
  ] as const)('%s', (_, item, performer, purpose, level, basis) => {
    const subject = resultOf(item, '2026-11-10 08:00', { performer });
    expect(disclosureOf(subject, purpose, doctor, CONSENT_NOT_RECORDED, rules)).toEqual({
      level,
      basis,
      act: null,
    });
  });

  it('is by the general policy for those who belong to no institution', () => {
    expect(disclosureOf(hivElsewhere, null, authority, CONSENT_NOT_RECORDED, rules).level).toBe('nothing');
    expect(disclosureOf(resultOf('LC-K', null), null, authority, CONSENT_NOT_RECORDED, rules).level).toBe(
      'content',
    );
  });
});

describe('a disclosed decision', () => {
  it('says the same of a restricted item whether or not there is anything', () => {
    const something = disclosed([hivElsewhere]);
    const nothing = disclosed([]);
    expect(something.lines[0]?.outcome).toBe('not-disclosed');
    expect(JSON.stringify(something)).toBe(JSON.stringify(nothing));
  });

  it('shows a restricted result of our own', () => {
    const [line] = disclosed([hivElsewhere, hivHere]).lines;
    expect(line).toMatchObject({ outcome: 'own-recent' });
    expect(line?.parts[0]?.assessed.map(({ own }) => own)).toEqual([true]);
  });

  it('shows a restricted result for a purpose that its class names', () => {
    expect(disclosed([hivElsewhere], 'pre-operative').lines[0]?.outcome).toBe('recognisable');
  });

  it('leaves everything else as it was decided', () => {
    const decision = disclosed([resultOf('LC-K', '2026-11-15 08:00')]);
    expect(decision.lines[1]).toMatchObject({ outcome: 'recognisable', interrupts: true });
    expect(decision.interrupts).toBe(true);
  });

  it('interrupts nobody for what it does not show', () => {
    expect(disclosed([hivElsewhere]).interrupts).toBe(false);
  });
});
