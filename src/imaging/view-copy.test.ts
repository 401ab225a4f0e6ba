import { expect, test } from 'vitest';
import { header } from '../../test/example-headers.ts';
import type { HeaderPixels } from './instance.ts';
import { copiedFrames, whyNotTried } from './view-copy.ts';

const GREY: HeaderPixels = header({ pixels: { pixelRepresentation: 1 } }).pixels;
const RGB: HeaderPixels = {
  ...GREY,
  bitsAllocated: 8,
  bitsStored: 8,
  pixelRepresentation: 0,
  samplesPerPixel: 3,
  planarConfiguration: 0,
  photometricInterpretation: 'RGB',
};
const EXPLICIT = '1.2.840.10008.1.2.1';
const J2K = '1.2.840.10008.1.2.4.90';

const why = (
  pixels: HeaderPixels | undefined,
  transferSyntaxUid = EXPLICIT,
  pixelOffset: number | null = 1,
) => whyNotTried({ transferSyntaxUid, pixelOffset }, pixels);

test.each([
  ['a signed CT', GREY, EXPLICIT],
  ['a radiograph that is shown inverted', { ...GREY, photometricInterpretation: 'MONOCHROME1' }, EXPLICIT],
  ['big endian', GREY, '1.2.840.10008.1.2.2'],
  ['implicit', GREY, '1.2.840.10008.1.2'],
  ['deflated', GREY, '1.2.840.10008.1.2.1.99'],
  ['grey of 8 bits', { ...GREY, bitsAllocated: 8, pixelRepresentation: 0 }, EXPLICIT],
  ['colour by pixel', RGB, EXPLICIT],
  ['JPEG 2000 without loss', GREY, J2K],
  ['JPEG 2000 without loss in colour', { ...RGB, photometricInterpretation: 'YBR_RCT' }, J2K],
])('%s is copied', (_what, pixels, syntax) => {
  expect(why(pixels, syntax)).toBeNull();
});

test.each([
  ['without pixels', 'no-pixels', GREY, EXPLICIT, null],
  ['without a header', 'no-pixels', undefined, EXPLICIT, 1],
  ['without rows', 'no-pixels', { ...GREY, rows: 0 }, EXPLICIT, 1],
  ['JPEG-LS', 'quick-already', GREY, '1.2.840.10008.1.2.4.80', 1],
  ['RLE', 'quick-already', GREY, '1.2.840.10008.1.2.5', 1],
  ['HTJ2K', 'quick-already', GREY, '1.2.840.10008.1.2.4.201', 1],
  ['JPEG 2000 that may have lost', 'lossy', GREY, '1.2.840.10008.1.2.4.91', 1],
  ['JPEG baseline', 'lossy', RGB, '1.2.840.10008.1.2.4.50', 1],
  ['video', 'lossy', RGB, '1.2.840.10008.1.2.4.102', 1],
  ['JPEG lossless', 'no-decoder', GREY, '1.2.840.10008.1.2.4.70', 1],
  ['one bit', 'bits', { ...GREY, bitsAllocated: 1 }, EXPLICIT, 1],
  ['32 bits', 'bits', { ...GREY, bitsAllocated: 32 }, EXPLICIT, 1],
  ['8 bits signed', 'bits', { ...GREY, bitsAllocated: 8 }, EXPLICIT, 1],
  ['palette colour', 'colour', { ...GREY, photometricInterpretation: 'PALETTE COLOR' }, EXPLICIT, 1],
  ['colour by plane', 'colour', { ...RGB, planarConfiguration: 1 }, EXPLICIT, 1],
  ['YBR', 'colour', { ...RGB, photometricInterpretation: 'YBR_FULL' }, EXPLICIT, 1],
  ['16 bits of colour', 'colour', { ...RGB, bitsAllocated: 16 }, EXPLICIT, 1],
  ['absurdly large', 'too-large', { ...GREY, rows: 65_535, columns: 65_535 }, EXPLICIT, 1],
] as const)('%s is left as it is: %s', (_what, reason, pixels, syntax, pixelOffset) => {
  expect(why(pixels, syntax, pixelOffset)).toBe(reason);
});

test('only a copy of this very content counts, and only with every frame asked for', () => {
  const copied = {
    sopInstanceUid: '1.2',
    content: 'a',
    frames: [
      [10, 5],
      [15, 7],
    ],
  } as const;
  expect(copiedFrames(copied, { content: 'a' }, [2, 1])).toEqual([
    [15, 7],
    [10, 5],
  ]);
  expect(copiedFrames(copied, { content: 'b' }, [1])).toBeNull();
  expect(copiedFrames(copied, { content: 'a' }, [1, 3])).toBeNull();
  expect(copiedFrames(copied, { content: 'a' }, [0])).toBeNull();
  expect(copiedFrames(undefined, { content: 'a' }, [1])).toBeNull();
});
