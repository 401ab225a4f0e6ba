import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { header } from '../../../test/example-headers.ts';
import type { HeaderPixels } from '../../imaging/index.ts';
import { encodeHtj2k } from './codecs.ts';
import { isReversible, nativeFrame } from './native-frame.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const BIG = '1.2.840.10008.1.2.2';
const HTJ2K = '1.2.840.10008.1.2.4.201';
const JPEG_LS = '1.2.840.10008.1.2.4.80';
const RLE = '1.2.840.10008.1.2.5';
const GREY: HeaderPixels = header({ pixels: { rows: 20, columns: 30, rescaleIntercept: 0 } }).pixels;
const COLOUR: HeaderPixels = {
  ...GREY,
  bitsAllocated: 8,
  bitsStored: 8,
  highBit: 7,
  samplesPerPixel: 3,
  planarConfiguration: 0,
  photometricInterpretation: 'RGB',
};
const words = (count: number, valueAt: (at: number) => number): Uint8Array =>
  new Uint8Array(Uint16Array.from({ length: count }, (_, at) => valueAt(at)).buffer);
const SLICE = words(600, (at) => (at * 37) % 4096);

const native = async (frame: Uint8Array, transferSyntaxUid: string, pixels = GREY): Promise<Buffer> => {
  const decoded = await nativeFrame({ frame, transferSyntaxUid, pixels });
  if (!decoded.ok) throw new Error(decoded.reason);
  return Buffer.from(decoded.value);
};

interface JpegLsEncoder {
  getDecodedBuffer(frame: object): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  setNearLossless(most: number): void;
  encode(): void;
}
const jpegLs = async (
  samples: Uint8Array,
  of: { readonly bitsPerSample: number; readonly componentCount: number },
): Promise<Uint8Array> => {
  const load = createRequire(import.meta.url)('@cornerstonejs/codec-charls/wasmjs') as () => Promise<{
    JpegLSEncoder: new () => JpegLsEncoder;
  }>;
  const encoder = new (await load()).JpegLSEncoder();
  encoder.getDecodedBuffer({ width: 30, height: 20, isSigned: false, ...of }).set(samples);
  encoder.setNearLossless(0);
  encoder.encode();
  return Uint8Array.from(encoder.getEncodedBuffer());
};

/** PackBits without a run: each segment in pieces of at most 128 bytes (PS3.5 annex G). */
const runLength = (segments: readonly Uint8Array[]): Uint8Array => {
  const packed = segments.map((segment) => {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < segment.length; at += 128) {
      const piece = segment.subarray(at, at + 128);
      pieces.push(Uint8Array.of(piece.length - 1), piece);
    }
    return Buffer.concat(pieces);
  });
  const head = Buffer.alloc(64);
  head.writeUInt32LE(segments.length, 0);
  packed.reduce((at, { length }, index) => {
    head.writeUInt32LE(at, 4 + index * 4);
    return at + length;
  }, 64);
  return Buffer.concat([head, ...packed]);
};
const every = (bytes: Uint8Array, step: number, from: number): Uint8Array =>
  bytes.filter((_, at) => at % step === from);

