import { expect, it } from 'vitest';
import { compiled, lookAt, orderOf, resultOf, withChanged } from '../../../test/example-region.ts';
import type { NegativeCondition } from '../../catalogue/index.ts';

it.each([
  ['diagnosis', 'in-scope', 'must-consider'],
  ['forensic', 'out-of-scope', 'not-covered'],
  ['disability-assessment', 'out-of-scope', 'not-covered'],
] as const)('an order for %s: %s, %s', (purpose, finding, grade) => {
  const seen = lookAt('not-out-of-scope', orderOf('LC-K', { purpose }), resultOf('LC-K', '2026-11-15 08:00'));
  expect(seen).toMatchObject({ finding, grade });
});

const withCondition = (when: NegativeCondition) =>
  compiled(
    withChanged('negative-list', 'E', (list) => ({
      ...list,
      content: {
        ...list.content,
        rows: [{ code: 'row', text: { zh: '情形', en: 'situation' }, effect: 'out-of-scope', when }],
      },
    })),
  );

it.each<[string, NegativeCondition, string]>([
  [
    'every condition holds',
    { categories: ['lab-chem'], encounterClasses: ['outpatient'], diagnosisPrefixes: ['E87'] },
    'out-of-scope',
  ],
  ['the category is another', { categories: ['lab-haem'] }, 'in-scope'],
  ['the encounter is another', { encounterClasses: ['inpatient'] }, 'in-scope'],
  ['the diagnosis is another', { diagnosisPrefixes: ['I10'] }, 'in-scope'],
  ['the item lacks the tag', { itemTags: ['infection-marker'] }, 'in-scope'],
  ['the result is flagged so', { resultFlags: ['abnormal', 'positive'] }, 'out-of-scope'],
  ['the result is flagged otherwise', { resultFlags: ['positive'] }, 'in-scope'],
])('a row applies only with all its conditions: %s', (_, when, finding) => {
  const order = orderOf('LC-K', { diagnoses: ['E87.600'] });
  const result = resultOf('LC-K', '2026-11-15 08:00', { flag: 'abnormal' });
  expect(lookAt('not-out-of-scope', order, result, { snapshot: withCondition(when) })).toMatchObject({
    finding,
  });
});

it.each([
  ['high', 'abnormal', 'out-of-scope'],
  ['low', 'abnormal', 'out-of-scope'],
  ['critical', 'abnormal', 'out-of-scope'],
  ['critical-high', 'abnormal', 'out-of-scope'],
  ['critical-high', 'high', 'out-of-scope'],
  ['critical-low', 'critical', 'out-of-scope'],
  ['critical-low', 'critical-low', 'out-of-scope'],
  ['critical-high', 'critical-low', 'in-scope'],
  ['high', 'critical', 'in-scope'],
  ['abnormal', 'high', 'in-scope'],
])('a result flagged %s under a condition on %s is %s', (flag, wanted, finding) => {
  const result = resultOf('LC-K', '2026-11-15 08:00', { flag });
  const seen = lookAt('not-out-of-scope', orderOf('LC-K'), result, {
    snapshot: withCondition({ resultFlags: [wanted] }),
  });
  expect(seen).toMatchObject({ finding });
});

it('a condition on the flag is open when the report carries none', () => {
  const result = resultOf('LC-K', '2026-11-15 08:00', { flag: null });
  const seen = lookAt('not-out-of-scope', orderOf('LC-K'), result, {
    snapshot: withCondition({ resultFlags: ['positive'] }),
  });
  expect(seen).toMatchObject({ finding: 'scope-open', grade: 'may-consider' });
});
