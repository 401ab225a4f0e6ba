import ucum from '@lhncbc/ucum-lhc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import conversions from '../../data/unit-conversions.json' with { type: 'json' };
import table from '../../data/units.json' with { type: 'json' };
import { areConvertible, convertValue } from './unit-conversion.ts';
import { foldUnit, understandUnit } from './units.ts';

describe('units as Chinese laboratories write them', () => {
  it.each([
    ['μmol/L', 'umol/L'], // Greek mu
    ['µmol/L', 'umol/L'], // micro sign
    ['UMOL/L', 'umol/L'],
    ['umol／L', 'umol/L'],
    [' mmol / L ', 'mmol/L'],
    ['×10⁹/L', '10*9/L'],
    ['10^9/L', '10*9/L'],
    ['10*9/L', '10*9/L'],
    ['X10E9/L', '10*9/L'],
    ['x10^9/L', '10*9/L'],
    ['×10^09/L', '10*9/L'],
    ['10⁹/L', '10*9/L'],
    ['×109/L', '10*9/L'],
    ['*10^12/L', '10*12/L'],
    ['×10¹²/L', '10*12/L'],
    ['10**12/L', '10*12/L'],
    ['10<sup>9</sup>/L', '10*9/L'],
    ['IU/L', '[IU]/L'],
    ['U/L', 'U/L'],
    ['mIU/mL', 'm[IU]/mL'],
    ['mIU/L', 'm[IU]/L'],
    ['μIU/ml', 'u[IU]/mL'],
    ['KIU/L', 'k[IU]/L'],
    ['[U]/mL', 'U/mL'],
    ['℃', 'Cel'],
    ['%', '%'],
    ['％', '%'],
    ['‰', '[ppth]'],
    ['g/L', 'g/L'],
    ['mg/dl', 'mg/dL'],
    ['ng/ml', 'ng/mL'],
    ['pg/mL', 'pg/mL'],
    ['copies/mL', '{copies}/mL'],
    ['拷贝/ml', '{copies}/mL'],
    ['mm/h', 'mm/h'],
    ['mm/1h', 'mm/h'],
    ['秒', 's'],
    ['S', 's'],
    ['分', 'min'],
    ['/HPF', '/[HPF]'],
    ['个/HP', '/[HPF]'],
    ['个/μl', '/uL'],
    ['S/CO', '{S_CO}'],
    ['COI', '{COI}'],
    ['ug/L FEU', 'ug/L{FEU}'],
    ['mg/L(FEU)', 'mg/L{FEU}'],
    ['mgFEU/L', 'mg/L{FEU}'],
    ['mg/L DDU', 'mg/L{DDU}'],
    ['ml/min/1.73㎡', 'mL/min/{1.73_m2}'],
    ['mL/(min·1.73m²)', 'mL/min/{1.73_m2}'],
    ['fL', 'fL'],
    ['FL', 'fL'],
    ['mmHg', 'mm[Hg]'],
    ['mg/24h', 'mg/(24.h)'],
    ['', ''],
    ['-', ''],
    ['无', ''],
  ])('%j is %j', (text, unit) => {
    expect(understandUnit(text)).toEqual({ unit });
  });

  it.each(['G/L', 'T/L', 'foo', 'mmol', 'mmol/L/L', '阴性', '109/L', 'mg/L?', '10^9', 'umol/L (mmol/L)'])(
    '%j is not understood rather than guessed',
    (text) => {
      expect(understandUnit(text)).toBeNull();
    },
  );

  it('keeps FEU, DDU and an unstated kind of D-dimer apart', () => {
    const units = ['mg/L FEU', 'mg/L DDU', 'mg/L'].map((text) => understandUnit(text)?.unit);
    expect(new Set(units).size).toBe(3);
  });

  it('are listed under codes that UCUM accepts', () => {
    const utilities = ucum.UcumLhcUtils.getInstance();
    const invalid = Object.keys(table.units).filter(
      (unit) => utilities.validateUnitString(unit).status !== 'valid',
    );
    expect(invalid).toEqual([]);
  });

  it('are listed once each, in folded form, and none is refused at the same time', () => {
    const seen = new Map<string, string>();
    for (const [unit, spellings] of Object.entries(table.units)) {
      for (const spelling of spellings) {
        expect(foldUnit(spelling), spelling).toBe(spelling);
        expect(seen.get(spelling) ?? unit, spelling).toBe(unit);
        seen.set(spelling, unit);
      }
    }
    for (const text of Object.keys(table.refused)) expect(understandUnit(text), text).toBeNull();
  });

  it('mean the same however the spelling is padded, widened or capitalised', () => {
    const spellings = Object.values(table.units).flat();
    fc.assert(
      fc.property(fc.constantFrom(...spellings), fc.constantFrom('', ' ', '\u3000'), (spelling, pad) => {
        const wide = spelling.replaceAll('/', '／').replaceAll('%', '％');
        const plain = understandUnit(spelling);
        expect(plain).not.toBeNull();
        expect(understandUnit(`${pad}${wide}${pad}`)).toEqual(plain);
      }),
    );
  });

  it('are never invented: what is understood is a code of the table or nothing', () => {
    const codes: ReadonlySet<string> = new Set(['', ...Object.keys(table.units)]);
    const piece = fc.constantFrom(
      'mmol',
      'm',
      'u',
      'μ',
      'g',
      'IU',
      'U',
      '/',
      'L',
      'ml',
      '×10',
      '⁹',
      '^12',
      '10',
      ' ',
      '%',
      'FEU',
    );
    const text = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.array(piece, { maxLength: 5 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (written) => {
        const understood = understandUnit(written);
        expect(understood === null || codes.has(understood.unit), written).toBe(true);
      }),
    );
  });
});

