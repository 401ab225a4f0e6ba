import { expect, it } from 'vitest';
import { lookAt, orderOf, resultOf } from '../../../test/example-region.ts';

it.each([
  ['same-record', 'pass', 'must-consider'],
  ['strong', 'pass', 'must-consider'],
  ['weak', 'fail', 'excluded'],
  ['none', 'fail', 'excluded'],
  ['disputed', 'fail', 'excluded'],
] as const)('an identity that is %s gives %s, and the result is %s', (identity, outcome, grade) => {
  const seen = lookAt(
    'identity-established',
    orderOf('LC-K'),
    resultOf('LC-K', '2026-11-15 08:00', { identity }),
  );
  expect(seen).toMatchObject({ outcome, grade });
});
