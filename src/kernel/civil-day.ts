import { type Instant, instant } from './instant.ts';

/**
 * The zone in which Chinese lists count days. Asia/Shanghai has been UTC+8 without summer time since 1991-09-15, so
 * times after that are computed without the time zone database; everything else goes through `Intl`.
 */
export const CHINA_ZONE = 'Asia/Shanghai';

const CHINA_OFFSET_MS = 8 * 3_600_000;
const CHINA_FIXED_SINCE_MS = Date.UTC(1991, 8, 15);
const formatters = new Map<string, Intl.DateTimeFormat>();

const formatterOf = (zone: string): Intl.DateTimeFormat => {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
};

/** Offset of the zone from UTC at this moment, in milliseconds (positive east of Greenwich). */
export const offsetMs = (at: Instant, zone: string): number => {
  if (zone === CHINA_ZONE && at >= CHINA_FIXED_SINCE_MS) return CHINA_OFFSET_MS;
  const parts: Record<string, number> = {};
  for (const part of formatterOf(zone).formatToParts(at)) parts[part.type] = Number(part.value);
  const wall = Date.UTC(
    parts['year'] ?? 1970,
    (parts['month'] ?? 1) - 1,
    parts['day'] ?? 1,
    parts['hour'] ?? 0,
    parts['minute'] ?? 0,
    parts['second'] ?? 0,
  );
  return wall - Math.floor(at / 1000) * 1000;
};

/** The calendar day in that zone, counted in days since 1970-01-01. */
export const civilDayNumber = (at: Instant, zone: string): number =>
  Math.floor((at + offsetMs(at, zone)) / 86_400_000);

/** First moment of a calendar day (given as days since 1970-01-01) in that zone. */
export const startOfCivilDay = (dayNumber: number, zone: string): Instant => {
  const wall = dayNumber * 86_400_000;
  const guess = wall - offsetMs(instant(wall), zone);
  return instant(wall - offsetMs(instant(guess), zone));
};

/** First moment of a day written `2026-11-25` in that zone; undefined when it is no day. */
export const parseCivilDay = (text: string, zone: string = CHINA_ZONE): Instant | undefined => {
  const midnight = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Date.parse reads 2026-02-31 as the third of March.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(text)) return undefined;
  return startOfCivilDay(midnight / 86_400_000, zone);
};

/** `2026-11-23 08:05` in that zone, the way every screen and paper shows a time. */
export const civilTimeText = (at: Instant, zone: string = CHINA_ZONE): string =>
  new Date(at + offsetMs(at, zone)).toISOString().slice(0, 16).replace('T', ' ');

/** `2026-11-23` in that zone. */
export const civilDateText = (at: Instant, zone: string = CHINA_ZONE): string =>
  civilTimeText(at, zone).slice(0, 10);

/**
 * How far a stretch of time goes, as people say it: the last day that belongs to it where it ends with a day, else the
 * moment of its end.
 *
 * @param end first moment that no longer belongs to it
 */
export const throughText = (end: Instant, zone: string = CHINA_ZONE): string => {
  const last = instant(end - 1);
  return civilDayNumber(last, zone) < civilDayNumber(end, zone)
    ? civilDateText(last, zone)
    : civilTimeText(end, zone);
};
