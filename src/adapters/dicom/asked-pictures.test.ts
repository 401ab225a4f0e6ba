import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { HeaderPixels } from '../../imaging/index.ts';
import { PLAIN_DISPLAY, type FrameDisplay, type WindowFunction } from './frame-display.ts';
import type { Region } from './frame-layout.ts';
import { type Drawing, renderFrame } from './render-frame.ts';

const pixelsOf = (columns: number, rows: number): HeaderPixels => ({
  rows,
  columns,
  numberOfFrames: null,
  bitsAllocated: 16,
  bitsStored: 16,
  highBit: 15,
  pixelRepresentation: 1,
  samplesPerPixel: 1,
  planarConfiguration: null,
  photometricInterpretation: 'MONOCHROME2',
  rescaleSlope: 1,
  rescaleIntercept: 0,
  windowCenters: [],
  windowWidths: [],
  lossyImageCompression: null,
  lossyRatios: [],
  lossyMethods: [],
  burnedInAnnotation: null,
});
const PNG: Drawing = { mediaType: 'image/png', quality: 90, widthMax: null, heightMax: null, window: null };

/** Rows of greys of a PNG as we write it: one filter byte a row, each value the difference to its left. */
const rowsOf = (png: Uint8Array): number[][] => {
  const bytes = Buffer.from(png);
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const raw = inflateSync(bytes.subarray(41, 41 + bytes.readUInt32BE(33)));
  return Array.from({ length: height }, (_, y) => {
    let value = 0;
    return Array.from(
      { length: width },
      (__, x) => (value = (value + (raw[y * (width + 1) + 1 + x] ?? 0)) & 255),
    );
  });
};

const drawn = async (
  values: readonly number[],
  columns: number,
  drawing: Partial<Drawing>,
  display: Partial<FrameDisplay> = {},
) => {
  const result = await renderFrame({
    frame: new Uint8Array(Int16Array.from(values).buffer),
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    pixels: pixelsOf(columns, values.length / columns),
    display: { ...PLAIN_DISPLAY, ...display },
    drawing: { ...PNG, ...drawing },
  });
  return result.ok ? rowsOf(result.value) : result.reason;
};

describe('a window that is asked for with its function (PS3.18 §8.3.5.1.4)', () => {
  const VALUES = [-1000, -161, -160, -60, 39, 40, 41, 60, 139, 239, 240, 1500];

  // What pydicom 2.3.1 makes of the same values, as eight bits.
  test.each<[WindowFunction, number, number, readonly number[]]>([
    ['LINEAR', 40, 400, [0, 0, 0, 64, 127, 128, 128, 141, 191, 255, 255, 255]],
    ['LINEAR', 40.5, 2, [0, 0, 0, 0, 0, 128, 255, 255, 255, 255, 255, 255]],
    ['LINEAR_EXACT', 40, 400, [0, 0, 0, 64, 127, 128, 128, 140, 191, 254, 255, 255]],
    ['LINEAR_EXACT', 40.5, 1.5, [0, 0, 0, 0, 0, 43, 212, 255, 255, 255, 255, 255]],
    ['SIGMOID', 40, 400, [0, 30, 30, 69, 127, 128, 128, 140, 186, 224, 225, 255]],
    ['SIGMOID', 40.5, 1.5, [0, 0, 0, 0, 5, 53, 202, 255, 255, 255, 255, 255]],
  ])('%s %d %d', async (windowFunction, center, width, expected) => {
    const window = { center, width, windowFunction };
    expect(await drawn(VALUES, VALUES.length, { window })).toEqual([expected]);
  });

  test('counts before whatever function and table the header names', async () => {
    const window = { center: 40, width: 400 };
    const windowTable = { first: 0, entries: Uint16Array.of(4095, 0), bits: 12 };
    const row = await drawn([40, 1500], 2, { window }, { windowFunction: 'SIGMOID', windowTable });
    expect(row).toEqual([[128, 255]]);
  });
});

describe('what functional groups say of a frame', () => {
  test('takes the place of slope, intercept and window of the image', async () => {
    const display = { rescale: { slope: 2, intercept: -100 }, window: { center: 0.5, width: 201 } };
    // -100, 0 and 100 of the modality.
    expect(await drawn([0, 50, 100], 3, {}, display)).toEqual([[0, 128, 255]]);
  });
});

describe('a viewport (PS3.18 §8.3.5.1.3)', () => {
  /** 4 columns and 2 rows, each value drawn as it is. */
  const VALUES = [0, 10, 20, 30, 100, 110, 120, 130];
  const AS_IS = { window: { center: 128, width: 256 } };
  const ALL: Region = { left: 0, top: 0, width: null, height: null, isMirrored: false, isUpsideDown: false };
  const regionOf = (region: Partial<Region>) => drawn(VALUES, 4, { ...AS_IS, region: { ...ALL, ...region } });

  test('cuts a region out, up to the edges where its size is not said', async () => {
    expect(await regionOf({ left: 1, width: 2 })).toEqual([
      [10, 20],
      [110, 120],
    ]);
    expect(await regionOf({ left: 2, top: 1 })).toEqual([[120, 130]]);
    expect(await regionOf({ left: 3, top: 0, width: 100, height: 1 })).toEqual([[30]]);
  });

  test('turns it over', async () => {
    expect(await regionOf({ isMirrored: true, height: 1 })).toEqual([[30, 20, 10, 0]]);
    expect(await regionOf({ left: 1, width: 1, isUpsideDown: true })).toEqual([[110], [10]]);
  });

  test('has nothing to show beside the image', async () => {
    expect(await regionOf({ left: 4 })).toBe('outside');
    expect(await regionOf({ top: 2 })).toBe('outside');
  });

  test('makes smaller by the narrower side, keeping proportions', async () => {
    expect(await drawn(VALUES, 4, { ...AS_IS, widthMax: 2, heightMax: 100 })).toEqual([[110, 130]]);
  });

  test('enlarges to the narrower side, between the values that are there; without one it enlarges nothing', async () => {
    const made = await drawn(VALUES, 4, { ...AS_IS, widthMax: 8, heightMax: 100, isEnlarged: true });
    expect(made).toEqual([
      [0, 3, 8, 13, 18, 23, 28, 30],
      [25, 28, 33, 38, 43, 48, 53, 55],
      [75, 78, 83, 88, 93, 98, 103, 105],
      [100, 103, 108, 113, 118, 123, 128, 130],
    ]);
    expect(await drawn(VALUES, 4, { ...AS_IS, widthMax: 8, heightMax: 100 })).toHaveLength(2);
    const mirrored = { ...ALL, left: 2, height: 1, isMirrored: true };
    const turned = { ...AS_IS, widthMax: 4, heightMax: 4, isEnlarged: true, region: mirrored };
    expect(await drawn(VALUES, 4, turned)).toEqual([
      [30, 28, 23, 20],
      [30, 28, 23, 20],
    ]);
  });
});
