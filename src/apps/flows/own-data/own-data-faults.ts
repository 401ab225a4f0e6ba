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
  DESK_VISIT_UNKNOWN: {
    status: 404,
    zh: '没有这次接待，或已超时结束；请重新核对患者证件后开始。',
    en: 'There is no such visit at the desk, or its time is over; check the patient’s document and begin again.',
  },
  REPRESENTATIVE_NOT_FOUND: {
    status: 422,
    zh: '没有找到这个身份证号的人，或对应多人，未登记；请核对号码，代办人须先在任一医院登记过。',
    en: 'Nobody, or more than one, is known by this number; nothing was recorded. The one who acts must be registered somewhere.',
  },
  NOTIFICATION_UNKNOWN: {
    status: 404,
    zh: '没有这条通知。',
    en: 'There is no such notification.',
  },
  SHARE_UNKNOWN: {
    status: 404,
    zh: '没有这次分享。',
    en: 'There is no such share.',
  },
  STUDY_REPORTED: {
    status: 409,
    zh: '这次检查的报告已经收到，没有分享；请打开那份报告，在报告下方分享。',
    en: 'A report of this study has come; nothing was shared. Open that report and share it from there.',
  },
});
