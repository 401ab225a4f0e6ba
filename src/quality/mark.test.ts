import { describe, expect, it } from 'vitest';
import { type InstitutionCode, startOfChinaDay, type ZoneCode } from '../organisation/index.ts';
import type { Grant } from './grant.ts';
import { marksHeld } from './mark.ts';
import { indexGrants } from './standing.ts';

const grant = (over: Partial<Grant>): Grant => ({
  code: 'G',
  items: ['LC-K'],
  scope: 'Z' as ZoneCode,
  markZh: '省HR',
  issuerZh: '省临检中心',
  validFrom: '2026-01-01',
  validTo: '2027-01-01',
  evidence: [],
  ...over,
});
const held = (grants: readonly Grant[], performedOn: string, category = 'lab-chem') =>
  marksHeld(
    [indexGrants({ institution: 'A' as InstitutionCode, grants })],
    { code: 'LC-K', category },
    {
      campus: null,
      methodClass: null,
      performedAt: startOfChinaDay(performedOn),
      at: startOfChinaDay('2027-03-01'),
    },
  );

describe('the marks an institution held', () => {
  it('are those valid at collection, by item and by category, each once', () => {
    const byCategory = grant({ code: 'H', items: [], categories: ['lab-chem'], markZh: '市HR' });
    expect(held([grant({}), grant({ code: 'G2' }), byCategory], '2026-06-01')).toEqual(['省HR', '市HR']);
    expect(held([byCategory], '2026-06-01', 'lab-haem')).toEqual([]);
  });

  it('count no longer once revoked for that day, and not before they began', () => {
    const revocation = { revokedOn: '2026-08-01', effectiveFrom: '2026-05-01', reasonZh: '数据造假' };
    expect(held([grant({ revocation })], '2026-04-30')).toEqual(['省HR']);
    expect(held([grant({ revocation })], '2026-06-01')).toEqual([]);
    expect(held([grant({})], '2025-12-31')).toEqual([]);
  });
});
