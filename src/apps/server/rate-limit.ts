import type { Clock } from '../../kernel/instant.ts';

/** Counts calls; refuses those above the limit. */
export interface RateLimit {
  /** Seconds to wait, or 0 when the call may pass (and is counted). */
  take(key: string, perMinute: number): number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

const BUCKETS_MAX = 50_000;

/**
 * Token buckets in memory: a minute's worth may come at once, then the steady rate. Each process counts for itself, so
 * several behind a balancer allow as many times more; the lock of an account after wrong passwords is in the database
 * and does not depend on this.
 */
export const createRateLimit = (clock: Clock): RateLimit => {
  const buckets = new Map<string, Bucket>();
  const sweep = (now: number) => {
    // A bucket untouched for a minute is full again and can be forgotten.
    for (const [key, bucket] of buckets) if (now - bucket.filledAt > 60_000) buckets.delete(key);
  };
  return {
    take(key, perMinute) {
      const now = clock();
      const bucket = buckets.get(key);
      if (!bucket) {
        if (buckets.size >= BUCKETS_MAX) sweep(now);
        buckets.set(key, { tokens: perMinute - 1, filledAt: now });
        return 0;
      }
      const refilled = bucket.tokens + ((now - bucket.filledAt) / 60_000) * perMinute;
      bucket.tokens = Math.min(perMinute, refilled);
      bucket.filledAt = now;
      if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 60) / perMinute);
      bucket.tokens -= 1;
      return 0;
    },
  };
};
