import { type DicomJson, itemsAt, numberAt, TAG, textAt } from './dicom-json.ts';
import { FRAME_ACCEPT } from './addresses.ts';
import type { ViewedImage } from './image.ts';
import type { ShownWindow } from './room.ts';
import { versionedAddress } from './versions.ts';
import { windowRange } from './window-range.ts';

/** The picture that a series opens with, as red, green, blue and cover of each pixel. */
export interface FirstPicture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** Tags beside those of `TAG` that say how stored values are shown. */
const HOW = {
  photometric: '00280004',
  samples: '00280002',
  bitsAllocated: '00280100',
  bitsStored: '00280101',
  representation: '00280103',
  intercept: '00281052',
  slope: '00281053',
  windowFunction: '00281056',
  modalityLut: '00283000',
  windowLut: '00283010',
} as const;

let tell: () => void = () => undefined;
/** Resolves when the first picture of the page is on the screen, or is known to wait for the code that draws. */
const firstSettled = new Promise<void>((resolve) => {
  tell = resolve;
});
/** Tells so. */
export const settleFirst = (): void => tell();

/**
 * Draws it, and tells so when it is on the screen. On a canvas of the processor's: for one of the graphics card's the browser would
 * first make a surface, for which everything else stands still.
 *
 * @returns what keeps that from being told
 */
export const drawFirst = (canvas: HTMLCanvasElement, { width, height, rgba }: FirstPicture): (() => void) => {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.putImageData(new ImageData(rgba, width, height), 0, 0);
  const frame = requestAnimationFrame(() => {
    performance.mark('first-pixels');
    // Behind this frame: what waits for it keeps the page busy.
    setTimeout(settleFirst);
  });
  return () => cancelAnimationFrame(frame);
};

/**
 * Waits until the first picture is on the screen or waits for the code that draws itself, and no longer than some time: over a slow
 * line, and in a tab that nobody looks at, it may not come for long.
 */
export const firstOrAfter = (timeMaxMs: number): Promise<void> =>
  Promise.race([firstSettled, new Promise<void>((resolve) => setTimeout(resolve, timeMaxMs))]);

const VIEW_COPY = '1.2.840.10008.1.2.4.202';
/** Stored as they are, least significant byte first. */
const NATIVE: readonly string[] = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1.99'];
const PIXELS_MAX = 16_000_000;

/** Whether a header is plain enough to be shown by its values alone: grey, square pixels, a linear window. */
const isPlain = (instance: DicomJson, { rows, columns, spacingMm, pixelAspect }: ViewedImage): boolean => {
  const bits = numberAt(instance, HOW.bitsAllocated);
  const [down, across] = spacingMm ?? [1, 1];
  return (
    rows * columns <= PIXELS_MAX &&
    (bits === 8 || bits === 16) &&
    (numberAt(instance, HOW.samples) ?? 1) === 1 &&
    (numberAt(instance, TAG.highBit) ?? -1) < (numberAt(instance, HOW.bitsStored) ?? bits) &&
    pixelAspect === 1 &&
    /^MONOCHROME[12]$/.test(textAt(instance, HOW.photometric) ?? '') &&
    /^(LINEAR|LINEAR_EXACT)?$/.test(textAt(instance, HOW.windowFunction) ?? '') &&
    Math.abs(down / across - 1) < 0.001 &&
    [HOW.modalityLut, HOW.windowLut, TAG.sharedGroups, TAG.frameGroups].every(
      (tag) => itemsAt(instance, tag).length === 0,
    )
  );
};

/** Values of a frame as they are stored, with their sign. */
const valuesOf = (bytes: Uint8Array, instance: DicomJson): Int32Array => {
  const isWide = numberAt(instance, HOW.bitsAllocated) === 16;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shift = 32 - (numberAt(instance, HOW.bitsStored) ?? (isWide ? 16 : 8));
  const isSigned = numberAt(instance, HOW.representation) === 1;
  // A plain loop: a call for each of a quarter of a million values takes four times as long.
  const values = new Int32Array(isWide ? bytes.length >> 1 : bytes.length);
  for (let at = 0; at < values.length; at++) {
    const word = isWide ? view.getUint16(at * 2, true) : (bytes[at] as number);
    values[at] = isSigned ? (word << shift) >> shift : word;
  }
  return values;
};

