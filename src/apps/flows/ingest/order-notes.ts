import type { OrderNotes } from '../../../adapters/hl7v2/write-order-answer.ts';
import type {
  OrderCheckAnswer,
  OrderCheckCandidate,
  OrderCheckLine,
} from '../../../web/wire/order-check-answer.ts';
import {
  absentMembers,
  countsMissingOnly,
  type PanelCover,
  panelHeadline,
} from '../../../web/panel-words.ts';
import { OUTCOME_WORDS, WORDS } from '../../../web/words.ts';
import {
  gradeText,
  institutionText,
  markText,
  resultText,
  timeOfResult,
  windowText,
} from '../checks/check-words.ts';

/*
 * An order check in notes: one thought each, because systems that show an NTE show one line.
 */

/** Results of one line that are told; a long panel is better read on the card. */
const CANDIDATES_TOLD_MAX = 20;

const candidateNotes = (candidate: OrderCheckCandidate): readonly string[] => {
  const mark = markText(candidate);
  return [
    `结果：${resultText(candidate)}`,
    `机构：${institutionText(candidate)}`,
    `时间：${timeOfResult(candidate)}`,
    ...(mark === '' ? [] : [candidate.mark === null ? mark : `互认标识：${mark}`]),
    windowText(candidate),
    `判定：${[gradeText(candidate), ...candidate.reasons.map(({ zh }) => zh)].join('；')}`,
  ].filter((note) => note !== '');
};

const panelNotes = ({ panel, name }: OrderCheckLine): readonly string[] => {
  if (!panel || panel.covered === 0 || (panel.missing.length === 0 && panel.mayConsider === 0)) return [];
  const isListed = countsMissingOnly(panel) || absentMembers(panel).some(({ single }) => single !== null);
  const named = (members: PanelCover['missing']): string =>
    members
      .map(({ item, single }) => (single === null ? item.nameZh : `${item.nameZh}（${single}）`))
      .join('、');
  const absent = absentMembers(panel);
  const alone = panel.missing.filter(({ grade, single }) => grade !== null && single !== null);
  return [
    panelHeadline(panel, name).zh,
    ...(isListed && absent.length > 0 ? [`所缺项目：${named(absent)}`] : []),
    ...(alone.length > 0 ? [`另可单独开单：${named(alone)}`] : []),
  ];
};

const lineNotes = (line: OrderCheckLine): readonly string[] => {
  const { outcome, notice, candidates } = line;
  const told = candidates.slice(0, CANDIDATES_TOLD_MAX);
  return [
    OUTCOME_WORDS[outcome],
    ...(notice && notice.zh !== OUTCOME_WORDS[outcome] ? [notice.zh] : []),
    ...panelNotes(line),
    ...told.flatMap(candidateNotes),
    ...(candidates.length > told.length
      ? [`另有 ${candidates.length - told.length} 项结果，见互认卡片`]
      : []),
  ];
};

/**
 * What a check found.
 *
 * @param orders how many orders the message has; a line's number is its order's place, from 1
 */
export const checkNotes = (answer: OrderCheckAnswer, orders: number, cardUrl: string | null): OrderNotes => {
  const byLine = new Map(answer.lines.map((line) => [line.line, line]));
  return {
    general: [
      answer.title.zh,
      ...(answer.notice && answer.notice.zh !== answer.title.zh ? [answer.notice.zh] : []),
      ...(answer.drill ? ['演练数据'] : []),
      ...(cardUrl === null ? [] : [`互认卡片：${cardUrl}`]),
    ],
    orders: Array.from({ length: orders }, (_, index) => {
      const line = byLine.get(index + 1);
      return line ? lineNotes(line) : [];
    }),
  };
};

/**
 * The orders were stored and could not be checked: said of the message and of every order that was to be checked.
 *
 * @param why what stands in the way, where the sender can mend it
 */
export const notCheckedNotes = (isAsked: readonly boolean[], why: string | null = null): OrderNotes => ({
  general: [WORDS.couldNotCheck, ...(why === null ? [] : [why])],
  orders: isAsked.map((asked) => (asked ? ['本次未核查'] : [])),
});
