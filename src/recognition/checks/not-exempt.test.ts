import { expect, it } from 'vitest';
import { lookAt, orderOf, resultOf } from '../../../test/example-region.ts';

it.each([
  ['HBsAg for a diagnosis', 'LI-HBSAG', 'diagnosis', 'not-exempt', 'must-consider'],
  ['HBsAg before an operation', 'LI-HBSAG', 'pre-operative', 'exempt', 'may-consider'],
  ['HBsAg before a transfusion', 'LI-HBSAG', 'pre-transfusion', 'exempt', 'may-consider'],
  ['potassium before an operation', 'LC-K', 'pre-operative', 'not-exempt', 'must-consider'],
] as const)('%s', (_, name, purpose, finding, grade) => {
  const seen = lookAt('not-exempt', orderOf(name, { purpose }), resultOf(name, '2026-11-15 08:00'));
  expect(seen).toMatchObject({ finding, grade });
});
