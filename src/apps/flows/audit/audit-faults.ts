import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of the access log and of the cases that come of it. */
export const AUDIT_FLOW_FAULTS = defineFaults({
  ACCESS_LOG_LINE_UNKNOWN: {
    status: 404,
    zh: '访问记录中没有这一条；请从访问记录页面重新进入。',
    en: 'The access log has no such line; begin again from the log.',
  },
  PRIVACY_CASE_UNKNOWN: {
    status: 404,
    zh: '没有这件待审查事项，或不属于本机构；请从列表重新进入。',
    en: 'There is no such case, or it is another institution’s; begin again from the list.',
  },
  PRIVACY_CASE_OWN: {
    status: 403,
    zh: '不能审查本人的访问；请由他人审查。',
    en: 'Nobody reviews their own look; let somebody else do it.',
  },
  PRIVACY_CASE_CLOSED: {
    status: 409,
    zh: '该事项已办结，未作改动。',
    en: 'This case is closed; nothing was changed.',
  },
  AUDIT_EXPORT_ROLE: {
    status: 403,
    zh: '该账号不能导出这些访问记录：运维与监管账号可导出全部，隐私保护专员只能导出本机构的（--institution）。未导出，已留痕。',
    en: 'This account may not take out these rows: operators and the authority may take out all, a privacy officer those of the own institution (--institution). Nothing was taken out; the attempt is on record.',
  },
  ACCESS_LOG_LINE_OWN: {
    status: 422,
    zh: '这一条是您本人的查看，不需要反映。',
    en: 'This line is your own reading; there is nothing to report.',
  },
});
