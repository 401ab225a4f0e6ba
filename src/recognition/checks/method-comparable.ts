import { compareResults } from '../../catalogue/index.ts';
import { type CheckFacts, defineCheck, found } from './check.ts';

/**
 * Can the value stand beside what is asked for: unit and method (requirement U5)? Class A compares everywhere, class B
 * inside a group harmonised by external quality assessment; class C depends on the platform: it answers a question once
 * unless the ordering side asks for another method, and in a series only the same method does. D-dimer in DDU is not
 * D-dimer in FEU: what has no certain factor is not comparable, whatever the numbers look like.
 */
export const methodComparable = defineCheck({
  code: 'method-comparable',
  findings: {
    standardised: 'pass',
    harmonised: 'pass',
    'same-method': 'pass',
    'single-finding': 'pass',
    'no-value-compared': 'pass',
    'method-unknown': 'unknown',
    'class-unknown': 'unknown',
    'unit-not-stated': 'unknown',
    'unit-not-understood': 'unknown',
    'method-differs': 'fail',
    'unit-not-convertible': 'fail',
  },
  look: ({ order, candidate, defined }: CheckFacts) => {
    if (defined === undefined) return found('class-unknown');
    const { item, citation } = defined;
    if (!item.category.startsWith('lab-')) return found('no-value-compared', undefined, citation);
    const asked = order.methodClass ?? null;
    const use = order.purpose === 'serial-monitoring' ? 'series' : 'finding';
    const { finding } = compareResults(item, candidate, { methodClass: asked }, use);
    return found(
      finding,
      {
        class: item.comparability ?? null,
        asked,
        method: candidate.methodClass,
        unit: candidate.unit,
        expected: item.unit ?? null,
      },
      citation,
    );
  },
});
