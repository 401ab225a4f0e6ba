import { expect, test } from 'vitest';
import { openingInstance, representativeFrame } from './series-opening.ts';

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

test('the middle picture stands for a series, and a video only where there is nothing else', () => {
  const sent = (
    name: string,
    syntax: string,
    frames: number | null = null,
    pixelOffset: number | null = 9,
  ) => ({
    ...instance(name, frames, pixelOffset),
    transferSyntaxUid: syntax,
  });
  const [JPEG, H264, HEVC, HTJ2K] = ['50', '102.1', '107', '201'].map(
    (end) => `1.2.840.10008.1.2.4.${end}`,
  ) as [string, string, string, string];
  const nameOf = (...series: readonly ReturnType<typeof sent>[]) => {
    const shown = representativeFrame(series);
    return shown && `${shown.instance.name} ${shown.frame}`;
  };
  expect(nameOf(sent('a', JPEG), sent('b', JPEG, 9), sent('c', JPEG))).toBe('b 5');
  expect(nameOf(sent('a', JPEG), sent('clip', H264, 90), sent('clip', HEVC, 90))).toBe('a 1');
  expect(nameOf(sent('clip', H264, 90), sent('a', HTJ2K), sent('report', JPEG, null, null))).toBe('a 1');
  expect(nameOf(sent('clip', H264, 90))).toBe('clip 45');
  expect(nameOf(sent('report', JPEG, null, null))).toBeNull();
});
