import { CHINA_ZONE, civilDayNumber, startOfCivilDay } from '../kernel/civil-day.ts';
import { DAY_MS, HOUR_MS, type Instant, instant, type TimePrecision } from '../kernel/instant.ts';

/**
 * The reference window of an item (参考时限): for how long after collection or examination a result may stand in.
 * Hours run on the clock; civil days are calendar days in the named zone (0 = the same day).
 */
export type ReferenceWindow =
  | { readonly unit: 'hours'; readonly n: number }
  | { readonly unit: 'civilDays'; readonly n: number; readonly zone: string };

/** What must not have happened to the patient since collection for the window to hold (兵团: 未经医学干预). */
export type InterventionKind =
  | 'transfusion'
  | 'infusion'
  | 'antibiotic'
  | 'surgery'
  | 'chemotherapy'
  | 'contrast'
  | 'any-treatment';

/**
 * Where a moment lies with regard to a window. `not-begun`: before the stated collection (a wrong clock somewhere).
 * `undecided`: the collection time is stated too coarsely to tell, e.g. only the day for a window of six hours.
 */
export type WindowState = 'within' | 'passed' | 'not-begun' | 'undecided';

/** Outcome of `windowState`. */
export interface WindowReading {
  readonly state: WindowState;
  /**
   * For `within`: the first moment at which that is no longer sure. For `passed`: the moment since when it has surely
   * been over. For `undecided`: the moment at which it will surely be over. For `not-begun`: the stated collection.
   */
  readonly until: Instant;
}

/** Longest time that a stated unit can stand for, in milliseconds. Minutes and finer count as exact. */
const STATED_WIDTH_MS: Readonly<Record<TimePrecision, number>> = {
  year: 366 * DAY_MS,
  month: 31 * DAY_MS,
  day: DAY_MS,
  hour: HOUR_MS,
  minute: 0,
  second: 0,
  millisecond: 0,
};

/** First moment after the window of something collected at exactly `collectedAt`. */
const windowEnd = (window: ReferenceWindow, collectedAt: Instant): Instant =>
  window.unit === 'hours'
    ? instant(collectedAt + window.n * HOUR_MS)
    : startOfCivilDay(civilDayNumber(collectedAt, window.zone) + window.n + 1, window.zone);

/**
 * Tells whether `at` lies inside the window that began at `anchor` (collection of the specimen or acquisition of the
 * images, never the report). The window is half open: its end is the first moment outside it. Days follow the Civil
 * Code (民法典 arts. 201 and 203): the first day is not counted and the last one runs to 24:00, so 0 days end with the
 * day of collection. A coarse anchor is read as every moment it can mean; where these disagree the answer is
 * `undecided`, never a guess.
 *
 * @param anchor earliest moment the stated time can mean
 * @param precision how finely the anchor was stated
 */
export const windowState = (
  window: ReferenceWindow,
  anchor: Instant,
  precision: TimePrecision,
  at: Instant,
): WindowReading => {
  if (at < anchor) return { state: 'not-begun', until: anchor };
  const width = STATED_WIDTH_MS[precision];
  const earliestEnd = windowEnd(window, anchor);
  if (at < earliestEnd) return { state: 'within', until: earliestEnd };
  const latestEnd = width === 0 ? earliestEnd : windowEnd(window, instant(anchor + width - 1));
  return { state: at < latestEnd ? 'undecided' : 'passed', until: latestEnd };
};

/** A window of `n` calendar days in China: how every list that states days (当日, 3天, 30天) is read. */
export const chinaDays = (n: number): ReferenceWindow => ({ unit: 'civilDays', n, zone: CHINA_ZONE });

/** A window of `n` hours on the clock. */
export const hours = (n: number): ReferenceWindow => ({ unit: 'hours', n });
