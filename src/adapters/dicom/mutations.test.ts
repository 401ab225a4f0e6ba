import { expect, test } from 'vitest';
import { readMutations } from '../../../test/fuzz/dicom-mutations.ts';
import { seeds } from '../../../test/fuzz/dicom-seeds.ts';

test('thousands of mutated instances are read or refused in steps that their length bounds, and nothing else happens', async () => {
  const run = await readMutations(4_000, 20_261_126);
  expect(run.refused).toBeGreaterThan(100);
  // A fuzzer of which no instance can be read proves little: each syntax is.
  expect(Object.keys(run.syntaxes).sort()).toEqual(
    [...new Set(seeds().map(({ transferSyntaxUid }) => transferSyntaxUid))].sort(),
  );
  expect(run.mostStepsPerByte).toBeLessThan(1);
  expect(run.mostFrameReadsPerByte).toBeLessThan(1);
}, 60_000);
