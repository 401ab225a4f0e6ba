import { type Instant } from '../kernel/instant.ts';
import {
  afterWorkingHours,
  type WorkingCalendar,
  workingHoursBetween,
  yearsWithoutHolidays,
} from '../organisation/index.ts';
import type { CorrectionRules } from '../recognition/index.ts';
import type { CorrectionKind } from './correction.ts';
import { type CorrectionState, isOpen } from './ticket-steps.ts';

/** By when a ticket must be taken up and answered. Fixed when it is submitted, by the rules of that day. */
export interface TicketDeadlines {
  readonly acceptBy: Instant;
  readonly answerBy: Instant;
  /** Years in between of which that day's calendar knew no holidays: there weekends alone were left out. */
  readonly yearsWithoutHolidays: readonly number[];
}

/** The deadlines of a ticket that is submitted now; null where no published deadline covers its kind. */
export const deadlinesOf = (
  { calendar, deadlines }: CorrectionRules,
  kind: CorrectionKind,
  at: Instant,
): TicketDeadlines | null => {
  const deadline =
    deadlines.find((each) => each.kind === kind) ?? deadlines.find((each) => each.kind === 'any');
  if (!deadline) return null;
  const answerBy = afterWorkingHours(calendar, at, deadline.answerHours);
  return {
    acceptBy: afterWorkingHours(calendar, at, deadline.acceptHours),
    answerBy,
    yearsWithoutHolidays: yearsWithoutHolidays(calendar, at, answerBy),
  };
};

/** What a ticket waits for, until when, and whether that is past. */
export interface TicketDue {
  readonly what: 'accept' | 'answer';
  readonly by: Instant;
  readonly isOverdue: boolean;
  /** Hours of the office until then; since then, where it is past. */
  readonly workingHours: number;
  readonly yearsWithoutHolidays: readonly number[];
}

/** What is due next; null for what has been answered or has no deadline. */
export const dueNext = (
  state: CorrectionState,
  deadlines: TicketDeadlines | null,
  calendar: WorkingCalendar,
  at: Instant,
): TicketDue | null => {
  if (!deadlines || !isOpen(state)) return null;
  const what = state === 'submitted' ? 'accept' : 'answer';
  const by = what === 'accept' ? deadlines.acceptBy : deadlines.answerBy;
  const isOverdue = at > by;
  const workingHours = isOverdue
    ? workingHoursBetween(calendar, by, at)
    : workingHoursBetween(calendar, at, by);
  return { what, by, isOverdue, workingHours, yearsWithoutHolidays: deadlines.yearsWithoutHolidays };
};
