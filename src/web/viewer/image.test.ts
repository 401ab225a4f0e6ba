import { describe, expect, it } from 'vitest';
import type { DicomJson } from './dicom-json.ts';
import { frameTimeMsOf, imagesOf, lettersOf } from './image.ts';
import { keyImagesOf, keyOf } from './key-images.ts';

const instance = (change: Record<string, unknown[]>): DicomJson =>
  Object.fromEntries(
    Object.entries({ '00080018': ['1.2.3'], '00280010': [512], '00280011': [256], ...change }).map(
      ([tag, Value]) => [tag, { vr: 'UN', Value }],
    ),
  );

describe('the pictures of an instance', () => {
  it('are addressed frame by frame', () => {
    const images = imagesOf(instance({ '00280008': ['3'] }), '/dicom-web/studies/1/series/2');
    expect(images.map(({ imageId }) => imageId)).toEqual([
      'wadors:/dicom-web/studies/1/series/2/instances/1.2.3/frames/1',
      'wadors:/dicom-web/studies/1/series/2/instances/1.2.3/frames/2',
      'wadors:/dicom-web/studies/1/series/2/instances/1.2.3/frames/3',
    ]);
    expect(images[0]).toMatchObject({ rows: 512, columns: 256, position: null, spacingMm: null });
  });

  it('are none where there are no pixels', () => {
    expect(imagesOf(instance({ '00280010': [] }), '/x')).toEqual([]);
  });

  it('take place and plane from the groups of their frame', () => {
    const sequence = (item: Record<string, unknown>) => ({ vr: 'SQ', Value: [item] });
    const place = (z: number) => ({
      '00209113': sequence({ '00200032': { vr: 'DS', Value: [0, 0, z] } }),
    });
    const enhanced: DicomJson = {
      ...instance({ '00280008': [2] }),
      '52009229': sequence({
        '00209116': sequence({ '00200037': { vr: 'DS', Value: [1, 0, 0, 0, 1, 0] } }),
        '00289110': sequence({
          '00280030': { vr: 'DS', Value: ['0.5', '0.6'] },
          '00180050': { vr: 'DS', Value: [3] },
        }),
      }),
      '52009230': { vr: 'SQ', Value: [place(5), place(8)] },
    };
    expect(imagesOf(enhanced, '/x').map(({ position }) => position)).toEqual([
      [0, 0, 5],
      [0, 0, 8],
    ]);
    expect(imagesOf(enhanced, '/x')[1]).toMatchObject({
      rowDirection: [1, 0, 0],
      spacingMm: [0.5, 0.6],
      sliceThicknessMm: 3,
    });
  });

  it('have no spacing where the header’s is nonsense', () => {
    expect(imagesOf(instance({ '00280030': ['0', '0'] }), '/x')[0]?.spacingMm).toBeNull();
    expect(imagesOf(instance({ '00280030': ['abc', '0.5'] }), '/x')[0]?.spacingMm).toBeNull();
    expect(imagesOf(instance({ '00181164': [0.2, 0.2] }), '/x')[0]?.spacingMm).toEqual([0.2, 0.2]);
  });

  it('take the letters of a projection as stated, and no nonsense', () => {
    const stated = (...letters: string[]) =>
      imagesOf(instance({ '00200020': letters }), '/x')[0]?.statedDirections;
    expect(stated('L', 'F')).toEqual(['L', 'F']);
    expect(stated('AR', 'FL')).toEqual(['AR', 'FL']);
    expect(stated('L')).toBeNull();
    expect(stated('X', '左')).toBeNull();
  });

  it('move at the speed that is stated, and only where they move', () => {
    expect(frameTimeMsOf(instance({ '00280008': [60], '00181063': [33.3] }))).toBe(33.3);
    expect(frameTimeMsOf(instance({ '00280008': [60], '00180040': ['25'] }))).toBe(40);
    expect(frameTimeMsOf(instance({ '00280008': [60] }))).toBeNull();
    expect(frameTimeMsOf(instance({ '00181063': [33.3] }))).toBeNull();
  });
});

it('names directions in the patient by letters', () => {
  expect(lettersOf([1, 0, 0])).toBe('L');
  expect(lettersOf([0, -1, 0])).toBe('A');
  expect(lettersOf([0, 0, -1])).toBe('F');
  expect(lettersOf([0.8, 0.6, 0])).toBe('LP');
});

it('reads the pictures that a selection of key objects points at', () => {
  const reference = (uid: string, frames: number[]) => ({
    '00081199': {
      vr: 'SQ',
      Value: [{ '00081155': { vr: 'UI', Value: [uid] }, '00081160': { vr: 'IS', Value: frames } }],
    },
  });
  const selection: DicomJson = {
    '0040A730': { vr: 'SQ', Value: [reference('1.2', []), reference('1.3', [4, 7]), {}] },
  };
  expect([...keyImagesOf([selection])]).toEqual([
    keyOf({ sopInstanceUid: '1.2', frame: 1 }),
    keyOf({ sopInstanceUid: '1.3', frame: 4 }),
    keyOf({ sopInstanceUid: '1.3', frame: 7 }),
  ]);
});

describe('planes', () => {
  it.each([
    ['zeros', [0, 0, 0, 0, 0, 0]],
    ['not of length one', [2, 0, 0, 0, 2, 0]],
    ['not at right angles', [1, 0, 0, 1, 0, 0]],
    ['five numbers', [1, 0, 0, 0, 1]],
  ])('are none where their directions are %s', (_, orientation) => {
    const [image] = imagesOf(instance({ '00200032': [1, 2, 3], '00200037': orientation }), '/x');
    expect([image?.rowDirection, image?.columnDirection]).toEqual([null, null]);
    expect(image?.position).toEqual([1, 2, 3]);
  });

  it('keep directions that are rounded, and no place beyond all measure', () => {
    const [image] = imagesOf(
      instance({
        '00200032': [0, 0, Number.POSITIVE_INFINITY],
        '00200037': [1, 0, 0, 0, 0.7072, -0.7071],
      }),
      '/x',
    );
    expect(image?.position).toBeNull();
    expect(image?.columnDirection).toEqual([0, 0.7072, -0.7071]);
  });
});
