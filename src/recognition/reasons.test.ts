import { describe, expect, it } from 'vitest';
import {
  compiled,
  EXAMPLE,
  exampleDocuments,
  grant,
  listDocument,
  moment,
  NOW,
  orderOf,
  resultOf,
  sessionOf,
  UNTREATED,
  withGrants,
} from '../../test/example-region.ts';
import type { NationalReason } from '../catalogue/index.ts';
import { type Assessed, decide, type LineDecision } from './decide.ts';
import { evaluate } from './evaluate.ts';
import type { CandidateFacts } from './facts.ts';
import type { OrderSession } from './order-session.ts';
import {
  countsAsAvoidable,
  type GivenReason,
  nearMisses,
  offeredReasons,
  isRecognisable,
  reasonRequired,
  validateResponse,
} from './reasons.ts';

const local = listDocument('reasons', 'E', {
  national: [],
  local: [
    {
      code: 'E-07',
      jurisdiction: '420000',
      national: 'N1',
      text: { zh: '病情变化', en: 'condition changed' },
    },
  ],
  subReasons: [],
});
const SNAPSHOT = compiled([...exampleDocuments(), local]);
const rules = SNAPSHOT.rulesAt(NOW);

const lineOf = (
  localCode: string,
  candidates: readonly CandidateFacts[],
  over: Partial<OrderSession> = {},
  snapshot = SNAPSHOT,
): LineDecision =>
  decide(
    sessionOf([{ localCode }], over),
    { kind: 'searched', candidates, patient: UNTREATED },
    snapshot,
    NOW,
  ).lines[0] as LineDecision;

const given = (over: Partial<GivenReason> = {}): GivenReason => ({
  reason: null,
  localReason: null,
  subReasons: [],
  text: null,
  ...over,
});
const potassium = resultOf('LC-K', '2026-11-15 08:00');
const line = lineOf('K01', [potassium]);

describe('reasons offered', () => {
  it.each([
    ['emergency', { encounterClass: 'emergency' }, 'N4'],
    ['before an operation', { purpose: 'pre-operative' }, 'N3'],
    ['before a transfusion', { purpose: 'pre-transfusion' }, 'N3'],
    ['forensic', { purpose: 'forensic' }, 'N5'],
    ['an ordinary visit', {}, null],
  ] as const)('the situation that the order itself shows is filled in: %s', (_, over, prefilled) => {
    expect(offeredReasons(lineOf('K01', [potassium], over), rules.reasons).prefilled).toBe(prefilled);
  });

  it.each([
    ['O1', 'the window has passed', 'K01', resultOf('LC-K', '2026-10-15 08:00')],
    ['O4', 'images are missing', 'DR2', resultOf('XR-CHEST-2V', '2026-11-15 08:00', { images: 'absent' })],
    ['O5', 'the method differs', 'BHCG', resultOf('LI-BHCG', '2026-11-15 08:00', { methodClass: 'clia' })],
    [
      'O8',
      'the specimen was haemolysed',
      'K01',
      resultOf('LC-K', '2026-11-15 08:00', { specimenStates: ['haemolysed'] }),
    ],
    [
      'O9',
      'the report is preliminary',
      'K01',
      resultOf('LC-K', '2026-11-15 08:00', { standing: 'preliminary' }),
    ],
  ])('%s is found by the machine when %s', (code, _, localCode, candidate) => {
    expect(offeredReasons(lineOf(localCode, [candidate]), rules.reasons).subReasons).toEqual([code]);
  });

  it('O6 is found by the machine when the source had no mark', () => {
    const snapshot = compiled(withGrants('JIANG-1', [grant('HR', { validTo: '2026-11-01' })]));
    expect(offeredReasons(lineOf('K01', [potassium], {}, snapshot), rules.reasons).subReasons).toEqual([
      'O6',
    ]);
  });

  it('nothing is offered of a result with nothing against it', () => {
    expect(offeredReasons(line, rules.reasons)).toEqual({ prefilled: null, subReasons: [] });
  });
});

it('a repeat in one of the situations N1 to N5 does not count as avoidable', () => {
  const avoidable = (['N1', 'N2', 'N3', 'N4', 'N5', 'N6', null] as (NationalReason | null)[]).filter(
    countsAsAvoidable,
  );
  expect(avoidable).toEqual(['N6', null]);
});

