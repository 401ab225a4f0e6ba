import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, instant } from '../../kernel/instant.ts';
import { ANALYTES, intervalFor } from './analytes.ts';
import { measure } from './laboratory.ts';
import type { Condition, DemonstrationPerson } from './person.ts';
import { bodyOf } from './physiology.ts';
import { randomStream } from './random.ts';

const start = instant(Date.UTC(2026, 5, 1, 1));

const somebody = (
  conditions: readonly Condition[] = [],
  over: Partial<DemonstrationPerson> = {},
): DemonstrationPerson => ({
  key: 'somebody',
  number: 1,
  name: '某人',
  sex: 'female',
  birthDate: '19800101',
  nationalId: null,
  phone: '',
  address: '',
  home: 'wangxi',
  conditions,
  ...over,
});

const measureAt = (
  person: DemonstrationPerson,
  seed: string,
  days: readonly number[],
  item: string,
): readonly number[] => {
  const body = bodyOf(person, randomStream(seed));
  return days.map((day) =>
    measure({
      person,
      body,
      episode: {},
      at: instant(start + day * DAY_MS),
      performer: 'WX-CENTRAL',
      reporter: 'WX-CENTRAL',
      noise: randomStream(`${seed}-${day}`),
    })(item),
  );
};

const spread = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) / mean;
};

describe('laboratory values of invented people', () => {
  it('lie mostly inside the printed interval when the person is healthy', () => {
    for (const item of [
      'LC-K',
      'LC-NA',
      'LC-CREA',
      'LC-ALT',
      'LC-GLU',
      'LH-HGB',
      'LH-PLT',
      'LI-TSH',
      'LG-APTT',
    ]) {
      const analyte = ANALYTES.get(item);
      if (!analyte) throw new Error(item);
      const { low, high } = intervalFor(analyte, 'female', 46);
      const values = Array.from(
        { length: 200 },
        (_, index) => measureAt(somebody(), `healthy-${index}`, [0], item)[0] ?? 0,
      );
      const inside = values.filter((value) => value >= (low ?? 0) && value <= (high ?? Infinity)).length;
      expect(inside / values.length, item).toBeGreaterThan(0.88);
    }
  });

  it('vary less within one person than between people', () => {
    for (const item of ['LC-CREA', 'LC-ALT', 'LC-TC', 'LH-HGB']) {
      const days = Array.from({ length: 40 }, (_, index) => index * 30);
      const within = spread(measureAt(somebody(), 'one', days, item));
      const between = spread(
        Array.from({ length: 60 }, (_, index) => measureAt(somebody(), `p${index}`, [0], item)[0] ?? 0),
      );
      expect(within, item).toBeLessThan(between);
    }
  });

  it('lie closer together the nearer they are in time', () => {
    const apart = (gap: number): number => {
      const differences = Array.from({ length: 150 }, (_, index) => {
        const [first = 0, second = 0] = measureAt(somebody(), `gap-${index}`, [0, gap], 'LC-ALT');
        return Math.abs(Math.log(second / first));
      });
      return differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
    };
    expect(apart(1)).toBeLessThan(apart(120) * 0.7);
  });

  it('follow a disease: sugar in diabetes, creatinine in kidney disease, TSH in overactive thyroid', () => {
    const mean = (conditions: readonly Condition[], item: string): number => {
      const values = Array.from(
        { length: 60 },
        (_, index) => measureAt(somebody(conditions), `d${index}`, [0], item)[0] ?? 0,
      );
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    expect(mean(['diabetes'], 'LC-GLU')).toBeGreaterThan(mean([], 'LC-GLU') * 1.3);
    expect(mean(['ckd'], 'LC-CREA')).toBeGreaterThan(mean([], 'LC-CREA') * 1.8);
    expect(mean(['hyperthyroid'], 'LI-TSH')).toBeLessThan(mean([], 'LI-TSH') * 0.1);
  });

  it('fit together: parts add up to the whole, whoever it is', () => {
    const conditions = fc.subarray<Condition>([
      'diabetes',
      'ckd',
      'anaemia',
      'hepatitis-b',
      'tumour',
      'hyperlipidaemia',
    ]);
    fc.assert(
      fc.property(
        fc.string(),
        conditions,
        fc.constantFrom('male', 'female'),
        fc.integer({ min: 1935, max: 2024 }),
        (seed, ill, sex, year) => {
          const person = somebody(ill, { sex, birthDate: `${year}0315` });
          const of = measure({
            person,
            body: bodyOf(person, randomStream(seed)),
            episode: {},
            at: start,
            performer: 'QL-FIRST',
            reporter: 'QL-FIRST',
            noise: randomStream(`n${seed}`),
          });
          expect(of('LC-GLB') + of('LC-ALB')).toBeCloseTo(of('LC-TP'), 6);
          expect(of('LC-DBIL')).toBeLessThanOrEqual(of('LC-TBIL'));
          expect(of('LH-NEUTP') + of('LH-LYMP') + of('LH-MONP') + of('LH-EOSP')).toBeLessThanOrEqual(
            100.0001,
          );
          expect(of('LH-HGB')).toBeGreaterThan(40);
          expect(of('LH-HGB')).toBeLessThan(230);
          expect(of('LC-K')).toBeGreaterThan(2);
          expect(of('LC-K')).toBeLessThan(8);
          expect(of('LC-EGFR')).toBeGreaterThan(0);
          for (const item of ['LC-CREA', 'LC-ALT', 'LC-TC', 'LH-WBC', 'LI-TSH'])
            expect(of(item)).toBeGreaterThan(0);
        },
      ),
      // The example had so little protein that its globulins once did not fit into it.
      { numRuns: 60, examples: [['("', [], 'male', 2021]] },
    );
  });
});
