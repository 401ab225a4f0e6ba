/**
 * A rule by which a look opens a case. colleague: the person looked at works at the same institution. watched-person: the
 * officer watches over that person. no-encounter: the institution has no visit, order or report of the person within so
 * many days around the look, asked some hours after it because a visit is often stated later. bulk: one member of staff looked at more than so many persons within so many minutes.
 */
export type AnomalyRule =
  | { readonly kind: 'colleague' }
  | { readonly kind: 'watched-person' }
  | { readonly kind: 'no-encounter'; readonly windowDays: number; readonly afterHours: number }
  | { readonly kind: 'bulk'; readonly persons: number; readonly windowMinutes: number };

/** What a jurisdiction decides about emergency access, its review, and what in the log opens a case. */
export interface PrivacyPolicy {
  /** How long an emergency access lasts. */
  readonly emergencyMinutes: number;
  /** Days within which the privacy officer closes a case. */
  readonly reviewDays: number;
  /** Whether a patient reads the names of those who looked, beside institution, department and role. */
  readonly namesStaffToPatients: boolean;
  /** What in the log opens a case. */
  readonly rules: readonly AnomalyRule[];
}
