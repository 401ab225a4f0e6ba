import type { InstitutionCode } from '../../../organisation/index.ts';
import { PRIVACY_FALLBACK, type PrivacyPolicy, type Rules } from '../../../recognition/index.ts';

/** What the jurisdiction of an institution decided about emergency access and review; the fallback where it did not. */
export const privacyPolicyOf = (rules: Rules, institution: InstitutionCode | null): PrivacyPolicy =>
  (institution === null ? rules.generalPolicy : rules.policyOf(institution))?.privacy ?? PRIVACY_FALLBACK;
