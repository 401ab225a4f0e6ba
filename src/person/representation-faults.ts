import { defineFaults } from '../kernel/fault.ts';

/** Faults of recording who may act for whom. */
export const REPRESENTATION_FAULTS = defineFaults({
  REPRESENTATION_NOT_AGREED: {
    status: 422,
    zh: '满十四周岁的未成年人和成年人须本人同意（无民事行为能力者由监护人凭监护证明办理），未登记。',
    en: 'From fourteen years on the person has to agree, or a guardian shows the papers of guardianship; nothing was recorded.',
  },
  REPRESENTATION_END_INVALID: {
    status: 422,
    zh: '代办的截止日期须在今天之后、三年之内；未登记。',
    en: 'The end must lie after today and within three years; nothing was recorded.',
  },
});
