import { describe, expect, it } from 'vitest';
import { fuzzHl7 } from '../fuzz/hl7v2-fuzzer.ts';

describe('Twenty thousand mutated messages', () => {
  it('are each accepted or refused with a code; nothing throws and nothing is left behind', () => {
    const { messages, accepted, refused } = fuzzHl7(20_000, 20261101);
    const total = Object.values(refused).reduce((sum, times) => sum + times, accepted);
    expect([messages, total]).toEqual([20_000, 20_000]);
    // A fuzzer that only ever meets the first check proves little.
    expect(accepted).toBeGreaterThan(1000);
    expect(Object.keys(refused).length).toBeGreaterThan(12);
  });

  it('are the same for the same seed', () => {
    expect(fuzzHl7(500, 7)).toEqual(fuzzHl7(500, 7));
  });
});
