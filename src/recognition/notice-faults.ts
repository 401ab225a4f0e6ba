import { defineFaults } from '../kernel/fault.ts';

/** Faults of wording the notice to the patient. */
export const NOTICE_FAULTS = defineFaults({
  NOTICE_TEMPLATE_MISSING: {
    status: 422,
    zh: '现行告知单模板没有这一情形的语句，未生成；请补全模板清单。',
    en: 'The templates in effect have no words for this situation; nothing was made. Publish a complete list of templates.',
  },
  NOTICE_BLANK_UNKNOWN: {
    status: 422,
    zh: '该情形的告知单没有这一空格，未生成；请按告知单草稿填写。',
    en: 'The notice of this situation has no such blank; nothing was made. Fill in the blanks of the draft.',
  },
  NOTICE_BLANK_INVALID: {
    status: 422,
    zh: '告知单有空格未填或超出字数，未生成；请补填或缩短。',
    en: 'A blank of the notice is empty or too long; nothing was made. Fill it in or shorten it.',
  },
});
