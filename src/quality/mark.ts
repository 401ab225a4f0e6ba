import { type GrantIndex, grantStanding, type Performance } from './standing.ts';

/**
 * The HR marks (互认标识) as printed that an institution held for an item at the moment of collection or examination, each
 * once. One that has ended since still counts for what was done before; one revoked for that moment does not.
 */
export const marksHeld = (
  indexes: readonly GrantIndex[],
  item: { readonly code: string; readonly category: string },
  performance: Performance,
): readonly string[] => {
  const marks = new Set<string>();
  for (const { byItem, byCategory } of indexes)
    for (const grants of [byItem.get(item.code), byCategory.get(item.category)])
      for (const dated of grants ?? []) {
        const standing = grantStanding(dated, performance);
        if (standing === 'covers' || standing === 'covers-since-ended') marks.add(dated.grant.markZh);
      }
  return [...marks];
};
