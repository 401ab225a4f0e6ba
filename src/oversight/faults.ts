import { defineFaults } from '../kernel/fault.ts';

/** Faults of the authority's cases. */
export const OVERSIGHT_FAULTS = defineFaults({
  CASE_ALREADY_DECIDED: {
    status: 409,
    zh: '该案件已审批，未作改动。',
    en: 'This case was decided before and nothing was changed.',
  },
  CASE_SECOND_PERSON_NEEDED: {
    status: 403,
    zh: '案件须由申请人以外的第二人审批，未作改动。',
    en: 'Somebody other than who asked for the case decides on it; nothing was changed.',
  },
  CASE_NOT_OPEN: {
    status: 403,
    zh: '该案件未批准、已到期或已办结，或您不是该案件的经办人；未提供任何患者信息。',
    en: 'This case is not approved, has run out, is closed, or is not yours; nothing about a patient was given.',
  },
});
