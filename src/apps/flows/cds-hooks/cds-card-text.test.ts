import { expect, it } from 'vitest';
import type { OrderCheckCandidate, OrderCheckLine } from '../../../web/wire/order-check-answer.ts';
import { lineDetail, plainMarkdown } from './cds-card-text.ts';

it('lets nothing that a laboratory wrote become markup, a bare address included', () => {
  expect(plainMarkdown('见 https://evil.example/a_b 或 WWW.evil.example')).toBe(
    String.raw`见 https\://evil.example/a\_b 或 WWW\.evil.example`,
  );
  expect(plainMarkdown('[x](y)\n|<b>')).toBe(String.raw`\[x\]\(y\) \|\<b\>`);
  expect(plainMarkdown('比值 1:2，14:30')).toBe('比值 1:2，14:30');
});

const candidate = (nameZh: string, over: Partial<OrderCheckCandidate> = {}): OrderCheckCandidate =>
  ({
    item: { code: nameZh, nameZh, nameEn: nameZh },
    grade: 'must-consider',
    value: { text: '5.0', unit: 'mmol/L', referenceText: '3.5-5.3', flag: 'normal' },
    examination: null,
    institution: {
      nameZh: '市中心医院',
      tierZh: '三级甲等',
      nameEn: 'City Hospital',
      shortNameZh: '',
      code: 'C',
    },
    collectedAt: '2026-11-21T00:15:00.000Z',
    collectedPrecision: 'minute',
    mark: '望溪HR',
    until: null,
    reasons: [],
    ...over,
  }) as OrderCheckCandidate;

const panel = (...candidates: OrderCheckCandidate[]): string =>
  lineDetail(
    { candidates, notice: null, panel: { covered: 2, missing: [], members: 2 } } as unknown as OrderCheckLine,
    'zh',
  );

it('says once, above the table of a panel, what all its results share', () => {
  expect(panel(candidate('钾'), candidate('钠'))).toBe(
    [
      '- 医疗机构：市中心医院（三级甲等）',
      '- 采样时间：2026-11-21 08:15',
      '- 互认标识：望溪HR',
      '',
      '| 项目 | 结果 | 参考区间 |',
      '| --- | --- | --- |',
      '| 钾 | 5.0 mmol/L | 3.5-5.3 |',
      '| 钠 | 5.0 mmol/L | 3.5-5.3 |',
      '',
      '是否互认由接诊医师决定，不影响开单。',
    ].join('\n'),
  );
});

it('gives a column to what they do not share', () => {
  const text = panel(
    candidate('钾'),
    candidate('钠', { mark: null, collectedAt: '2026-11-20T00:15:00.000Z' }),
  );
  expect(text).toContain('| 项目 | 结果 | 参考区间 | 采样时间 | 互认标识 |');
  expect(text).toContain('| 钠 | 5.0 mmol/L | 3.5-5.3 | 2026-11-20 08:15 | — |');
  expect(text).toContain('- 医疗机构：市中心医院（三级甲等）');
});
