/**
 * Where a report, or one observation of it, stands. `withdrawn`: taken back after it had been issued; `cancelled`: never
 * became a result; `entered-in-error`: belongs to another person or was never true. The last three and `not-obtained`
 * are never offered.
 */
export type Standing =
  | 'preliminary'
  | 'final'
  | 'corrected'
  | 'cancelled'
  | 'withdrawn'
  | 'entered-in-error'
  | 'not-obtained';

/** True while a doctor may rely on it: final or corrected. */
export const isIssued = (standing: Standing): boolean => standing === 'final' || standing === 'corrected';

/** True once it has been taken back or struck out. */
export const isTakenBack = (standing: Standing): boolean =>
  standing === 'withdrawn' || standing === 'entered-in-error' || standing === 'cancelled';
