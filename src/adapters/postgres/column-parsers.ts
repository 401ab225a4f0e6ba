import pg from 'pg';

const TIMESTAMPTZ = 1184;
const DATE = 1082;

/** `2026-11-23 08:05:00.123+00` (the session zone is UTC) to epoch milliseconds. */
export const parseTimestamp = (text: string): number => {
  if (text.charCodeAt(4) !== 45 || text.endsWith('BC') || text.includes('infinity')) return Number.NaN;
  const seconds = Date.UTC(
    +text.slice(0, 4),
    +text.slice(5, 7) - 1,
    +text.slice(8, 10),
    +text.slice(11, 13),
    +text.slice(14, 16),
    +text.slice(17, 19),
  );
  if (text.charCodeAt(19) !== 46) return seconds;
  const end = text.indexOf('+', 20);
  return seconds + Math.floor(Number(`0.${text.slice(20, end < 0 ? undefined : end)}`) * 1000 + 1e-6);
};

/** How column values become JavaScript values: moments as epoch ms, dates and bigints as text, the rest as pg does. */
export const columnParsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format !== 'binary') {
      if (oid === TIMESTAMPTZ) return parseTimestamp;
      if (oid === DATE) return (text: string) => text;
    }
    return pg.types.getTypeParser(oid, format as 'text');
  },
} as pg.CustomTypesConfig;
