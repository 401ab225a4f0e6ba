import type { HeaderPixels } from '../../imaging/index.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { decodeFrame, encodeJpeg, hasCodec } from './codecs.ts';
import { enlarged, laidOut, type Region, type Shape } from './frame-layout.ts';
import { type FrameDisplay, lookedUp, PLAIN_DISPLAY, type WindowFunction } from './frame-display.ts';
import { LOSSLESS_JPEG } from './lossless-jpeg.ts';
import { encodePng } from './png.ts';
import { decodeRunLength } from './run-length.ts';
import { encodingOf } from './transfer-syntax.ts';

/** How a frame is to be drawn. */
export interface Drawing {
  readonly mediaType: 'image/jpeg' | 'image/png';
  /** JPEG quality, 1 to 100. */
  readonly quality: number;
  /** Longest sides; the picture keeps its proportions. null: its own size. */
  readonly widthMax: number | null;
  readonly heightMax: number | null;
  /** True: enlarged, too, until it meets one of them. Absent: only made smaller. */
  readonly isEnlarged?: boolean;
  /** What of the frame is drawn; absent: all of it. */
  readonly region?: Region;
  /** Window asked for, as a line where it says nothing else; null: that of the header, else the range of the values. */
  readonly window: {
    readonly center: number;
    readonly width: number;
    readonly windowFunction?: WindowFunction;
  } | null;
}

/** A frame to be drawn. */
export interface FramePicture {
  /** As stored: native samples, or one frame's code stream. */
  readonly frame: Uint8Array;
  readonly transferSyntaxUid: string;
  readonly pixels: HeaderPixels;
  /** What the header asks for beside; absent: nothing. */
  readonly display?: FrameDisplay;
  readonly drawing: Drawing;
}

/** Why a frame cannot be drawn. */
export type RenderProblem = 'unsupported' | 'malformed' | 'too-large' | 'outside';

const PIXELS_MAX = 100_000_000;
const RLE = '1.2.840.10008.1.2.5';

interface Samples {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Value of a component of a pixel. */
  readonly at: (pixel: number, component: number) => number;
}

const signed = (value: number, bits: number): number =>
  value >= 2 ** (bits - 1) ? value - 2 ** bits : value;

/** Reads samples of 1, 8, 16 or 32 bits, planes or pixels. */
const nativeSamples = (bytes: Uint8Array, pixels: HeaderPixels, bigEndian: boolean): Samples | undefined => {
  const { rows, columns, bitsAllocated, bitsStored, highBit, pixelRepresentation, planarConfiguration } =
    pixels;
  const components = pixels.samplesPerPixel ?? 1;
  if (!rows || !columns || !bitsAllocated) return undefined;
  const count = rows * columns;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bitsAllocated / 8;
  if (bitsAllocated !== 1 && bytes.length < count * components * size) return undefined;
  const index = (pixel: number, component: number) =>
    planarConfiguration === 1 ? component * count + pixel : pixel * components + component;
  const stored = bitsStored ?? bitsAllocated;
  const shift = Math.max(0, (highBit ?? stored - 1) + 1 - stored);
  const mask = 2 ** stored - 1;
  const value = (raw: number): number => {
    const kept = stored === 32 ? raw : (raw >>> shift) & mask;
    return pixelRepresentation === 1 ? signed(kept, stored) : kept;
  };
  const shape = { width: columns, height: rows, components };
  switch (bitsAllocated) {
    case 1:
      return { ...shape, at: (pixel) => ((bytes[pixel >> 3] ?? 0) >> (pixel & 7)) & 1 };
    case 8:
      return { ...shape, at: (pixel, component) => value(bytes[index(pixel, component)] as number) };
    case 16:
      return {
        ...shape,
        at: (pixel, component) => value(view.getUint16(index(pixel, component) * 2, !bigEndian)),
      };
    case 32:
      return {
        ...shape,
        at: (pixel, component) => value(view.getUint32(index(pixel, component) * 4, !bigEndian)),
      };
    default:
      return undefined;
  }
};

