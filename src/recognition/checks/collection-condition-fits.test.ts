import { expect, it } from 'vitest';
import { lookAt, orderOf, resultOf } from '../../../test/example-region.ts';

it.each([
  ['fasting', { fasting: true }, 'condition-fits', 'must-consider'],
  ['not fasting', { fasting: false }, 'not-fasting', 'view-only'],
  ['nothing said about fasting', { fasting: null }, 'fasting-not-stated', 'may-consider'],
  [
    'two hours after a load',
    { fasting: true, timePoint: '120 min' },
    'time-point-of-a-dynamic-test',
    'view-only',
  ],
  ['at the bedside', { fasting: true, pointOfCare: true }, 'point-of-care-not-accepted', 'view-only'],
] as const)('glucose, where the list wants it fasting: %s', (_, over, finding, grade) => {
  const seen = lookAt(
    'collection-condition-fits',
    orderOf('LC-GLU'),
    resultOf('LC-GLU', '2026-11-15 08:00', over),
  );
  expect(seen).toMatchObject({ finding, grade });
});

it('potassium needs no fasting', () => {
  const seen = lookAt('collection-condition-fits', orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00'));
  expect(seen).toMatchObject({ finding: 'condition-fits', grade: 'must-consider' });
});