describe('conversion between units of one item', () => {
  it.each([
    ['LC-CREA', 1, 'mg/dL', 'umol/L', 88.4],
    ['LC-GLU', 100, 'mg/dL', 'mmol/L', 5.5507],
    ['LC-TC', 200, 'mg/dL', 'mmol/L', 5.1725],
    ['LC-UA', 7, 'mg/dL', 'umol/L', 416.4],
    ['LC-TBIL', 1, 'mg/dL', 'umol/L', 17.104],
    ['LC-CA', 10, 'mg/dL', 'mmol/L', 2.4951],
    ['LC-K', 4.2, 'meq/L', 'mmol/L', 4.2],
    ['LC-MG', 2, 'meq/L', 'mmol/L', 1],
    ['LC-ALT', 40, '[IU]/L', 'U/L', 40],
    ['LI-TSH', 2.5, 'u[IU]/mL', 'm[IU]/L', 2.5],
    ['LI-IGE', 100, '[IU]/mL', 'k[IU]/L', 100],
    ['LH-WBC', 5600, '/uL', '10*9/L', 5.6],
    ['LH-HGB', 13.5, 'g/dL', 'g/L', 135],
    ['LC-HBA1C', 6.5, '%', 'mmol/mol', 47.545],
    ['LI-FT4', 1.2, 'ng/dL', 'pmol/L', 15.447],
    ['LG-DD', 500, 'ug/L{FEU}', 'mg/L{FEU}', 0.5],
  ])('%s: %d %s = %s %d', (item, value, from, to, expected) => {
    const converted = convertValue(value, from, to, item);
    expect(converted).not.toBeNull();
    expect(Math.abs((converted as number) / expected - 1)).toBeLessThan(2e-4);
  });

  it.each([
    ['LG-DD', 'mg/L{FEU}', 'mg/L{DDU}', 'FEU is not DDU'],
    ['LG-DD', 'mg/L', 'mg/L{FEU}', 'unstated is not FEU'],
    ['LC-INS', 'pmol/L', 'm[IU]/L', 'moles are not international units'],
    ['LI-PRL', 'ng/mL', 'm[IU]/L', 'mass is not international units'],
    ['LC-UREA', 'mg/dL', 'mmol/L', 'urea or urea nitrogen'],
    ['LC-GLU', 'mmol/L', 'mmol/mol', 'another quantity'],
    ['LC-FRU', '%', 'mmol/mol', 'the master equation is for HbA1c alone'],
    ['LX-HBVDNA', '{copies}/mL', '[IU]/mL', 'copies are not international units'],
    ['LX-HBVDNA', '/mL', '{copies}/mL', 'a plain count is not copies'],
    ['LH-WBC', '/[HPF]', '10*9/L', 'a field of view is not a volume'],
    ['LI-TSH', 'U/L', 'm[IU]/L', 'enzyme units are not international units'],
    ['LC-VB12', 'pg/mL', 'pmol/L', 'a mixture has no molar mass'],
    ['LC-NOSUCH', 'mg/dL', 'mmol/L', 'no molar mass is known'],
    ['LH-HCT', '%', '{ratio}', 'annotations differ'],
  ])('%s: %s into %s is refused (%s)', (item, from, to) => {
    expect(convertValue(1, from, to, item)).toBeNull();
    expect(areConvertible(to, from, item)).toBe(false);
  });

  it('comes back to where it started', () => {
    const pairs = [
      ...Object.keys(conversions.molarMass).map((item) => [item, 'mg/dL', 'umol/L'] as const),
      ['LC-HBA1C', '%', 'mmol/mol'] as const,
      ['LC-ALT', 'k[IU]/L', 'U/L'] as const,
      ['LI-TSH', 'u[IU]/mL', 'm[IU]/L'] as const,
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...pairs),
        fc.double({ min: 0.001, max: 1e5, noNaN: true }),
        (pair, value) => {
          const [item, from, to] = pair;
          const there = convertValue(value, from, to, item);
          expect(there, item).not.toBeNull();
          const back = convertValue(there as number, to, from, item);
          expect(Math.abs((back as number) - value)).toBeLessThan(1e-8 * Math.max(1, value));
        },
      ),
    );
  });

  it('uses molar masses that follow from their formulas', () => {
    // IUPAC abridged standard atomic weights 2021.
    const weights: Readonly<Record<string, number>> = {
      H: 1.008,
      C: 12.011,
      N: 14.007,
      O: 15.999,
      Mg: 24.305,
      P: 30.974,
      S: 32.06,
      Ca: 40.078,
      Fe: 55.845,
      Cu: 63.546,
      Zn: 65.38,
      I: 126.9,
    };
    for (const [item, { formula, gramsPerMole }] of Object.entries(conversions.molarMass)) {
      let mass = 0;
      for (const [, element, count] of formula.matchAll(/([A-Z][a-z]?)(\d*)/g)) {
        mass += (weights[element as string] ?? Number.NaN) * Number(count || 1);
      }
      expect(Math.abs(gramsPerMole / mass - 1), item).toBeLessThan(1e-4);
    }
  });
});
