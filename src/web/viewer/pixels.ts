import { cache } from '@cornerstonejs/core';
import type { Pixels } from './reslice.ts';

/** Pixels of a fetched picture as the modality means them (HU for CT); null where it is not there or in colour. */
export const pixelsOf = (imageId: string): Pixels | null => {
  const image = cache.getImage(imageId);
  if (!image || image.color) return null;
  const pixels = image.getPixelData() as Pixels;
  const { slope, intercept } = image;
  if (image.preScale?.scaled || (slope === 1 && intercept === 0)) return pixels;
  return Float32Array.from(pixels, (value) => value * slope + intercept);
};

/** Value of one pixel as the modality means it; null where the picture is not there, or in colour, or does not reach so far. */
export const valueAt = (imageId: string, column: number, row: number): number | null => {
  const image = cache.getImage(imageId);
  if (!image || image.color || column < 0 || row < 0 || column >= image.columns || row >= image.rows)
    return null;
  const value = (image.getPixelData() as Pixels)[row * image.columns + column] as number;
  return image.preScale?.scaled ? value : value * image.slope + image.intercept;
};
