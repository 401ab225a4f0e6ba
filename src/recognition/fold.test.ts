import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_CHECKS } from './checks/checks.ts';
import { ANY_UNKNOWN, FOLD, foldIndex } from './fold.ts';
import type { CheckOutcome, VerdictGrade } from './verdict.ts';

const FINDINGS = ALL_CHECKS.flatMap(({ code, findings }) =>
  Object.entries(findings).map(([finding, outcome]) => ({
    check: code,
    finding,
    outcome: outcome as CheckOutcome['outcome'],
  })),
);
const NAMED = FOLD.flatMap(({ findings }) => findings).filter((finding) => finding !== ANY_UNKNOWN);
const anyOutcome: fc.Arbitrary<CheckOutcome> = fc
  .constantFrom(...FINDINGS)
  .map((each) => ({ ...each, data: {}, citation: null }));

describe('the tables of checks and fold', () => {
  it('give every check and every finding a name of its own', () => {
    const codes = ALL_CHECKS.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(FINDINGS.length).toBe(new Set(FINDINGS.map(({ finding }) => finding)).size);
  });

  it('name every failing finding in exactly one row, and no finding that no check can make', () => {
    const failing = FINDINGS.filter(({ outcome }) => outcome === 'fail').map(({ finding }) => finding);
    expect(failing.filter((finding) => !NAMED.includes(finding))).toEqual([]);
    expect(new Set(NAMED).size).toBe(NAMED.length);
    expect(NAMED.filter((finding) => !FINDINGS.some((each) => each.finding === finding))).toEqual([]);
  });

  it('never let a passing finding lower a verdict', () => {
    for (const { finding, outcome } of FINDINGS)
      if (outcome === 'pass' || outcome === 'assumed-by-policy') expect(NAMED).not.toContain(finding);
  });

  it('rise from excluded to must-consider without ever turning back', () => {
    const rank: Readonly<Record<VerdictGrade, number>> = {
      excluded: 0,
      'view-only': 1,
      'not-covered': 2,
      'may-consider': 3,
      'must-consider': 4,
    };
    const ranks = FOLD.map(({ grade }) => rank[grade]);
    expect(ranks).toEqual(ranks.toSorted((left, right) => left - right));
    expect(FOLD.filter(({ grade }) => grade === 'must-consider').map(({ findings }) => findings)).toEqual([
      [],
    ]);
  });
});

describe('the fold', () => {
  it('never goes up by a further outcome, and a further pass changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 20 }), anyOutcome, (outcomes, further) => {
        const before = foldIndex(outcomes);
        const after = foldIndex([...outcomes, further]);
        expect(after).toBeLessThanOrEqual(before);
        if (further.outcome === 'pass') expect(after).toBe(before);
      }),
    );
  });

  it('does not depend on the order of the checks', () => {
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 20 }), (outcomes) => {
        expect(foldIndex(outcomes.toReversed())).toBe(foldIndex(outcomes));
      }),
    );
  });

  it('gives at most may-consider as soon as anything is unknown or fails', () => {
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 20 }), (outcomes) => {
        const clean = outcomes.every(({ outcome }) => outcome === 'pass' || outcome === 'assumed-by-policy');
        expect(FOLD[foldIndex(outcomes)]?.grade === 'must-consider').toBe(clean);
      }),
    );
  });

  it('excludes on a failure that no row names', () => {
    const strange: CheckOutcome = {
      check: 'x',
      outcome: 'fail',
      finding: 'never-heard-of',
      data: {},
      citation: null,
    };
    expect(FOLD[foldIndex([strange])]?.grade).toBe('excluded');
  });
});
