import { describe, expect, it } from 'vitest';
import type { HistoryPoint } from '../kit/history.ts';
import type { HistoryReport } from '../wire/result-history.ts';
import { TREND_SIZE, trendOf } from './trend.ts';

const POINT: HistoryPoint = {
  report: 0,
  ordinal: 1,
  text: '5',
  unit: 'mmol/L',
  referenceText: '',
  flag: null,
  standing: 'final',
  disputed: false,
  previous: null,
  localName: '钾',
  method: null,
  specimen: null,
  pointOfCare: false,
  performer: null,
  marks: [],
  value: 5,
  converted: false,
  comparator: null,
  low: 3.5,
  high: 5.3,
  curve: 0,
  finding: 'standardised',
  change: null,
};
const DAYS = ['2026-11-20', '2026-11-10', '2026-10-01', '2026-09-01'];
const reports = DAYS.map((day) => ({ anchorAt: `${day}T00:00:00Z` })) as unknown as HistoryReport[];
const points = (...over: Partial<HistoryPoint>[]) =>
  over.map((each, report) => ({ ...POINT, report, ...each }));

describe('the chart of one item over time', () => {
  it('never joins values that may not be compared', () => {
    const trend = trendOf(
      { reports },
      { points: points({ curve: 0 }, { curve: 1 }, { curve: 0 }, { curve: null }) },
    );
    expect(trend?.marks).toHaveLength(4);
    expect(trend?.lines).toHaveLength(1);
    expect(trend?.lines[0]?.match(/[ML]/g)).toEqual(['M', 'L']);
    expect(trendOf({ reports }, { points: points({ curve: 0 }, { curve: 1 }) })?.lines).toEqual([]);
  });

  it('draws time to scale and gives each value the band of its own laboratory', () => {
    const trend = trendOf({ reports }, { points: points({}, {}, { low: 3.4, high: 5.1 }, {}) });
    const [oldest, second, third, newest] = trend?.marks ?? [];
    expect(oldest?.x).toBe(TREND_SIZE.margin);
    expect(newest?.x).toBe(TREND_SIZE.width - TREND_SIZE.margin);
    expect((third?.x ?? 0) - (second?.x ?? 0)).toBeGreaterThan((newest?.x ?? 0) - (third?.x ?? 0));
    expect(new Set(trend?.bands.map(({ top }) => top)).size).toBe(2);
  });

  it('leaves out what is no number, in dispute or taken back, and says how many', () => {
    const trend = trendOf(
      { reports },
      { points: points({}, { value: null }, { disputed: true }, { standing: 'withdrawn' }) },
    );
    expect(trend).toBeNull();
    expect(trendOf({ reports }, { points: points({}, { comparator: '<' }, {}) })?.left).toBe(1);
  });
});
