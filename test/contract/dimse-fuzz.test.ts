import { expect, it } from 'vitest';
import { fuzzListener, fuzzUpperLayer } from '../fuzz/dimse-fuzzer.ts';

it('Five thousand mutated associations read the same however they are cut, and end by a rule or whole', () => {
  const { streams, whole, stopped } = fuzzUpperLayer(5000, 20261125);
  expect(Object.values(stopped).reduce((sum, times) => sum + times, whole)).toBe(streams);
  // A fuzzer that only ever meets the first rule proves little.
  expect(whole).toBeGreaterThan(500);
  expect(Object.keys(stopped).length).toBeGreaterThan(10);
});

it('Four hundred of them over sockets leave no association, no half instance, and a listener that echoes', async () => {
  const { connections, stored, endings } = await fuzzListener(400, 7);
  expect(Object.values(endings).reduce((sum, times) => sum + times, 0)).toBe(connections + 1);
  expect(stored).toBeGreaterThan(50);
});
