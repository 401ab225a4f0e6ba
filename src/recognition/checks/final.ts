import { type CheckFacts, defineCheck, found } from './check.ts';

/** Has the institution issued the result for good? A preliminary one may be read, not relied on. */
export const final = defineCheck({
  code: 'final',
  findings: { 'is-final': 'pass', 'is-corrected': 'pass', 'not-final': 'fail' },
  look: ({ candidate }: CheckFacts) => {
    const data = { version: candidate.reportVersion };
    if (candidate.standing === 'corrected') return found('is-corrected', data);
    return candidate.standing === 'final' ? found('is-final', data) : found('not-final', data);
  },
});
