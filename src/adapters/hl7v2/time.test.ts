import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoInstant } from '../../kernel/instant.ts';
import { readTime } from './time.ts';

const iso = (text: string, zone = 'Asia/Shanghai'): string => {
  const time = readTime(text, zone);
  return time ? `${isoInstant(time.at)} ${time.precision}` : String(time);
};

describe('A stated time', () => {
  it.each([
    ['20261101', '2026-10-31T16:00:00.000Z day'],
    ['202611010830', '2026-11-01T00:30:00.000Z minute'],
    ['20261101083015', '2026-11-01T00:30:15.000Z second'],
    ['20261101083015.25', '2026-11-01T00:30:15.250Z millisecond'],
    ['20261101083015250', '2026-11-01T00:30:15.250Z millisecond'],
    ['20261101083015250+0000', '2026-11-01T08:30:15.250Z millisecond'],
    ['2026110108', '2026-11-01T00:00:00.000Z hour'],
    ['202611', '2026-10-31T16:00:00.000Z month'],
    ['2026', '2025-12-31T16:00:00.000Z year'],
    ['202611010830+0800', '2026-11-01T00:30:00.000Z minute'],
    ['202611010830-0500', '2026-11-01T13:30:00.000Z minute'],
    ['202611010830+0000', '2026-11-01T08:30:00.000Z minute'],
    ['2026-11-01 08:30:00', '2026-11-01T00:30:00.000Z second'],
    ['2026/11/1', '2026-10-31T16:00:00.000Z day'],
    ['2026-11-01T08:30:00+08:00', '2026-11-01T00:30:00.000Z second'],
    ['20240229', '2024-02-28T16:00:00.000Z day'],
  ])('%s is %s', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it('keeps the characters as they came', () => {
    expect(readTime('202611010830+0800', 'Asia/Shanghai')?.text).toBe('202611010830+0800');
  });

  it('without offset is wall time of the sender, not UTC', () => {
    expect(iso('202607010830', 'America/New_York')).toBe('2026-07-01T12:30:00.000Z minute');
    expect(iso('202601010830', 'America/New_York')).toBe('2026-01-01T13:30:00.000Z minute');
    expect(iso('19880701', 'Asia/Shanghai')).toBe('1988-06-30T15:00:00.000Z day');
  });

  it('that occurs twice in autumn is the earlier one, and one that was skipped in spring is the jump', () => {
    expect(iso('202611010130', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z minute');
    expect(iso('202603080230', 'America/New_York')).toBe('2026-03-08T07:30:00.000Z minute');
  });

  it.each(['', '   ', '0', '00000000', '00000000000000'])(
    'is absent when nothing is stated: "%s"',
    (text) => {
      expect(readTime(text, 'Asia/Shanghai')).toBeNull();
    },
  );

  it.each([
    '20260229',
    '20261301',
    '20261132',
    '202611012460',
    '20261101250000',
    '2026110',
    '01/11/2026',
    'yesterday',
    '20261101083060',
    '202611010830+1500',
    '202611010830+0860',
    '12026110',
    '99999999',
    '2026-13-01',
    '2026-11-01 8',
  ])('is refused when it cannot be: %s', (text) => {
    expect(readTime(text, 'Asia/Shanghai')).toBeUndefined();
  });

  it('is right for any minute from 1992 to 2100 in the zone of China', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1992-01-02'), max: new Date('2100-01-01'), noInvalidDate: true }),
        (date) => {
          const wall = new Date(date.getTime() + 8 * 3_600_000)
            .toISOString()
            .slice(0, 16)
            .replace(/[-T:]/g, '');
          const minute = Math.floor(date.getTime() / 60_000) * 60_000;
          expect(readTime(wall, 'Asia/Shanghai')?.at).toBe(minute);
        },
      ),
    );
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => readTime(text, 'Europe/Berlin')).not.toThrow();
      }),
    );
  });
});
