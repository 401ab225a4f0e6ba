import type { AffectedDecision, CorrectionAnswer, CorrectionCase } from './wire/correction.ts';

/** What is wrong, as the form asks and the ticket says. */
export const CORRECTION_KIND_WORDS: Readonly<Record<CorrectionAnswer['kind'], string>> = {
  'wrong-person': '不是这位患者的结果',
  'wrong-value': '结果数值或文字有误',
  'wrong-unit': '单位有误',
  'image-missing': '影像缺失',
  quality: '质量不满足诊疗',
  other: '其他',
};

/** Where a ticket stands. */
export const CORRECTION_STATE_WORDS: Readonly<Record<CorrectionAnswer['state'], string>> = {
  submitted: '已提交',
  accepted: '已受理',
  verifying: '核实中',
  corrected: '已更正',
  unfounded: '不成立',
  'followed-up': '已回访',
};

type Step = CorrectionAnswer['history'][number];

/** What happened, in the course of a ticket. */
export const CORRECTION_STEP_WORDS: Readonly<Record<Step['step'], string>> = {
  submit: '提交',
  accept: '受理',
  investigate: '开始核实',
  ask: '向反映人询问',
  reply: '反映人答复',
  amendment: '收到更正报告，待确认',
  correct: '已更正',
  refuse: '不成立',
  'follow-up': '回访',
};

/** Whose act it was. */
export const CORRECTION_PARTY_WORDS: Readonly<Record<Step['by'], string>> = {
  reporter: '反映人',
  source: '出具机构',
  platform: '平台自动',
};

/** By what an error was put right. */
export const REMEDY_WORDS: Readonly<Record<NonNullable<Step['remedy']>, string>> = {
  amended: '已发送更正报告',
  withdrawn: '已撤回报告或该项结果',
  parted: '登记关联有误，已分开',
  otherwise: '其他方式（请说明）',
};

/** What is due next. */
export const DUE_WORDS: Readonly<Record<NonNullable<CorrectionAnswer['due']>['what'], string>> = {
  accept: '受理时限',
  answer: '办结时限',
};

type Due = NonNullable<CorrectionAnswer['due']>;

const hoursText = (hours: number): string =>
  hours < 1 ? '不足 1 个工作小时' : `${Math.floor(hours)} 个工作小时`;

/** How far a deadline is, in the office's own hours. */
export const distanceText = ({ overdue, workingHours }: Pick<Due, 'overdue' | 'workingHours'>): string =>
  overdue ? `已超时 ${hoursText(workingHours)}` : `还有 ${hoursText(workingHours)}`;

/** What the clock of a deadline did not know; null where it knew all. */
export const calendarGapText = ({
  yearsWithoutHolidays,
}: Pick<Due, 'yearsWithoutHolidays'>): string | null =>
  yearsWithoutHolidays.length === 0
    ? null
    : `${yearsWithoutHolidays.join('、')} 年节假日安排未录入，只扣除周末`;

/** Who stood at the desk. */
export const RELATION_WORDS: Readonly<
  Record<NonNullable<CorrectionAnswer['reportedBy']['onBehalf']>, string>
> = { self: '患者本人', guardian: '监护人', family: '家属' };

/** What a doctor answered to a check that weighed the report. */
export const DECISION_ANSWER_WORDS: Readonly<Record<AffectedDecision['answer'], string>> = {
  recognise: '已互认',
  're-examine': '不互认，继续检查',
  none: '未应答',
};

/** Whether two records agree in something. */
export const SAMENESS_WORDS: Readonly<Record<CorrectionCase['linkedRecords'][number]['name'], string>> = {
  same: '一致',
  different: '不一致',
  'not-stated': '未登记',
};

/** Beside a report that somebody says is another person's. */
export const DISPUTED_WORDS = '核实中：有人反映该结果不属于本患者，暂不用于互认判断';
