import { expect, test } from 'vitest';
import { readMutations } from '../../../test/fuzz/dicom-mutations.ts';

test('thousands of mutated instances are read or refused, and nothing else happens', async () => {
  const { read, refused } = await readMutations(4_000, 20_261_125);
  expect(read).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
}, 60_000);
