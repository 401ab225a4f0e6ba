import { describe, expect, it } from 'vitest';
import { compareResults, type ComparisonUse } from './comparability.ts';
import type { ComparabilityClass, ItemCode, ItemDefinition } from './item.ts';
import { METHOD_CLASSES, methodClassOf } from './method.ts';

const item = (
  comparability: ComparabilityClass | undefined,
  unit?: string,
  code = 'LI-X',
): ItemDefinition => ({
  code: code as ItemCode,
  nameZh: code,
  nameEn: code,
  category: 'lab-immuno',
  grain: 'analyte',
  specimens: [],
  hasSide: false,
  tags: [],
  ...(unit ? { unit } : {}),
  ...(comparability ? { comparability } : {}),
});

describe('comparability by class and method', () => {
  it.each<[ComparabilityClass | undefined, string | null, string | null, ComparisonUse, string, string]>([
    ['A', 'clia', 'eclia', 'series', 'yes', 'standardised'],
    ['A', null, null, 'finding', 'yes', 'standardised'],
    ['B', 'clia', 'eclia', 'finding', 'yes', 'harmonised'],
    ['B', 'clia', 'eclia', 'series', 'no', 'method-differs'],
    ['B', null, 'eclia', 'series', 'unknown', 'method-unknown'],
    ['C', null, null, 'finding', 'yes', 'single-finding'],
    ['C', 'roche', null, 'finding', 'yes', 'single-finding'],
    ['C', 'roche', 'abbott', 'finding', 'no', 'method-differs'],
    ['C', null, 'abbott', 'finding', 'unknown', 'method-unknown'],
    ['C', 'roche', 'abbott', 'series', 'no', 'method-differs'],
    ['C', 'roche', 'roche', 'series', 'yes', 'same-method'],
    ['C', 'roche', null, 'series', 'unknown', 'method-unknown'],
    [undefined, null, null, 'finding', 'yes', 'single-finding'],
    [undefined, null, null, 'series', 'unknown', 'class-unknown'],
  ])('class %s, %s beside %s as a %s: %s (%s)', (comparability, earlier, asked, use, comparable, finding) => {
    const compared = compareResults(
      item(comparability),
      { methodClass: earlier, unit: '' },
      { methodClass: asked },
      use,
    );
    expect(compared).toEqual({ comparable, finding });
  });

  it.each([
    ['mmol/L', 'yes', 'standardised'],
    ['mg/dL', 'yes', 'standardised'],
    ['g/L', 'yes', 'standardised'],
    ['U/L', 'no', 'unit-not-convertible'],
    ['', 'unknown', 'unit-not-stated'],
    [null, 'unknown', 'unit-not-understood'],
  ])('glucose in %j: %s (%s)', (unit, comparable, finding) => {
    const glucose = item('A', 'mmol/L', 'LC-GLU');
    expect(compareResults(glucose, { methodClass: null, unit }, { methodClass: null }, 'finding')).toEqual({
      comparable,
      finding,
    });
  });

  it('does not set D-dimer in DDU beside FEU', () => {
    const dimer = item('C', 'mg/L{FEU}', 'LG-DD');
    expect(
      compareResults(dimer, { methodClass: null, unit: 'mg/L{DDU}' }, { methodClass: null }, 'finding'),
    ).toEqual({
      comparable: 'no',
      finding: 'unit-not-convertible',
    });
  });
});

describe('method words', () => {
  it.each([
    ['IFCC速率法', 'ifcc-rate'],
    ['己糖激酶法', 'hexokinase'],
    ['离子选择电极法', 'ise'],
    ['ISE法', 'ise'],
    ['电化学发光法', 'eclia'],
    ['电化学发光法（罗氏）', 'eclia'],
    ['CMIA', 'cmia'],
    ['化学发光法', 'clia'],
    ['免疫透射比浊法', 'immunoturbidimetry'],
    ['荧光定量PCR', 'real-time-pcr'],
    ['IFCC速率法 L→P', 'lactate-to-pyruvate'],
    ['eclia', 'eclia'],
  ])('%j is %s', (text, methodClass) => {
    expect(methodClassOf(text)).toBe(methodClass);
  });

  it.each(['', '某种发光法', '化学发光/ELISA', '法'])('%j is not guessed', (text) => {
    expect(methodClassOf(text)).toBeNull();
  });

  it('stand under one class each', () => {
    for (const methodClass of METHOD_CLASSES) expect(methodClassOf(methodClass)).toBe(methodClass);
  });
});
