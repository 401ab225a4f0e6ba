import { createRequire } from 'node:module';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { header } from '../../../test/example-headers.ts';
import { type HeaderPixels, VIEW_COPY_SYNTAX } from '../../imaging/index.ts';
import { decodeFrame } from './codecs.ts';
import { copyFrame } from './copy-frame.ts';
import { frameCopier } from './frame-copier.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const BIG = '1.2.840.10008.1.2.2';
const J2K = '1.2.840.10008.1.2.4.90';
const GREY: HeaderPixels = header({ pixels: { rows: 60, columns: 70, rescaleIntercept: 0 } }).pixels;

const words = (count: number, valueAt: (at: number) => number): Uint8Array =>
  new Uint8Array(Uint16Array.from({ length: count }, (_, at) => valueAt(at)).buffer);
const SLICE = words(4200, (at) => (at * 37) % 4096);

const copied = async (frame: Uint8Array, pixels = GREY, transferSyntaxUid = EXPLICIT) => {
  const copy = await copyFrame({ frame, transferSyntaxUid, pixels });
  if (!copy.ok) throw new Error(copy.reason);
  return copy.value;
};
const same = async (copy: Uint8Array, frame: Uint8Array): Promise<boolean> =>
  Buffer.compare((await decodeFrame(copy, VIEW_COPY_SYNTAX)).bytes, frame) === 0;

/** A marker segment of a code stream: its bytes behind the length, from the first place it stands at. */
const segment = (stream: Uint8Array, marker: number): Buffer | undefined => {
  const bytes = Buffer.from(stream);
  for (let at = 2; bytes.readUInt16BE(at) !== 0xff93; at += 2 + bytes.readUInt16BE(at + 2))
    if (bytes.readUInt16BE(at) === marker) return bytes.subarray(at + 4, at + 2 + bytes.readUInt16BE(at + 2));
  return undefined;
};

describe('a copy decodes to the very words of the original', () => {
  test('whatever their values, with sign and without, above the stored bits too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom(0, 1),
        fc.integer({ min: 1, max: 0xffff }),
        async (rows, columns, pixelRepresentation, step) => {
          const frame = words(rows * columns, (at) => (at * step) & 0xffff);
          const copy = await copied(frame, { ...GREY, rows, columns, pixelRepresentation });
          expect(await same(copy, frame)).toBe(true);
          expect((await decodeFrame(copy, VIEW_COPY_SYNTAX)).isSigned).toBe(pixelRepresentation === 1);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('big endian', async () => {
    expect(await same(await copied(Buffer.from(SLICE).swap16(), GREY, BIG), SLICE)).toBe(true);
  });

  test('grey of 8 bits, filled up to an even length', async () => {
    const pixels = { ...GREY, rows: 3, columns: 5, bitsAllocated: 8 };
    const frame = Uint8Array.from({ length: 16 }, (_, at) => at * 15);
    expect(await same(await copied(frame, pixels), frame.subarray(0, 15))).toBe(true);
  });

  test('colour by pixel', async () => {
    const pixels = { ...GREY, bitsAllocated: 8, samplesPerPixel: 3, photometricInterpretation: 'RGB' };
    const frame = Uint8Array.from({ length: 12_600 }, (_, at) => (at * 73) & 0xff);
    expect(await same(await copied(frame, pixels), frame)).toBe(true);
  });

  test('JPEG 2000 without loss', async () => {
    const load = createRequire(import.meta.url)('@cornerstonejs/codec-openjpeg') as () => Promise<{
      J2KEncoder: new () => {
        getDecodedBuffer(frame: object): Uint8Array;
        getEncodedBuffer(): Uint8Array;
        encode(): void;
        delete(): void;
      };
    }>;
    const encoder = new (await load()).J2KEncoder();
    const frameInfo = { width: 70, height: 60, bitsPerSample: 12, componentCount: 1, isSigned: false };
    encoder.getDecodedBuffer(frameInfo).set(SLICE);
    encoder.encode();
    const stream = new Uint8Array(encoder.getEncodedBuffer());
    encoder.delete();
    expect(await same(await copied(stream, GREY, J2K), SLICE)).toBe(true);
  });
});

test('the smaller resolutions come first, the smallest within 64, and their lengths stand in front (PS3.5 §10.18)', async () => {
  const copy = await copied(
    words(3000 * 100, (at) => at & 0xfff),
    { ...GREY, rows: 100, columns: 3000 },
  );
  const cod = segment(copy, 0xff52);
  expect(cod?.[1]).toBe(2);
  const levels = cod?.[5] as number;
  expect(3000 / 2 ** levels).toBeLessThanOrEqual(64);
  expect(segment(copy, 0xff55)).toBeDefined();
  // Reversible (5-3) by the byte behind block size and style.
  expect(cod?.[9]).toBe(1);
});

test('a frame that is not what its header says is not copied', async () => {
  const broken = [
    [SLICE.subarray(0, 100), GREY, EXPLICIT],
    [new Uint8Array(SLICE.length + 2), GREY, EXPLICIT],
    [new Uint8Array(20), GREY, J2K],
    [SLICE, { ...GREY, rows: 0 }, EXPLICIT],
  ] as const;
  for (const [frame, pixels, transferSyntaxUid] of broken)
    expect(await copyFrame({ frame, transferSyntaxUid, pixels })).toEqual({ ok: false, reason: 'malformed' });
});

test('a copy that comes out otherwise is none: the encoder takes 16 bits of one component only', async () => {
  const pixels = { ...GREY, samplesPerPixel: 3, photometricInterpretation: 'RGB' };
  const frame = words(12_600, (at) => (at * 7919) & 0xffff);
  expect(await copyFrame({ frame, transferSyntaxUid: EXPLICIT, pixels })).toEqual({
    ok: false,
    reason: 'unequal',
  });
});

describe('in its thread', () => {
  const copier = frameCopier();
  afterAll(() => copier.close());

  test('copies, rests, and copies again', async () => {
    for (let round = 0; round < 2; round++) {
      const copy = await copier.copy({ frame: SLICE, transferSyntaxUid: EXPLICIT, pixels: GREY });
      expect(copy.ok && (await same(copy.value, SLICE))).toBe(true);
      await copier.rest();
    }
  });

  test('one that takes too long is given up', async () => {
    const hasty = frameCopier(1);
    const copy = await hasty.copy({ frame: SLICE, transferSyntaxUid: EXPLICIT, pixels: GREY });
    expect(copy).toEqual({ ok: false, reason: 'too-slow' });
    await hasty.close();
    // Whoever asks it now is not kept waiting.
    expect((await hasty.copy({ frame: SLICE, transferSyntaxUid: EXPLICIT, pixels: GREY })).ok).toBe(false);
  });
});
