import { describe, expect, it } from 'vitest';
import { imageFacts, studyFacts } from '../../src/imaging/index.ts';
import type { ItemListRow } from '../../src/catalogue/index.ts';
import { convertValue } from '../../src/catalogue/index.ts';
import { nationalIdProblem } from '../../src/kernel/check-digits.ts';
import type { Grant } from '../../src/quality/index.ts';
import {
  type CandidateFacts,
  countsAsAvoidable,
  decide,
  evaluate,
  type LineDecision,
  nearMisses,
  offeredReasons,
  type PatientFacts,
  type Verdict,
  validateResponse,
} from '../../src/recognition/index.ts';
import { axialStack } from '../example-headers.ts';
import {
  compiled,
  EXAMPLE,
  exampleDocuments,
  grant,
  listRow,
  moment,
  NOW,
  nodulesNeedThinSlices,
  orderOf,
  resultOf,
  sessionOf,
  UNTREATED,
  withGrants,
  withRow,
} from '../example-region.ts';

/**
 * The fifteen situations that the research into the field names as worth keeping, one test or group of tests each, in
 * words a clinician can read. Where a situation needs a part that is not built yet the test goes as far as the decision
 * reaches and its name or comment says what is left.
 */

const findings = (verdict: Verdict): readonly string[] => verdict.checks.map(({ finding }) => finding);
const lineOf = (
  session: ReturnType<typeof sessionOf>,
  candidates: Parameters<typeof evaluate>[1][],
): LineDecision =>
  decide(session, { kind: 'searched', candidates, patient: UNTREATED }, EXAMPLE, NOW)
    .lines[0] as LineDecision;

describe('1. potassium under a list of seven days, grant valid, same tier', () => {
  const at = (collected: string) =>
    evaluate(orderOf('LC-K'), resultOf('LC-K', collected), EXAMPLE, UNTREATED, NOW);

  it('five days old must be considered', () => {
    expect(at('2026-11-15 09:30')).toMatchObject({ grade: 'must-consider', zone: 'E' });
  });

  it('eight days old may be considered, and is not hidden', () => {
    expect(at('2026-11-12 09:30')).toMatchObject({ grade: 'may-consider', row: 'window-passed' });
  });
});

describe('2. HBsAg of twenty days ago, ordered again before a transfusion', () => {
  const session = sessionOf([{ item: 'LI-HBSAG' as never }], { purpose: 'pre-transfusion' });
  const line = lineOf(session, [resultOf('LI-HBSAG', '2026-10-31 08:00')]);

  it('may be examined again under N3, which is filled in', () => {
    expect(line.parts[0]?.chosen?.verdict).toMatchObject({ grade: 'may-consider', row: 'exempt' });
    expect(offeredReasons(line, EXAMPLE.rulesAt(NOW).reasons).prefilled).toBe('N3');
  });

  it('does not count as an avoidable repeat', () => {
    expect(countsAsAvoidable('N3')).toBe(false);
  });
});

