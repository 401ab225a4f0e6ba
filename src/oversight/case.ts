import { raiser } from '../kernel/fault.ts';
import type { Fault } from '../kernel/fault.ts';
import { DAY_MS, type Instant, instant } from '../kernel/instant.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { OVERSIGHT_FAULTS } from './faults.ts';

const raise = raiser(OVERSIGHT_FAULTS);

/**
 * By what a case reaches the persons it names: one decision, a notice that a patient was given, the ticket of a reported
 * error, or what stands out in an institution's numbers (then its newest repeats in a span of time).
 */
export const CASE_SUBJECT_KINDS = ['order-check', 'notice', 'ticket', 'finding'] as const;

/** One of `CASE_SUBJECT_KINDS`. */
export type CaseSubjectKind = (typeof CASE_SUBJECT_KINDS)[number];

/** On what a case rests: a complaint, supervision of medical quality, the follow-up of a finding, law enforcement. */
export const LEGAL_BASES = [
  'complaint',
  'quality-supervision',
  'statistical-finding',
  'enforcement',
] as const;

/** One of `LEGAL_BASES`. */
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** How a case ended: nothing wrong, the institution was told to mend something, handed on to another procedure. */
export const CASE_OUTCOMES = ['no-fault', 'rectification', 'transferred'] as const;

/** One of `CASE_OUTCOMES`. */
export type CaseOutcome = (typeof CASE_OUTCOMES)[number];

/** Asked for; open; refused by the second person; ended. That an open case ran out is a matter of the clock. */
export const CASE_STATES = ['requested', 'approved', 'refused', 'closed'] as const;

/** One of `CASE_STATES`. */
export type CaseState = (typeof CASE_STATES)[number];

/** The longest time that a case may be open, in days from its approval. */
const CASE_DAYS_MAX = 30;

/** A case as far as its course goes. */
export interface CaseCourse {
  readonly state: CaseState;
  readonly openedBy: string;
  readonly decidedBy: string | null;
  /** null until it was approved. */
  readonly openUntil: Instant | null;
}

/** Whether a case is open to somebody now: to the two who asked for it and approved it, for as long as it was approved. */
export const isCaseOpenTo = (course: CaseCourse, actor: string, at: Instant): boolean =>
  course.state === 'approved' &&
  (actor === course.openedBy || actor === course.decidedBy) &&
  course.openUntil !== null &&
  at < course.openUntil;

/** Whether somebody may decide on a case: a second person, once. */
export const mayDecideCase = (course: CaseCourse, actor: string): boolean =>
  course.state === 'requested' && actor !== course.openedBy;

/** Whether somebody may close a case: one of the two, after it was approved. */
export const mayCloseCase = (course: CaseCourse, actor: string): boolean =>
  course.state === 'approved' && (actor === course.openedBy || actor === course.decidedBy);

/**
 * What a second person's decision makes of a case.
 *
 * @returns until when it is open, null when it was refused; or CASE_ALREADY_DECIDED, CASE_SECOND_PERSON_NEEDED
 */
export const decideCase = (
  course: CaseCourse,
  actor: string,
  isApproved: boolean,
  daysOpen: number,
  at: Instant,
): Result<Instant | null, Fault> => {
  if (course.state !== 'requested') return fail(raise('CASE_ALREADY_DECIDED'));
  if (!mayDecideCase(course, actor)) return fail(raise('CASE_SECOND_PERSON_NEEDED'));
  return ok(isApproved ? instant(at + Math.min(daysOpen, CASE_DAYS_MAX) * DAY_MS) : null);
};

/** Whether a case may be closed by somebody. @returns CASE_NOT_OPEN when it is not, or not by this person */
export const closeCase = (course: CaseCourse, actor: string): Result<null, Fault> =>
  mayCloseCase(course, actor) ? ok(null) : fail(raise('CASE_NOT_OPEN'));
