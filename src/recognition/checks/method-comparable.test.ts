import { expect, it } from 'vitest';
import { lookAt, orderOf, resultOf } from '../../../test/example-region.ts';

it.each([
  ['potassium, class A, methods differ', 'LC-K', 'ise', 'flame', 'standardised', 'must-consider'],
  ['HBsAg, class B, methods differ', 'LI-HBSAG', 'eclia', 'clia', 'harmonised', 'must-consider'],
  ['β-hCG, class C, nothing asked', 'LI-BHCG', undefined, 'clia', 'single-finding', 'must-consider'],
  ['β-hCG, class C, same method', 'LI-BHCG', 'eclia', 'eclia', 'same-method', 'must-consider'],
  ['β-hCG, class C, other method', 'LI-BHCG', 'eclia', 'clia', 'method-differs', 'view-only'],
  ['β-hCG, class C, method not stated', 'LI-BHCG', 'eclia', null, 'method-unknown', 'may-consider'],
])('%s', (_, name, methodClass, theirs, finding, grade) => {
  const order = orderOf(name, methodClass === undefined ? {} : { methodClass });
  const seen = lookAt(
    'method-comparable',
    order,
    resultOf(name, '2026-11-19 08:00', { methodClass: theirs }),
  );
  expect(seen).toMatchObject({ finding, grade });
});

it.each([
  ['mmol/L', 'standardised', 'must-consider'],
  ['mol/L', 'standardised', 'must-consider'],
  ['', 'unit-not-stated', 'may-consider'],
  [null, 'unit-not-understood', 'may-consider'],
  ['g', 'unit-not-convertible', 'view-only'],
])('potassium in %s: %s, %s', (unit, finding, grade) => {
  const seen = lookAt('method-comparable', orderOf('LC-K'), resultOf('LC-K', '2026-11-19 08:00', { unit }));
  expect(seen).toMatchObject({ finding, grade });
});

it.each([
  ['diagnosis', 'harmonised', 'must-consider'],
  ['serial-monitoring', 'method-differs', 'view-only'],
] as const)('HBsAg by another method, ordered for %s: %s, %s', (purpose, finding, grade) => {
  const order = orderOf('LI-HBSAG', { purpose, methodClass: 'eclia' });
  const seen = lookAt(
    'method-comparable',
    order,
    resultOf('LI-HBSAG', '2026-11-19 08:00', { methodClass: 'clia' }),
  );
  expect(seen).toMatchObject({ finding, grade });
});

it('of an examination no value is compared', () => {
  const seen = lookAt('method-comparable', orderOf('CT-CHEST-P'), resultOf('CT-CHEST-P', '2026-11-15 08:00'));
  expect(seen).toMatchObject({ finding: 'no-value-compared', grade: 'must-consider' });
});