describe('3. a chest CT of five-millimetre slices when a nodule needs one millimetre', () => {
  const snapshot = compiled([...exampleDocuments(), nodulesNeedThinSlices()]);
  const session = sessionOf([{ item: 'CT-CHEST-P' as never }], { diagnoses: ['R91'] });
  const scanned = (slices: number, thicknessMm: number) =>
    resultOf('CT-CHEST-P', '2026-11-10 08:00', {
      images: 'present',
      imaging: imageFacts(studyFacts(axialStack(slices, thicknessMm)), null),
    });
  const decided = (results: readonly CandidateFacts[], at = session) =>
    decide(at, { kind: 'searched', candidates: results, patient: UNTREATED }, snapshot, NOW)
      .lines[0] as LineDecision;
  const line = decided([scanned(60, 5)]);
  const rules = snapshot.rulesAt(NOW);

  it('suffices for a cough, and one of a millimetre suffices for the nodule', () => {
    const cough = sessionOf([{ item: 'CT-CHEST-P' as never }], { diagnoses: ['R05'] });
    expect(decided([scanned(60, 5)], cough).outcome).toBe('recognisable');
    expect(decided([scanned(300, 1)]).outcome).toBe('recognisable');
  });

  it('still uploading is not one whose images are missing, and what has come is refused as it would be alone', () => {
    const verdictOf = (images: CandidateFacts['images'], thicknessMm = 1) =>
      decided([{ ...scanned(300 / thicknessMm, thicknessMm), images }]).parts[0]?.assessed[0]?.verdict;
    expect(verdictOf('uploading')).toMatchObject({ grade: 'may-consider', row: 'unknown' });
    expect(verdictOf('uploading', 5)).toMatchObject({ grade: 'view-only', row: 'images-not-fit' });
    expect(verdictOf('absent')).toMatchObject({ grade: 'view-only', row: 'images-not-fit' });
  });

  it('is for reading only, and O3 is found by the machine', () => {
    expect(line).toMatchObject({ outcome: 'reference-only' });
    expect(offeredReasons(line, rules.reasons).subReasons).toEqual(['O3']);
  });

  it('opens a ticket to the source', () => {
    const answer = validateResponse(
      { kind: 're-examine', reason: 'N1', localReason: null, subReasons: ['O3'], text: null },
      line,
      rules,
    );
    expect(answer).toMatchObject({ ok: true, value: { opensTicket: true } });
  });
});

describe('4. the scope of a mark', () => {
  const result = resultOf('LC-K', '2026-11-15 08:00');

  it('of the province counts in a city of the province', () => {
    expect(evaluate(orderOf('LC-K', { institution: 'JIANG-2' }), result, EXAMPLE, UNTREATED, NOW).grade).toBe(
      'must-consider',
    );
  });

  it('of the province does not count in another province', () => {
    const verdict = evaluate(orderOf('LC-K', { institution: 'QIN-1' }), result, EXAMPLE, UNTREATED, NOW);
    expect(verdict).toMatchObject({ grade: 'not-covered', zone: null });
  });

  it('of one city does not count under the list of the province', () => {
    const snapshot = compiled(
      withGrants('JIANG-1', [grant('HR', { scope: 'JIANG' as Grant['scope'], markZh: '江城HR' })]),
    );
    const verdict = evaluate(orderOf('LC-K', { institution: 'COUNTY' }), result, snapshot, UNTREATED, NOW);
    expect(verdict.grade).toBe('may-consider');
    expect(findings(verdict)).toContain('grant-out-of-scope');
  });
});

describe('5. a quality round failed on 1 March, the result of 28 February, decided on 5 March', () => {
  const decidedOn = moment('2026-03-05 09:00');
  const withRevocation = (effectiveFrom: string) =>
    compiled(
      withGrants('JIANG-1', [
        grant('HR', { revocation: { revokedOn: '2026-03-01', effectiveFrom, reasonZh: '室间质评不合格' } }),
      ]),
    );
  const verdictWith = (effectiveFrom: string) =>
    evaluate(
      orderOf('LC-K'),
      resultOf('LC-K', '2026-02-28 08:00'),
      withRevocation(effectiveFrom),
      UNTREATED,
      decidedOn,
    );

  it('the grant covered the moment of collection, and the verdict says that it has ended since', () => {
    const verdict = verdictWith('2026-03-01');
    expect(verdict.grade).toBe('must-consider');
    expect(findings(verdict)).toContain('grant-covered-then');
  });

  it('revoked for cause from 1 February, it did not', () => {
    const verdict = verdictWith('2026-02-01');
    expect(verdict.grade).toBe('may-consider');
    expect(findings(verdict)).toContain('grant-revoked');
  });
});

