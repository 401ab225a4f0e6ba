/**
 * What a person signed in does. `doctor` orders and answers; `medical-affairs` (医务) and `institution-it` look after one
 * institution; `regulator` sees what is published and counted; `operator` keeps the platform running and reads no
 * results, but may open a message to find out what is wrong with it, which is recorded.
 */
export const STAFF_ROLES = ['doctor', 'medical-affairs', 'institution-it', 'regulator', 'operator'] as const;

/** One of `STAFF_ROLES`. */
export type StaffRole = (typeof STAFF_ROLES)[number];

/** Roles that act for one institution and therefore must name it. */
export const INSTITUTION_ROLES: readonly StaffRole[] = ['doctor', 'medical-affairs', 'institution-it'];

/** Why a system client calls: to treat a patient, or to keep the installation running (metrics). */
export const CLIENT_PURPOSES = ['treatment', 'operations'] as const;

/** One of `CLIENT_PURPOSES`. */
export type ClientPurpose = (typeof CLIENT_PURPOSES)[number];
