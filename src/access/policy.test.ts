import { describe, expect, it } from 'vitest';
import {
  ACCESS_PURPOSES,
  grantOf,
  HOLDERS,
  holdersOf,
  purposesOf,
  REACHES,
  type Right,
  RIGHTS,
} from './index.ts';

/** Rights whose exercise shows the content of a result or who a person is. */
const IDENTIFYING: readonly Right[] = [
  'order-check:create',
  'order-check:read',
  'person:search',
  'person:read',
  'report:read',
  'result-history:read',
  'patient-supplied:read',
  'notice:read',
];

describe('the policy', () => {
  it('names a holder under one right once, with a purpose and a reach', () => {
    for (const right of RIGHTS) {
      const holders = holdersOf(right);
      expect(holders.length, right).toBeGreaterThan(0);
      expect(new Set(holders).size, right).toBe(holders.length);
      for (const holder of holders) {
        expect(HOLDERS).toContain(holder);
        const grant = grantOf(holder, right);
        expect(ACCESS_PURPOSES).toContain(grant?.purpose);
        expect(REACHES).toContain(grant?.reach);
      }
    }
  });

  it('gives each purpose of a right once', () => {
    expect(purposesOf('session:hold')).toEqual(['operations', 'own-data']);
    expect(purposesOf('order-check:create')).toEqual(['treatment']);
    for (const right of RIGHTS)
      expect(new Set(purposesOf(right))).toEqual(
        new Set(holdersOf(right).map((holder) => grantOf(holder, right)?.purpose)),
      );
  });

  it('refuses what it does not name', () => {
    expect(grantOf('doctor', 'metrics:read')).toBeNull();
    expect(grantOf('launched', 'report:read')).toBeNull();
    expect(grantOf('patient', 'order-check:create')).toBeNull();
  });

  it.each(IDENTIFYING)('lets neither operators nor regulators into %s', (right) => {
    expect(grantOf('operator', right)).toBeNull();
    expect(grantOf('regulator', right)).toBeNull();
  });

  it('gives a regulator persons only in an opened case', () => {
    for (const right of RIGHTS) {
      const grant = grantOf('regulator', right);
      if (grant) expect(['own-session', 'counts', 'opened-case'], right).toContain(grant.reach);
    }
  });
});
