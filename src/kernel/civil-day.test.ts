import { describe, expect, it } from 'vitest';
import {
  civilDateText,
  civilDayNumber,
  civilTimeText,
  offsetMs,
  parseCivilDay,
  startOfCivilDay,
  throughText,
} from './civil-day.ts';
import { instant } from './instant.ts';

const at = (text: string) => instant(Date.parse(text));

describe('civil days', () => {
  it.each([
    ['2026-11-20T23:50:00+08:00', 'Asia/Shanghai', '2026-11-20'],
    ['2026-11-21T00:10:00+08:00', 'Asia/Shanghai', '2026-11-21'],
    ['2026-11-20T16:00:00Z', 'Asia/Shanghai', '2026-11-21'],
    ['2026-11-20T16:00:00Z', 'Asia/Urumqi', '2026-11-20'],
    ['2026-03-29T01:30:00Z', 'Europe/Berlin', '2026-03-29'],
  ])('%s in %s is %s', (moment, zone, day) => {
    expect(civilDateText(at(moment), zone)).toBe(day);
  });

  it.each([
    ['2026-11-25', '2026-11-24T16:00:00.000Z'],
    ['2028-02-29', '2028-02-28T16:00:00.000Z'],
    ['2026-02-29', undefined],
    ['2026-02-31', undefined],
    ['2026-13-01', undefined],
    ['yesterday', undefined],
    ['2026-11-25T08:00', undefined],
  ])('written %s begin at %s', (text, moment) => {
    const day = parseCivilDay(text);
    expect(day === undefined ? undefined : new Date(day).toISOString()).toBe(moment);
  });

  it.each([
    // 2026-12-22 00:00 in China is the first moment after the stretch: the 21st still belongs to it.
    ['2026-12-21T16:00:00.000Z', '2026-12-21'],
    ['2026-12-31T16:00:00.000Z', '2026-12-31'],
    ['2026-12-21T16:00:01.000Z', '2026-12-22 00:00'],
    ['2026-12-22T06:30:00.000Z', '2026-12-22 14:30'],
    ['2026-12-22T15:59:00.000Z', '2026-12-22 23:59'],
  ])('a stretch that ends before %s goes through %s', (end, text) => {
    expect(throughText(at(end))).toBe(text);
  });

  it('start at midnight of their zone, in winter and in summer', () => {
    for (const [moment, zone] of [
      ['2026-11-20T12:00:00Z', 'Asia/Shanghai'],
      ['2026-07-20T12:00:00Z', 'Europe/Berlin'],
      ['2026-01-20T12:00:00Z', 'Europe/Berlin'],
    ] as const) {
      const start = startOfCivilDay(civilDayNumber(at(moment), zone), zone);
      expect(civilTimeText(start, zone).slice(11)).toBe('00:00');
      expect(civilDateText(start, zone)).toBe(civilDateText(at(moment), zone));
    }
  });

  it('know the summer time that China had from 1986 to 1991', () => {
    expect(offsetMs(at('1988-07-01T00:00:00Z'), 'Asia/Shanghai')).toBe(9 * 3_600_000);
    expect(offsetMs(at('1992-07-01T00:00:00Z'), 'Asia/Shanghai')).toBe(8 * 3_600_000);
  });
});
