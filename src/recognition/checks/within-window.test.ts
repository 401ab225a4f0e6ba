import { describe, expect, it } from 'vitest';
import {
  compiled,
  listRow,
  lookAt,
  moment,
  orderOf,
  resultOf,
  withRow,
} from '../../../test/example-region.ts';

describe('a window of seven days for potassium, ordered on the 20th at 09:30', () => {
  it.each([
    ['2026-11-15 08:00', 'in-window', 'must-consider'],
    ['2026-11-13 23:59', 'in-window', 'must-consider'],
    ['2026-11-12 23:59', 'window-passed', 'may-consider'],
    ['2026-11-20 09:31', 'collected-in-the-future', 'may-consider'],
    [null, 'collection-time-missing', 'may-consider'],
  ])('collected %s: %s, %s', (collected, finding, grade) => {
    expect(lookAt('within-window', orderOf('LC-K'), resultOf('LC-K', collected))).toMatchObject({
      finding,
      grade,
    });
  });
});

describe('a collection time that the laboratory left out', () => {
  const times = { receivedAt: moment('2026-11-18 10:00'), reportedAt: moment('2026-11-18 12:00') };

  it('is replaced by the receipt where the list allows it, and the verdict says so', () => {
    const seen = lookAt('within-window', orderOf('LC-ALT'), resultOf('LC-ALT', null, times));
    expect(seen).toMatchObject({
      finding: 'in-window-by-receipt',
      grade: 'must-consider',
      data: { basis: 'received', anchoredAt: moment('2026-11-18 10:00') },
    });
  });

  it('stays missing where the list does not allow it', () => {
    const seen = lookAt('within-window', orderOf('LC-K'), resultOf('LC-K', null, times));
    expect(seen).toMatchObject({ finding: 'collection-time-missing', grade: 'may-consider' });
  });

  it('is never replaced by the report', () => {
    const seen = lookAt(
      'within-window',
      orderOf('LC-ALT'),
      resultOf('LC-ALT', null, { ...times, receivedAt: null }),
    );
    expect(seen).toMatchObject({ finding: 'collection-time-missing', grade: 'may-consider' });
  });
});

describe('a window of six hours when only the day of collection is known', () => {
  const snapshot = compiled(withRow(listRow('LH-WBC', 0, { window: { unit: 'hours', n: 6 } })));
  const result = resultOf('LH-WBC', '2026-11-20 00:00', { collectedPrecision: 'day' });

  it.each([
    ['2026-11-20 05:59', 'in-window', 'must-consider'],
    ['2026-11-20 09:30', 'window-undecided', 'may-consider'],
    ['2026-11-21 06:00', 'window-passed', 'may-consider'],
  ])('ordered %s: %s, %s', (at, finding, grade) => {
    const seen = lookAt('within-window', orderOf('LH-WBC'), result, { snapshot, at: moment(at) });
    expect(seen).toMatchObject({ finding, grade });
  });
});

it('an item for which the list sets no window is never proposed by itself', () => {
  const seen = lookAt('within-window', orderOf('LB-ABO'), resultOf('LB-ABO', '2026-11-20 08:00'));
  expect(seen).toMatchObject({ finding: 'no-window', grade: 'not-covered' });
});
