import { describe, expect, it } from 'vitest';
import { lastValidText } from './words.ts';

describe('参考时限至', () => {
  it.each([
    // 2026-12-22 00:00 in China is the first moment after the window: the 21st is still within it.
    ['2026-12-21T16:00:00.000Z', '2026-12-21'],
    ['2026-12-31T16:00:00.000Z', '2026-12-31'],
    ['2026-12-21T16:00:01.000Z', '2026-12-22 00:00'],
    ['2026-12-22T06:30:00.000Z', '2026-12-22 14:30'],
    ['2026-12-22T15:59:00.000Z', '2026-12-22 23:59'],
  ])('of a window that is open until %s is %s', (until, text) => {
    expect(lastValidText(until)).toBe(text);
  });
});
