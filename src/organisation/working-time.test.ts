import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilTimeText } from '../kernel/civil-day.ts';
import { HOUR_MS, type Instant, instant } from '../kernel/instant.ts';
import {
  afterWorkingHours,
  type WorkingCalendar,
  workingHoursBetween,
  yearsWithoutHolidays,
} from './working-time.ts';

const CALENDAR: WorkingCalendar = {
  zone: 'Asia/Shanghai',
  week: [1, 2, 3, 4, 5].flatMap((weekday) => [
    { weekday, from: '08:00', to: '12:00' },
    { weekday, from: '14:00', to: '18:00' },
  ]),
  holidays: ['2026-10-01', '2026-10-02', '2026-10-05', '2026-10-06', '2026-10-07'],
  makeUpDays: ['2026-10-10'],
};

const at = (text: string): Instant => instant(Date.parse(`${text.replace(' ', 'T')}:00+08:00`));
const due = (from: string, hours: number) => civilTimeText(afterWorkingHours(CALENDAR, at(from), hours));

describe('hours of work', () => {
  it.each([
    ['within the morning', '2026-11-25 08:30', 2, '2026-11-25 10:30'],
    ['over the noon', '2026-11-25 11:00', 2, '2026-11-25 15:00'],
    ['from before opening', '2026-11-25 03:00', 1, '2026-11-25 09:00'],
    ['from after closing', '2026-11-25 20:00', 1, '2026-11-26 09:00'],
    ['over a weekend', '2026-11-27 17:00', 2, '2026-11-30 09:00'],
    ['over a week of holidays', '2026-09-30 17:30', 1, '2026-10-08 08:30'],
    ['on a Saturday worked instead of a holiday', '2026-10-09 17:00', 2, '2026-10-10 09:00'],
    ['that fill a day end with it', '2026-11-25 08:00', 8, '2026-11-25 18:00'],
  ])('%s', (_, from, hours, expected) => {
    expect(due(from, hours)).toBe(expected);
  });

  it('never end before as many hours of the clock, and end later when more are asked or asked later', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * 24 * 60 }),
        fc.integer({ min: 0, max: 600 }),
        fc.integer({ min: 1, max: 100 }),
        (minute, later, hours) => {
          const from = instant(at('2026-01-01 00:00') + minute * 60_000);
          const end = afterWorkingHours(CALENDAR, from, hours);
          expect(end).toBeGreaterThanOrEqual(from + hours * HOUR_MS);
          expect(afterWorkingHours(CALENDAR, from, hours + 1)).toBeGreaterThan(end);
          expect(afterWorkingHours(CALENDAR, instant(from + later * 60_000), hours)).toBeGreaterThanOrEqual(
            end,
          );
        },
      ),
    );
  });

  it('between two moments are as many as lead from the one to the other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * 24 * 60 }),
        fc.integer({ min: 1, max: 100 }),
        (minute, hours) => {
          const from = instant(at('2026-01-01 00:00') + minute * 60_000);
          const end = afterWorkingHours(CALENDAR, from, hours);
          expect(workingHoursBetween(CALENDAR, from, end)).toBeCloseTo(hours, 9);
          expect(workingHoursBetween(CALENDAR, end, from)).toBe(0);
        },
      ),
    );
  });

  it('are counted with the weekends alone in years that the calendar does not name', () => {
    const known = { ...CALENDAR, holidayYears: [{ year: 2026, titleZh: '通知', issuedOn: '2025-11-04' }] };
    const [from, to] = [at('2026-12-31 23:00'), at('2027-01-01 01:00')];
    expect(yearsWithoutHolidays(known, from, from)).toEqual([]);
    expect(yearsWithoutHolidays(known, from, to)).toEqual([2027]);
    expect(yearsWithoutHolidays(CALENDAR, from, to)).toEqual([2026, 2027]);
  });

  it('of an office that never works come to an end all the same', () => {
    const closed = { ...CALENDAR, week: [] };
    expect(afterWorkingHours(closed, at('2026-11-25 08:00'), 1)).toBeGreaterThan(at('2036-01-01 00:00'));
  });
});
