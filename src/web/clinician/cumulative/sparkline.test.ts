import { describe, expect, it } from 'vitest';
import type { HistoryReport } from '../../wire/result-history.ts';
import type { HistoryPoint } from '../../kit/history.ts';
import { sparkline } from './sparkline.ts';

const DAY = 86_400_000;
/** Values of an item with the days on which they were got, the oldest first. */
const series = (values: readonly (Partial<HistoryPoint> & { day: number })[]) => {
  const newestFirst = values.toReversed();
  const reports = newestFirst.map(({ day }) => ({
    anchorAt: new Date(day * DAY).toISOString(),
  })) as HistoryReport[];
  const points = newestFirst.map(({ day: _day, ...each }, report) => ({
    low: null,
    high: null,
    curve: 0,
    ...each,
    report,
  })) as HistoryPoint[];
  return sparkline({ points }, { reports }, 100, 20);
};

describe('the small curve', () => {
  it('keeps the scale of time: a long pause is a long way', () => {
    const { points } = series([
      { day: 0, value: 1 },
      { day: 1, value: 2 },
      { day: 10, value: 3 },
    ]);
    const [first, second, third] = points.map(({ x }) => x) as [number, number, number];
    expect((third - second) / (second - first)).toBeCloseTo(9);
    expect(points.map(({ y }) => y)).toEqual(points.map(({ y }) => y).toSorted((a, b) => b - a));
  });

  it('joins neighbours on one curve only: a value of another one between them is a gap', () => {
    const { lines } = series([
      { day: 0, value: 1 },
      { day: 1, value: 2 },
      { day: 2, value: 9, curve: 1 },
      { day: 3, value: 3 },
      { day: 4, value: 4, curve: null, finding: 'not-issued' },
      { day: 5, value: 5 },
    ]);
    expect(lines.map((line) => line.length)).toEqual([2, 2]);
  });

  it('leaves out what has no place', () => {
    const { lines, points } = series([
      { day: 0, value: 1 },
      { day: 1, value: 9, curve: 1 },
      { day: 2, value: 1 },
      { day: 3, value: null, curve: null },
      { day: 4, value: 5, curve: null },
    ]);
    expect(points).toHaveLength(4);
    expect(lines).toEqual([]);
  });

  it('gives each value the interval of its own laboratory', () => {
    const { bands, points } = series([
      { day: 0, value: 5, low: 1, high: 4 },
      { day: 1, value: 5, low: 1, high: 6 },
      { day: 2, value: 5 },
    ]);
    expect(bands).toHaveLength(2);
    expect(bands[0]?.y).toBeGreaterThan(bands[1]?.y ?? 0);
    expect(points.map(({ isOut }) => isOut)).toEqual([true, false, false]);
  });

  it('shows the last eight only', () => {
    expect(series(Array.from({ length: 12 }, (_, day) => ({ day, value: day }))).points).toHaveLength(8);
  });
});
