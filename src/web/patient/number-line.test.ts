import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberLine } from './number-line.ts';

const POINT = { value: 5, low: 3.5, high: 5.3, comparator: null, standing: 'final' } as const;

describe('the number line of a value', () => {
  it('places a value within, below and above the band of its own laboratory', () => {
    expect(numberLine(POINT)?.position).toBe('within');
    expect(numberLine({ ...POINT, value: 3.49 })?.position).toBe('below');
    expect(numberLine({ ...POINT, value: 5.31 })?.position).toBe('above');
    expect(numberLine({ ...POINT, value: 5.3 })?.position).toBe('within');
  });

  it('draws none where it would claim too much', () => {
    expect(numberLine({ ...POINT, value: null })).toBeNull();
    expect(numberLine({ ...POINT, comparator: '<' })).toBeNull();
    expect(numberLine({ ...POINT, low: null, high: null })).toBeNull();
    expect(numberLine({ ...POINT, low: 4, high: 4 })).toBeNull();
  });

  it('keeps the mark on the line and on the right side of the band, however far out the value is', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e4, noNaN: true }),
        fc.double({ min: 0.1, max: 500, noNaN: true }),
        fc.double({ min: 0.1, max: 500, noNaN: true }),
        (value, low, width) => {
          const line = numberLine({ ...POINT, value, low, high: low + width });
          if (!line) throw new Error('two limits and a number give a line');
          expect(line.at).toBeGreaterThan(0);
          expect(line.at).toBeLessThan(100);
          if (line.position === 'below') expect(line.at).toBeLessThanOrEqual(line.from);
          if (line.position === 'above') expect(line.at).toBeGreaterThanOrEqual(line.to);
        },
      ),
    );
  });
});
