import { expect, it } from 'vitest';
import { compiled, lookAt, orderOf, resultOf, withChanged } from '../../../test/example-region.ts';

it.each([
  ['三级甲等 to 三级甲等', 'JIANG-1', 'JIANG-2', 'direction-should', 'must-consider'],
  ['三级甲等 to 二级甲等', 'JIANG-1', 'COUNTY', 'direction-should', 'must-consider'],
  ['二级甲等 to 三级甲等', 'COUNTY', 'JIANG-2', 'direction-may', 'may-consider'],
  ['an independent laboratory to 三级甲等', 'LAB', 'JIANG-2', 'direction-should', 'must-consider'],
])('%s by the rules of the province', (_, performer, institution, finding, grade) => {
  const seen = lookAt(
    'tier-direction',
    orderOf('LC-K', { institution }),
    resultOf('LC-K', '2026-11-15 08:00', { performer }),
  );
  expect(seen).toMatchObject({ finding, grade });
});

it('a direction that the rules do not provide for is not covered', () => {
  const snapshot = compiled(
    withChanged('tier-rules', 'E', (list) => ({ ...list, content: { ...list.content, default: 'not' } })),
  );
  const result = resultOf('LC-K', '2026-11-15 08:00', { performer: 'COUNTY' });
  expect(lookAt('tier-direction', orderOf('LC-K'), result, { snapshot })).toMatchObject({
    finding: 'direction-not',
    grade: 'not-covered',
  });
});

it('rules about other categories say nothing, and a zone without rules is free, which is said to be assumed', () => {
  const others = compiled(
    withChanged('tier-rules', 'E', (list) => ({
      ...list,
      content: { ...list.content, categories: ['img-ct'] },
    })),
  );
  const none = compiled(withChanged('tier-rules', 'E', () => null));
  for (const snapshot of [others, none])
    expect(
      lookAt('tier-direction', orderOf('LC-K'), resultOf('LC-K', '2026-11-15 08:00'), { snapshot }),
    ).toMatchObject({
      finding: 'direction-free',
      outcome: 'assumed-by-policy',
      grade: 'must-consider',
    });
});
