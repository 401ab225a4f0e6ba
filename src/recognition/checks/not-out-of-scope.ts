import { defineCheck, found, type ZoneFacts } from './check.ts';
import { negativeData, negativeRuling } from './negative-rows.ts';

/** Does the negative list (负面清单) keep the situation out of recognition altogether (不纳入互认范围)? */
export const notOutOfScope = defineCheck({
  code: 'not-out-of-scope',
  findings: { 'in-scope': 'pass', 'out-of-scope': 'fail', 'scope-open': 'unknown' },
  look: (facts: ZoneFacts) => {
    const answer = negativeRuling(facts, 'out-of-scope');
    if (answer === null) return found('in-scope');
    const { ruling, certain } = answer;
    return found(certain ? 'out-of-scope' : 'scope-open', negativeData(ruling), ruling.citation);
  },
});
