import { expect, it } from 'vitest';
import { readWaveforms } from './waveform-file.ts';

const LONG = new Set(['SQ', 'OW']);
const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const words = (...values: number[]): Uint8Array => new Uint8Array(Int16Array.from(values).buffer);
const text = (value: string): Uint8Array =>
  new TextEncoder().encode(value.padEnd(value.length + (value.length % 2)));

/** An element in explicit little endian. */
const element = (tag: number, vr: string, value: Uint8Array): Uint8Array => {
  const head = new DataView(new ArrayBuffer(LONG.has(vr) ? 12 : 8));
  head.setUint16(0, tag >>> 16, true);
  head.setUint16(2, tag & 0xffff, true);
  for (const at of [0, 1]) head.setUint8(4 + at, vr.charCodeAt(at));
  if (LONG.has(vr)) head.setUint32(8, value.length, true);
  else head.setUint16(6, value.length, true);
  return joined(new Uint8Array(head.buffer), value);
};
const item = (...elements: readonly Uint8Array[]): Uint8Array => {
  const head = new DataView(new ArrayBuffer(8));
  head.setUint32(0, 0xe000_fffe, true);
  head.setUint32(4, joined(...elements).length, true);
  return joined(new Uint8Array(head.buffer), ...elements);
};

/** A group of one channel, by samples a second. */
const group = (label: string, rate: string, interpretation: string, samples: Uint8Array): Uint8Array =>
  item(
    element(0x003a_0005, 'US', words(1)),
    element(0x003a_001a, 'DS', text(rate)),
    element(0x003a_0020, 'SH', text(label)),
    element(
      0x003a_0200,
      'SQ',
      item(
        element(0x003a_0208, 'SQ', item(element(0x0008_0104, 'LO', text('Lead II')))),
        element(0x003a_0210, 'DS', text('2.5')),
        element(0x003a_0211, 'SQ', item(element(0x0008_0100, 'SH', text('uV')))),
      ),
    ),
    element(0x5400_1004, 'US', words(16)),
    element(0x5400_1006, 'CS', text(interpretation)),
    element(0x5400_1010, 'OW', samples),
  );

it('reads every group of a recording, and says which of them it cannot', () => {
  const file = joined(
    new Uint8Array(128),
    text('DICM'),
    element(0x0002_0010, 'UI', text('1.2.840.10008.1.2.1\0')),
    element(
      0x5400_0100,
      'SQ',
      joined(
        group('RHYTHM', '500', 'SS', words(400, -400, 0)),
        group('MEDIAN BEAT', '250', 'SS', words(7)),
        group('', '500', 'MB', words(1)),
      ),
    ),
  );
  const groups = readWaveforms(file);
  expect(groups.map(({ label }) => label)).toEqual(['RHYTHM', 'MEDIAN BEAT', null]);
  expect(groups.map(({ samples }) => samples && [samples.samplesPerSecond, ...samples.samples])).toEqual([
    [500, 400, -400, 0],
    [250, 7],
    null,
  ]);
  expect(groups[0]?.samples?.channels).toEqual([
    { source: 'Lead II', sensitivity: 2.5, correction: 1, baseline: 0, unit: 'uV' },
  ]);
});
