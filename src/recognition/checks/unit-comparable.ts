import { areConvertible } from '../../catalogue/index.ts';
import { type CheckFacts, defineCheck, found } from './check.ts';

/**
 * Is the value in a unit that can be compared with the catalogue's without mistake? D-dimer in DDU is not D-dimer in
 * FEU: what has no certain factor is not comparable, whatever the numbers look like.
 */
export const unitComparable = defineCheck({
  code: 'unit-comparable',
  findings: {
    'same-unit': 'pass',
    'unit-converts': 'pass',
    'unit-not-asked': 'pass',
    'unit-not-stated': 'unknown',
    'unit-not-understood': 'unknown',
    'unit-differs-in-kind': 'fail',
  },
  look: ({ candidate, defined }: CheckFacts) => {
    const expected = defined?.item.unit;
    if (expected === undefined || expected === '') return found('unit-not-asked');
    const { unit } = candidate;
    if (unit === expected) return found('same-unit', { unit });
    const citation = defined?.citation ?? null;
    if (unit === null) return found('unit-not-understood', { expected }, citation);
    if (unit === '') return found('unit-not-stated', { expected }, citation);
    return areConvertible(unit, expected, candidate.item)
      ? found('unit-converts', { unit, expected }, citation)
      : found('unit-differs-in-kind', { unit, expected }, citation);
  },
});
