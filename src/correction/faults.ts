import { defineFaults } from '../kernel/fault.ts';

/** Faults of reporting an error and of answering for it. */
export const CORRECTION_FAULTS = defineFaults({
  CORRECTION_TEXT_MISSING: {
    status: 422,
    zh: '选择“其他”时，请写明问题；未提交。',
    en: 'Say what is wrong when you choose "other"; nothing was submitted.',
  },
  CORRECTION_STEP_NOT_NOW: {
    status: 409,
    zh: '纠错单当前状态不能这样处理，未作记录；请刷新后再看。',
    en: 'The ticket does not stand where this step can be taken; nothing was recorded. Read it again.',
  },
  CORRECTION_WORDS_MISSING: {
    status: 422,
    zh: '请写明内容；未作记录。',
    en: 'This step needs words; nothing was recorded.',
  },
  CORRECTION_REASON_UNKNOWN: {
    status: 422,
    zh: '请选择“不成立”的理由；未作记录。',
    en: 'Choose one of the published reasons why the report of the error is unfounded; nothing was recorded.',
  },
  CORRECTION_REMEDY_UNFIT: {
    status: 422,
    zh: '这种更正方式不适用于该类问题；未作记录。',
    en: 'This remedy does not answer this kind of error; nothing was recorded.',
  },
  CORRECTION_NOT_AMENDED: {
    status: 409,
    zh: '平台尚未收到该报告的更正或撤回，不能以此办结；请先由检验（影像）系统发送更正报告。',
    en: 'No amended or withdrawn version of the report has come in; send it from the source system first.',
  },
});
