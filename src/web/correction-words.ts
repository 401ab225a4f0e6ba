import type { CorrectionAnswer } from './wire/correction.ts';

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

/** Beside a report that somebody says is another person's. */
export const DISPUTED_WORDS = '核实中：有人反映该结果不属于本患者，暂不用于互认判断';
