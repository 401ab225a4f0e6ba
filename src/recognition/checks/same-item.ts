import { type CheckFacts, defineCheck, found } from './check.ts';

/** Is it a result of the very item that is ordered, and does the catalogue in effect know the item? */
export const sameItem = defineCheck({
  code: 'same-item',
  findings: {
    'same-item': 'pass',
    'other-item': 'fail',
    'item-not-in-catalogue': 'fail',
  },
  look: ({ order, candidate, defined }: CheckFacts) => {
    if (candidate.item !== order.item)
      return found('other-item', { ordered: order.item, resulted: candidate.item });
    if (defined === undefined) return found('item-not-in-catalogue', { ordered: order.item });
    return found('same-item', { ordered: order.item }, defined.citation);
  },
});
