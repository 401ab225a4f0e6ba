import { DAY_MS, type Instant, instant } from '../kernel/instant.ts';

/**
 * Why the privacy officer (个人信息保护负责人) has to look into something: an emergency access; a colleague's record; a person
 * whose records draw the curious; a look without a visit or order; many persons in a short time; a patient who says that a
 * look was not for a visit of his (这不是我本次就医，我要反映).
 */
export const CASE_KINDS = [
  'emergency-access',
  'colleague',
  'watched-person',
  'no-encounter',
  'bulk',
  'patient-report',
] as const;

/** One of `CASE_KINDS`. */
export type CaseKind = (typeof CASE_KINDS)[number];

/** What the officer found: the look was justified, was not, or something has to be done before that can be said. */
export const CASE_FINDINGS = ['justified', 'not-justified', 'follow-up'] as const;

/** One of `CASE_FINDINGS`. */
export type CaseFinding = (typeof CASE_FINDINGS)[number];

/** Where a case stands: nobody has looked, something is to be done, closed with an outcome. */
export const CASE_STATES = ['open', 'follow-up', 'closed'] as const;

/** One of `CASE_STATES`. */
export type CaseState = (typeof CASE_STATES)[number];

/** The state a case is in after a finding. */
export const stateAfter = (finding: CaseFinding): CaseState =>
  finding === 'follow-up' ? 'follow-up' : 'closed';

/** When a case has to be closed that is opened now. */
export const caseDueAt = (openedAt: Instant, reviewDays: number): Instant =>
  instant(openedAt + reviewDays * DAY_MS);

/** Whether a case that is not closed should have been. */
export const isOverdue = (state: CaseState, dueAt: Instant, at: Instant): boolean =>
  state !== 'closed' && at > dueAt;
