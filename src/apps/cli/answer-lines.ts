import { civilDateText, civilTimeText } from '../../kernel/civil-day.ts';
import { instant } from '../../kernel/instant.ts';
import type { ExecutedAnswer, RepeatsAnswer, WaitingAnswer } from '../../web/wire/answer-review.ts';

type Recognition = WaitingAnswer['recognitions'][number];

/** Items of one order that a line names; of a longer panel it names the first and tells the number. */
const ITEMS_NAMED_MAX = 3;

const timeOf = (iso: string): string => civilTimeText(instant(Date.parse(iso)));

const since = (iso: string): string => `自 ${civilDateText(instant(Date.parse(iso)))} 起`;

/** Results that were recognised for one order by one act: a panel is one line, not one for each of its items. */
const byOrder = <One extends Recognition>(recognitions: readonly One[]): readonly (readonly One[])[] => [
  ...Map.groupBy(recognitions, ({ check, line, recognisedAt }) =>
    JSON.stringify([check, line, recognisedAt]),
  ).values(),
];

const itemsText = (recognitions: readonly Recognition[]): string => {
  const names = recognitions.map(({ item }) => item.nameZh);
  return names.length <= ITEMS_NAMED_MAX ? names.join('、') : `${names[0]}等 ${names.length} 项`;
};

const orderLine = (recognitions: readonly Recognition[]): string => {
  const { recognisedAt, orderNumber, doctor, check, line } = recognitions[0] as Recognition;
  return `${timeOf(recognisedAt)}　${itemsText(recognitions)}　申请单 ${orderNumber ?? '未注明'}　医师 ${doctor ?? '未注明'}　核查 ${check} 第 ${line} 行`;
};

const counted = (recognitions: readonly Recognition[], truncated: boolean): string =>
  recognitions.length === 0
    ? '无'
    : `${byOrder(recognitions).length} 张申请，${recognitions.length} 项结果${truncated ? '（还有更多，未列出）' : ''}`;

const executedLines = ({ recognitions, truncated, since: from }: ExecutedAnswer): readonly string[] => [
  `已互认仍执行（${since(from)}互认）：${counted(recognitions, truncated)}`,
  ...byOrder(recognitions).flatMap((results) => [
    orderLine(results),
    ...new Set(
      results.map(({ execution: { text, at } }) => `　　${text.zh}${at === null ? '' : `　${timeOf(at)}`}`),
    ),
  ]),
];

const waitingLines = ({ recognitions, truncated, since: from }: WaitingAnswer): readonly string[] => [
  `已互认、待开单系统确认撤销（${since(from)}互认）：${counted(recognitions, truncated)}`,
  ...byOrder(recognitions).map(orderLine),
];

const repeatsLines = ({ items, since: from }: RepeatsAnswer): readonly string[] => [
  `有可用结果仍重复检查（${since(from)}应答）：${items.length === 0 ? '无' : `${items.length} 个项目`}`,
  ...items.map(
    ({ item, repeats, avoidable, reasons }) =>
      `${item.nameZh}　重复 ${repeats} 次　其中可避免 ${avoidable} 次　理由 ${reasons
        .map(({ reason, answers }) => `${reason ?? '未注明'}×${answers}`)
        .join(' ')}`,
  ),
];

/** What `huren answers` prints of each review, for people: China time, one line for an order. */
export const ANSWER_LINES = {
  executed: executedLines,
  waiting: waitingLines,
  repeats: repeatsLines,
} as const;