/** Lowest and highest value of a window: the one given, else the header's, else all values. In units after rescaling. */
const rangeOf = (
  values: Int32Array,
  instance: DicomJson,
  opens: ShownWindow | null,
): readonly [lowest: number, highest: number] => {
  const isExact = textAt(instance, HOW.windowFunction) === 'LINEAR_EXACT';
  if (opens) return windowRange(opens.centre, opens.width, isExact);
  const centre = numberAt(instance, TAG.windowCenter);
  const width = numberAt(instance, TAG.windowWidth);
  if (centre !== null && width !== null && width >= 1) return windowRange(centre, width, isExact);
  const slope = numberAt(instance, HOW.slope) ?? 1;
  const intercept = numberAt(instance, HOW.intercept) ?? 0;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return [lowest * slope + intercept, highest * slope + intercept];
};

/**
 * Shows a frame's stored values through a window, as the code that draws will show it too.
 *
 * @param bytes of the frame, least significant byte first
 * @param opens window in which the series opens; null: the header's
 * @returns null where the header asks for more than that, or the frame is not what it says
 */
export const pictureOf = (
  bytes: Uint8Array,
  instance: DicomJson,
  image: ViewedImage,
  opens: ShownWindow | null,
): FirstPicture | null => {
  const { rows: height, columns: width } = image;
  if (!isPlain(instance, image)) return null;
  const values = valuesOf(bytes, instance);
  if (values.length < width * height) return null;
  const slope = numberAt(instance, HOW.slope) ?? 1;
  const intercept = numberAt(instance, HOW.intercept) ?? 0;
  const [lowest, highest] = rangeOf(values, instance, opens);
  const scale = 255 / Math.max(1e-6, highest - lowest);
  const isInverted = textAt(instance, HOW.photometric) === 'MONOCHROME1';
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const level = ((values[pixel] as number) * slope + intercept - lowest) * scale;
    const grey = isInverted ? 255 - level : level;
    rgba[pixel * 4] = grey;
    rgba[pixel * 4 + 1] = grey;
    rgba[pixel * 4 + 2] = grey;
    rgba[pixel * 4 + 3] = 255;
  }
  return { width, height, rgba };
};

/** Asks for the frame of a picture. */
export const askFrame = (image: ViewedImage, signal: AbortSignal): Promise<Response> =>
  fetch(versionedAddress(image.imageId.slice('wadors:'.length)), {
    headers: { accept: FRAME_ACCEPT },
    signal,
  });

/**
 * Takes and shows the picture that a series opens with while the code that draws is still on its way. The browser keeps the
 * frame, so that code finds it there.
 *
 * @param answer to the request for its frame
 * @returns null where it has to wait for that code
 */
export const takeFirstPicture = async (
  answer: Response,
  instance: DicomJson,
  image: ViewedImage,
  opens: ShownWindow | null,
): Promise<FirstPicture | null> => {
  const syntax =
    /^[^;]+; *transfer-syntax=([\d.]+)$/.exec(answer.headers.get('content-type') ?? '')?.[1] ?? '';
  const isShown = answer.ok && isPlain(instance, image);
  // It comes beside the frame.
  const decoding = isShown && syntax === VIEW_COPY ? import('./first-decoder.ts') : null;
  const [bytes, decoder] = await Promise.all([
    answer.arrayBuffer().then((buffer) => new Uint8Array(buffer)),
    decoding?.then(async ({ firstDecoder }) => firstDecoder()),
  ]);
  if (decoder) return pictureOf(decoder(bytes), instance, image, opens);
  return isShown && NATIVE.includes(syntax) ? pictureOf(bytes, instance, image, opens) : null;
};
