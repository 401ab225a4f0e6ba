import { civilDayNumber, startOfCivilDay } from '../kernel/civil-day.ts';
import { DAY_MS, HOUR_MS, type Instant, instant } from '../kernel/instant.ts';

/** A stretch of one weekday in which an office works. */
export interface WorkingPeriod {
  /** 1 Monday to 7 Sunday (GB/T 7408). */
  readonly weekday: number;
  /** `HH:MM` in the calendar's zone; `to` is exclusive and may be `24:00`. */
  readonly from: string;
  readonly to: string;
}

/** When offices work: the week, the days off, and the weekend days worked instead (调休). Data that a jurisdiction publishes. */
export interface WorkingCalendar {
  /** IANA name. */
  readonly zone: string;
  /** Periods of one weekday in order and apart from each other. */
  readonly week: readonly WorkingPeriod[];
  /** Civil days off, `2026-10-01`. */
  readonly holidays: readonly string[];
  /** Civil days worked in spite of their weekday, by Monday's hours. */
  readonly makeUpDays: readonly string[];
}

/** Nobody waits longer than this for an office to open; a calendar that never works ends here. */
const LOOK_AHEAD_DAYS = 3660;

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

const dayText = (dayNumber: number): string => new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);

const periodsOf = (calendar: WorkingCalendar, dayNumber: number): readonly WorkingPeriod[] => {
  const day = dayText(dayNumber);
  if (calendar.holidays.includes(day)) return [];
  // 1970-01-01 was a Thursday.
  const weekday = calendar.makeUpDays.includes(day) ? 1 : ((dayNumber + 3) % 7) + 1;
  return calendar.week.filter((period) => period.weekday === weekday);
};

/**
 * The moment at which so many hours of work have passed since `from`. Time outside the office's hours does not count, so
 * a ticket that comes in on the eve of a holiday is due after it.
 */
export const afterWorkingHours = (calendar: WorkingCalendar, from: Instant, hours: number): Instant => {
  let leftMs = hours * HOUR_MS;
  const first = civilDayNumber(from, calendar.zone);
  for (let day = first; day < first + LOOK_AHEAD_DAYS; day++) {
    const midnight = startOfCivilDay(day, calendar.zone);
    for (const period of periodsOf(calendar, day)) {
      const opens = Math.max(midnight + minutesOf(period.from) * 60_000, from);
      const closes = midnight + minutesOf(period.to) * 60_000;
      if (closes <= opens) continue;
      if (leftMs <= closes - opens) return instant(opens + leftMs);
      leftMs -= closes - opens;
    }
  }
  return startOfCivilDay(first + LOOK_AHEAD_DAYS, calendar.zone);
};
