import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DicomJson } from './dicom-json.ts';
import { askFrame, pictureOf, takeFirstPicture } from './first-picture.ts';
import type { ViewedImage } from './image.ts';

const IMAGE: ViewedImage = {
  imageId: 'wadors:/dicom-web/studies/1/series/2/instances/3/frames/1',
  sopInstanceUid: '3',
  frame: 1,
  instanceNumber: 1,
  rows: 1,
  columns: 4,
  position: null,
  rowDirection: null,
  columnDirection: null,
  spacingMm: [0.7, 0.7],
  sliceThicknessMm: null,
  lossy: false,
  scale: 'plane',
  magnification: null,
  pixelAspect: 1,
  hasCentimetres: false,
  statedDirections: null,
  isInverse: false,
};
const CT: DicomJson = {
  '00280002': { vr: 'US', Value: [1] },
  '00280004': { vr: 'CS', Value: ['MONOCHROME2'] },
  '00280100': { vr: 'US', Value: [16] },
  '00280101': { vr: 'US', Value: [12] },
  '00280103': { vr: 'US', Value: [0] },
  '00281052': { vr: 'DS', Value: [-1024] },
  '00281053': { vr: 'DS', Value: [1] },
};
const LUNG = { centre: -600, width: 1000 };
/** HU -1024, -600, -100 and 1000. */
const WORDS = new Uint8Array(Uint16Array.of(0, 424, 924, 2024).buffer);

const greyOf = (bytes: Uint8Array, instance: DicomJson, window: typeof LUNG | null = LUNG): number[] => {
  const picture = pictureOf(bytes, instance, IMAGE, window);
  return Array.from({ length: 4 }, (_, at) => picture?.rgba[at * 4] ?? Number.NaN);
};

describe('the picture that a series opens with', () => {
  test('is shown through its window', () => {
    expect(greyOf(WORDS, CT)).toEqual([19, 128, 255, 255]);
  });

  test('is turned from light to dark where the header says so', () => {
    const inverted = { ...CT, '00280004': { vr: 'CS', Value: ['MONOCHROME1'] } };
    expect(greyOf(WORDS, inverted)).toEqual([236, 127, 0, 0]);
  });

  test('takes the header for its window, else all its values', () => {
    const windowed = {
      ...CT,
      '00281050': { vr: 'DS', Value: [-600] },
      '00281051': { vr: 'DS', Value: [1] },
    };
    expect(greyOf(WORDS, windowed, null)).toEqual([0, 255, 255, 255]);
    expect(greyOf(WORDS, CT, null)).toEqual([0, 53, 116, 255]);
  });

  test('has signs, from the bit that the header says', () => {
    const signed = {
      ...CT,
      '00280103': { vr: 'US', Value: [1] },
      '00281052': { vr: 'DS', Value: [0] },
    };
    const words = new Uint8Array(Uint16Array.of(0x0c00, 0xfda8, 0x0000, 0x07ff).buffer);
    // -1024, -600, 0, 2047.
    expect(greyOf(words, signed)).toEqual([19, 128, 255, 255]);
  });

  test.each([
    ['colour', { '00280002': { vr: 'US', Value: [3] } }],
    ['a palette', { '00280004': { vr: 'CS', Value: ['PALETTE COLOR'] } }],
    ['32 bits', { '00280100': { vr: 'US', Value: [32] } }],
    ['a curve of the modality', { '00283000': { vr: 'SQ', Value: [{}] } }],
    ['a curve for the screen', { '00283010': { vr: 'SQ', Value: [{}] } }],
    ['a window that is no line', { '00281056': { vr: 'CS', Value: ['SIGMOID'] } }],
    ['values that differ by frame', { '52009229': { vr: 'SQ', Value: [{}] } }],
  ] as const)('of %s waits for the code that draws', (_what, more) => {
    expect(pictureOf(WORDS, { ...CT, ...more }, IMAGE, LUNG)).toBeNull();
  });

  test('of pixels that are not square, or fewer than the header says, waits too', () => {
    expect(pictureOf(WORDS, CT, { ...IMAGE, spacingMm: [0.7, 0.9] }, LUNG)).toBeNull();
    expect(pictureOf(WORDS.subarray(0, 6), CT, IMAGE, LUNG)).toBeNull();
  });
});

describe('fetched', () => {
  afterEach(() => vi.unstubAllGlobals());
  const answering = (type: string, status = 200) => {
    const asked: Request[] = [];
    vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
      asked.push(new Request(`http://x${address}`, init));
      return new Response(WORDS, { status, headers: { 'content-type': type } });
    });
    return asked;
  };
  const fetched = async () =>
    takeFirstPicture(await askFrame(IMAGE, new AbortController().signal), CT, IMAGE, LUNG);

  test('as it is stored it needs no decoder, and is asked for as the loader will ask', async () => {
    const asked = answering('application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1');
    expect(await fetched()).toMatchObject({ width: 4, height: 1 });
    expect(asked.map(({ url }) => url)).toEqual([
      'http://x/dicom-web/studies/1/series/2/instances/3/frames/1',
    ]);
    expect(asked[0]?.headers.get('accept')).toContain('image/jphc');
  });

  test('in a syntax of its own, or not at all, it waits', async () => {
    answering('application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.50');
    expect(await fetched()).toBeNull();
    answering('application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1', 503);
    expect(await fetched()).toBeNull();
  });
});
