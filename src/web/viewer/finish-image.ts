import { Enums, imageLoader, metaData, type Types, utilities } from '@cornerstonejs/core';
import { wadors } from '@cornerstonejs/dicom-image-loader';
import { describedAs } from './described.ts';
import type { Pixels } from './reslice.ts';
import { type Curve, curveOf, finished, type Finishing } from './stored-values.ts';
import { noteDecoded, orStuck, watchDecoding } from './stuck-decoding.ts';

/** Whether a table of the image shows it, so that its window is of what the table gives. */
export const isShownByTable = (imageId: string): boolean =>
  (describedAs(imageId)?.finishing?.shown ?? null) !== null;

/** How a picture is drawn by its header; one that was cut is drawn through a window. */
export const curveAt = (imageId: string): Curve => {
  const found = describedAs(imageId);
  return found ? curveOf(found.instance, found.image.frame) : 'line';
};

const FUNCTIONS: Readonly<Partial<Record<Curve, string>>> = { sigmoid: 'SIGMOID', exact: 'LINEAR_EXACT' };

type Module = Readonly<Record<string, unknown>>;

/**
 * What the loader says of a picture, mended. It takes millimetres for pixels where a projection has no place in the patient, knows
 * no spacing at the detector, and no shape of a pixel without one; it believes a place and directions that are none; it loses the
 * name of a function; and it must not scale values that are still to be looked up.
 */
const mended = (type: string, imageId: unknown): Module | undefined => {
  const found = typeof imageId === 'string' ? describedAs(imageId) : undefined;
  if (!found) return undefined;
  // The loader asks for this when the bytes are decoded, and nobody else does.
  if (type === Enums.MetadataModules.SOP_COMMON) noteDecoded(imageId as string);
  const { image, finishing } = found;
  const said = (): Module => (wadors.metaData.metaDataProvider(type, imageId as string) ?? {}) as Module;
  if (type === Enums.MetadataModules.IMAGE_PLANE) {
    const [rowPixelSpacing, columnPixelSpacing] = image.spacingMm ?? [image.pixelAspect, 1];
    const { position, rowDirection, columnDirection } = image;
    return {
      ...said(),
      ...(position ? {} : { imagePositionPatient: undefined }),
      ...(rowDirection && columnDirection
        ? {}
        : { imageOrientationPatient: undefined, rowCosines: undefined, columnCosines: undefined }),
      pixelSpacing: [rowPixelSpacing, columnPixelSpacing],
      rowPixelSpacing,
      columnPixelSpacing,
      usingDefaultValues: image.spacingMm === null,
    };
  }
  if (type === Enums.MetadataModules.VOI_LUT)
    return { ...said(), voiLUTFunction: [FUNCTIONS[curveAt(image.imageId)] ?? 'LINEAR'] };
  if (!finishing?.words) return undefined;
  if (type === Enums.MetadataModules.MODALITY_LUT) return { ...said(), rescaleSlope: 1, rescaleIntercept: 0 };
  if (type === Enums.MetadataModules.IMAGE_PIXEL) {
    const pixel = said();
    return { ...pixel, bitsStored: pixel['bitsAllocated'], highBit: Number(pixel['bitsAllocated']) - 1 };
  }
  return undefined;
};

const rangeOf = (pixels: Pixels): readonly [number, number] => {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of pixels) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
};

/** The picture with its values finished: tools read those of the modality, what draws those for the screen. */
const withFinished = (image: Types.IImage, finishing: Finishing, stated: Module): Types.IImage => {
  const { rows, columns } = image;
  const loaded = image.getPixelData() as Pixels;
  const isScaled = finishing.words !== null || image.preScale?.scaled === true;
  const { slope, intercept } = image;
  const meant = isScaled ? loaded : Float32Array.from(loaded, (value) => value * slope + intercept);
  const { values, shown } = finished(meant, finishing, rows * columns);
  const voxels = utilities.VoxelManager.createImageVoxelManager({
    scalarData: values,
    width: columns,
    height: rows,
    numberOfComponents: 1,
  });
  const drawn = shown ?? values;
  if (shown) voxels.getScalarData = () => shown;
  const [low, high] = rangeOf(drawn);
  const bits = finishing.shown?.bits ?? 0;
  const hasWindow = Array.isArray(stated['windowCenter']) && Array.isArray(stated['windowWidth']);
  const window = shown
    ? { windowCenter: 2 ** (bits - 1), windowWidth: 2 ** bits }
    : hasWindow
      ? {}
      : utilities.windowLevel.toWindowLevel(low, high);
  return Object.assign(image, {
    ...window,
    ...(shown ? { voiLUTFunction: 'LINEAR' } : {}),
    voxelManager: voxels,
    getPixelData: () => values,
    dataType: drawn.constructor.name,
    minPixelValue: low,
    maxPixelValue: high,
    slope: 1,
    intercept: 0,
    preScale: { ...image.preScale, enabled: true, scaled: true },
    sizeInBytes: values.byteLength + (shown?.byteLength ?? 0),
  });
};

/** Puts what is said here before what the loader says, and finishes what it loads. Once, after the loader has started. */
export const finishLoaded = (): void => {
  metaData.addProvider(mended, 1_000);
  watchDecoding(window);
  imageLoader.registerImageLoader('wadors', (imageId, options) => {
    const loading = wadors.loadImage(imageId, options as Parameters<typeof wadors.loadImage>[1]);
    const finishing = describedAs(imageId)?.finishing;
    const loaded = orStuck(imageId, loading.promise);
    if (!finishing) return { ...loading, promise: loaded } as never;
    const stated = (metaData.get(Enums.MetadataModules.VOI_LUT, imageId) ?? {}) as Module;
    return {
      ...loading,
      promise: loaded.then((image) => withFinished(image as Types.IImage, finishing, stated)),
    } as never;
  });
};
