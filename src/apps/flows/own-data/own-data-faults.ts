import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of one's own data. */
export const OWN_DATA_FAULTS = defineFaults({
  REPRESENTATION_UNKNOWN: {
    status: 404,
    zh: '没有这条代办关系，或已经结束。',
    en: 'There is no such relation, or it has ended.',
  },
  REPRESENTATIVE_SAME: {
    status: 422,
    zh: '代办人与本人是同一个人，未登记；请查找代办人。',
    en: 'The one who acts is the same person as the one acted for; nothing was recorded.',
  },
  SHARE_UNKNOWN: {
    status: 404,
    zh: '没有这次分享。',
    en: 'There is no such share.',
  },
});