describe('6. a report that is amended after it was recognised', () => {
  // That the decision is marked and the doctor told is tested where reports come in; here: the verdict itself.
  it('still stands as corrected, under its new version', () => {
    const corrected = resultOf('LC-K', '2026-11-15 08:00', { standing: 'corrected', reportVersion: 2 });
    const verdict = evaluate(orderOf('LC-K'), corrected, EXAMPLE, UNTREATED, NOW);
    expect(verdict.grade).toBe('must-consider');
    expect(verdict.checks.find(({ check }) => check === 'final')).toMatchObject({
      finding: 'is-corrected',
      data: { version: 2 },
    });
  });

  it('is never offered again once withdrawn', () => {
    const withdrawn = resultOf('LC-K', '2026-11-15 08:00', { standing: 'withdrawn', reportVersion: 2 });
    expect(evaluate(orderOf('LC-K'), withdrawn, EXAMPLE, UNTREATED, NOW).grade).toBe('excluded');
  });
});

describe('7. β-hCG in a series from two platforms', () => {
  it('is not compared: no doubling time across methods', () => {
    const order = orderOf('LI-BHCG', { methodClass: 'eclia', purpose: 'serial-monitoring' });
    const verdict = evaluate(
      order,
      resultOf('LI-BHCG', '2026-11-18 08:00', { methodClass: 'clia' }),
      EXAMPLE,
      UNTREATED,
      NOW,
    );
    expect(verdict).toMatchObject({ grade: 'view-only', row: 'not-comparable' });
  });

  it('by one platform is', () => {
    const order = orderOf('LI-BHCG', { methodClass: 'eclia', purpose: 'serial-monitoring' });
    const verdict = evaluate(
      order,
      resultOf('LI-BHCG', '2026-11-18 08:00', { methodClass: 'eclia' }),
      EXAMPLE,
      UNTREATED,
      NOW,
    );
    expect(verdict.grade).toBe('must-consider');
  });
});

describe('8. D-dimer 0.6 mg/L FEU beside 0.3 mg/L DDU', () => {
  it('never reads as halved: no factor is applied and the result is for reading only', () => {
    expect(convertValue(0.3, 'mg/L{DDU}', 'mg/L{FEU}', 'LG-DD')).toBeNull();
    const ddu = resultOf('LG-DD', '2026-11-20 07:00', { unit: 'mg/L{DDU}' });
    const verdict = evaluate(orderOf('LG-DD'), ddu, EXAMPLE, UNTREATED, NOW);
    expect(verdict).toMatchObject({ grade: 'view-only', row: 'not-comparable' });
    expect(nearMisses(verdict).map(({ finding }) => finding)).toEqual(['unit-not-convertible']);
  });
});

describe('9. two 张伟 with one birth date and one digit of the number different', () => {
  // The person index keeps them apart and grades the identity; here: what the grade leads to.
  it('the altered number fails its check', () => {
    expect(nationalIdProblem('11010519491231002X')).toBeNull();
    expect(nationalIdProblem('11010519491231003X')).toBe('check-digit');
  });

  it.each(['weak', 'none'] as const)('an identity that is %s excludes the result', (identity) => {
    const verdict = evaluate(
      orderOf('LC-K'),
      resultOf('LC-K', '2026-11-15 08:00', { identity }),
      EXAMPLE,
      UNTREATED,
      NOW,
    );
    expect(verdict).toMatchObject({ grade: 'excluded', row: 'other-person' });
  });
});

