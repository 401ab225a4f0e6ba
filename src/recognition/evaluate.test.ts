import { describe, expect, it } from 'vitest';
import { EXAMPLE, NOW, orderOf, resultOf, UNTREATED } from '../../test/example-region.ts';
import { evaluate } from './evaluate.ts';

describe('a verdict', () => {
  it('is must-consider when nothing stands against the result, and names the zone', () => {
    const verdict = evaluate(orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00'), EXAMPLE, UNTREATED, NOW);
    expect(verdict.checks.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
    expect(verdict).toMatchObject({ grade: 'must-consider', row: 'all-pass', zone: 'E' });
  });
});
