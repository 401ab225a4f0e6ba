import { type CheckFacts, defineCheck, found } from './check.ts';

/** Is it certain that the earlier result is this patient's? A wrong match is worse than a missed recognition. */
export const identityEstablished = defineCheck({
  code: 'identity-established',
  findings: {
    'identity-same-record': 'pass',
    'identity-strong': 'pass',
    'identity-weak': 'fail',
    'identity-none': 'fail',
    'identity-disputed': 'fail',
  },
  look: ({ candidate }: CheckFacts) => found(`identity-${candidate.identity}`),
});
