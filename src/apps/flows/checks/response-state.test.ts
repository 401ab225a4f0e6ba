import { describe, expect, it } from 'vitest';
import type { CheckResponseRow } from '../../../adapters/postgres/order-checks.ts';
import type { LineDecision, Rules } from '../../../recognition/index.ts';
import { recordText } from './response-state.ts';
import type { ResultValue } from '../results/result-values.ts';

/* Only what the sentence reads of a decision and of the rules. */

const rules = {
  itemOf: (code: string) => ({ item: { nameZh: `项目${code}`, nameEn: `item ${code}` } }),
  institutionOf: (code: string) => ({ nameZh: `医院${code}`, nameEn: `Hospital ${code}` }),
} as unknown as Rules;

interface Given {
  readonly item: string;
  readonly reporter?: string;
  readonly day?: string;
  readonly version?: number;
  readonly value?: Partial<ResultValue>;
}

const textOf = (given: readonly Given[], panel: { nameZh: string; members: number } | null) => {
  const assessed = given.map(({ item, reporter = 'A', day = '2026-11-21', version = 1 }, ordinal) => ({
    candidate: {
      report: `report-${ordinal}`,
      ordinal,
      item,
      reporter,
      reportVersion: version,
      collectedAt: Date.parse(`${day}T08:00:00+08:00`),
    },
  }));
  const line = {
    parts: [{ assessed }],
    panel: panel && { definition: { nameZh: panel.nameZh, members: Array.from({ length: panel.members }) } },
  } as unknown as LineDecision;
  const rows = given.map((_, ordinal) => ({
    report_public_id: `report-${ordinal}`,
    ordinal,
  })) as unknown as CheckResponseRow[];
  const values = new Map(
    given.map(({ value }, ordinal): [string, ResultValue] => [
      `report-${ordinal}/${ordinal}`,
      { text: '1.0', unitText: 'g/L', referenceText: '', flag: null, examination: null, ...value },
    ]),
  );
  return recordText(rows, line, rules, values);
};

describe('the sentence for the record', () => {
  it.each([
    [
      'one result',
      [{ item: 'K', value: { text: '5.9', unitText: 'mmol/L', flag: 'high' } }],
      null,
      '互认外院结果：医院A 2026-11-21 项目K：5.9 mmol/L 高 ↑（报告第 1 版）。',
      'Recognised results of other institutions: Hospital A 2026-11-21 item K: 5.9 mmol/L high ↑ (report version 1).',
    ],
    [
      'a whole panel of one report with its source once',
      [{ item: 'TP' }, { item: 'ALB', value: { flag: 'low' } }],
      { nameZh: '肝功能', members: 2 },
      '互认外院结果：医院A 2026-11-21 肝功能：项目TP 1.0 g/L、项目ALB 1.0 g/L 低 ↓（报告第 1 版）。',
      'Recognised results of other institutions: Hospital A 2026-11-21 肝功能: item TP 1.0 g/L, item ALB 1.0 g/L low ↓ (report version 1).',
    ],
    [
      'a panel by institution, day and version, and says of each that it is a part',
      [
        { item: 'TP' },
        { item: 'ALB', reporter: 'B' },
        { item: 'ALT', day: '2026-11-20' },
        { item: 'AST', version: 2 },
        { item: 'GGT' },
      ],
      { nameZh: '肝功能', members: 12 },
      '互认外院结果：医院A 2026-11-21 肝功能中的 2 项：项目TP 1.0 g/L、项目GGT 1.0 g/L（报告第 1 版）；医院B 2026-11-21 肝功能中的 1 项：项目ALB 1.0 g/L（报告第 1 版）；医院A 2026-11-20 肝功能中的 1 项：项目ALT 1.0 g/L（报告第 1 版）；医院A 2026-11-21 肝功能中的 1 项：项目AST 1.0 g/L（报告第 2 版）。',
      null,
    ],
    [
      'the opinion on an examination without a stop of its own',
      [{ item: 'CT', value: { examination: { findings: '所见。', impression: '右肺结节，建议复查。' } } }],
      null,
      '互认外院结果：医院A 2026-11-21 项目CT：右肺结节，建议复查（报告第 1 版）。',
      null,
    ],
  ] as const)('names %s', (_what, given, panel, zh, en) => {
    const text = textOf(given, panel);
    expect(text?.zh).toBe(zh);
    if (en !== null) expect(text?.en).toBe(en);
  });
});
