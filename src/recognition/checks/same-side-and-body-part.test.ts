import { expect, it } from 'vitest';
import { lookAt, orderOf, resultOf } from '../../../test/example-region.ts';

it.each([
  ['left', 'left', 'same-side', 'must-consider'],
  ['right', 'left', 'other-side', 'excluded'],
  ['left', 'right', 'other-side', 'excluded'],
  ['left', 'both', 'both-sides-cover', 'must-consider'],
  ['both', 'both', 'same-side', 'must-consider'],
  ['both', 'left', 'other-side', 'excluded'],
  ['left', null, 'side-not-stated', 'excluded'],
] as const)('ordered the %s knee, examined %s: %s, %s', (side, examined, finding, grade) => {
  const result = resultOf('MR-KNEE-P', '2026-11-15 08:00', { side: examined });
  expect(lookAt('same-side-and-body-part', orderOf('MR-KNEE-P', { side }), result)).toMatchObject({
    finding,
    grade,
  });
});

it('an order that names no side of an item that has sides meets no result', () => {
  const result = resultOf('MR-KNEE-P', '2026-11-15 08:00', { side: 'left' });
  const seen = lookAt('same-side-and-body-part', orderOf('MR-KNEE-P'), result);
  expect(seen).toMatchObject({ finding: 'side-not-stated', grade: 'excluded' });
});

it('a chest is no knee', () => {
  const seen = lookAt(
    'same-side-and-body-part',
    orderOf('MR-KNEE-P', { side: 'left' }),
    resultOf('CT-CHEST-P', '2026-11-15 08:00', { side: 'left' }),
  );
  expect(seen).toMatchObject({ finding: 'other-body-part', grade: 'excluded' });
});

it('a side that only the order names must be met even where the catalogue knows no sides', () => {
  const seen = lookAt(
    'same-side-and-body-part',
    orderOf('XR-CHEST-2V', { side: 'left' }),
    resultOf('XR-CHEST-2V', '2026-11-15 08:00'),
  );
  expect(seen).toMatchObject({ finding: 'side-not-stated', grade: 'excluded' });
});
