import { expect, it } from 'vitest';
import { compiled, lookAt, orderOf, resultOf, withChanged } from '../../../test/example-region.ts';
import type { InstitutionListRow } from '../../organisation/index.ts';

const row = (
  state: InstitutionListRow['state'],
  from: string,
  over: Partial<InstitutionListRow> = {},
): InstitutionListRow => ({
  institution: 'JIANG-1' as InstitutionListRow['institution'],
  scope: 'all',
  state,
  from,
  ...over,
});
const listed = row('listed', '2025-01-01');

it.each<[string, readonly InstitutionListRow[], string, string]>([
  ['listed for all', [listed], 'institution-listed', 'must-consider'],
  [
    'listed for the category',
    [row('listed', '2025-01-01', { scope: { categories: ['lab-chem'] } })],
    'institution-listed',
    'must-consider',
  ],
  [
    'listed for the item',
    [row('listed', '2025-01-01', { scope: { items: ['LC-K'] } })],
    'institution-listed',
    'must-consider',
  ],
  [
    'listed for another item',
    [row('listed', '2025-01-01', { scope: { items: ['LC-ALT'] } })],
    'institution-not-listed',
    'not-covered',
  ],
  ['not listed', [], 'institution-not-listed', 'not-covered'],
  ['listed from tomorrow on', [row('listed', '2026-11-21')], 'institution-not-listed', 'not-covered'],
  [
    'suspended since yesterday',
    [listed, row('suspended', '2026-11-19')],
    'institution-suspended',
    'not-covered',
  ],
  ['removed since yesterday', [listed, row('removed', '2026-11-19')], 'institution-removed', 'not-covered'],
  [
    'suspended when the specimen was taken, since lifted',
    [listed, row('suspended', '2026-11-10', { to: '2026-11-18' })],
    'institution-suspended-then',
    'not-covered',
  ],
  [
    'suspended and lifted before the specimen was taken',
    [listed, row('suspended', '2026-11-01', { to: '2026-11-10' })],
    'institution-listed',
    'must-consider',
  ],
])('the performing institution is %s', (_, rows, finding, grade) => {
  const snapshot = compiled(
    withChanged('institution-list', 'E', (list) => ({ ...list, content: { ...list.content, rows } })),
  );
  const seen = lookAt('institution-listed', orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00'), {
    snapshot,
  });
  expect(seen).toMatchObject({ finding, grade });
});

it('a zone without a list of institutions leaves it open', () => {
  const snapshot = compiled(withChanged('institution-list', 'E', () => null));
  const seen = lookAt('institution-listed', orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00'), {
    snapshot,
  });
  expect(seen).toMatchObject({ finding: 'no-institution-list', grade: 'may-consider' });
});

it('in a consortium that recognises all items membership is the list', () => {
  const seen = lookAt(
    'institution-listed',
    orderOf('LC-K', { institution: 'COUNTY' }),
    resultOf('LC-K', '2026-11-15 08:00', { performer: 'TOWN' }),
  );
  expect(seen).toMatchObject({ finding: 'member-of-consortium', grade: 'must-consider' });
});
