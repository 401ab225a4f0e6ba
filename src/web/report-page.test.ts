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

/** An opinion that was withdrawn, as those are shown it who may read what it said. */
const WITHDRAWN = {
  id: 'o1',
  institution: { nameZh: '县人民医院', shortNameZh: '县医院' },
  doctor: '顾清和',
  text: '考虑转移。',
  reportVersion: 1,
  statedAt: '2026-11-20T01:00:00Z',
  withdrawal: { withdrawnAt: '2026-11-21T01:00:00Z', by: '顾清和', reason: '看错了片子' },
  mayWithdraw: false,
} as unknown as ReportAnswer['opinions'][number];

describe('opinions on the page of a report', () => {
  const own = { ...WITHDRAWN, id: 'o2', text: '考虑炎症。', withdrawal: null, mayWithdraw: true };

  it('keep a withdrawn one in its place: folded, struck, with who, when and why', () => {
    const page = reportContent(examination({ opinions: [WITHDRAWN, own] }), null).text;
    const [folded] = /<details.*?<\/details>/s.exec(page) ?? [''];
    expect(folded).toContain('<b>已撤回</b>');
    expect(folded).toContain('<s>考虑转移。</s>');
    expect(folded).toMatch(/顾清和 于 \S+ \S+ 撤回，理由：看错了片子/);
    expect(page.indexOf('考虑转移')).toBeLessThan(page.indexOf('考虑炎症'));
  });

  it('say only that one was withdrawn where its text is not given', () => {
    const mute = {
      ...WITHDRAWN,
      text: null,
      doctor: null,
      withdrawal: { withdrawnAt: '2026-11-21T01:00:00Z', by: null, reason: null },
    };
    const page = reportContent(examination({ opinions: [mute] }), null).text;
    expect(page).toContain('已撤回');
    expect(page).not.toMatch(/<details|<s>|null|理由/);
  });

  it('have a form to take back one’s own, on the page of a session alone', () => {
    const opinions = [WITHDRAWN, own];
    expect(reportContent(examination({ opinions }), null).text).not.toContain('<form');
    const page = reportContent(examination({ opinions }), null, 'token').text;
    expect(page.match(/action="[^"]*"/g)).toEqual(['action="/reports/r1/opinions/o2/withdrawal"']);
  });
});

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
