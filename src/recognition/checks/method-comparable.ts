import { type CheckFacts, defineCheck, found } from './check.ts';

/**
 * Can the value stand beside one of the ordering institution's own? Class A is standardised and does everywhere. Class B
 * does inside a group harmonised by external quality assessment: methods stated to differ leave it open. Class C depends
 * on the platform and does only for the same method (requirement U5).
 */
export const methodComparable = defineCheck({
  code: 'method-comparable',
  findings: {
    'class-a': 'pass',
    'class-b': 'pass',
    'same-method': 'pass',
    'no-value-compared': 'pass',
    'class-b-methods-differ': 'unknown',
    'class-c-method-unknown': 'unknown',
    'class-unknown': 'unknown',
    'class-c-methods-differ': 'fail',
  },
  look: ({ order, candidate, defined }: CheckFacts) => {
    if (defined === undefined) return found('class-unknown');
    const { item, citation } = defined;
    if (!item.category.startsWith('lab-')) return found('no-value-compared', undefined, citation);
    const ours = order.methodClass ?? null;
    const theirs = candidate.methodClass;
    const methods = { ordered: ours, resulted: theirs };
    const known = ours !== null && theirs !== null;
    switch (item.comparability) {
      case 'A':
        return found('class-a', methods, citation);
      case 'B':
        return known && ours !== theirs
          ? found('class-b-methods-differ', methods, citation)
          : found('class-b', methods, citation);
      case 'C':
        if (!known) return found('class-c-method-unknown', methods, citation);
        return ours === theirs
          ? found('same-method', methods, citation)
          : found('class-c-methods-differ', methods, citation);
      default:
        return found('class-unknown', methods, citation);
    }
  },
});
