import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of asking for a case of the authority. */
export const OVERSIGHT_FLOW_FAULTS = defineFaults({
  CASE_UNKNOWN: {
    status: 404,
    zh: '没有该案件。',
    en: 'There is no such case.',
  },
  CASE_SUBJECT_UNKNOWN: {
    status: 404,
    zh: '按所填编号未找到可立案的决定、告知单、纠错单或机构；未立案。',
    en: 'No decision, notice, ticket or institution is known by that number; no case was asked for.',
  },
});
