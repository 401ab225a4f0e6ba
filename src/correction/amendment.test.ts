import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReportDifference } from '../result/index.ts';
import { type Amendment, amendmentAnswers, CORRECTION_KINDS, isPartTakenBack } from './index.ts';

const change = (
  ordinal: number | null,
  field: ReportDifference['field'],
  to: string | null = '6.4',
): ReportDifference => ({ ordinal, name: '钾', field, from: '4.1', to });
const amended = (...differences: ReportDifference[]): Amendment => ({ isGone: false, differences });

describe('an amended report', () => {
  it.each([
    ['the disputed value', 'wrong-value', 1, change(1, 'value'), 'closes'],
    ['another value', 'wrong-value', 1, change(2, 'value'), 'offers'],
    ['the unit of the disputed value', 'wrong-value', 1, change(1, 'unit'), 'offers'],
    ['the disputed unit', 'wrong-unit', 1, change(1, 'unit'), 'closes'],
    ['the value in a disputed unit', 'wrong-unit', 1, change(1, 'value'), 'offers'],
    ['the findings of a whole report', 'wrong-value', null, change(null, 'findings'), 'closes'],
    ['one value of a whole report', 'wrong-value', null, change(1, 'value'), 'offers'],
    ['another person’s value', 'wrong-person', 1, change(1, 'value'), 'offers'],
    ['what is of poor quality', 'quality', null, change(null, 'findings'), 'offers'],
    [
      'a disputed line that is taken back',
      'wrong-person',
      1,
      change(1, 'standing', 'entered-in-error'),
      'closes',
    ],
    ['a disputed line that is left out', 'other', 1, change(1, 'line', null), 'closes'],
    ['a line that is taken back beside it', 'wrong-person', 1, change(2, 'standing', 'withdrawn'), 'offers'],
  ] as const)('that changes %s', (_, kind, ordinal, difference, expected) => {
    expect(amendmentAnswers({ kind, ordinal }, amended(difference))).toBe(expected);
  });

  it('that is taken back as a whole answers every ticket', () => {
    for (const kind of CORRECTION_KINDS)
      for (const ordinal of [null, 1])
        expect(amendmentAnswers({ kind, ordinal }, { isGone: true, differences: [] })).toBe('closes');
  });

  it('never gives another person’s result back: while anything of it stands, somebody has to say so', () => {
    const anyDifference = fc.record({
      ordinal: fc.constantFrom(null, 1, 2),
      name: fc.constant('钾'),
      field: fc.constantFrom('value', 'unit', 'reference', 'standing', 'line', 'findings', 'impression'),
      from: fc.constantFrom(null, '4.1'),
      to: fc.constantFrom(null, '6.4', 'withdrawn', 'final'),
    }) as fc.Arbitrary<ReportDifference>;
    fc.assert(
      fc.property(fc.array(anyDifference), fc.constantFrom(null, 1), (differences, ordinal) => {
        const disputed = { kind: 'wrong-person', ordinal } as const;
        const amendment = amended(...differences);
        expect(amendmentAnswers(disputed, amendment)).toBe(
          isPartTakenBack(disputed, amendment) ? 'closes' : 'offers',
        );
      }),
    );
  });
});
