import { CHINA_ZONE, offsetMs } from '../../kernel/civil-day.ts';
import { type Instant, instant, type StatedTime, type TimePrecision } from '../../kernel/instant.ts';

const COMPACT =
  /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,6})|(\d{3}))?)?)?)?)?)?([+-]\d{4})?$/;
const PUNCTUATED =
  /^(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

const PRECISIONS: readonly TimePrecision[] = [
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
];

/** The stated offset in milliseconds; null when none is stated, undefined when there is no such offset. */
const statedOffset = (text: string | undefined): number | null | undefined => {
  if (text === undefined) return null;
  if (text === 'Z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
};

/**
 * The earliest moment at which clocks of the zone showed this wall time. A wall time that was skipped in spring gives
 * the moment of the jump.
 */
const momentOfWallTime = (wall: number, zone: string): Instant => {
  if (zone === CHINA_ZONE && wall > Date.UTC(1992, 0, 1)) return instant(wall - 8 * 3_600_000);
  const day = 86_400_000;
  const before = offsetMs(instant(wall - day), zone);
  const after = offsetMs(instant(wall + day), zone);
  const candidates = [wall - before, wall - after].sort((left, right) => left - right);
  const exact = candidates.find((at) => at + offsetMs(instant(at), zone) === wall);
  return instant(exact ?? wall - before);
};

/**
 * Reads an HL7 time (DTM, TS) of any precision. Without an offset it is wall time of the sender's zone. Besides the
 * standard's compact form the ISO-like forms `2026-11-01 08:30:00` and `2026/11/1` are taken: year first, so they
 * cannot be misread; and so is the form of 17 digits in which devices write milliseconds without the point.
 *
 * @returns null when nothing is stated (empty, or all zeros), undefined when the text is no possible time.
 */
export const readTime = (text: string, zone: string): StatedTime | null | undefined => {
  const stated = text.trim();
  if (stated === '' || /^0+$/.test(stated)) return null;
  const compact = COMPACT.exec(stated);
  const match = compact ?? PUNCTUATED.exec(stated);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const fraction = match[7] ?? (compact ? match[8] : undefined);
  const offsetText = match.at(-1);
  const y = Number(year);
  const mo = Number(month ?? '1');
  const d = Number(day ?? '1');
  const h = Number(hour ?? '0');
  const mi = Number(minute ?? '0');
  const s = Number(second ?? '0');
  const ms = Number((fraction ?? '').padEnd(3, '0').slice(0, 3));
  if (y < 1800 || y > 2200 || mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 59) return undefined;
  if (d > new Date(Date.UTC(y, mo, 0)).getUTCDate()) return undefined;
  const offset = statedOffset(offsetText);
  if (offset === undefined) return undefined;
  const wall = Date.UTC(y, mo - 1, d, h, mi, s, ms);
  const finest = [year, month, day, hour, minute, second, fraction].findLastIndex(
    (part) => part !== undefined,
  );
  return {
    at: offset === null ? momentOfWallTime(wall, zone) : instant(wall - offset),
    precision: PRECISIONS[finest] as TimePrecision,
    text: stated,
  };
};
