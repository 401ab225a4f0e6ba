import { describe, expect, it } from 'vitest';
import { reportAppendix, reportContent } from './report-page.ts';
import type { ReportAnswer } from './wire/order-check-answer.ts';

const CONCLUSION = '右肺上叶磨玻璃结节，建议随访。';

const line = (ordinal: number, name: string, text: string): ReportAnswer['observations'][number] => ({
  ordinal,
  code: `C${ordinal}`,
  name,
  value: { text, unit: '', referenceText: '', flag: null },
  method: null,
  standing: 'final',
});

const examination = (over: Partial<ReportAnswer> = {}): ReportAnswer =>
  ({
    id: 'r1',
    kind: 'imaging',
    title: '胸部平扫CT',
    standing: 'final',
    version: 1,
    disputed: false,
    reportNumber: 'R1',
    institution: { nameZh: '市中心医院', shortNameZh: '市中心', tierZh: '三级甲等' },
    specimen: null,
    collectedAt: null,
    receivedAt: null,
    reportedAt: null,
    reporter: null,
    verifier: null,
    observations: [line(1, '胸部平扫CT', CONCLUSION)],
    findings: '右肺上叶见磨玻璃结节。',
    impression: CONCLUSION,
    opinions: [],
    notes: [],
    attachments: [],
    versions: [],
    disclosure: { basis: 'own-institution', text: { zh: '本院', en: 'own' } },
    ...over,
  }) as unknown as ReportAnswer;

describe('a report on a page', () => {
  it('says the conclusion of an examination once, and keeps what was measured', () => {
    const plain = reportContent(examination(), null).text;
    expect(plain.match(new RegExp(CONCLUSION, 'g'))).toHaveLength(1);
    expect(plain).not.toContain('<table');
    const measured = examination({
      observations: [line(1, '胸部平扫CT', CONCLUSION), line(2, '结节最大径', '7')],
    });
    expect(reportContent(measured, null).text).toContain('结节最大径');
  });

  it.each([
    ['withdrawn', '报告已撤回，不得作为依据'],
    ['entered-in-error', '报告已撤回，不得作为依据'],
    ['corrected', '报告已更正，改动见各版本'],
    ['preliminary', '初步报告，结果可能变化'],
  ] as const)('says before anything else that it is %s', (standing, words) => {
    expect(reportContent(examination({ standing }), null).text).toContain(words);
    expect(reportContent(examination(), null).text).not.toContain(words);
  });

  it('is followed by remarks, by what its versions changed, and by the documents that came with it', () => {
    const { text } = reportAppendix(
      examination({
        notes: ['标本轻度溶血'],
        attachments: [{ n: 1, mediaType: 'application/pdf', bytes: 9 }],
        versions: [
          {
            version: 2,
            standing: 'corrected',
            statedAt: '2026-11-21T00:00:00Z',
            recordedAt: '2026-11-21T00:00:00Z',
            changes: [{ ordinal: 1, name: '肌酐', field: 'value', from: '222', to: '289' }],
          },
          {
            version: 1,
            standing: 'final',
            statedAt: '2026-11-20T00:00:00Z',
            recordedAt: '2026-11-20T00:00:00Z',
            changes: [],
          },
        ],
      }),
      (n) => `/documents/${n}`,
    );
    expect(text).toContain('标本轻度溶血');
    expect(text).toContain('肌酐　结果：<s>222</s> → <b>289</b>');
    expect(text).toContain('href="/documents/1"');
    expect(text).toContain('打开附件 1（PDF）');
  });
});
