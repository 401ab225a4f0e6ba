import { z } from 'zod';
import { CONSENT_RELATIONS } from '../../../consent/index.ts';

/** Consent by word of mouth as the one press of a button sends it. */
export const spokenConsentFormShape = z.strictObject({
  idempotencyKey: z.uuid(),
  relation: z.enum(CONSENT_RELATIONS),
});
