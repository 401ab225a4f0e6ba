import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instant } from '../kernel/instant.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import {
  CONSENT_ACT_KINDS,
  CONSENT_DEFAULTS,
  type ConsentAct,
  type ConsentActKind,
  type ConsentQuestion,
  type ConsentScope,
  consentStanding,
  disclosureLevel,
  refusesAnySource,
  standingAgreements,
  standingRestrictions,
} from './index.ts';

const A = 'A' as InstitutionCode;
const B = 'B' as InstitutionCode;
const ALL: ConsentScope = { purpose: 'treatment', source: null, recipient: null, recordClass: null };
const NOW = 1_000_000 as Instant;
const QUESTION: ConsentQuestion = {
  purpose: 'treatment',
  source: A,
  recipient: B,
  recordClass: null,
  at: NOW,
};

let made = 0;
const act = (
  kind: ConsentActKind,
  minutesAgo: number,
  scope: Partial<ConsentScope> = {},
  more: Partial<ConsentAct> = {},
): ConsentAct => ({
  id: `act-${++made}` as PublicId,
  kind,
  scope: { ...ALL, ...scope },
  relation: 'self',
  way: 'phone',
  wording: 'share-treatment.1',
  actedAt: (NOW - minutesAgo * 60_000) as Instant,
  until: null,
  ...more,
});

describe('what counts for a question of consent', () => {
  it.each<[string, readonly ConsentAct[], string]>([
    ['nothing recorded', [], 'not-recorded'],
    ['agreed at registration', [act('consented', 9, {}, { way: 'registration' })], 'consented'],
    ['agreed, then withdrew', [act('consented', 9), act('withdrawn', 5)], 'withdrawn'],
    ['withdrew, then agreed again', [act('withdrawn', 9), act('consented', 5)], 'consented'],
    ['refused all', [act('denied', 5)], 'denied'],
    ['hid hospital A, later agreed to all', [act('denied', 9, { source: A }), act('consented', 5)], 'denied'],
    ['hid hospital B only', [act('denied', 9, { source: B }), act('consented', 5)], 'consented'],
    ['agreed for hospital B to read', [act('consented', 5, { recipient: B })], 'consented'],
    ['agreed for hospital A to read', [act('consented', 5, { recipient: A })], 'not-recorded'],
    ['agreed for research', [act('consented', 5, { purpose: 'research' })], 'not-recorded'],
    ['agreed for a restricted class', [act('consented', 5, { recordClass: 'hiv' })], 'not-recorded'],
    ['an act of the future', [act('consented', -5)], 'not-recorded'],
    ['an act that has ended', [act('consented', 9, {}, { until: (NOW - 1) as Instant })], 'not-recorded'],
    ['agreed and refused in the same moment', [act('denied', 5), act('consented', 5)], 'denied'],
  ])('%s', (_what, acts, expected) => {
    expect(consentStanding(acts, QUESTION).kind).toBe(expected);
    expect(consentStanding(acts.toReversed(), QUESTION).kind).toBe(expected);
  });

  it('a restricted class is answered only by an act that names it', () => {
    const question = { ...QUESTION, recordClass: 'hiv' };
    expect(consentStanding([act('consented', 5)], question).kind).toBe('not-recorded');
    expect(consentStanding([act('consented', 5, { recordClass: 'hiv' })], question).kind).toBe('consented');
    expect(consentStanding([act('consented', 5, { recordClass: 'genetic' })], question).kind).toBe(
      'not-recorded',
    );
  });
});

describe('whether anything is hidden, whoever has it', () => {
  const hides = (acts: readonly ConsentAct[], recordClass: string | null): boolean =>
    refusesAnySource(acts, { purpose: 'treatment', recipient: B, recordClasses: [recordClass], at: NOW });

  it.each<[string, readonly ConsentAct[], string | null, boolean]>([
    ['hid hospital A', [act('denied', 5, { source: A })], null, true],
    [
      'took back what hospital A may show: its existence is told',
      [act('withdrawn', 5, { source: A })],
      null,
      false,
    ],
    [
      'agreed to a restricted class, then took it back for hospital A',
      [act('consented', 9, { recordClass: 'hiv' }), act('withdrawn', 5, { recordClass: 'hiv', source: A })],
      'hiv',
      true,
    ],
    ['agreed to a restricted class', [act('consented', 9, { recordClass: 'hiv' })], 'hiv', false],
  ])('%s', (_what, acts, recordClass, expected) => {
    expect(hides(acts, recordClass)).toBe(expected);
  });
});

