import { STAFF_ROLES } from '../organisation/index.ts';

/**
 * Everybody the policy speaks of: the roles of staff; `client`, a hospital's system with its own key; `launched`, a doctor
 * whom such a system let into the card of one order check; `patient`, somebody who reads own data or those of a person
 * they act for; `application`, a SMART app with a token.
 */
export const HOLDERS = [...STAFF_ROLES, 'client', 'launched', 'patient', 'application'] as const;

/** One of `HOLDERS`. */
export type Holder = (typeof HOLDERS)[number];
