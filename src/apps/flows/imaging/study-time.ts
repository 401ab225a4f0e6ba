import type { StudyReading } from '../../../adapters/postgres/imaging-reading.ts';

/** Whether the calendar has the day: a header may state the 99th of a thirteenth month. */
const isDay = (year: number, month: number, day: number): boolean => {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
};

/**
 * `20261118` and `091500.000` as `2026-11-18 09:15`: the institution's own clock, as it stated it. A day or time that is none is left
 * out.
 *
 * @returns null where no day is stated
 */
export const studiedAt = ({
  studyDate,
  studyTime,
}: Pick<StudyReading, 'studyDate' | 'studyTime'>): string | null => {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(studyDate ?? '') ?? [];
  if (year === undefined || !isDay(Number(year), Number(month), Number(day))) return null;
  const [, hour, minute] = /^([01]\d|2[0-3])([0-5]\d)/.exec(studyTime ?? '') ?? [];
  return `${year}-${month}-${day}${hour === undefined ? '' : ` ${hour}:${minute}`}`;
};
