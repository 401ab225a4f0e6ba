import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vector, ViewedImage } from './image.ts';
import { linkAt, linkByMiddle, linkedIndex, reversed, stackOf } from './stack.ts';

const AXIAL = { rowDirection: [1, 0, 0], columnDirection: [0, 1, 0] } as const;
const SAGITTAL = { rowDirection: [0, 1, 0], columnDirection: [0, 0, -1] } as const;

const image = (
  number: number,
  position: Vector | null,
  directions: { readonly rowDirection: Vector | null; readonly columnDirection: Vector | null } = AXIAL,
): ViewedImage => ({
  imageId: `wadors:x/${number}`,
  sopInstanceUid: `1.2.${number}`,
  frame: 1,
  instanceNumber: number,
  rows: 512,
  columns: 512,
  position,
  ...directions,
  spacingMm: [0.7, 0.7],
  sliceThicknessMm: 1,
  lossy: false,
  scale: 'plane',
  magnification: null,
  pixelAspect: 1,
  hasCentimetres: false,
  statedDirections: null,
  isInverse: false,
});

const axial = (placesMm: readonly number[]) =>
  stackOf(placesMm.map((z, index) => image(index + 1, [0, 0, z])));

describe('the order of a stack', () => {
  it('goes from the head to the feet, whichever way the numbers run', () => {
    const up = stackOf([image(1, [0, 0, 10]), image(2, [0, 0, 20]), image(3, [0, 0, 30])]);
    const down = stackOf([image(3, [0, 0, 10]), image(2, [0, 0, 20]), image(1, [0, 0, 30])]);
    expect(up.images.map(({ position }) => position?.[2])).toEqual([30, 20, 10]);
    expect(down.images.map(({ position }) => position?.[2])).toEqual([30, 20, 10]);
    expect(up.axis).toBe('head-feet');
    expect(up.spacingMm).toBe(10);
  });

  it('goes from the right side to the left where the slices are sagittal', () => {
    const stack = stackOf([
      image(1, [40, 0, 0], SAGITTAL),
      image(2, [-40, 0, 0], SAGITTAL),
      image(3, [0, 0, 0], SAGITTAL),
    ]);
    expect(stack.axis).toBe('side');
    expect(stack.images.map(({ position }) => position?.[0])).toEqual([-40, 0, 40]);
  });

  it('keeps the numbers where two pictures lie at one place: several passes are not one volume', () => {
    const stack = stackOf([image(2, [0, 0, 0]), image(1, [0, 0, 0]), image(3, [0, 0, 5])]);
    expect(stack.images.map(({ instanceNumber }) => instanceNumber)).toEqual([1, 2, 3]);
    expect(stack.placesMm).toBeNull();
  });

  it('keeps the numbers where planes differ or a place is missing', () => {
    for (const odd of [image(1, [0, 0, 0], SAGITTAL), image(1, null)]) {
      const stack = stackOf([image(3, [0, 0, 1]), odd, image(2, [0, 0, 2])]);
      expect(stack.images.map(({ instanceNumber }) => instanceNumber)).toEqual([1, 2, 3]);
    }
  });

  it('tells where a slice is missing', () => {
    expect(axial([0, 1, 2, 4, 5]).gapsAfter).toEqual([1]);
    expect(axial([0, 1, 2, 3]).gapsAfter).toEqual([]);
  });

  it('loses no picture and invents none', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -500, max: 500, noNaN: true }), { maxLength: 40 }), (places) => {
        const stack = axial(places);
        expect(new Set(stack.images.map(({ imageId }) => imageId)).size).toBe(places.length);
      }),
    );
  });
});

describe('linked scrolling', () => {
  const today = axial(Array.from({ length: 300 }, (_, index) => index));
  // Another table position, slices five times as thick.
  const prior = axial(Array.from({ length: 60 }, (_, index) => 1_000 + index * 5));

  it('goes by place in millimetres, not by number', () => {
    const link = linkByMiddle(today, prior);
    const at = linkedIndex(today, 150, prior, link) as number;
    const moved = linkedIndex(today, 160, prior, link) as number;
    expect(Math.abs(at - 30)).toBeLessThanOrEqual(1);
    expect(moved - at).toBe(2);
  });

  it('keeps together what the reader brought together', () => {
    const link = linkAt(today, 100, prior, 40);
    expect(linkedIndex(today, 100, prior, link)).toBe(40);
    expect(linkedIndex(today, 110, prior, link)).toBe(42);
    expect(linkedIndex(prior, 40, today, reversed(link))).toBe(100);
  });

  it('shows nothing where the other examination does not reach', () => {
    const short = axial([0, 1, 2, 3, 4, 5]);
    expect(linkedIndex(today, 299, short, { offsetMm: 0 })).toBe(5);
    expect(linkedIndex(today, 0, short, { offsetMm: 0 })).toBeNull();
  });

  it('goes by share of the whole where the planes differ', () => {
    const sagittal = stackOf(
      Array.from({ length: 21 }, (_, index) => image(index + 1, [index, 0, 0], SAGITTAL)),
    );
    const link = linkByMiddle(today, sagittal);
    expect(link.offsetMm).toBeNull();
    expect(linkedIndex(today, 0, sagittal, link)).toBe(0);
    expect(linkedIndex(today, 299, sagittal, link)).toBe(20);
  });

  it('comes back to within one slice of the thicker stack', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 280 }), (at) => {
        const link = linkByMiddle(today, prior);
        const there = linkedIndex(today, at, prior, link) as number;
        const back = linkedIndex(prior, there, today, reversed(link)) as number;
        expect(Math.abs(back - at)).toBeLessThanOrEqual(5);
      }),
    );
  });
});