describe('what stands and could be taken back', () => {
  const standing = (acts: readonly ConsentAct[], recipient: InstitutionCode | null = B) =>
    standingRestrictions(acts, { purpose: 'treatment', recipient, at: NOW }).map(({ id }) => id);
  const hidden = act('denied', 9, { source: A });

  it('is a refusal until an agreement names what it named, and no longer', () => {
    expect(standing([hidden])).toEqual([hidden.id]);
    expect(standing([hidden, act('consented', 5)])).toEqual([hidden.id]);
    expect(standing([hidden, act('consented', 5, { source: A })])).toEqual([]);
    expect(standing([act('denied', 9, { recordClass: 'hiv' }), act('consented', 5)])).toHaveLength(1);
  });

  it('is the later of two alike, and what has ended by itself is none', () => {
    const again = act('denied', 5, { source: A });
    expect(standing([hidden, again])).toEqual([again.id]);
    expect(standing([act('denied', 9, {}, { until: (NOW - 1) as Instant })])).toEqual([]);
  });

  it('concerns the institution it names, and no other', () => {
    const forB = act('denied', 9, { recipient: B });
    expect(standing([forB])).toEqual([forB.id]);
    expect(standing([forB], A)).toEqual([]);
    expect(standing([forB], null)).toEqual([]);
  });
});

describe('agreements given to one institution', () => {
  const given = (acts: readonly ConsentAct[]) =>
    standingAgreements(acts, { purpose: 'treatment', at: NOW }).map(({ id }) => id);
  const toB = act('consented', 9, { recipient: B });

  it('stand until they are taken back, by name or with everything', () => {
    expect(given([toB])).toEqual([toB.id]);
    expect(given([toB, act('withdrawn', 5, { recipient: B })])).toEqual([]);
    expect(given([toB, act('withdrawn', 5)])).toEqual([]);
    expect(given([toB, act('withdrawn', 5, { recipient: A })])).toEqual([toB.id]);
  });

  it('are the latest of several alike, and none that is for all or has ended', () => {
    const again = act('consented', 5, { recipient: B });
    expect(given([toB, again])).toEqual([again.id]);
    expect(given([act('consented', 5)])).toEqual([]);
    expect(given([act('consented', 5, { recipient: B }, { until: (NOW - 1) as Instant })])).toEqual([]);
  });
});

describe('how much is shown', () => {
  const level = (
    kind: ConsentActKind | 'not-recorded',
    fallback: (typeof CONSENT_DEFAULTS)[number],
    restricted = false,
  ) =>
    disclosureLevel(kind === 'not-recorded' ? { kind } : { kind, act: act(kind, 1) }, fallback, restricted);

  it('before consent that a like result exists, afterwards its content, after a refusal nothing', () => {
    expect(level('not-recorded', 'required')).toBe('existence');
    expect(level('consented', 'required')).toBe('content');
    expect(level('withdrawn', 'required')).toBe('existence');
    expect(level('denied', 'required')).toBe('nothing');
  });

  it('a refusal hides everything and a withdrawal the content, whatever the jurisdiction assumes', () => {
    for (const fallback of CONSENT_DEFAULTS) {
      expect(level('denied', fallback)).toBe('nothing');
      expect(level('withdrawn', fallback)).toBe('existence');
    }
  });

  it('a restricted class shows its content after consent and no trace otherwise', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CONSENT_ACT_KINDS, 'not-recorded' as const),
        fc.constantFrom(...CONSENT_DEFAULTS),
        (kind, fallback) => {
          expect(level(kind, fallback, true)).toBe(kind === 'consented' ? 'content' : 'nothing');
        },
      ),
    );
  });
});
