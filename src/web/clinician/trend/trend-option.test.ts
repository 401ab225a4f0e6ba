import { describe, expect, it } from 'vitest';
import type { HistoryPoint } from '../../kit/history.ts';
import { bandStretches, spansDecades, type TrendPoint, trendOption } from './trend-option.ts';

const at = (day: number, value: number, over: Partial<HistoryPoint> = {}): TrendPoint => ({
  at: day,
  value,
  point: { low: null, high: null, curve: 0, ...over } as HistoryPoint,
  isOwn: false,
  institution: '',
});
const optionOf = (points: readonly TrendPoint[]) =>
  trendOption(points, {
    unit: 'μmol/L',
    isLogarithmic: spansDecades(points),
    chosen: 0,
    nameOfCurve: String,
  }) as { series: { type: string; name: string; data: unknown[] }[]; yAxis: { type: string } };

describe('the large chart', () => {
  it('draws one line a curve and never joins what is not comparable', () => {
    const { series } = optionOf([
      at(0, 1),
      at(1, 2),
      at(2, 9, { curve: 1 }),
      at(3, 3),
      at(4, 5, { curve: null }),
    ]);
    const drawn = series
      .slice(1)
      .map(({ type, name, data }) => [
        type,
        name,
        data.map((each) => (Array.isArray(each) ? 'gap' : (each as { value: number[] }).value[1])),
      ]);
    expect(drawn).toEqual([
      ['line', '0', ['gap', 1, 2, 'gap', 3]],
      ['line', '1', ['gap', 9]],
      ['scatter', 'null', ['gap', 5]],
    ]);
  });

  it('steps the band half way between values, each by its own laboratory, open ends open', () => {
    expect(bandStretches([at(0, 1, { low: 1, high: 4 }), at(10, 2), at(20, 3, { high: 6 })])).toEqual([
      { from: 0, to: 5, low: 1, high: 4 },
      { from: 15, to: 20, low: null, high: 6 },
    ]);
  });

  it.each([
    [[249, 277], { low: 57, high: 111 }, { min: 0, max: 300, interval: 100 }],
    [[5.1, 5.4], {}, { min: 5, max: 5.5, interval: 0.1 }],
    [[0.64, 1.26], {}, { min: 0.4, max: 1.4, interval: 0.2 }],
    [[7, 7], {}, { min: 6, max: 8, interval: 0.5 }],
    [[-8, 3], {}, { min: -10, max: 5, interval: 5 }],
  ])('begins and ends its axis at a label, all labels evenly apart: %j', (values, limits, axis) => {
    expect(optionOf(values.map((value, day) => at(day, value, limits))).yAxis).toMatchObject(axis);
  });

  it('takes a logarithmic scale only for positive values that span two decades', () => {
    expect(spansDecades([at(0, 1), at(1, 100)])).toBe(true);
    expect(spansDecades([at(0, 1), at(1, 99)])).toBe(false);
    expect(spansDecades([at(0, 0), at(1, 500)])).toBe(false);
    expect(optionOf([at(0, 1), at(1, 1000)]).yAxis.type).toBe('log');
  });
});
