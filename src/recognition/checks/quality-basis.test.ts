import { describe, expect, it } from 'vitest';
import {
  compiled,
  grant,
  lookAt,
  moment,
  orderOf,
  resultOf,
  withChanged,
  withGrants,
} from '../../../test/example-region.ts';
import type { Grant } from '../../quality/index.ts';

const collected = '2026-11-15 08:00';
const withMark = (over: Partial<Grant>) => compiled(withGrants('JIANG-1', [grant('HR-1', over)]));
const failedRound = { revokedOn: '2026-11-18', effectiveFrom: '2026-11-18', reasonZh: '室间质评不合格' };
const forCause = { revokedOn: '2026-11-18', effectiveFrom: '2026-11-01', reasonZh: '数据造假' };

describe('the HR mark of the performing institution', () => {
  it.each<[string, Partial<Grant>, string, string]>([
    ['covers the moment of collection', {}, 'grant-covers', 'must-consider'],
    ['names the item itself', { categories: [], items: ['LC-K'] }, 'grant-covers', 'must-consider'],
    ['names another item', { categories: [], items: ['LC-ALT'] }, 'no-quality-basis', 'may-consider'],
    ['had expired', { validTo: '2026-11-15' }, 'grant-expired', 'may-consider'],
    [
      'has expired since, which does not reach back',
      { validTo: '2026-11-16' },
      'grant-covered-then',
      'must-consider',
    ],
    ['had not begun', { validFrom: '2026-11-16' }, 'grant-not-begun', 'may-consider'],
    [
      'was revoked after a failed round, which does not reach back',
      { revocation: failedRound },
      'grant-covered-then',
      'must-consider',
    ],
    ['was revoked for cause, which reaches back', { revocation: forCause }, 'grant-revoked', 'may-consider'],
    ['is for another province', { scope: 'QIN' as Grant['scope'] }, 'grant-out-of-scope', 'may-consider'],
    [
      'is for the city only, under the list of the province',
      { scope: 'JIANG' as Grant['scope'] },
      'grant-out-of-scope',
      'may-consider',
    ],
    ['is for another campus', { campus: 'EAST' as never }, 'grant-limit-open', 'may-consider'],
    [
      'is for a method that the report does not state',
      { methodClasses: ['ise'] },
      'grant-limit-open',
      'may-consider',
    ],
  ])('%s', (_, over, finding, grade) => {
    const seen = lookAt('quality-basis', orderOf('LC-K'), resultOf('LC-K', collected), {
      snapshot: withMark(over),
    });
    expect(seen).toMatchObject({ finding, grade });
  });

  it('limited to a campus or method is compared with what the report states', () => {
    const snapshot = withMark({ campus: 'EAST' as never, methodClasses: ['ise'] });
    const made = (campus: string, methodClass: string) =>
      lookAt(
        'quality-basis',
        orderOf('LC-K'),
        resultOf('LC-K', collected, { performerCampus: campus as never, methodClass }),
        { snapshot },
      );
    expect(made('EAST', 'ise').finding).toBe('grant-covers');
    expect(made('WEST', 'ise').finding).toBe('grant-for-other-campus');
    expect(made('EAST', 'flame').finding).toBe('grant-for-other-method');
  });

  it('is the best of several', () => {
    const expired = grant('OLD', { validTo: '2026-06-01' });
    for (const grants of [
      [expired, grant('NEW')],
      [grant('NEW'), expired],
    ])
      expect(
        lookAt('quality-basis', orderOf('LC-K'), resultOf('LC-K', collected), {
          snapshot: compiled(withGrants('JIANG-1', grants)),
        }),
      ).toMatchObject({ finding: 'grant-covers', grade: 'must-consider' });
  });

  it('is taken as it was known on the day: a revocation pronounced later is not yet known', () => {
    const snapshot = withMark({ revocation: forCause });
    const before = lookAt('quality-basis', orderOf('LC-K'), resultOf('LC-K', collected), {
      snapshot,
      at: moment('2026-11-17 09:00'),
    });
    expect(before).toMatchObject({ finding: 'grant-covers', grade: 'must-consider' });
  });

  it('is that of the laboratory that performed a sent-out test, not of the hospital that reported it', () => {
    const sentOut = resultOf('LC-K', collected, { performer: 'LAB', reporter: 'JIANG-1' });
    const without = compiled(withGrants('LAB', []));
    expect(lookAt('quality-basis', orderOf('LC-K'), sentOut)).toMatchObject({ finding: 'grant-covers' });
    expect(lookAt('quality-basis', orderOf('LC-K'), sentOut, { snapshot: without })).toMatchObject({
      finding: 'no-quality-basis',
      grade: 'may-consider',
    });
  });

  it('granted in a draft counts as no more than a draft', () => {
    const snapshot = compiled(withChanged('grants', 'JIANG-1', (list) => ({ ...list, status: 'draft' })));
    const seen = lookAt('quality-basis', orderOf('LC-K'), resultOf('LC-K', collected), { snapshot });
    expect(seen).toMatchObject({ finding: 'basis-in-draft', grade: 'may-consider' });
  });

  it('cannot be told without a collection time', () => {
    const seen = lookAt('quality-basis', orderOf('LC-K'), resultOf('LC-K', null));
    expect(seen).toMatchObject({ finding: 'basis-time-missing', grade: 'may-consider' });
  });
});

describe("the consortium's own standard", () => {
  const order = orderOf('LC-K', { institution: 'COUNTY' });
  const township = resultOf('LC-K', collected, { performer: 'TOWN' });

  it('stands in for the mark where the list of the consortium accepts it', () => {
    expect(lookAt('quality-basis', order, township)).toMatchObject({
      finding: 'consortium-standard-met',
      grade: 'must-consider',
    });
  });

  it('does not help a member that does not meet it', () => {
    const snapshot = compiled(
      withChanged('consortium-standard', 'YUNXI', (list) => ({
        ...list,
        content: { ...list.content, rows: [] },
      })),
    );
    expect(lookAt('quality-basis', order, township, { snapshot })).toMatchObject({
      finding: 'no-quality-basis',
      grade: 'may-consider',
    });
  });
});
