import { expect, it } from 'vitest';
import { lookAt, orderOf, resultOf } from '../../../test/example-region.ts';

it.each([
  ['serum', 'specimen-fits', 'must-consider'],
  ['plasma', 'specimen-fits', 'must-consider'],
  ['urine', 'other-specimen', 'excluded'],
  ['blood', 'other-specimen', 'excluded'],
  [null, 'specimen-not-stated', 'may-consider'],
] as const)('potassium in %s: %s, %s', (specimen, finding, grade) => {
  const seen = lookAt('same-specimen', orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00', { specimen }));
  expect(seen).toMatchObject({ finding, grade });
});

it('an examination is not asked for a specimen', () => {
  const seen = lookAt('same-specimen', orderOf('CT-CHEST-P'), resultOf('CT-CHEST-P', '2026-11-15 08:00'));
  expect(seen).toMatchObject({ finding: 'specimen-not-asked', grade: 'must-consider' });
});

it('a specimen that the order names counts for an item that the catalogue leaves open', () => {
  const order = orderOf('CT-CHEST-P', { specimen: 'tissue' });
  const other = lookAt(
    'same-specimen',
    order,
    resultOf('CT-CHEST-P', '2026-11-15 08:00', { specimen: 'sputum' }),
  );
  expect(other).toMatchObject({ finding: 'other-specimen', grade: 'excluded' });
});
