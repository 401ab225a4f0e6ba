import { defineFaults } from '../../kernel/fault.ts';

/** Faults of FHIR Consent. */
export const FHIR_CONSENT_FAULTS = defineFaults({
  FHIR_CONSENT_INVALID: {
    status: 400,
    zh: '不是可读的 FHIR Consent，未登记同意。',
    en: 'This is no FHIR Consent that can be read; nothing was recorded.',
  },
  FHIR_CONSENT_UNSUPPORTED: {
    status: 422,
    zh: 'FHIR Consent 中有本平台不支持的内容；为免曲解，未登记同意。',
    en: 'The FHIR Consent says something that is not supported here; so as not to distort it, nothing was recorded.',
  },
});