describe('an answer that recognises', () => {
  it('takes the chosen result when none is named', () => {
    const answer = validateResponse({ kind: 'recognise', results: null, ...given() }, line, rules);
    expect(answer).toMatchObject({ ok: true, value: { recognised: [{ candidate: { item: 'LC-K' } }] } });
  });

  it('may name another result that is on offer', () => {
    const two = lineOf('K01', [potassium, resultOf('LC-K', '2026-11-16 08:00', { ordinal: 9 })]);
    const answer = validateResponse(
      { kind: 'recognise', results: [{ report: potassium.report, ordinal: 1 }], ...given() },
      two,
      rules,
    );
    expect(answer).toMatchObject({ ok: true, value: { recognised: [{ candidate: { ordinal: 1 } }] } });
  });

  it('may name a result whose window has passed: the doctor decides, but nobody decides for him', () => {
    const passed = resultOf('LC-K', '2026-11-05 08:00');
    const old = lineOf('K01', [passed]);
    expect(old).toMatchObject({ outcome: 'reference-only', parts: [{ chosen: { offer: 'reference' } }] });
    expect(isRecognisable(old.parts[0]?.chosen as Assessed)).toBe(true);
    const named = {
      kind: 'recognise',
      results: [{ report: passed.report, ordinal: 1 }],
      ...given(),
    } as const;
    expect(validateResponse(named, old, rules)).toMatchObject({
      ok: true,
      value: { recognised: [{ candidate: { report: passed.report } }] },
    });
    expect(validateResponse({ ...named, results: null }, old, rules)).toMatchObject({
      ok: false,
      reason: { code: 'RESPONSE_NOT_OFFERED' },
    });
  });

  it.each([
    ['a result that is not there', line, 7],
    [
      'a result that is only for reading',
      lineOf('K01', [resultOf('LC-K', '2026-11-15 08:00', { standing: 'preliminary' })]),
      1,
    ],
    [
      'a result of the own institution',
      lineOf('K01', [resultOf('LC-K', '2026-11-15 08:00', { performer: 'JIANG-2' })]),
      1,
    ],
    [
      'a result that is not certainly this patient’s',
      lineOf('K01', [resultOf('LC-K', '2026-11-15 08:00', { identity: 'weak' })]),
      1,
    ],
  ])('never takes %s', (_, decided, ordinal) => {
    const answer = validateResponse(
      { kind: 'recognise', results: [{ report: potassium.report, ordinal }], ...given() },
      decided,
      rules,
    );
    expect(answer).toMatchObject({ ok: false, reason: { code: 'RESPONSE_NOT_OFFERED', place: 'report' } });
  });

  it('never takes two results for one item', () => {
    const two = lineOf('K01', [potassium, resultOf('LC-K', '2026-11-16 08:00', { ordinal: 9 })]);
    const results = [1, 9].map((ordinal) => ({ report: potassium.report, ordinal }));
    expect(validateResponse({ kind: 'recognise', results, ...given() }, two, rules).ok).toBe(false);
  });

  it('carries no reason', () => {
    const answer = validateResponse(
      { kind: 'recognise', results: null, ...given({ reason: 'N1' }) },
      line,
      rules,
    );
    expect(answer).toMatchObject({ ok: false, reason: { code: 'RESPONSE_REASON_WITH_RECOGNITION' } });
  });
});

describe('an answer that examines again', () => {
  const answer = (over: Partial<GivenReason>, decided: LineDecision = line) =>
    validateResponse({ kind: 're-examine', ...given(over) }, decided, rules);

  it.each([
    ['九个字不够不够不够', false],
    ['　 九个字不够不够不够 　', false],
    ['十个字就足够了对不对啊', true],
    ['𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷', false],
    ['𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷', true],
    [null, false],
  ])('by N6 with the text %j is accepted: %s', (text, accepted) => {
    const given6 = answer({ reason: 'N6', text });
    expect(given6.ok).toBe(accepted);
    if (!given6.ok) expect(given6.reason).toMatchObject({ code: 'RESPONSE_TEXT_TOO_SHORT', place: 'text' });
  });

  it('by a local code is counted under the national situation it belongs to', () => {
    expect(answer({ localReason: 'E-07' })).toMatchObject({
      ok: true,
      value: { reason: 'N1', localReason: 'E-07', explained: true },
    });
    expect(answer({ localReason: 'E-07', reason: 'N2' })).toMatchObject({
      ok: false,
      reason: { code: 'RESPONSE_REASONS_CONTRADICT' },
    });
    expect(answer({ localReason: 'E-99' })).toMatchObject({
      ok: false,
      reason: { code: 'RESPONSE_REASON_UNKNOWN', place: 'localReason' },
    });
  });

  it('by a reason or sub-reason that does not exist is refused', () => {
    expect(answer({ reason: 'N9' as NationalReason })).toMatchObject({
      ok: false,
      reason: { code: 'RESPONSE_REASON_UNKNOWN', place: 'reason' },
    });
    expect(answer({ reason: 'N1', subReasons: ['O99'] })).toMatchObject({
      ok: false,
      reason: { place: 'subReasons' },
    });
  });

  it('opens a ticket to the source where a sub-reason reports a fault of its data', () => {
    expect(answer({ reason: 'N1', subReasons: ['O4', 'O4'] })).toMatchObject({
      ok: true,
      value: { opensTicket: true, subReasons: ['O4'] },
    });
    expect(answer({ reason: 'N1', subReasons: ['O1'] })).toMatchObject({
      ok: true,
      value: { opensTicket: false },
    });
  });

  it('without a reason passes as unexplained, but not where the list demands one', () => {
    expect(answer({})).toMatchObject({ ok: true, value: { reason: null, explained: false } });
    const chest = lineOf('DR2', [resultOf('XR-CHEST-2V', '2026-11-15 08:00')]);
    expect(reasonRequired(chest, rules)).toBe(true);
    expect(answer({}, chest)).toMatchObject({
      ok: false,
      reason: { code: 'RESPONSE_REASON_REQUIRED', place: 'reason' },
    });
    expect(answer({ reason: 'N2' }, chest).ok).toBe(true);
  });

  it('is not asked for a reason where nothing could be recognised', () => {
    expect(reasonRequired(lineOf('DR2', []), rules)).toBe(false);
  });
});

it('near misses name what stood in the way, and nothing for what is excluded or complete', () => {
  const misses = (candidate: CandidateFacts) =>
    nearMisses(evaluate(orderOf('LC-K'), candidate, EXAMPLE, UNTREATED, NOW)).map(({ finding }) => finding);
  expect(misses(resultOf('LC-K', '2026-10-15 08:00', { specimen: null }))).toEqual([
    'specimen-not-stated',
    'window-passed',
  ]);
  expect(misses(resultOf('LC-K', '2026-10-15 08:00', { identity: 'none' }))).toEqual([]);
  expect(misses(resultOf('LC-K', '2026-11-15 08:00', { receivedAt: moment('2026-11-15 09:00') }))).toEqual(
    [],
  );
});
