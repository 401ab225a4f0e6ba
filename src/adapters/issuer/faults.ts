import { defineFaults } from '../../kernel/fault.ts';

/** Faults of the embedded issuer. */
export const ISSUER_FAULTS = defineFaults({
  ISSUER_KEYS_INVALID: {
    status: 500,
    zh: '签发令牌的密钥文件不完整或无法读取；请从备份恢复该文件。',
    en: 'The file with the keys that sign tokens is incomplete or cannot be read; restore it from a backup.',
  },
  APPLICATION_INVALID: {
    status: 400,
    zh: '应用登记有误，未登记；请按所列位置更正。',
    en: 'The application is not valid and was not registered; correct the place listed.',
  },
});
