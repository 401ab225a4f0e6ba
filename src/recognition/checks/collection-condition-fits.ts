import { defineCheck, found, type ZoneFacts } from './check.ts';

/**
 * Was it collected under the condition that the item asks for: fasting where the list wants it, no time point of a
 * dynamic test (a glucose two hours after a load is no fasting glucose), at the bedside only where the list accepts it?
 */
export const collectionConditionFits = defineCheck({
  code: 'collection-condition-fits',
  findings: {
    'condition-fits': 'pass',
    'time-point-of-a-dynamic-test': 'fail',
    'point-of-care-not-accepted': 'fail',
    'not-fasting': 'fail',
    'fasting-not-stated': 'unknown',
    'time-point-open': 'unknown',
  },
  look: ({ candidate, defined, listed }: ZoneFacts) => {
    const { row, citation } = listed;
    if (candidate.timePoint !== null) {
      const data = { timePoint: candidate.timePoint };
      return defined.item.tags.includes('dynamic-test')
        ? found('time-point-open', data, citation)
        : found('time-point-of-a-dynamic-test', data, citation);
    }
    if (candidate.pointOfCare && !row.pointOfCareAccepted)
      return found('point-of-care-not-accepted', undefined, citation);
    if (row.fastingRequired && candidate.fasting === null)
      return found('fasting-not-stated', undefined, citation);
    if (row.fastingRequired && candidate.fasting === false) return found('not-fasting', undefined, citation);
    return found('condition-fits', undefined, citation);
  },
});
