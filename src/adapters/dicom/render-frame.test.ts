import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { header } from '../../../test/example-headers.ts';
import type { HeaderPixels } from '../../imaging/index.ts';
import { decodeFrame } from './codecs.ts';
import { type FrameDisplay, PLAIN_DISPLAY } from './frame-display.ts';
import { indexFrames } from './frame-index.ts';
import { type Drawing, renderFrame } from './render-frame.ts';
import { decodeRunLength } from './run-length.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const PIXELS: HeaderPixels = header({
  pixels: { rows: 40, columns: 40, windowCenters: [40], windowWidths: [400] },
}).pixels;
const PNG: Drawing = { mediaType: 'image/png', quality: 90, widthMax: null, heightMax: null, window: null };

/** Air on the left, bone on the right, soft tissue at the window's middle between them. */
const VALUES = [24, 1064, 2524];
const sampleAt = (pixel: number): number =>
  VALUES[Math.min(2, Math.floor(((pixel % 40) * 3) / 40))] as number;
const FRAME = new Uint8Array(Uint16Array.from({ length: 1600 }, (_, pixel) => sampleAt(pixel)).buffer);

/** Values of a grey PNG as we write it: one filter byte a row, each value the difference to its left. */
const greyOf = (png: Uint8Array): { readonly width: number; readonly row: (y: number) => number[] } => {
  const bytes = Buffer.from(png);
  const width = bytes.readUInt32BE(16);
  const length = bytes.readUInt32BE(33);
  const raw = inflateSync(bytes.subarray(41, 41 + length));
  return {
    width,
    row(y) {
      let value = 0;
      return Array.from(
        { length: width },
        (_, x) => (value = (value + (raw[y * (width + 1) + 1 + x] ?? 0)) & 255),
      );
    },
  };
};

const draw = async (frame: Uint8Array, transferSyntaxUid: string, pixels = PIXELS, drawing = PNG) => {
  const drawn = await renderFrame({ frame, transferSyntaxUid, pixels, drawing });
  if (!drawn.ok) throw new Error(drawn.reason);
  return drawn.value;
};

describe('windowing (PS3.3 §C.11.2.1.2)', () => {
  test('black below the window, white above, grey in its middle', async () => {
    const row = greyOf(await draw(FRAME, EXPLICIT)).row(7);
    expect([row[0], row[20], row[39]]).toEqual([0, 128, 255]);
  });

  test('MONOCHROME1 is shown inverted', async () => {
    const row = greyOf(
      await draw(FRAME, EXPLICIT, { ...PIXELS, photometricInterpretation: 'MONOCHROME1' }),
    ).row(7);
    expect([row[0], row[39]]).toEqual([255, 0]);
  });

  test('the window asked for counts before that of the header', async () => {
    const lung = { ...PNG, window: { center: -1000, width: 20 } };
    const row = greyOf(await draw(FRAME, EXPLICIT, PIXELS, lung)).row(7);
    expect([row[0], row[20]]).toEqual([134, 255]);
  });

  test('without a window the whole range of values is shown', async () => {
    const plain = { ...PIXELS, windowCenters: [], windowWidths: [] };
    const row = greyOf(await draw(FRAME, EXPLICIT, plain)).row(7);
    expect([row[0], row[39]]).toEqual([0, 255]);
  });

  test('signed samples keep their sign', async () => {
    const signed = new Uint8Array(
      Int16Array.from({ length: 1600 }, (_, pixel) => sampleAt(pixel) - 1024).buffer,
    );
    const pixels = { ...PIXELS, bitsStored: 16, highBit: 15, pixelRepresentation: 1, rescaleIntercept: 0 };
    const row = greyOf(await draw(signed, EXPLICIT, pixels)).row(7);
    expect([row[0], row[20], row[39]]).toEqual([0, 128, 255]);
  });
});