describe('what was compressed without loss comes back sample by sample (PS3.5 §8.2)', () => {
  test('HTJ2K, whatever the values, with sign and without', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 1), fc.integer({ min: 1, max: 0xffff }), async (sign, step) => {
        const frame = words(600, (at) => (at * step) & 0xffff);
        const pixels = { ...GREY, bitsStored: 16, highBit: 15, pixelRepresentation: sign };
        const shape = { width: 30, height: 20, bitsPerSample: 16, componentCount: 1, isSigned: sign === 1 };
        const coded = await encodeHtj2k({ ...shape, bytes: frame });
        expect((await native(coded, HTJ2K, pixels)).equals(frame)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test('JPEG-LS of 12 bits, of 8 bits in words, and of colour', async () => {
    const deep = await jpegLs(SLICE, { bitsPerSample: 12, componentCount: 1 });
    expect((await native(deep, JPEG_LS)).equals(SLICE)).toBe(true);
    const bytes = Uint8Array.from({ length: 600 }, (_, at) => (at * 7) & 0xff);
    const flat = await jpegLs(bytes, { bitsPerSample: 8, componentCount: 1 });
    const inWords = { ...GREY, bitsStored: 8, highBit: 7 };
    expect((await native(flat, JPEG_LS, inWords)).equals(words(600, (at) => (at * 7) & 0xff))).toBe(true);
    const rgb = Uint8Array.from({ length: 1800 }, (_, at) => (at * 13) & 0xff);
    const coloured = await jpegLs(rgb, { bitsPerSample: 8, componentCount: 3 });
    expect((await native(coloured, JPEG_LS, COLOUR)).equals(rgb)).toBe(true);
  });

  test('RLE, by pixel or by plane as the header says', async () => {
    const high = every(SLICE, 2, 1);
    const low = every(SLICE, 2, 0);
    expect((await native(runLength([high, low]), RLE)).equals(SLICE)).toBe(true);
    const rgb = Uint8Array.from({ length: 1800 }, (_, at) => (at * 13) & 0xff);
    const coded = runLength([0, 1, 2].map((component) => every(rgb, 3, component)));
    expect((await native(coded, RLE, COLOUR)).equals(rgb)).toBe(true);
    const byPlane = { ...COLOUR, planarConfiguration: 1 };
    const planes = Buffer.concat([0, 1, 2].map((component) => every(rgb, 3, component)));
    expect((await native(coded, RLE, byPlane)).equals(planes)).toBe(true);
  });

  test('uncompressed: big endian turned round, the fill byte left out', async () => {
    expect((await native(Buffer.from(SLICE).swap16(), BIG)).equals(SLICE)).toBe(true);
    const odd = { ...GREY, rows: 3, columns: 5, bitsAllocated: 8, bitsStored: 8, highBit: 7 };
    const frame = Uint8Array.from({ length: 16 }, (_, at) => at);
    expect((await native(frame, EXPLICIT, odd)).equals(frame.subarray(0, 15))).toBe(true);
  });
});

describe('nothing else is decoded', () => {
  test.each([
    ['what may have lost something', '1.2.840.10008.1.2.4.50', {}, 'unsupported'],
    ['near lossless', '1.2.840.10008.1.2.4.81', {}, 'unsupported'],
    ['the colour of a code stream', HTJ2K, { photometricInterpretation: 'YBR_RCT' }, 'unsupported'],
    ['single bits', HTJ2K, { bitsAllocated: 1 }, 'unsupported'],
    ['another size than the header says', HTJ2K, { columns: 31 }, 'malformed'],
    ['samples that lie elsewhere in their words', HTJ2K, { highBit: 15 }, 'malformed'],
    ['more components than the header says', HTJ2K, { samplesPerPixel: 3 }, 'malformed'],
  ])('%s', async (_name, transferSyntaxUid, more, reason) => {
    const shape = { width: 30, height: 20, bitsPerSample: 16, componentCount: 1, isSigned: false };
    const frame = await encodeHtj2k({ ...shape, bytes: SLICE });
    const decoded = await nativeFrame({ frame, transferSyntaxUid, pixels: { ...GREY, ...more } });
    expect(decoded).toEqual({ ok: false, reason });
  });

  test('noise', async () => {
    const frame = Uint8Array.from({ length: 300 }, (_, at) => (at * 91) & 0xff);
    for (const transferSyntaxUid of [HTJ2K, JPEG_LS, RLE]) {
      expect(isReversible(transferSyntaxUid)).toBe(true);
      expect((await nativeFrame({ frame, transferSyntaxUid, pixels: GREY })).ok).toBe(false);
    }
  });
});
