/**
 * What a person signed in does. `doctor` orders and answers; `registrar` (挂号、导诊服务台) records what patients agree to;
 * `medical-affairs` (医务), `institution-it` and `privacy-officer` (个人信息保护负责人) look after one institution; `regulator` sees what is published and counted; `operator` keeps the platform running and reads no
 * results; of a message it sees the form, not what it says.
 */
export const STAFF_ROLES = [
  'doctor',
  'registrar',
  'medical-affairs',
  'institution-it',
  'privacy-officer',
  'regulator',
  'operator',
] as const;

/** One of `STAFF_ROLES`. */
export type StaffRole = (typeof STAFF_ROLES)[number];

/** Roles that act for one institution and therefore must name it. */
export const INSTITUTION_ROLES: readonly StaffRole[] = [
  'doctor',
  'registrar',
  'medical-affairs',
  'institution-it',
  'privacy-officer',
];

/** What an account is for: the work of staff, or a patient's own data. */
export type AccountRole = StaffRole | 'patient';

/** Why a system client calls: to treat a patient, or to keep the installation running (metrics). */
export const CLIENT_PURPOSES = ['treatment', 'operations'] as const;

/** One of `CLIENT_PURPOSES`. */
export type ClientPurpose = (typeof CLIENT_PURPOSES)[number];
