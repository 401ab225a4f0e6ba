import { expect, it } from 'vitest';
import { lookAt, orderOf, resultOf } from '../../../test/example-region.ts';

it.each([
  ['final', 'is-final', 'must-consider'],
  ['corrected', 'is-corrected', 'must-consider'],
  ['preliminary', 'not-final', 'view-only'],
] as const)('a report that is %s: %s, %s', (standing, finding, grade) => {
  const seen = lookAt('final', orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00', { standing }));
  expect(seen).toMatchObject({ finding, grade });
});
