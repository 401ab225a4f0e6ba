/**
 * Why something that came by DICOM is kept without being shown, or a study is asked about.
 * - other-content: an instance of a known UID with other bytes.
 * - other-series: an instance of a known UID in another series.
 * - two-patients: an instance of a known study whose header states another patient.
 * - unreadable: an instance that cannot be indexed.
 * - wrong-side: a study whose header states another side than its report; its images are shown and fit for nothing.
 * - side-not-ordered: a study whose header states another side than its order; its images are shown and judged by its report.
 */
export const HOLD_REASONS = [
  'other-content',
  'other-series',
  'two-patients',
  'unreadable',
  'wrong-side',
  'side-not-ordered',
] as const;

/** One of `HOLD_REASONS`. */
export type HoldReason = (typeof HOLD_REASONS)[number];

/**
 * What the sender's institution answers. Each can be undone, and none deletes anything.
 * - keep-first: what came first stays; the other stays hidden.
 * - take-second: what came later is shown; what came first stays stored and hidden.
 * - set-aside: known, and nothing of it will be shown.
 * - explained: in words; the study is judged as before until header or report are corrected.
 */
export const HOLD_ANSWERS = ['keep-first', 'take-second', 'set-aside', 'explained'] as const;

/** One of `HOLD_ANSWERS`. */
export type HoldAnswer = (typeof HOLD_ANSWERS)[number];

/** Where a case stands; `reopened` after its answer was undone, `settled` when what it was about is gone. */
export type HoldState = 'open' | 'answered' | 'reopened' | 'settled';

const ANSWERS: Readonly<Record<HoldReason, readonly HoldAnswer[]>> = {
  'other-content': ['keep-first', 'take-second'],
  // An instance cannot be moved from one series to another: that takes a UID of its own.
  'other-series': ['keep-first'],
  'two-patients': ['keep-first', 'take-second'],
  unreadable: ['set-aside'],
  'wrong-side': ['explained'],
  'side-not-ordered': ['explained'],
};

/** True for a case about a whole study, whose images are shown: none of its instances is held. */
export const isOfStudy = (reason: HoldReason): reason is 'wrong-side' | 'side-not-ordered' =>
  reason === 'wrong-side' || reason === 'side-not-ordered';

/** What can be answered to a case of this reason. */
export const answersTo = (reason: HoldReason): readonly HoldAnswer[] => ANSWERS[reason];

/** True where an answer says nothing without words beside it. */
export const needsNote = (answer: HoldAnswer): boolean => answer !== 'keep-first' && answer !== 'take-second';

/** True while somebody still has to answer. */
export const isWaiting = (state: HoldState): boolean => state === 'open' || state === 'reopened';
