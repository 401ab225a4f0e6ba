import type { Clock } from '../../kernel/instant.ts';

/** Counts calls; refuses those above the limit. */
export interface RateLimit {
  /** Seconds to wait, or 0 when the call may pass (and is counted). */
  take(key: string, perMinute: number): number;
}

/** What a caller may still spend, in units of which a call costs `MINUTE_MS`: whole numbers, so nothing is rounded. */
interface Bucket {
  left: number;
  filledAt: number;
}

const MINUTE_MS = 60_000;
/** A flood of addresses costs its own members their counts, never memory. */
export const BUCKETS_MAX = 50_000;

/**
 * Token buckets in memory: a minute's worth may come at once, then the steady rate. Each process counts for itself, so
 * several behind a balancer allow as many times more; the lock of an account after wrong passwords is in the database
 * and does not depend on this.
 */
export const createRateLimit = (clock: Clock): RateLimit => {
  const buckets = new Map<string, Bucket>();
  let sweptAt = Number.NEGATIVE_INFINITY;
  const makeRoom = (now: number) => {
    // A bucket untouched for a minute is full again and can be forgotten. Looked for once a second at most: under a
    // flood there is none, and looking costs more than the calls.
    if (now - sweptAt > 1_000) {
      sweptAt = now;
      for (const [key, bucket] of buckets) if (now - bucket.filledAt > MINUTE_MS) buckets.delete(key);
    }
    const [eldest] = buckets.keys();
    if (buckets.size >= BUCKETS_MAX && eldest !== undefined) buckets.delete(eldest);
  };
  return {
    take(key, perMinute) {
      const now = clock();
      const full = perMinute * MINUTE_MS;
      const bucket = buckets.get(key);
      if (!bucket) {
        if (buckets.size >= BUCKETS_MAX) makeRoom(now);
        buckets.set(key, { left: full - MINUTE_MS, filledAt: now });
        return 0;
      }
      // A clock that was set back must not take away what was left.
      const elapsedMs = Math.max(0, now - bucket.filledAt);
      bucket.left = Math.min(full, bucket.left + elapsedMs * perMinute);
      bucket.filledAt = now;
      if (bucket.left < MINUTE_MS) return Math.ceil((MINUTE_MS - bucket.left) / perMinute / 1_000);
      bucket.left -= MINUTE_MS;
      return 0;
    },
  };
};
