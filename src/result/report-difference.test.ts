import { describe, expect, it } from 'vitest';
import type { ReportContent } from './report-content.ts';
import { reportDifferences } from './report-difference.ts';

const content = (
  lines: readonly { key: string; value: string; unit?: string; standing?: string }[],
  substance: object = {},
): ReportContent =>
  ({
    form: 1,
    kind: 'laboratory',
    reportNumber: 'R1',
    substance,
    particulars: {},
    observations: lines.map(({ key, value, unit = 'mmol/L', standing = 'final' }, index) => ({
      key,
      ordinal: index + 1,
      standing,
      stated: { code: { code: key, text: `项目${key}` }, value: { text: value }, unit, reference: '1-2' },
      read: {},
    })),
  }) as unknown as ReportContent;

describe('differences between two versions of a report', () => {
  it('name the line, what changed, and both sides', () => {
    const earlier = content([
      { key: 'K', value: '4.1' },
      { key: 'NA', value: '140' },
    ]);
    const later = content([
      { key: 'K', value: '4.6', standing: 'corrected' },
      { key: 'NA', value: '140' },
    ]);
    expect(reportDifferences(earlier, later)).toEqual([
      { ordinal: 1, name: '项目K', field: 'value', from: '4.1', to: '4.6' },
      { ordinal: 1, name: '项目K', field: 'standing', from: 'final', to: 'corrected' },
    ]);
    expect(reportDifferences(later, later)).toEqual([]);
  });

  it('name lines that came and went, and a changed unit', () => {
    const earlier = content([
      { key: 'K', value: '4.1' },
      { key: 'CA', value: '2.2' },
    ]);
    const later = content([
      { key: 'K', value: '4.1', unit: 'mg/dL' },
      { key: 'CL', value: '101' },
    ]);
    expect(
      reportDifferences(earlier, later).map(({ name, field, from, to }) => [name, field, from, to]),
    ).toEqual([
      ['项目K', 'unit', 'mmol/L', 'mg/dL'],
      ['项目CL', 'line', null, '101'],
      ['项目CA', 'line', '2.2', null],
    ]);
  });

  it('name a changed impression apart from the findings', () => {
    const earlier = content([], { findings: '两肺纹理增多', impression: '支气管炎' });
    const later = content([], { findings: '两肺纹理增多', impression: '肺炎' });
    expect(reportDifferences(earlier, later)).toEqual([
      { ordinal: null, name: '', field: 'impression', from: '支气管炎', to: '肺炎' },
    ]);
  });
});
