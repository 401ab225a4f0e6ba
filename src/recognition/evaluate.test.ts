import { describe, expect, it } from 'vitest';
import {
  compiled,
  EXAMPLE,
  listRow,
  moment,
  NOW,
  orderOf,
  resultOf,
  UNTREATED,
  withChanged,
  withRow,
} from '../../test/example-region.ts';
import { evaluate } from './evaluate.ts';

const potassium = resultOf('LC-K', '2026-11-15 08:00');

describe('a verdict', () => {
  it('is must-consider when nothing stands against the result, and names the zone', () => {
    const verdict = evaluate(orderOf('LC-K'), potassium, EXAMPLE, UNTREATED, NOW);
    expect(verdict.checks.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
    expect(verdict).toMatchObject({ grade: 'must-consider', row: 'all-pass', zone: 'E' });
  });

  it('makes the checks of a zone only where a zone has the item', () => {
    const abroad = evaluate(orderOf('LC-K', { institution: 'QIN-1' }), potassium, EXAMPLE, UNTREATED, NOW);
    expect(abroad.checks.map(({ check }) => check)).toEqual([
      'identity-established',
      'report-stands',
      'same-item',
      'same-specimen',
      'same-side-and-body-part',
      'final',
      'method-comparable',
      'common-zone-lists-item',
    ]);
  });
});

describe('the moment at which a verdict would change', () => {
  const untilOf = (snapshot = EXAMPLE, candidate = potassium, patient = UNTREATED) =>
    evaluate(orderOf('LC-K'), candidate, snapshot, patient, NOW).until;

  it('is the end of the reference window', () => {
    expect(untilOf()).toBe(moment('2026-11-23 00:00'));
  });

  it('is the end of the list, when that comes first', () => {
    const ending = compiled(
      withChanged('item-list', 'E', (list) => ({ ...list, effectiveTo: '2026-11-22' })),
    );
    expect(untilOf(ending)).toBe(moment('2026-11-22 00:00'));
  });

  it('is a treatment that is planned, where the list ends the window with it', () => {
    const snapshot = compiled(withRow(listRow('LC-K', 7, { preconditions: ['surgery'] })));
    const planned = { interventions: [{ kind: 'surgery' as const, at: moment('2026-11-21 08:00') }] };
    expect(untilOf(snapshot, potassium, planned)).toBe(moment('2026-11-21 08:00'));
  });

  it('is the stated collection, when a wrong clock puts that in the future', () => {
    expect(untilOf(EXAMPLE, resultOf('LC-K', '2026-11-20 10:00'))).toBe(moment('2026-11-20 10:00'));
  });

  it('is none for what no passing of time can mend', () => {
    expect(untilOf(EXAMPLE, resultOf('LC-K', '2026-11-15 08:00', { identity: 'none' }))).toBeNull();
    expect(untilOf(EXAMPLE, resultOf('LC-K', '2026-10-15 08:00'))).toBeNull();
  });
});
