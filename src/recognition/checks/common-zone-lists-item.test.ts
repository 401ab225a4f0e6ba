import { describe, expect, it } from 'vitest';
import {
  compiled,
  EXAMPLE,
  exampleDocuments,
  listDocument,
  listRow,
  lookAt,
  moment,
  NOW,
  orderOf,
  resultOf,
  UNTREATED,
  withChanged,
  withRow,
} from '../../../test/example-region.ts';
import type { ZoneCode } from '../../organisation/index.ts';
import { evaluate } from '../evaluate.ts';

describe('the zone that applies', () => {
  it.each([
    ['both in one province', 'LC-K', 'JIANG-1', 'item-listed', 'must-consider'],
    ['another province', 'LC-K', 'QIN-1', 'no-common-zone', 'not-covered'],
    ['an institution that no directory knows', 'LC-K', 'NOWHERE', 'no-common-zone', 'not-covered'],
  ])('%s', (_, name, performer, finding, grade) => {
    const seen = lookAt(
      'common-zone-lists-item',
      orderOf(name),
      resultOf(name, '2026-11-15 08:00', { performer }),
    );
    expect(seen).toMatchObject({ finding, grade });
  });

  it('is none when no list of the common zones has the item', () => {
    const snapshot = compiled(
      withChanged('item-list', 'E', (list) => ({
        ...list,
        content: { ...list.content, rows: [listRow('LC-ALT', 7)] },
      })),
    );
    const seen = lookAt('common-zone-lists-item', orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00'), {
      snapshot,
    });
    expect(seen).toMatchObject({ finding: 'item-not-listed', grade: 'not-covered' });
  });

  const cityList = (days: number) =>
    listDocument('item-list', 'JIANG', {
      zone: 'JIANG' as ZoneCode,
      qualityBases: ['hr-grant'],
      coverage: 'listed',
      rows: [listRow('LC-K', days)],
    });
  const cityInstitutions = listDocument('institution-list', 'JIANG', {
    zone: 'JIANG' as ZoneCode,
    rows: ['JIANG-1', 'JIANG-2'].map((institution) => ({
      institution: institution as never,
      scope: 'all' as const,
      state: 'listed' as const,
      from: '2025-01-01',
    })),
  });
  const verdictWith = (days: number, collected: string) =>
    evaluate(
      orderOf('LC-K'),
      resultOf('LC-K', collected),
      compiled([...exampleDocuments(), cityList(days), cityInstitutions]),
      UNTREATED,
      NOW,
    );

  it('is the narrowest of those that are equally favourable', () => {
    expect(verdictWith(7, '2026-11-15 08:00')).toMatchObject({ grade: 'must-consider', zone: 'JIANG' });
  });

  it('is the most favourable, be it the wider one', () => {
    expect(verdictWith(3, '2026-11-15 08:00')).toMatchObject({ grade: 'must-consider', zone: 'E' });
    expect(verdictWith(14, '2026-11-09 08:00')).toMatchObject({ grade: 'must-consider', zone: 'JIANG' });
  });

  it('hands over to the wider one when the window of the narrow one ends, and says when', () => {
    const verdict = verdictWith(5, '2026-11-15 08:00');
    expect(verdict).toMatchObject({ zone: 'JIANG' });
    const then = evaluate(
      orderOf('LC-K'),
      resultOf('LC-K', '2026-11-15 08:00'),
      compiled([...exampleDocuments(), cityList(5), cityInstitutions]),
      UNTREATED,
      verdict.until as never,
    );
    expect(then).toMatchObject({ grade: 'must-consider', zone: 'E' });
  });

  it('hands over also when the result is only for reading, for it is named all the same', () => {
    const snapshot = compiled([...exampleDocuments(), cityList(5), cityInstitutions]);
    const preliminary = resultOf('LC-K', '2026-11-15 08:00', { standing: 'preliminary' });
    const verdict = evaluate(orderOf('LC-K'), preliminary, snapshot, UNTREATED, NOW);
    expect(verdict).toMatchObject({ grade: 'view-only', zone: 'JIANG', until: moment('2026-11-21 00:00') });
  });

  it('becomes the wider one when the receipt that only its list counts from has come', () => {
    const byReceipt = withRow(listRow('LC-K', 7, { receivedTimeAllowed: true }));
    const snapshot = compiled([...byReceipt, cityList(5), cityInstitutions]);
    const receivedLater = resultOf('LC-K', null, { receivedAt: moment('2026-11-20 10:00') });
    const verdict = evaluate(orderOf('LC-K'), receivedLater, snapshot, UNTREATED, NOW);
    expect(verdict).toMatchObject({
      grade: 'may-consider',
      zone: 'JIANG',
      until: moment('2026-11-20 10:00'),
    });
  });

  it('is named with the list, its version and the row', () => {
    const verdict = evaluate(orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00'), EXAMPLE, UNTREATED, NOW);
    expect(verdict.checks.find(({ check }) => check === 'common-zone-lists-item')?.citation).toEqual({
      list: { kind: 'item-list', code: 'E', version: '2026', row: 'LC-K' },
    });
  });
});
