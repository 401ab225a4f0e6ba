import { describe, expect, it } from 'vitest';
import type { PublicId } from '../../kernel/uuid.ts';
import type { WaitingAnswer } from '../../web/wire/answer-review.ts';
import { ANSWER_LINES } from './answer-lines.ts';

const CHECK = '01a213c7-6d95-7001-bb67-b428da627421' as PublicId;
const SINCE = '2026-10-25T16:00:00.000Z';

const recognition = (nameZh: string, line: number): WaitingAnswer['recognitions'][number] => ({
  check: CHECK,
  line,
  code: 'X',
  person: CHECK,
  item: { code: nameZh, nameZh, nameEn: nameZh },
  report: CHECK,
  doctor: '100118',
  department: null,
  orderNumber: 'SQ-1',
  recognisedAt: '2026-11-25T17:36:06.861Z',
  standsUntil: null,
});

describe('what huren answers prints', () => {
  it('has one line for an order, by the China clock, however many results were recognised for it', () => {
    const recognitions = [
      recognition('胸部CT平扫', 3),
      ...['总蛋白', '白蛋白', '球蛋白', '白球比'].map((name) => recognition(name, 2)),
    ];
    expect(ANSWER_LINES.waiting({ since: SINCE, truncated: false, recognitions })).toEqual([
      '已互认、待开单系统确认撤销（自 2026-10-26 起互认）：2 张申请，5 项结果',
      `2026-11-26 01:36　胸部CT平扫　申请单 SQ-1　医师 100118　核查 ${CHECK} 第 3 行`,
      `2026-11-26 01:36　总蛋白等 4 项　申请单 SQ-1　医师 100118　核查 ${CHECK} 第 2 行`,
    ]);
  });

  it('says each evidence of an execution once below its order', () => {
    const execution = {
      evidence: 'same-order' as const,
      text: { zh: '梧桐县人民医院按该申请单出具了结果', en: '' },
      institution: { code: 'YX-COUNTY', nameZh: '', nameEn: '' },
      at: '2026-11-25T18:00:00.000Z',
      report: null,
    };
    const recognitions = ['总蛋白', '白蛋白'].map((name) => ({ ...recognition(name, 2), execution }));
    expect(ANSWER_LINES.executed({ since: SINCE, truncated: true, recognitions })).toEqual([
      '已互认仍执行（自 2026-10-26 起互认）：1 张申请，2 项结果（还有更多，未列出）',
      `2026-11-26 01:36　总蛋白、白蛋白　申请单 SQ-1　医师 100118　核查 ${CHECK} 第 2 行`,
      '　　梧桐县人民医院按该申请单出具了结果　2026-11-26 02:00',
    ]);
  });

  it('says that there is none', () => {
    expect(ANSWER_LINES.repeats({ since: SINCE, items: [] })).toEqual([
      '有可用结果仍重复检查（自 2026-10-26 起应答）：无',
    ]);
  });
});
