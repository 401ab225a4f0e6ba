import { expect, test } from 'vitest';
import { openingInstance } from './series-opening.ts';

const instance = (name: string, frames: number | null = null, pixelOffset: number | null = 900) => ({
  name,
  frames,
  pixelOffset,
});

test.each([
  ['the middle of a volume', 'CT', 'b'],
  ['the first of everything else', 'DX', 'a'],
  ['the first where no modality is stated', null, 'a'],
])('a series opens with %s', (_, modality, name) => {
  const series = [instance('a'), instance('b', 1), instance('c')];
  expect(openingInstance(series, modality)?.name).toBe(name);
});

test('what has no pixels is not counted, and opens nothing', () => {
  const report = instance('report', null, null);
  expect(openingInstance([report, instance('a'), report, instance('b'), instance('c')], 'MR')?.name).toBe(
    'b',
  );
  expect(openingInstance([report], 'SR')).toBeNull();
  expect(openingInstance([], 'CT')).toBeNull();
});

test('of many frames in one instance the header decides', () => {
  expect(openingInstance([instance('clip', 40)], 'US')).toBeNull();
  expect(openingInstance([instance('a'), instance('volume', 200)], 'CT')).toBeNull();
});
