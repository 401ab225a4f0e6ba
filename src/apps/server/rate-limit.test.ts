import { describe, expect, it } from 'vitest';
import { instant } from '../../kernel/instant.ts';
import { BUCKETS_MAX, createRateLimit } from './rate-limit.ts';

describe('the rate limit', () => {
  it('lets a minute’s worth pass at once, then says how long to wait, and opens again at the steady rate', () => {
    let now = 0;
    const limit = createRateLimit(() => instant(now));
    for (let call = 0; call < 6; call++) expect(limit.take('a', 6)).toBe(0);
    expect(limit.take('a', 6)).toBe(10);
    now += 9_000;
    expect(limit.take('a', 6)).toBe(1);
    now += 1_000;
    expect(limit.take('a', 6)).toBe(0);
    expect(limit.take('a', 6)).toBe(10);
  });

  it('keeps no more callers in mind than its limit, and goes on counting the newest', () => {
    const limit = createRateLimit(() => instant(0));
    expect(limit.take('first', 1)).toBe(0);
    for (let caller = 0; caller < BUCKETS_MAX; caller++) limit.take(`caller ${caller}`, 1);
    expect(limit.take(`caller ${BUCKETS_MAX - 1}`, 1)).toBe(60);
    expect(limit.take('first', 1)).toBe(0);
  });

  it('counts every caller for himself', () => {
    const limit = createRateLimit(() => instant(0));
    expect(limit.take('a', 1)).toBe(0);
    expect(limit.take('a', 1)).toBe(60);
    expect(limit.take('b', 1)).toBe(0);
  });
});
