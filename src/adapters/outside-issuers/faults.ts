import { defineFaults } from '../../kernel/fault.ts';

/** Faults of signing in by another issuer. */
export const OUTSIDE_ISSUER_FAULTS = defineFaults({
  ISSUER_UNREACHABLE: {
    status: 503,
    zh: '统一身份认证暂时无法连接；请稍后再试，或用本平台的登录名登录。',
    en: 'The identity provider cannot be reached; try again later, or sign in with a login of this platform.',
  },
});
