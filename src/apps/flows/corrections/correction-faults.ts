import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of the tickets about errors. */
export const CORRECTION_FLOW_FAULTS = defineFaults({
  CORRECTION_UNKNOWN: {
    status: 404,
    zh: '没有这张纠错单，或您无权查看；请检查编号。',
    en: 'There is no such ticket, or it is not yours to see; check the id.',
  },
  CORRECTION_VALUE_UNKNOWN: {
    status: 422,
    zh: '这份报告没有这一项，未提交；请从报告页面重新进入。',
    en: 'The report has no such value; nothing was submitted. Begin again from the report.',
  },
  CORRECTION_REPORT_NOT_FOUND: {
    status: 404,
    zh: '该机构没有这位患者的这份报告，未提交；请核对机构、报告单号与身份证号。',
    en: 'That institution has no such report of this patient; nothing was submitted. Check institution, number and identity card.',
  },
  CORRECTION_MOVED_ON: {
    status: 409,
    zh: '这张纠错单刚刚已被他人处理，未作记录；请刷新后再决定。',
    en: 'Somebody else has just dealt with this ticket; nothing was recorded. Read it again before deciding.',
  },
  CORRECTION_KEY_REUSED: {
    status: 422,
    zh: '这个 Idempotency-Key 已用于另一步处理，未作记录；请换新的键。',
    en: 'This Idempotency-Key was used for another step of the ticket; nothing was recorded. Give each step its own.',
  },
  CORRECTION_RECORD_UNKNOWN: {
    status: 422,
    zh: '请选择要分开的登记；未作记录。',
    en: 'Choose one of the linked records to part from; nothing was recorded.',
  },
  CORRECTION_RECORDS_STILL_JOINED: {
    status: 409,
    zh: '这两条登记还通过其他登记相连，未作记录；请先请平台运维逐条分开。',
    en: 'Other records still join these two; nothing was recorded. They have to be parted first.',
  },
});
