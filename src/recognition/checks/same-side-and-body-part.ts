import { type CheckFacts, defineCheck, found } from './check.ts';

/**
 * Is it the same body part and side? The left knee never stands for the right. Where the item has sides and one of the
 * two is not stated, the examination is not established and the result is never offered. Both sides examined cover
 * either one; one side never covers both.
 */
export const sameSideAndBodyPart = defineCheck({
  code: 'same-side-and-body-part',
  findings: {
    'same-side': 'pass',
    'both-sides-cover': 'pass',
    'side-not-asked': 'pass',
    'other-side': 'fail',
    'other-body-part': 'fail',
    'side-not-stated': 'unknown',
  },
  look: ({ order, candidate, defined, rules }: CheckFacts) => {
    const bodyPart = defined?.item.bodyPartZh ?? null;
    if (candidate.item !== order.item) {
      const other = rules.itemOf(candidate.item)?.item.bodyPartZh ?? null;
      if (other !== bodyPart) return found('other-body-part', { bodyPart, examined: other });
    }
    const ordered = order.side ?? null;
    const examined = candidate.side;
    const citation = defined?.citation ?? null;
    if (ordered === null && !(defined?.item.hasSide ?? false)) return found('side-not-asked', { bodyPart });
    const data = { bodyPart, ordered, examined };
    if (ordered === null || examined === null) return found('side-not-stated', data, citation);
    if (ordered === examined) return found('same-side', data, citation);
    return examined === 'both'
      ? found('both-sides-cover', data, citation)
      : found('other-side', data, citation);
  },
});
