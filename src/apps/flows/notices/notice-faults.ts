import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of making and reading notices to patients. */
export const NOTICE_FLOW_FAULTS = defineFaults({
  NOTICE_UNKNOWN: {
    status: 404,
    zh: '没有这张告知单，或您无权查看；请检查编号。',
    en: 'There is no such notice, or it is not yours to see; check the id.',
  },
  NOTICE_NO_REPEAT: {
    status: 409,
    zh: '该行没有有效的“不互认，继续检查”应答，不能生成告知单；请先应答。',
    en: 'The line has no standing answer to examine again, so there is nothing to explain; answer it first.',
  },
  NOTICE_REASON_MISSING: {
    status: 422,
    zh: '该行不互认时没有选择原因，不能生成告知单；请撤销后重新应答并选择原因。',
    en: 'The line was to be examined again without a reason; undo it and answer again with one.',
  },
  NOTICE_NO_PRIOR_RESULT: {
    status: 409,
    zh: '该行没有可供告知的以前结果，不需要告知单。',
    en: 'The line has no earlier result to speak of, so no notice is needed.',
  },
  NOTICE_PRICE_NOT_CHOSEN: {
    status: 422,
    zh: '本机构未选择在告知单上列出费用，未生成；请去掉费用后再试。',
    en: 'This institution has not chosen to name prices on notices; nothing was made. Leave the price out.',
  },
});
