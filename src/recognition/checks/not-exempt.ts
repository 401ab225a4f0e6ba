import { defineCheck, found, type ZoneFacts } from './check.ts';
import { negativeData, negativeRuling } from './negative-rows.ts';

/**
 * Does the negative list exempt the situation with a reason (before an operation, before a transfusion, forensic …)? The
 * result may then still be considered; repeating it needs no further explanation.
 */
export const notExempt = defineCheck({
  code: 'not-exempt',
  findings: { 'not-exempt': 'pass', exempt: 'fail', 'exemption-open': 'unknown' },
  look: (facts: ZoneFacts) => {
    const answer = negativeRuling(facts, 'exempt-with-reason');
    if (answer === null) return found('not-exempt');
    const { ruling, certain } = answer;
    return found(certain ? 'exempt' : 'exemption-open', negativeData(ruling), ruling.citation);
  },
});
