import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inParameters, inSize, inValues } from './in-lists.ts';

describe('an in list', () => {
  it('names its parameters from the first one on', () => {
    expect(inParameters(3, 3)).toBe('$3, $4, $5');
  });

  it('takes the smallest size that holds the values, and none when there are too many', () => {
    expect([1, 2, 3, 8, 9].map((count) => inSize([1, 2, 8], count))).toEqual([1, 2, 8, 8, undefined]);
  });

  it('says the same as the values it was made from', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 8 }), (values) => {
        const filled = inValues(values, 8);
        expect(filled).toHaveLength(8);
        expect(new Set(filled)).toEqual(new Set(values));
      }),
    );
  });

  it('of nothing is refused', () => {
    expect(() => inValues([], 2)).toThrow(RangeError);
  });
});
