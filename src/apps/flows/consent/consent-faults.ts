import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of recording consent. */
export const CONSENT_FAULTS = defineFaults({
  CONSENT_UNKNOWN: {
    status: 404,
    zh: '没有这条同意记录。',
    en: 'There is no such act of consent.',
  },
  CONSENT_SOURCE_UNKNOWN: {
    status: 400,
    zh: '机构代码不在名录中，未登记同意。',
    en: 'The institution is in no list; nothing was recorded.',
  },
  CONSENT_CLASS_UNKNOWN: {
    status: 400,
    zh: '没有这一限制查阅类别，未登记同意。',
    en: 'There is no such restricted class; nothing was recorded.',
  },
  CONSENT_END_PASSED: {
    status: 400,
    zh: '同意的截止时间已过，未登记同意。',
    en: 'The consent would have ended already; nothing was recorded.',
  },
  CONSENT_GUARDIAN_NEEDED: {
    status: 400,
    zh: '不满十四周岁，须由父母或其他监护人同意；请选择与患者关系。',
    en: 'A parent or guardian has to act for a child under fourteen; state the relation.',
  },
  CONSENT_REPRESENTATIVE_MISSING: {
    status: 400,
    zh: '请填写代为签署人的姓名。',
    en: 'The name of whoever signs for the patient is missing.',
  },
  CONSENT_SCAN_MISSING: {
    status: 400,
    zh: '纸质授权须附扫描件或照片。',
    en: 'Consent on paper needs a scan or photo of it.',
  },
  CONSENT_INVITATION_INVALID: {
    status: 401,
    zh: '二维码无效或已过期；请让医院工作人员重新出示。',
    en: 'This code is not valid or has expired; ask the staff of the hospital for another one.',
  },
  CONSENT_CODE_INVALID: {
    status: 404,
    zh: '授权码不对、已过期或已用过，没有登记任何内容；为家人决定时请同时填写患者姓名，或请医院工作人员换一个。',
    en: 'This code is wrong, has expired or was used, or the patient’s name does not fit; nothing was recorded. Ask the staff for another one.',
  },
  CONSENT_CODE_TRIES_EXCEEDED: {
    status: 429,
    zh: '输错次数过多，没有登记任何内容；请一小时后再试，或扫二维码、请工作人员当面登记。',
    en: 'Too many wrong codes; nothing was recorded. Try again in an hour, scan the QR code, or decide at the desk.',
  },
  CONSENT_CODE_EXHAUSTED: {
    status: 503,
    zh: '暂时没有可用的授权码，请重试，或当面登记。',
    en: 'No code is free at the moment; try again, or record the decision at the desk.',
  },
  CONSENT_RELATION_MISSING: {
    status: 400,
    zh: '请选择您是患者的什么人；只有患者本人的账号可以选“本人”。',
    en: 'State what you are to the patient; only the patient’s own account is the patient.',
  },
});