describe('what a header asks for beside its window', () => {
  const rowWith = async (display: Partial<FrameDisplay>, pixels = PIXELS, drawing = PNG) => {
    const of = { frame: FRAME, transferSyntaxUid: EXPLICIT, pixels, drawing };
    const drawn = await renderFrame({ ...of, display: { ...PLAIN_DISPLAY, ...display } });
    if (!drawn.ok) throw new Error(drawn.reason);
    const row = greyOf(drawn.value).row(7);
    return [row[0], row[20], row[39]];
  };

  test('SIGMOID and LINEAR_EXACT are drawn as they are told (§C.11.2.1.3)', async () => {
    // -1000, 40 and 1500 HU in a window of 400 around 40.
    const sigmoid = (value: number) => Math.round(255 / (1 + Math.exp((-4 * (value - 40)) / 400)));
    const wide = { ...PIXELS, windowWidths: [4000] };
    expect(await rowWith({ windowFunction: 'SIGMOID' })).toEqual([sigmoid(-1000), 128, sigmoid(1500)]);
    expect(await rowWith({ windowFunction: 'LINEAR_EXACT' }, wide)).toEqual(
      [-1000, 40, 1500].map((value) => Math.round(((value - 40) / 4000 + 0.5) * 255)),
    );
  });

  test('a table of the image takes the place of its window, a window that is asked for that of the table', async () => {
    // From 0 HU on: black turns white.
    const windowTable = { first: 0, entries: Uint16Array.of(4095, 0), bits: 12 };
    expect(await rowWith({ windowTable })).toEqual([255, 0, 0]);
    const inverted = { ...PIXELS, photometricInterpretation: 'MONOCHROME1' };
    expect(await rowWith({ windowTable }, inverted)).toEqual([0, 255, 255]);
    const lung = { ...PNG, window: { center: 40, width: 400 } };
    expect(await rowWith({ windowTable }, PIXELS, lung)).toEqual([0, 128, 255]);
  });

  test('a table of the modality takes the place of slope and intercept', async () => {
    const modalityTable = { first: 24, entries: Uint16Array.of(240, 40, 0), bits: 16 };
    const pixels = { ...PIXELS, windowCenters: [40], windowWidths: [401] };
    expect(await rowWith({ modalityTable }, pixels)).toEqual([255, 102, 102]);
  });

  test('pixels that are no squares are drawn as wide and high as they are', async () => {
    const sizeOf = async (pixelAspect: number, drawing = PNG) => {
      const of = { frame: FRAME, transferSyntaxUid: EXPLICIT, pixels: PIXELS, drawing };
      const drawn = await renderFrame({ ...of, display: { ...PLAIN_DISPLAY, pixelAspect } });
      if (!drawn.ok) throw new Error(drawn.reason);
      const png = Buffer.from(drawn.value);
      return [png.readUInt32BE(16), png.readUInt32BE(20)];
    };
    expect(await sizeOf(2)).toEqual([20, 40]);
    expect(await sizeOf(0.5)).toEqual([40, 20]);
    expect(await sizeOf(2, { ...PNG, widthMax: 10, heightMax: 10 })).toEqual([5, 10]);
  });
});

interface Encoder {
  getDecodedBuffer(frame: object): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  encode(): void;
}

const encoded = async (codec: string, name: string): Promise<Uint8Array> => {
  const load = createRequire(import.meta.url);
  const module = await (
    load(`@cornerstonejs/${codec}/wasmjs`) as () => Promise<Record<string, new () => Encoder>>
  )();
  const encoder = new (module[name] as new () => Encoder)();
  const frame = {
    width: 40,
    height: 40,
    bitsPerSample: 16,
    componentCount: 1,
    isSigned: false,
    isUsingColorTransform: false,
  };
  encoder.getDecodedBuffer(frame).set(FRAME);
  encoder.encode();
  return Uint8Array.from(encoder.getEncodedBuffer());
};

describe('code streams', () => {
  test.each([
    ['1.2.840.10008.1.2.4.80', 'codec-charls', 'JpegLSEncoder'],
    ['1.2.840.10008.1.2.4.90', 'codec-openjpeg', 'J2KEncoder'],
    ['1.2.840.10008.1.2.4.201', 'codec-openjph', 'HTJ2KEncoder'],
  ])('%s is drawn as its samples are', async (syntax, codec, name) => {
    const row = greyOf(await draw(await encoded(codec, name), syntax)).row(7);
    expect([row[0], row[20], row[39]]).toEqual([0, 128, 255]);
  });

  test('a broken one, and one that nobody decodes, are said to be', async () => {
    const broken = { frame: new Uint8Array(20), transferSyntaxUid: '1.2.840.10008.1.2.4.80' };
    expect(await renderFrame({ ...broken, pixels: PIXELS, drawing: PNG })).toEqual({
      ok: false,
      reason: 'malformed',
    });
    const video = { frame: FRAME, transferSyntaxUid: '1.2.840.10008.1.2.4.102' };
    expect(await renderFrame({ ...video, pixels: PIXELS, drawing: PNG })).toEqual({
      ok: false,
      reason: 'unsupported',
    });
  });

  test('samples fewer than rows and columns say are no picture', async () => {
    const short = { frame: FRAME.subarray(0, 100), transferSyntaxUid: EXPLICIT };
    expect(await renderFrame({ ...short, pixels: PIXELS, drawing: PNG })).toEqual({
      ok: false,
      reason: 'malformed',
    });
    const huge = { ...PIXELS, rows: 65_535, columns: 65_535 };
    expect(
      await renderFrame({ frame: FRAME, transferSyntaxUid: EXPLICIT, pixels: huge, drawing: PNG }),
    ).toEqual({
      ok: false,
      reason: 'too-large',
    });
  });
});

