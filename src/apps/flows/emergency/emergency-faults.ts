import { defineFaults } from '../../../kernel/fault.ts';

/** Faults of emergency access (破窗). */
export const EMERGENCY_FAULTS = defineFaults({
  EMERGENCY_NOT_CONFIRMED: {
    status: 403,
    zh: '再次确认未通过，未开启紧急调阅；请重新输入后再试。',
    en: 'The second confirmation was not right; no emergency access was opened. Enter it again.',
  },
  EMERGENCY_CONFIRMATION_LOCKED: {
    status: 403,
    zh: '连续多次输入错误，账号已暂时锁定，未开启紧急调阅；请由其他医师开启。',
    en: 'Too many wrong entries; the account is locked for a while and no emergency access was opened. Let another doctor open it.',
  },
});
