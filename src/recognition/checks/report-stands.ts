import { type CheckFacts, defineCheck, found } from './check.ts';

/** Does the report still stand? What was withdrawn, cancelled or entered in error is never offered. */
export const reportStands = defineCheck({
  code: 'report-stands',
  findings: {
    'report-stands': 'pass',
    'report-withdrawn': 'fail',
    'report-cancelled': 'fail',
    'report-entered-in-error': 'fail',
    'result-not-obtained': 'fail',
  },
  look: ({ candidate }: CheckFacts) => {
    const data = { version: candidate.reportVersion };
    switch (candidate.standing) {
      case 'withdrawn':
        return found('report-withdrawn', data);
      case 'cancelled':
        return found('report-cancelled', data);
      case 'entered-in-error':
        return found('report-entered-in-error', data);
      case 'not-obtained':
        return found('result-not-obtained', data);
      case 'preliminary':
      case 'final':
      case 'corrected':
        return found('report-stands', data);
    }
  },
});
