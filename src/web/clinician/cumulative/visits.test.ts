import { describe, expect, it } from 'vitest';
import type { HistoryReport } from '../../wire/result-history.ts';
import type { History, HistoryItem, HistoryPoint } from '../../kit/history.ts';
import { cumulativeTable, filterRows, visitsOf } from './visits.ts';

const report = (institution: number, anchorAt: string): HistoryReport => ({
  id: '01930000-0000-7000-8000-000000000001',
  kind: 'laboratory',
  title: '',
  reportNumber: '',
  institution,
  standing: 'final',
  version: 1,
  anchorAt,
  collectedAt: anchorAt,
  collectedPrecision: 'minute',
  receivedAt: null,
  reportedAt: null,
  disputed: false,
  identity: 'same-record',
});
const point = (place: number, text: string, over: Partial<HistoryPoint> = {}): HistoryPoint => ({
  report: place,
  ordinal: 1,
  text,
  unit: '',
  referenceText: '',
  flag: null,
  standing: 'final',
  disputed: false,
  previous: null,
  localName: '肌酐(酶法)',
  method: null,
  specimen: null,
  pointOfCare: false,
  performer: null,
  marks: [],
  value: null,
  converted: false,
  comparator: null,
  low: null,
  high: null,
  curve: null,
  finding: 'no-number',
  change: null,
  ...over,
});
const item = (code: string, points: HistoryPoint[]): HistoryItem => ({
  code,
  mapped: true,
  nameZh: '肌酐',
  nameEn: 'Creatinine',
  initials: 'jg',
  unit: '',
  comparability: 'A',
  points,
});
const history = (reports: HistoryReport[], items: HistoryItem[]): History => ({
  person: '01930000-0000-7000-8000-000000000001',
  at: '2026-11-23T01:00:00Z',
  complete: true,
  disclosure: { basis: '', text: { zh: '', en: '' } },
  institutions: [],
  existing: [],
  reports,
  sections: [{ code: 'renal', name: { zh: '肾功能', en: 'Renal' }, items }],
  examinations: [],
});

describe('columns of the cumulative table', () => {
  it('hold the tubes of one day at one institution together, by the day in China', () => {
    const { visits } = cumulativeTable(
      history(
        [
          report(0, '2026-11-20T01:00:00Z'),
          report(0, '2026-11-19T23:30:00Z'),
          report(1, '2026-11-20T01:00:00Z'),
        ],
        [item('A', [point(0, '1')]), item('B', [point(1, '2')]), item('C', [point(2, '3')])],
      ),
    );
    expect(visits.map(({ institution, at, reports }) => [institution, at, reports])).toEqual([
      [1, '2026-11-20T01:00:00Z', [2]],
      [0, '2026-11-19T23:30:00Z', [0, 1]],
    ]);
  });

  it('never cover a value by another of the same day', () => {
    const { visits, rows } = cumulativeTable(
      history(
        [report(0, '2026-11-20T06:00:00Z'), report(0, '2026-11-20T01:00:00Z')],
        [item('A', [point(0, 'later'), point(1, 'earlier')])],
      ),
    );
    expect(visits).toHaveLength(2);
    expect(visits.map(({ key }) => rows[0]?.cells.get(key)?.text)).toEqual(['later', 'earlier']);
  });
});

describe('rows', () => {
  const { rows, visits } = cumulativeTable(
    history(
      [report(0, '2026-11-20T01:00:00Z'), report(0, '2026-10-20T01:00:00Z')],
      [
        item('LC-CREA', [point(0, '90', { flag: 'normal' })]),
        {
          ...item('LC-K', [point(1, '6.1', { flag: 'critical-high', localName: '血钾' })]),
          nameZh: '钾',
          nameEn: 'Potassium',
          initials: 'j',
        },
      ],
    ),
  );
  const found = (typed: string, over = {}) =>
    filterRows(rows, { typed, onlyAbnormal: false, ordered: null, ...over }).map(
      ({ item: { code } }) => code,
    );

  it.each([
    ['肌酐', ['LC-CREA']],
    ['jg', ['LC-CREA']],
    ['lc-k', ['LC-K']],
    ['creatinine lc', ['LC-CREA']],
    ['lc', ['LC-CREA', 'LC-K']],
    ['酶法 crea', ['LC-CREA']],
    ['nothing', []],
  ])('are found by %s', (typed, codes) => {
    expect(found(typed)).toEqual(codes);
  });

  it('can be the abnormal or the ordered ones only, and take their empty columns with them', () => {
    expect(found('', { onlyAbnormal: true })).toEqual(['LC-K']);
    expect(found('', { ordered: new Set(['LC-CREA']) })).toEqual(['LC-CREA']);
    const abnormal = filterRows(rows, { typed: '', onlyAbnormal: true, ordered: null });
    expect(visitsOf(visits, abnormal).map(({ at }) => at)).toEqual(['2026-10-20T01:00:00Z']);
  });
});
