import { expect, it } from 'vitest';
import { lookAt, orderOf, resultOf } from '../../../test/example-region.ts';

it.each([
  ['LC-K', 'LC-K', 'same-item', 'must-consider'],
  ['LC-K', 'LC-ALT', 'other-item', 'excluded'],
  ['NO-SUCH', 'NO-SUCH', 'item-not-in-catalogue', 'excluded'],
])('ordered %s, resulted %s: %s, %s', (ordered, resulted, finding, grade) => {
  expect(lookAt('same-item', orderOf(ordered), resultOf(resulted, '2026-11-15 08:00'))).toMatchObject({
    finding,
    grade,
  });
});
