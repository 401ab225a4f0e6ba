import { randomBytes } from 'node:crypto';

const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);

/**
 * Random bytes that were never given out before, for nonces and salts. From the operating system many at a time: each call there
 * costs as much as one seal.
 *
 * @param length far fewer than a page
 */
export const freshRandom = (length: number): Buffer => {
  if (pool.length < length) pool = randomBytes(POOL_BYTES);
  const fresh = pool.subarray(0, length);
  pool = pool.subarray(length);
  return fresh;
};
