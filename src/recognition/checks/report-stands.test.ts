import { expect, it } from 'vitest';
import { lookAt, orderOf, resultOf } from '../../../test/example-region.ts';

it.each([
  ['final', 'report-stands', 'must-consider'],
  ['corrected', 'report-stands', 'must-consider'],
  ['preliminary', 'report-stands', 'view-only'],
  ['withdrawn', 'report-withdrawn', 'excluded'],
  ['cancelled', 'report-cancelled', 'excluded'],
  ['entered-in-error', 'report-entered-in-error', 'excluded'],
  ['not-obtained', 'result-not-obtained', 'excluded'],
] as const)('a report that is %s: %s, %s', (standing, finding, grade) => {
  const seen = lookAt('report-stands', orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00', { standing }));
  expect(seen).toMatchObject({ finding, grade });
});
