import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ComparabilityClass,
  compareResults,
  type ItemCode,
  type ItemDefinition,
  METHOD_CLASSES,
} from '../catalogue/index.ts';
import {
  exceedsVariation,
  referenceChangePercent,
  type SeriesCircumstances,
  seriesPoint,
  seriesTrack,
  type SeriesValue,
} from './series.ts';

type SeriesReading = SeriesCircumstances & SeriesValue;

const item = (code: string, comparability: ComparabilityClass, unit?: string): ItemDefinition => ({
  code: code as ItemCode,
  nameZh: code,
  nameEn: code,
  category: 'lab-chem',
  grain: 'analyte',
  specimens: ['serum', 'plasma'],
  hasSide: false,
  tags: [],
  comparability,
  ...(unit ? { unit } : {}),
});
const CREATININE = item('LC-CREA', 'A', 'umol/L');
const TUMOUR = item('LI-AFP', 'C', 'ng/mL');
const D_DIMER = item('LG-DD', 'C', 'mg/L{FEU}');

const reading = (over: Partial<SeriesReading> = {}): SeriesReading => ({
  standing: 'final',
  disputed: false,
  number: 80,
  comparator: null,
  unit: 'umol/L',
  unitText: 'μmol/L',
  referenceText: '57-97',
  methodClass: null,
  performer: 'A',
  specimen: 'serum',
  side: null,
  timePoint: null,
  pointOfCare: false,
  ...over,
});

/** A value with what its track says of it; no curve where it stands alone. */
const placed = (of: ItemDefinition | null, read: SeriesReading) => {
  const track = seriesTrack(of, read);
  const point = seriesPoint(track, read);
  return { ...track, ...point, curve: point.joined ? track.curve : null };
};

describe('a value in the series of its item', () => {
  it('is converted with its own interval, and joined across laboratories where the class is A', () => {
    const here = placed(CREATININE, reading({ methodClass: 'jaffe' }));
    const there = placed(
      CREATININE,
      reading({ number: 1, unit: 'mg/dL', unitText: 'mg/dL', referenceText: '0.6-1.2', performer: 'B' }),
    );
    expect(here).toMatchObject({ value: 80, converted: false, low: 57, high: 97, finding: 'standardised' });
    expect(there.converted).toBe(true);
    expect(there.value).toBeCloseTo(88.4, 1);
    expect(there.low).toBeCloseTo(53.04, 1);
    expect(there.high).toBeCloseTo(106.1, 1);
    expect(there.curve).toBe(here.curve);
  });

  it('is not joined across methods where the class is C', () => {
    const tumour = (over: Partial<SeriesReading>) =>
      placed(TUMOUR, reading({ unit: 'ng/mL', number: 5, ...over }));
    expect(tumour({ methodClass: 'clia' }).curve).not.toBe(tumour({ methodClass: 'eclia' }).curve);
    expect(tumour({ methodClass: 'clia', performer: 'B' }).curve).toBe(tumour({ methodClass: 'clia' }).curve);
    expect(tumour({}).curve).not.toBe(tumour({ performer: 'B' }).curve);
    expect(tumour({}).curve).not.toBe(tumour({ methodClass: 'clia' }).curve);
    expect(tumour({}).finding).toBe('same-laboratory');
  });

  it.each<[string, Partial<SeriesReading>]>([
    ['another specimen', { specimen: 'urine' }],
    ['another time point', { timePoint: '2h' }],
    ['the bedside', { pointOfCare: true }],
  ])('is not joined to one from %s', (_what, over) => {
    expect(placed(CREATININE, reading(over)).curve).not.toBe(placed(CREATININE, reading()).curve);
  });

  it.each<[string, ItemDefinition, Partial<SeriesReading>, number | null]>([
    ['no-number', CREATININE, { number: null }, null],
    ['unit-not-understood', CREATININE, { unit: null }, null],
    ['unit-not-stated', CREATININE, { unit: '' }, null],
    ['unit-not-convertible', D_DIMER, { unit: 'mg/L{DDU}' }, null],
    ['beyond-limit', CREATININE, { comparator: '<' }, 80],
    ['not-issued', CREATININE, { standing: 'preliminary' }, 80],
    ['not-issued', CREATININE, { standing: 'withdrawn' }, 80],
    ['disputed', CREATININE, { disputed: true }, 80],
  ])('stands alone: %s', (finding, of, over, value) => {
    expect(placed(of, reading(over))).toMatchObject({ curve: null, finding, value });
  });

  it('of a code without an item is joined inside its laboratory and unit only', () => {
    const waiting = (over: Partial<SeriesReading>) => placed(null, reading(over)).curve;
    expect(waiting({})).toBe(waiting({}));
    expect(waiting({})).not.toBe(waiting({ performer: 'B' }));
    expect(waiting({})).not.toBe(waiting({ unitText: 'mg/dL' }));
  });

  it('is never joined to one that the catalogue calls not comparable', () => {
    const anyReading = fc.record({
      methodClass: fc.option(fc.constantFrom(...METHOD_CLASSES.slice(0, 4))),
      unit: fc.constantFrom('umol/L', 'mg/dL', 'mmol/L', '', null),
      performer: fc.constantFrom('A', 'B'),
    });
    fc.assert(
      fc.property(fc.constantFrom('A', 'B', 'C'), anyReading, anyReading, (comparability, one, other) => {
        const of = item('LC-CREA', comparability as ComparabilityClass, 'umol/L');
        const [left, right] = [placed(of, reading(one)), placed(of, reading(other))];
        if (left.curve === null || left.curve !== right.curve) return;
        const compared = compareResults(
          of,
          { ...reading(one) },
          { methodClass: other.methodClass },
          'series',
        );
        const inOneLaboratory =
          one.methodClass === null && other.methodClass === null && one.performer === other.performer;
        expect(compared.comparable === 'yes' || inOneLaboratory).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the reference change value', () => {
  it('follows from imprecision and biological variation', () => {
    // Potassium: CVa 2.5 %, CVi 4.0 %.
    expect(referenceChangePercent('LC-K', true)).toBeCloseTo(Math.SQRT2 * 1.96 * Math.hypot(2.5, 4), 10);
  });

  it('is larger between laboratories, and not claimed where no limit of bias is known', () => {
    expect(referenceChangePercent('LC-K', false)).toBeCloseTo(
      (referenceChangePercent('LC-K', true) ?? 0) + 4,
      10,
    );
    expect(referenceChangePercent('LH-WBC', true)).not.toBeNull();
    expect(referenceChangePercent('LH-WBC', false)).toBeNull();
    expect(referenceChangePercent('LI-AFP-X', true)).toBeNull();
    expect(referenceChangePercent('constructor', true)).toBeNull();
  });

  it('is what a difference is held against, in either direction', () => {
    expect(exceedsVariation(4, 5, 20)).toBe(true);
    expect(exceedsVariation(5, 4, 20)).toBe(false);
    expect(exceedsVariation(-5, -3.9, 20)).toBe(true);
    expect(exceedsVariation(0, 5, 20)).toBeNull();
    expect(exceedsVariation(4, 5, null)).toBeNull();
  });
});
