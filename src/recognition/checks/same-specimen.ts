import { specimenFit } from '../../catalogue/index.ts';
import { type CheckFacts, defineCheck, found } from './check.ts';

/**
 * Was the result measured in a specimen that the item is measured in? Specimens that the catalogue accepts for one item
 * (serum and plasma) stand for each other; any other is another examination.
 */
export const sameSpecimen = defineCheck({
  code: 'same-specimen',
  findings: {
    'specimen-fits': 'pass',
    'specimen-not-asked': 'pass',
    'other-specimen': 'fail',
    'specimen-unclear': 'unknown',
    'specimen-not-stated': 'unknown',
  },
  look: ({ order, candidate, defined }: CheckFacts) => {
    const { specimen } = candidate;
    const accepted = defined?.item.specimens ?? [];
    if (accepted.length === 0) {
      if (order.specimen === undefined || specimen === order.specimen) return found('specimen-not-asked');
      const data = { specimen, accepted: [order.specimen] };
      return specimen === null ? found('specimen-not-stated', data) : found('other-specimen', data);
    }
    const data = { specimen, accepted };
    const citation = defined?.citation ?? null;
    switch (specimenFit({ specimens: accepted }, specimen)) {
      case 'fits':
        return found('specimen-fits', data, citation);
      case 'unfit':
        return found('other-specimen', data, citation);
      case 'unclear':
        return found('specimen-unclear', data, citation);
      case 'not-stated':
        return found('specimen-not-stated', data, citation);
    }
  },
});
