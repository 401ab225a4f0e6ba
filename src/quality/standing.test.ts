import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, instant } from '../kernel/instant.ts';
import {
  type CampusCode,
  type InstitutionCode,
  startOfChinaDay,
  type ZoneCode,
} from '../organisation/index.ts';
import type { Grant } from './grant.ts';
import {
  type GrantStanding,
  grantStanding,
  indexConsortiumStandard,
  indexGrants,
  standardRowAt,
} from './standing.ts';

const A = 'A' as InstitutionCode;
const provincial: Grant = {
  code: 'G',
  items: ['LC-K'],
  scope: 'Z' as ZoneCode,
  markZh: '省HR',
  issuerZh: '省临检中心',
  validFrom: '2026-01-01',
  validTo: '2027-01-01',
  evidence: [],
};

const standing = (
  over: Partial<Grant>,
  performedOn: string,
  on: string,
  campus: string | null = null,
  methodClass: string | null = null,
): GrantStanding => {
  const [dated] =
    indexGrants({ institution: A, grants: [{ ...provincial, ...over }] }).byItem.get('LC-K') ?? [];
  if (!dated) throw new Error('the grant names the item');
  return grantStanding(dated, {
    campus: campus as CampusCode | null,
    methodClass,
    performedAt: startOfChinaDay(performedOn),
    at: startOfChinaDay(on),
  });
};

describe('a grant of the mark', () => {
  const failedRound = { revokedOn: '2026-03-01', effectiveFrom: '2026-03-01', reasonZh: '室间质评不合格' };
  const forCause = { revokedOn: '2026-03-01', effectiveFrom: '2026-02-01', reasonZh: '数据造假' };

  it.each<[string, GrantStanding, Partial<Grant>, string, string]>([
    ['on its first day', 'covers', {}, '2026-01-01', '2026-01-02'],
    ['on the day before', 'not-begun', {}, '2025-12-31', '2026-01-02'],
    ['on its last day', 'covers', {}, '2026-12-31', '2026-12-31'],
    ['on the day it ends', 'expired', {}, '2027-01-01', '2027-01-02'],
    ['long ago, ended since', 'covers-since-ended', {}, '2026-12-31', '2027-01-05'],
    ['before a failed round', 'covers-since-ended', { revocation: failedRound }, '2026-02-28', '2026-03-05'],
    ['after a failed round', 'revoked', { revocation: failedRound }, '2026-03-01', '2026-03-05'],
    [
      'inside what a revocation for cause reaches back to',
      'revoked',
      { revocation: forCause },
      '2026-02-28',
      '2026-03-05',
    ],
    [
      'before what a revocation for cause reaches back to',
      'covers-since-ended',
      { revocation: forCause },
      '2026-01-31',
      '2026-03-05',
    ],
    [
      'as seen before the revocation was pronounced',
      'covers',
      { revocation: forCause },
      '2026-02-15',
      '2026-02-28',
    ],
  ])('performed %s: %s', (_, expected, over, performedOn, on) => {
    expect(standing(over, performedOn, on)).toBe(expected);
  });

  it.each([
    ['EAST', 'EAST', 'covers'],
    ['EAST', 'WEST', 'other-campus'],
    ['EAST', null, 'unknown'],
  ])('for campus %s, performed at %s: %s', (campus, stated, expected) => {
    expect(standing({ campus: campus as CampusCode }, '2026-02-01', '2026-02-02', stated)).toBe(expected);
  });

  it.each([
    ['ise', 'covers'],
    ['flame', 'other-method'],
    [null, 'unknown'],
  ])('for one method, performed by %s: %s', (method, expected) => {
    expect(standing({ methodClasses: ['ise'] }, '2026-02-01', '2026-02-02', null, method)).toBe(expected);
  });

  it('never covers again once it was revoked for the moment of performance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 }), (performed, later) => {
        const [dated] =
          indexGrants({ institution: A, grants: [{ ...provincial, revocation: forCause }] }).byItem.get(
            'LC-K',
          ) ?? [];
        const performedAt = instant(startOfChinaDay('2026-01-01') + performed * DAY_MS);
        const at = instant(startOfChinaDay('2026-03-01') + later * DAY_MS);
        const seen = dated && grantStanding(dated, { campus: null, methodClass: null, performedAt, at });
        if (performedAt >= startOfChinaDay('2026-02-01')) expect(['revoked', 'expired']).toContain(seen);
        else expect(seen).toBe('covers-since-ended');
      }),
    );
  });
});

describe("a consortium's own standard", () => {
  const rows = indexConsortiumStandard({
    zone: 'Z' as ZoneCode,
    titleZh: '医共体标准',
    rows: [
      { institution: A, items: ['LC-K'], validFrom: '2026-01-01', validTo: '2026-07-01' },
      { institution: A, items: 'all', validFrom: '2026-04-01', validTo: '2026-05-01' },
    ],
  }).get(A);

  it.each([
    ['LC-K', '2026-01-01', 1],
    ['LC-K', '2026-07-01', null],
    ['LC-ALT', '2026-03-01', null],
    ['LC-ALT', '2026-04-01', 2],
  ])('is met for %s on %s by line %s', (item, date, place) => {
    expect(standardRowAt(rows ?? [], item, startOfChinaDay(date))?.place ?? null).toBe(place);
  });
});
