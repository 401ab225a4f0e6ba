import { expect, it } from 'vitest';
import { compiled, lookAt, orderOf, resultOf, withChanged } from '../../../test/example-region.ts';
import type { ListKind } from '../list-document.ts';

const seenWith = (kind: ListKind, code: string, over: { status?: 'draft'; drill?: true }) =>
  lookAt('lists-published', orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00'), {
    snapshot: compiled(withChanged(kind, code, (list) => ({ ...list, ...over }))),
  });

it.each<[ListKind, string]>([
  ['catalogue', 'CN'],
  ['item-list', 'E'],
  ['institution-list', 'E'],
  ['tier-rules', 'E'],
  ['negative-list', 'E'],
  ['zones', 'REGION'],
  ['institutions', 'REGION'],
])('a draft %s caps the verdict', (kind, code) => {
  expect(seenWith(kind, code, { status: 'draft' })).toMatchObject({
    finding: 'list-in-draft',
    grade: 'may-consider',
  });
});

it('a draft that the verdict does not rest on caps nothing', () => {
  expect(seenWith('item-list', 'YUNXI', { status: 'draft' })).toMatchObject({
    finding: 'lists-published',
    grade: 'must-consider',
  });
});

it('lists of a drill count, and the verdict says so', () => {
  expect(seenWith('item-list', 'E', { drill: true })).toMatchObject({
    finding: 'lists-of-a-drill',
    grade: 'must-consider',
  });
});
