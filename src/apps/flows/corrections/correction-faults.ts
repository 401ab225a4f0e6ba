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
});
