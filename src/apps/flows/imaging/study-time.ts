import type { StudyReading } from '../../../adapters/postgres/imaging-reading.ts';

/** `20261118` and `091500.000` as `2026-11-18 09:15`: the institution's own clock, as it stated it. */
export const studiedAt = ({
  studyDate,
  studyTime,
}: Pick<StudyReading, 'studyDate' | 'studyTime'>): string | null => {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(studyDate ?? '') ?? [];
  if (year === undefined) return null;
  const [, hour, minute] = /^(\d{2})(\d{2})/.exec(studyTime ?? '') ?? [];
  return `${year}-${month}-${day}${hour === undefined ? '' : ` ${hour}:${minute}`}`;
};