describe('JPEG', () => {
  test.each([1, 8, 33, 40])('%i pixels wide, it opens as a grey picture', async (widthMax) => {
    const jpeg = await draw(FRAME, EXPLICIT, PIXELS, { ...PNG, mediaType: 'image/jpeg', widthMax });
    const decoded = await decodeFrame(jpeg, '1.2.840.10008.1.2.4.50');
    expect(decoded.componentCount).toBe(1);
    expect(decoded.width).toBeGreaterThanOrEqual(32);
  });

  test('colour stays colour', async () => {
    const red = Uint8Array.from({ length: 4800 }, (_, at) => (at % 3 === 0 ? 200 : 10));
    const pixels = {
      ...PIXELS,
      samplesPerPixel: 3,
      bitsAllocated: 8,
      bitsStored: 8,
      highBit: 7,
      photometricInterpretation: 'RGB',
    };
    const jpeg = await draw(red, EXPLICIT, pixels, { ...PNG, mediaType: 'image/jpeg' });
    const { bytes, componentCount } = await decodeFrame(jpeg, '1.2.840.10008.1.2.4.50');
    expect(componentCount).toBe(3);
    expect(bytes[0]).toBeGreaterThan(190);
    expect(bytes[1]).toBeLessThan(30);
  });
});

test('RLE (PS3.5 annex G): runs, literals, and the high byte before the low', () => {
  const frame = Buffer.alloc(64 + 4);
  frame.writeUInt32LE(2, 0);
  frame.writeUInt32LE(64, 4);
  frame.writeUInt32LE(66, 8);
  // High bytes: 1 four times. Low bytes: 2 four times.
  frame.set([0xfd, 1, 0xfd, 2], 64);
  expect([...(decodeRunLength(frame, 4, 2, 1) ?? [])]).toEqual([2, 1, 2, 1, 2, 1, 2, 1]);
  expect(decodeRunLength(frame.subarray(0, 10), 4, 2, 1)).toBeUndefined();
});

const item = (bytes: Uint8Array): Buffer => {
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
};
const END = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
const sourceOf = (bytes: Buffer) => ({
  size: bytes.length,
  read: async (offset: number, length: number) => new Uint8Array(bytes.subarray(offset, offset + length)),
});
const table = (...offsets: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(offsets.length * 4);
  for (const [index, offset] of offsets.entries()) bytes.writeUInt32LE(offset, index * 4);
  return item(bytes);
};

describe('frames in fragments (PS3.5 §A.4)', () => {
  const start = Buffer.from([0xff, 0xd8, 1, 2]);
  const more = Buffer.from([3, 4]);

  test('one fragment for each frame, with an empty offset table', async () => {
    const bytes = Buffer.concat([table(), item(start), item(start), END]);
    expect(await indexFrames(sourceOf(bytes), 0, 2)).toEqual([[[16, 4]], [[28, 4]]]);
  });

  test('several fragments for a frame, by the table or by how frames begin', async () => {
    const parts = [item(start), item(more), item(start)];
    const expected = [
      [
        [0, 4],
        [12, 2],
      ],
      [[22, 4]],
    ];
    for (const head of [table(0, 22), table(), table(7)]) {
      const from = head.length + 8;
      const shifted = expected.map((frame) => frame.map(([offset = 0, length]) => [offset + from, length]));
      expect(await indexFrames(sourceOf(Buffer.concat([head, ...parts, END])), 0, 2)).toEqual(shifted);
    }
  });

  test('frames that cannot be told apart are not made up', async () => {
    const bytes = Buffer.concat([table(), item(more), item(more), item(more), END]);
    expect(await indexFrames(sourceOf(bytes), 0, 2)).toBeNull();
    expect(await indexFrames(sourceOf(Buffer.from('no item here')), 0, 1)).toBeNull();
  });

  test('what is cut off within a fragment ends before it', async () => {
    const bytes = Buffer.concat([table(), item(start), item(start)]);
    expect(await indexFrames(sourceOf(bytes.subarray(0, bytes.length - 1)), 0, 1)).toEqual([[[16, 4]]]);
  });
});
