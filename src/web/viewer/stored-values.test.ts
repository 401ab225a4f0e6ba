import { describe, expect, it } from 'vitest';
import type { DicomJson } from './dicom-json.ts';
import { curveOf, finished, finishingOf } from './stored-values.ts';
import { windowOfRange, windowRange } from './window-range.ts';

const header = (change: Record<string, unknown[]>): DicomJson =>
  Object.fromEntries(
    Object.entries({
      '00280002': [1],
      '00280004': ['MONOCHROME2'],
      '00280100': [16],
      '00280101': [12],
      '00280102': [11],
      '00280103': [0],
      ...change,
    }).map(([tag, Value]) => [tag, { vr: 'UN', Value }]),
  );
const table = (descriptor: number[], entries: number[]) => ({
  '00283002': { vr: 'US', Value: descriptor },
  '00283006': { vr: 'US', Value: entries },
});
/** A frame of four pixels, finished. */
const done = (instance: DicomJson, words: Uint16Array | Int16Array | Uint8Array) => {
  const finishing = finishingOf(instance, 1);
  if (!finishing) return null;
  const { values, shown } = finished(words, finishing, 4);
  return { values: [...values], shown: shown && [...shown] };
};

describe('stored values', () => {
  it('that the loader reads right are left to it', () => {
    expect(finishingOf(header({}), 1)).toBeNull();
    expect(finishingOf(header({ '00280002': [3], '00280004': ['RGB'] }), 1)).toBeNull();
  });

  it('above unused bits are shifted down, whatever stands in those', () => {
    const high = { '00280102': [15], '00281053': [2], '00281052': [-10] };
    expect(done(header(high), Uint16Array.of(0x0000, 0x0010, 0x001f, 0xfff0))?.values).toEqual([
      -10, -8, -8, 8180,
    ]);
    const signed = { ...high, '00280103': [1], '00281053': [1], '00281052': [0] };
    expect(done(header(signed), Int16Array.of(0x0010, -16, -32768, 0x7ff0))?.values).toEqual([
      1, -1, -2048, 2047,
    ]);
  });

  it('in a code stream are values already', () => {
    const coded = header({ '00280102': [15], '00083002': ['1.2.840.10008.1.2.4.90'] });
    expect(finishingOf(coded, 1)).toBeNull();
  });

  it('of one bit come eight in a byte, the lowest first', () => {
    const bit = header({ '00280100': [1], '00280101': [1], '00280102': [0] });
    expect(done(bit, Uint8Array.of(0b1010))?.values).toEqual([0, 1, 0, 1]);
  });

  it('are looked up in the table of the modality, clamped at its ends', () => {
    const looked = header({ '00283000': [table([3, 1, 16], [100, 200, 4000])] });
    expect(done(looked, Uint16Array.of(0, 1, 2, 9))?.values).toEqual([100, 100, 200, 4000]);
  });
});

describe('values for the screen', () => {
  it('are looked up in the table of the image, and the values themselves stay', () => {
    const shown = header({ '00283010': [table([4, 0, 8], [255, 170, 85, 0])] });
    expect(curveOf(shown, 1)).toBe('table');
    expect(done(shown, Uint16Array.of(0, 1, 2, 9))).toEqual({
      values: [0, 1, 2, 9],
      shown: [255, 170, 85, 0],
    });
  });

  it('are found in bytes, in words, and two to a word; the first mapped may be negative', () => {
    const packed = header({ '00283010': [table([4, 0, 8], [0x0201, 0x0403])] });
    expect(done(packed, Uint16Array.of(0, 1, 2, 3))?.shown).toEqual([1, 2, 3, 4]);
    const inline = (bytes: number[]) => ({
      '00283002': { vr: 'US', Value: [2, 65_535, 12] },
      '00283006': { vr: 'OW', InlineBinary: btoa(String.fromCharCode(...bytes)) },
    });
    const words = header({ '00281052': [-1], '00283010': [inline([0x10, 0x01, 0xff, 0x0f])] });
    expect(done(words, Int16Array.of(-2, -1, 0, 1))?.shown).toEqual([0x110, 0x110, 0xfff, 0xfff]);
  });

  it('of a table that cannot be read are said not to be', () => {
    const far = {
      '00283002': { vr: 'US', Value: [4096, 0, 12] },
      '00283006': { vr: 'OW', BulkDataURI: '/x' },
    };
    expect(curveOf(header({ '00283010': [far] }), 1)).toBe('unread');
    expect(curveOf(header({ '00283000': [far] }), 1)).toBe('unread');
    expect(finishingOf(header({ '00283010': [far] }), 1)).toBeNull();
  });

  it('follow the function of the header or of the frame', () => {
    expect(curveOf(header({ '00281056': ['SIGMOID'] }), 1)).toBe('sigmoid');
    expect(curveOf(header({ '00281056': ['LINEAR_EXACT'] }), 1)).toBe('exact');
    const group = { '00289132': { vr: 'SQ', Value: [{ '00281056': { vr: 'CS', Value: ['SIGMOID'] } }] } };
    expect(curveOf(header({ '52009230': [{}, group] }), 2)).toBe('sigmoid');
    expect(curveOf(header({ '52009230': [{}, group] }), 1)).toBe('line');
  });
});

it('tells a window as its header does', () => {
  expect(windowRange(40, 400, false)).toEqual([-160, 239]);
  expect(windowRange(40, 400, true)).toEqual([-160, 240]);
  for (const isExact of [false, true]) {
    const [lower, upper] = windowRange(40, 400, isExact);
    expect(windowOfRange({ lower, upper }, isExact)).toEqual({ centre: 40, width: 400 });
  }
  expect(windowOfRange(null, false)).toEqual({ centre: null, width: null });
});