describe('10. windows of the same day and of hours', () => {
  const verdictAt = (row: ItemListRow, collected: string, at: string, patient: PatientFacts = UNTREATED) =>
    evaluate(orderOf('LH-WBC'), resultOf('LH-WBC', collected), compiled(withRow(row)), patient, moment(at));
  const sameDay = listRow('LH-WBC', 0);
  const sixHours = listRow('LH-WBC', 0, { window: { unit: 'hours', n: 6 }, preconditions: ['transfusion'] });

  it('当日: collected 23:50, it stands at 23:59 and not at 00:10 of the next day', () => {
    expect(verdictAt(sameDay, '2026-11-19 23:50', '2026-11-19 23:59').grade).toBe('must-consider');
    expect(verdictAt(sameDay, '2026-11-19 23:50', '2026-11-20 00:10').row).toBe('window-passed');
  });

  it('six hours: it stands at 5 h 59 and not at 6 h 01', () => {
    expect(verdictAt(sixHours, '2026-11-20 08:00', '2026-11-20 13:59').grade).toBe('must-consider');
    expect(verdictAt(sixHours, '2026-11-20 08:00', '2026-11-20 14:01').row).toBe('window-passed');
  });

  it('a transfusion in between ends it', () => {
    const transfused: PatientFacts = {
      interventions: [{ kind: 'transfusion', at: moment('2026-11-20 09:00') }],
    };
    expect(verdictAt(sixHours, '2026-11-20 08:00', '2026-11-20 10:00', transfused).row).toBe('intervened');
  });

  it('a transfusion that nobody was asked about leaves it open', () => {
    expect(verdictAt(sixHours, '2026-11-20 08:00', '2026-11-20 10:00', { interventions: null }).row).toBe(
      'unknown',
    );
  });
});

describe('11. an order placed again in the encounter in which the doctor has answered', () => {
  it('is not asked about again', () => {
    const line = lineOf(sessionOf([{ localCode: 'K01', answered: true }]), [
      resultOf('LC-K', '2026-11-15 08:00'),
    ]);
    expect(line).toMatchObject({ outcome: 'recognisable', quiet: 'answered', interrupts: false });
  });
});

describe('12. rates', () => {
  // Indicators (null instead of 0 %, flow rates above 100 % labelled) are a later part; they count opportunities.
  it('an order without any earlier result is no opportunity and enters no denominator', () => {
    expect(lineOf(sessionOf([{ localCode: 'K01' }]), []).parts[0]?.best).toBeNull();
  });

  it('an own result is no opportunity between institutions', () => {
    const own = resultOf('LC-K', '2026-11-15 08:00', { performer: 'JIANG-2' });
    expect(lineOf(sessionOf([{ localCode: 'K01' }]), [own]).parts[0]?.best).toBeNull();
  });
});

describe('13. an MR of the left knee when the right one is ordered', () => {
  it('is never offered', () => {
    const left = resultOf('MR-KNEE-P', '2026-11-15 08:00', { side: 'left' });
    const line = lineOf(sessionOf([{ item: 'MR-KNEE-P' as never, side: 'right' }]), [left]);
    expect(line).toMatchObject({ outcome: 'nothing-found', interrupts: false });
    expect(line.parts[0]?.assessed[0]?.verdict).toMatchObject({
      grade: 'excluded',
      row: 'other-examination',
    });
  });
});

describe('14. an emergency', () => {
  const line = lineOf(sessionOf([{ localCode: 'K01' }], { encounterClass: 'emergency' }), [
    resultOf('LC-K', '2026-11-15 08:00'),
  ]);

  it('is never interrupted', () => {
    expect(line).toMatchObject({ quiet: 'encounter-class', interrupts: false });
  });

  it('has N4 filled in', () => {
    expect(offeredReasons(line, EXAMPLE.rulesAt(NOW).reasons).prefilled).toBe('N4');
  });

  it('is still an opportunity', () => {
    expect(line.parts[0]?.best).toBe('must-consider');
  });
});

describe('15. a recognition that fails half-way in the hospital’s own systems', () => {
  // The steps and their compensation belong to the ordering side's integration; here: what can be recognised at all, and
  // that the same answer checked twice is the same, so that repeating it after a failure is safe.
  it('can be repeated: the same answer is the same recognition', () => {
    const line = lineOf(sessionOf([{ localCode: 'K01' }]), [resultOf('LC-K', '2026-11-15 08:00')]);
    const rules = EXAMPLE.rulesAt(NOW);
    const answer = {
      kind: 'recognise',
      results: null,
      reason: null,
      localReason: null,
      subReasons: [],
      text: null,
    } as const;
    const first = validateResponse(answer, line, rules);
    expect(first.ok).toBe(true);
    expect(validateResponse(answer, line, rules)).toEqual(first);
  });
});