const decodedSamples = async (picture: FramePicture): Promise<Samples | undefined> => {
  const { bytes, width, height, bitsPerSample, componentCount, isSigned } = await decodeFrame(
    picture.frame,
    picture.transferSyntaxUid,
  );
  const isTwosComplement = isSigned || picture.pixels.pixelRepresentation === 1;
  return nativeSamples(
    bytes,
    {
      ...picture.pixels,
      rows: height,
      columns: width,
      samplesPerPixel: componentCount,
      bitsAllocated: bitsPerSample <= 8 ? 8 : 16,
      // Signed samples come out extended to the whole word.
      bitsStored: isTwosComplement ? (bitsPerSample <= 8 ? 8 : 16) : bitsPerSample,
      highBit: (isTwosComplement ? (bitsPerSample <= 8 ? 8 : 16) : bitsPerSample) - 1,
      planarConfiguration: 0,
    },
    false,
  );
};

const samplesOf = async (picture: FramePicture): Promise<Samples | undefined> => {
  const { transferSyntaxUid, pixels, frame } = picture;
  if (hasCodec(transferSyntaxUid)) return decodedSamples(picture);
  if (transferSyntaxUid === RLE) {
    const { rows, columns, bitsAllocated } = pixels;
    const decoded = decodeRunLength(
      frame,
      (rows ?? 0) * (columns ?? 0),
      (bitsAllocated ?? 8) / 8,
      pixels.samplesPerPixel ?? 1,
    );
    return decoded && nativeSamples(decoded, { ...pixels, planarConfiguration: 0 }, false);
  }
  return nativeSamples(frame, pixels, encodingOf(transferSyntaxUid).bigEndian);
};

/** From a stored value to what the modality means by it. */
const meaningOf = ({ pixels, display }: FramePicture): ((stored: number) => number) => {
  const table = display?.modalityTable;
  if (table) return (stored) => lookedUp(table, stored);
  const slope = display?.rescale?.slope ?? pixels.rescaleSlope ?? 1;
  const intercept = display?.rescale?.intercept ?? pixels.rescaleIntercept ?? 0;
  return (stored) => stored * slope + intercept;
};

/** Window that was asked for, else of the frame, else of the header, else the whole range of values (PS3.3 §C.11.2.1.2). In values of the modality. */
const windowOf = (
  { pixels, drawing, display }: FramePicture,
  { at, width, height }: Samples,
  meaning: (stored: number) => number,
  windowFunction: FrameDisplay['windowFunction'],
) => {
  if (drawing.window) return drawing.window;
  const center = display?.window?.center ?? pixels.windowCenters[0];
  const windowWidth = display?.window?.width ?? pixels.windowWidths[0];
  // A window that is no plain line may be narrower than one.
  const narrowest = windowFunction === 'LINEAR' ? 1 : Number.MIN_VALUE;
  if (center !== undefined && windowWidth !== undefined && windowWidth >= narrowest)
    return { center, width: windowWidth };
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const value = meaning(at(pixel, 0));
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return { center: (lowest + highest + 1) / 2, width: Math.max(1, highest - lowest + 1) };
};

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : Math.round(value));

/** From a value of the modality to a grey level, 0 to 255 before it is clamped (PS3.3 §C.11.2.1.2 and §C.11.2.1.3). */
const levelOf = (
  picture: FramePicture,
  samples: Samples,
  meaning: (stored: number) => number,
): ((value: number) => number) => {
  const { window } = picture.drawing;
  // A window that is asked for stands in the place of all that the header says.
  const { windowTable, windowFunction } = window
    ? { windowTable: null, windowFunction: window.windowFunction ?? 'LINEAR' }
    : (picture.display ?? PLAIN_DISPLAY);
  if (windowTable) {
    const most = 2 ** windowTable.bits - 1;
    return (value) => (lookedUp(windowTable, value) * 255) / most;
  }
  const { center, width } = windowOf(picture, samples, meaning, windowFunction);
  if (windowFunction === 'SIGMOID') return (value) => 255 / (1 + Math.exp((-4 * (value - center)) / width));
  if (windowFunction === 'LINEAR_EXACT') return (value) => ((value - center) / width + 0.5) * 255;
  if (width <= 1) return (value) => (value > center - 0.5 ? 255 : 0);
  return (value) => ((value - (center - 0.5)) / (width - 1) + 0.5) * 255;
};

