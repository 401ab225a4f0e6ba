import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairedDifferences } from '../bench/paired-differences.ts';

describe('paired differences', () => {
  it('find a constant difference exactly, and none where the pairs are equal', () => {
    const first = Array.from({ length: 100 }, (_none, place) => place * 1.5);
    const shifted = first.map((value) => value + 3);
    expect(pairedDifferences(shifted, first)).toMatchObject({
      median: 3,
      from: 3,
      to: 3,
      greaterShare: 1,
    });
    expect(pairedDifferences(first, first)).toMatchObject({ median: 0, from: 0, to: 0, greaterShare: 0.5 });
  });

  it('bound the true median in about 95 of 100 samples', () => {
    let seed = 7;
    // A long tail, as times have one.
    const time = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return -Math.log(seed / 2_147_483_647);
    };
    let bounded = 0;
    let sharesBounded = 0;
    for (let sample = 0; sample < 400; sample++) {
      const { from, to, shareFrom, shareTo } = pairedDifferences(
        Array.from({ length: 101 }, time),
        Array.from({ length: 101 }, time),
      );
      if (from <= 0 && to >= 0) bounded++;
      if (shareFrom <= 0.5 && shareTo >= 0.5) sharesBounded++;
    }
    expect(bounded / 400).toBeGreaterThan(0.91);
    expect(bounded / 400).toBeLessThan(0.99);
    expect(sharesBounded / 400).toBeGreaterThan(0.91);
  });

  it('do not depend on the order of the pairs, and turn round with the sides', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 })), {
          minLength: 1,
        }),
        (pairs) => {
          const [first, second] = [pairs.map(([left]) => left), pairs.map(([, right]) => right)];
          const found = pairedDifferences(first, second);
          expect(pairedDifferences(first.toReversed(), second.toReversed())).toEqual(found);
          const turned = pairedDifferences(second, first);
          expect(turned.median).toBeCloseTo(-found.median);
          expect(turned.greaterShare).toBeCloseTo(1 - found.greaterShare);
          expect(found.from).toBeLessThanOrEqual(found.median);
          expect(found.to).toBeGreaterThanOrEqual(found.median);
        },
      ),
    );
  });
});
