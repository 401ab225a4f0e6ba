import { describe, expect, it } from 'vitest';
import type { ViewedImage } from './image.ts';
import { cutAt, cutCount, type SliceVolume, transposed, volumeShape } from './reslice.ts';
import { stackOf } from './stack.ts';

const COLUMNS = 4;
const ROWS = 3;
const SLICES = 10;

/** Each pixel tells where it is: slice, row, column. */
const volume: SliceVolume = {
  columns: COLUMNS,
  rows: ROWS,
  slices: Array.from({ length: SLICES }, (_, k) =>
    Int16Array.from(
      { length: COLUMNS * ROWS },
      (__, n) => k * 100 + Math.floor(n / COLUMNS) * 10 + (n % COLUMNS),
    ),
  ),
  spacingMm: [0.5, 0.7, 2],
  origin: [10, 20, 30],
  rowDirection: [1, 0, 0],
  columnDirection: [0, 1, 0],
  sliceDirection: [0, 0, -1],
};

const image = (number: number, change: Partial<ViewedImage> = {}): ViewedImage => ({
  imageId: `wadors:x/${number}`,
  sopInstanceUid: `1.${number}`,
  frame: 1,
  instanceNumber: number,
  rows: ROWS,
  columns: COLUMNS,
  position: [0, 0, -number * 2],
  rowDirection: [1, 0, 0],
  columnDirection: [0, 1, 0],
  spacingMm: [0.7, 0.5],
  sliceThicknessMm: 2,
  lossy: false,
  scale: 'plane',
  magnification: null,
  pixelAspect: 1,
  hasCentimetres: false,
  statedDirections: null,
  isInverse: false,
  ...change,
});
const stackWith = (change: (number: number) => Partial<ViewedImage>) =>
  stackOf(Array.from({ length: SLICES }, (_, number) => image(number, change(number))));

describe('cutting a volume', () => {
  it('takes one row of every slice', () => {
    const cut = cutAt(volume, 'along-rows', 1);
    expect([cut.columns, cut.rows]).toEqual([COLUMNS, SLICES]);
    expect(Array.from(cut.pixels.slice(0, 4))).toEqual([10, 11, 12, 13]);
    expect(Array.from(cut.pixels.slice(36))).toEqual([910, 911, 912, 913]);
    expect(cut.spacingMm).toEqual([2, 0.5]);
    expect(cut.origin).toEqual([10, 20.7, 30]);
  });

  it('takes one column of every slice', () => {
    const cut = cutAt(volume, 'along-columns', 2);
    expect([cut.columns, cut.rows]).toEqual([ROWS, SLICES]);
    expect(Array.from(cut.pixels.slice(0, 3))).toEqual([2, 12, 22]);
    expect(cut.spacingMm).toEqual([2, 0.7]);
    expect(cut.origin).toEqual([11, 20, 30]);
    expect(cut.columnDirection).toEqual([0, 0, -1]);
  });

  it('lets the brightest of a thick slab count, also at the edge', () => {
    expect(Array.from(cutAt(volume, 'along-rows', 0, 1).pixels.slice(0, 4))).toEqual([10, 11, 12, 13]);
    expect(Array.from(cutAt(volume, 'along-rows', 2, 9).pixels.slice(0, 4))).toEqual([20, 21, 22, 23]);
  });

  it('gives as many pictures as there are rows or columns', () => {
    expect(cutCount(volume, 'along-rows')).toBe(ROWS);
    expect(cutCount(volume, 'along-columns')).toBe(COLUMNS);
  });

  it('turns a picture and turns it back', () => {
    const cut = cutAt(volume, 'along-columns', 1);
    const turned = transposed(cut);
    expect(turned.pixels[1]).toBe(cut.pixels[ROWS]);
    expect(transposed(turned)).toEqual(cut);
  });
});

describe('what can be cut', () => {
  it('is a stack of even slices', () => {
    const found = volumeShape(stackWith(() => ({})));
    expect(found).toMatchObject({ shape: { spacingMm: [0.5, 0.7, 2], sliceDirection: [0, 0, -1] } });
  });

  it.each([
    ['uneven', stackWith((number) => (number === 4 ? { position: [0, 0, -8.9] } : {}))],
    ['no-places', stackWith(() => ({ position: null }))],
    ['no-places', stackWith(() => ({ spacingMm: null }))],
    ['tilted', stackWith((number) => ({ position: [0, number * 0.5, -number * 2] }))],
    ['sizes-differ', stackWith((number) => (number === 3 ? { rows: 5 } : {}))],
    ['too-few', stackOf([image(1), image(2)])],
  ])('is nothing that is %s', (why, stack) => {
    expect(volumeShape(stack)).toEqual({ why });
  });
});