const grey = (picture: FramePicture, samples: Samples, shape: Shape): Uint8Array => {
  const meaning = meaningOf(picture);
  const level = levelOf(picture, samples, meaning);
  const isInverted = picture.pixels.photometricInterpretation === 'MONOCHROME1';
  const drawn = new Uint8Array(shape.width * shape.height);
  for (let y = 0, target = 0; y < shape.height; y++)
    for (let x = 0; x < shape.width; x++, target++) {
      const shade = clamp(level(meaning(samples.at(shape.sourceOf(x, y), 0))));
      drawn[target] = isInverted ? 255 - shade : shade;
    }
  return drawn;
};

/** Colour as RGB; YBR by ITU-R BT.601 (PS3.3 §C.7.6.3.1.2). Codecs hand out RGB already; that of lossless JPEG knows of no colours. */
const colour = ({ pixels, transferSyntaxUid }: FramePicture, { at }: Samples, shape: Shape): Uint8Array => {
  const shift = Math.max(0, (pixels.bitsStored ?? 8) - 8);
  const isYbr =
    pixels.photometricInterpretation?.startsWith('YBR_FULL') === true &&
    (!hasCodec(transferSyntaxUid) || LOSSLESS_JPEG.has(transferSyntaxUid));
  const drawn = new Uint8Array(shape.width * shape.height * 3);
  for (let y = 0, target = 0; y < shape.height; y++)
    for (let x = 0; x < shape.width; x++, target += 3) {
      const source = shape.sourceOf(x, y);
      const [one, two, three] = [0, 1, 2].map((component) => at(source, component) >> shift) as [
        number,
        number,
        number,
      ];
      drawn[target] = isYbr ? clamp(one + 1.402 * (three - 128)) : one;
      drawn[target + 1] = isYbr ? clamp(one - 0.344136 * (two - 128) - 0.714136 * (three - 128)) : two;
      drawn[target + 2] = isYbr ? clamp(one + 1.772 * (two - 128)) : three;
    }
  return drawn;
};

/** Whether frames in a transfer syntax are drawn at all. */
export const isDrawn = (transferSyntaxUid: string): boolean =>
  !encodingOf(transferSyntaxUid).encapsulated || hasCodec(transferSyntaxUid) || transferSyntaxUid === RLE;

/** Draws a frame as a picture for the screen. */
export const renderFrame = async (picture: FramePicture): Promise<Result<Uint8Array, RenderProblem>> => {
  const { pixels, drawing, transferSyntaxUid } = picture;
  if ((pixels.rows ?? 0) * (pixels.columns ?? 0) > PIXELS_MAX) return fail('too-large');
  if (!isDrawn(transferSyntaxUid)) return fail('unsupported');
  if (
    pixels.photometricInterpretation === 'PALETTE COLOR' ||
    pixels.photometricInterpretation === 'YBR_FULL_422'
  )
    if (!hasCodec(transferSyntaxUid)) return fail('unsupported');
  let samples: Samples | undefined;
  try {
    samples = await samplesOf(picture);
  } catch {
    return fail('malformed');
  }
  if (!samples || samples.width * samples.height > PIXELS_MAX) return fail('malformed');
  const layout = laidOut(samples, drawing, (picture.display ?? PLAIN_DISPLAY).pixelAspect);
  if (!layout) return fail('outside');
  const { shape } = layout;
  const componentCount = samples.components >= 3 ? 3 : 1;
  const own = componentCount === 3 ? colour(picture, samples, shape) : grey(picture, samples, shape);
  const drawn = layout.enlargement ? enlarged(own, componentCount, shape, layout.enlargement) : own;
  const { width, height } = layout.enlargement ?? shape;
  const of = { width, height, componentCount } as const;
  return ok(
    drawing.mediaType === 'image/png' ? encodePng(drawn, of) : await encodeJpeg(drawn, of, drawing.quality),
  );
};
