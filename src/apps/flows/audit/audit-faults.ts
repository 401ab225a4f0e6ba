import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of the access log and of the cases that come of it. */
export const AUDIT_FLOW_FAULTS = defineFaults({
  ACCESS_LOG_LINE_UNKNOWN: {
    status: 404,
    zh: '访问记录中没有这一条；请从访问记录页面重新进入。',
    en: 'The access log has no such line; begin again from the log.',
  },
  ACCESS_LOG_LINE_OWN: {
    status: 422,
    zh: '这一条是您本人的查看，不需要反映。',
    en: 'This line is your own reading; there is nothing to report.',
  },
});
