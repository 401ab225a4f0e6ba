import { defineFaults } from '../kernel/fault.ts';

/** Faults of reporting an error. */
export const CORRECTION_FAULTS = defineFaults({
  CORRECTION_TEXT_MISSING: {
    status: 422,
    zh: '选择“其他”时，请写明问题；未提交。',
    en: 'Say what is wrong when you choose "other"; nothing was submitted.',
  },
});
