import type { Bilingual } from '../kernel/bilingual.ts';
import type { WorkingCalendar } from '../organisation/index.ts';

/** By when the source institution must have taken up and answered a ticket, in hours of its office. */
export interface CorrectionDeadline {
  /** Kind of error, or `any` for those without a line of their own. */
  readonly kind: string;
  readonly acceptHours: number;
  readonly answerHours: number;
}

/** Why a reported error turned out to be none (不成立). */
export interface UnfoundedReason {
  readonly code: string;
  readonly text: Bilingual;
  /** Fewest characters of the institution's own words beside it. */
  readonly textMinimum: number;
}

/** Content of list kind `correction-rules`: the clock of the tickets about errors (纠错) and the reasons to refuse one. */
export interface CorrectionRules {
  readonly calendar: WorkingCalendar;
  readonly deadlines: readonly CorrectionDeadline[];
  readonly unfoundedReasons: readonly UnfoundedReason[];
}
