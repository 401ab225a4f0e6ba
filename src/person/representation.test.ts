import { describe, expect, it } from 'vitest';
import { parseCivilDay } from '../kernel/civil-day.ts';
import { DAY_MS, type Instant, instant } from '../kernel/instant.ts';
import {
  birthday,
  isActing,
  REPRESENTATION_MAX_DAYS,
  representationEnd,
  type StatedRepresentation,
} from './representation.ts';

const day = (text: string): Instant => parseCivilDay(text) as Instant;
const NOW = instant(day('2026-11-25') + 36_000_000);
const STATED: StatedRepresentation = {
  relation: 'parent',
  evidence: 'household-register',
  agreed: false,
  restricted: false,
  until: day('2028-11-25'),
};

describe('who may act for a person, and until when', () => {
  it.each<[string, Partial<StatedRepresentation>, string | null, string]>([
    ['a parent for a newborn, as long as was asked', {}, '2026-11-13', '2028-11-25'],
    ['a parent for a child of twelve, until it is fourteen', {}, '2014-03-02', '2028-03-02'],
    [
      'a parent for a child of thirteen who nods: it is under fourteen all the same',
      { agreed: true },
      '2013-03-02',
      '2027-03-02',
    ],
    [
      'a parent for a child of sixteen who agrees, until it is of age',
      { agreed: true },
      '2010-03-02',
      '2028-03-02',
    ],
    ['a parent for a child of fourteen that was not asked', {}, '2012-11-25', 'REPRESENTATION_NOT_AGREED'],
    ['a sibling for a small child', { relation: 'sibling' }, '2020-01-01', 'REPRESENTATION_NOT_AGREED'],
    ['a daughter for a father who agrees', { relation: 'child', agreed: true }, '1954-02-16', '2028-11-25'],
    [
      'a daughter for a father who was not asked',
      { relation: 'child' },
      '1954-02-16',
      'REPRESENTATION_NOT_AGREED',
    ],
    [
      'a guardian with papers for an adult',
      { relation: 'guardian', evidence: 'guardianship-papers' },
      '1954-02-16',
      '2028-11-25',
    ],
    [
      'a guardian without papers for an adult',
      { relation: 'guardian' },
      '1954-02-16',
      'REPRESENTATION_NOT_AGREED',
    ],
    ['anybody for somebody whose birth date nobody knows', {}, null, 'REPRESENTATION_NOT_AGREED'],
    [
      'restricted classes of an adult, by papers alone',
      { relation: 'guardian', evidence: 'guardianship-papers', restricted: true },
      '1954-02-16',
      'REPRESENTATION_NOT_AGREED',
    ],
    ['restricted classes of a small child', { restricted: true }, '2020-01-01', '2028-11-25'],
    ['until yesterday', { until: day('2026-11-24') }, '2020-01-01', 'REPRESENTATION_END_INVALID'],
    [
      'for ever',
      { until: instant(NOW + (REPRESENTATION_MAX_DAYS + 1) * DAY_MS) },
      '2020-01-01',
      'REPRESENTATION_END_INVALID',
    ],
  ])('%s', (_what, over, birthDate, expected) => {
    const end = representationEnd({ ...STATED, ...over }, birthDate, NOW);
    if (end.ok) expect(end.value).toBe(day(expected));
    else expect(end.reason.code).toBe(expected);
  });

  it('counts birthdays in China, also those of a leap day', () => {
    expect(birthday('2012-02-29', 14)).toBe(day('2026-03-01'));
    expect(birthday('2012-02-29', 16)).toBe(day('2028-02-29'));
    expect(birthday('2012-02', 14)).toBeUndefined();
  });

  it('holds from its start until its end, or until it was ended', () => {
    const times = { startsAt: NOW, endsAt: instant(NOW + DAY_MS), endedAt: null };
    expect(isActing(times, NOW)).toBe(true);
    expect(isActing(times, times.endsAt)).toBe(false);
    expect(isActing(times, instant(NOW - 1))).toBe(false);
    expect(isActing({ ...times, endedAt: instant(NOW + 5) }, instant(NOW + 5))).toBe(false);
  });
});
