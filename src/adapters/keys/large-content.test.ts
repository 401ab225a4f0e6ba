import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { sha256Hex } from '../../kernel/content-hash.ts';
import { inTurns, sha256InTurns, SLICE_BYTES, sizeOf, slices } from './large-content.ts';

it('hashes whole and in pieces of any size what it would hash at once', async () => {
  for (const size of [0, 1, SLICE_BYTES, SLICE_BYTES + 1, 1_500_000]) {
    const bytes = randomBytes(size);
    expect(await sha256InTurns(bytes)).toBe(sha256Hex(bytes));
    expect(await sha256InTurns([bytes.subarray(0, 700), bytes.subarray(700)])).toBe(sha256Hex(bytes));
  }
});

it('lets others have their turn while it hashes and gathers', async () => {
  let turns = 0;
  let isOver = false;
  const others = (async () => {
    for (; !isOver; turns++) await new Promise((resolve) => setImmediate(resolve));
  })();
  const bytes = randomBytes(12 * SLICE_BYTES);
  await sha256InTurns(bytes);
  expect(turns).toBeGreaterThan(8);
  turns = 0;
  const pieces = await inTurns(slices(bytes));
  expect(turns).toBeGreaterThan(8);
  expect(pieces).toHaveLength(12);
  expect(sizeOf(pieces)).toBe(bytes.length);
  isOver = true;
  await others;
});
