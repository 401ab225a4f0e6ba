import { civilDayNumber, startOfCivilDay } from '../kernel/civil-day.ts';
import { DAY_MS, HOUR_MS, type Instant, instant, MINUTE_MS } from '../kernel/instant.ts';

/** A stretch of one weekday in which an office works. */
export interface WorkingPeriod {
  /** 1 Monday to 7 Sunday (GB/T 7408). */
  readonly weekday: number;
  /** `HH:MM` in the calendar's zone; `to` is exclusive and may be `24:00`. */
  readonly from: string;
  readonly to: string;
}

/** A year of which a calendar names every day off and every weekend day worked instead, and the notice that set them. */
export interface HolidayYear {
  readonly year: number;
  readonly titleZh: string;
  /** Civil day on which the notice was issued. */
  readonly issuedOn: string;
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
  /** Years known in full; of any other, weekends alone are left out. Absent in calendars from before: none is. */
  readonly holidayYears?: readonly HolidayYear[];
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

/** Every stretch of work between two moments, in order. */
function* stretches(
  calendar: WorkingCalendar,
  from: Instant,
  to: Instant,
): Generator<readonly [number, number]> {
  const last = civilDayNumber(to, calendar.zone);
  for (let day = civilDayNumber(from, calendar.zone); day <= last; day++) {
    const midnight = startOfCivilDay(day, calendar.zone);
    for (const period of periodsOf(calendar, day)) {
      const opens = Math.max(midnight + minutesOf(period.from) * MINUTE_MS, from);
      const closes = Math.min(midnight + minutesOf(period.to) * MINUTE_MS, to);
      if (opens < closes) yield [opens, closes];
    }
  }
}

/**
 * The moment at which so many hours of work have passed since `from`. Time outside the office's hours does not count, so
 * a ticket that comes in on the eve of a holiday is due after it.
 */
export const afterWorkingHours = (calendar: WorkingCalendar, from: Instant, hours: number): Instant => {
  const end = startOfCivilDay(civilDayNumber(from, calendar.zone) + LOOK_AHEAD_DAYS, calendar.zone);
  let leftMs = hours * HOUR_MS;
  for (const [opens, closes] of stretches(calendar, from, end)) {
    if (leftMs <= closes - opens) return instant(opens + leftMs);
    leftMs -= closes - opens;
  }
  return end;
};

/** Hours of work between two moments; 0 where the second is not the later one. */
export const workingHoursBetween = (calendar: WorkingCalendar, from: Instant, to: Instant): number => {
  let sumMs = 0;
  for (const [opens, closes] of stretches(calendar, from, to)) sumMs += closes - opens;
  return sumMs / HOUR_MS;
};

/** Civil years that a stretch of time touches and of which the calendar knows no holidays. */
export const yearsWithoutHolidays = (
  { zone, holidayYears = [] }: WorkingCalendar,
  from: Instant,
  to: Instant,
): readonly number[] => {
  const yearOf = (at: Instant): number => Number(dayText(civilDayNumber(at, zone)).slice(0, 4));
  const first = yearOf(from);
  return Array.from({ length: Math.max(0, yearOf(to) - first + 1) }, (_, index) => first + index).filter(
    (year) => holidayYears.every((known) => known.year !== year),
  );
};
