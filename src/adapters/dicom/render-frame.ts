import type { HeaderPixels } from '../../imaging/index.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { decodeFrame, encodeJpeg, hasCodec } from './codecs.ts';
import { encodePng } from './png.ts';
import { decodeRunLength } from './run-length.ts';
import { encodingOf } from './transfer-syntax.ts';

/** How a frame is to be drawn. */
export interface Drawing {
  readonly mediaType: 'image/jpeg' | 'image/png';
  /** JPEG quality, 1 to 100. */
  readonly quality: number;
  /** Longest sides; the picture keeps its proportions and is never enlarged. null: its own size. */
  readonly widthMax: number | null;
  readonly heightMax: number | null;
  /** Window asked for; null: that of the header, else the range of the values. */
  readonly window: { readonly center: number; readonly width: number } | null;
}

/** A frame to be drawn. */
export interface FramePicture {
  /** As stored: native samples, or one frame's code stream. */
  readonly frame: Uint8Array;
  readonly transferSyntaxUid: string;
  readonly pixels: HeaderPixels;
  readonly drawing: Drawing;
}

/** Why a frame cannot be drawn. */
export type RenderProblem = 'unsupported' | 'malformed' | 'too-large';

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

/** Which pixel of the frame stands at each pixel of the picture, row by row. */
const sampled = ({ width, height }: Samples, { widthMax, heightMax }: Drawing) => {
  const scale = Math.min(1, (widthMax ?? width) / width, (heightMax ?? height) / height);
  const shown = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const column = (x: number) => Math.min(width - 1, Math.floor(((x + 0.5) * width) / shown.width));
  const row = (y: number) => Math.min(height - 1, Math.floor(((y + 0.5) * height) / shown.height));
  return { ...shown, sourceOf: (x: number, y: number) => row(y) * width + column(x) };
};

/** Window of the header, else the whole range of values (PS3.3 §C.11.2.1.2). In units after rescaling. */
const windowOf = ({ pixels, drawing }: FramePicture, { at, width, height }: Samples) => {
  const slope = pixels.rescaleSlope ?? 1;
  const intercept = pixels.rescaleIntercept ?? 0;
  if (drawing.window) return { ...drawing.window, slope, intercept };
  const [center] = pixels.windowCenters;
  const [windowWidth] = pixels.windowWidths;
  if (center !== undefined && windowWidth !== undefined && windowWidth >= 1)
    return { center, width: windowWidth, slope, intercept };
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const value = at(pixel, 0) * slope + intercept;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return { center: (lowest + highest + 1) / 2, width: Math.max(1, highest - lowest + 1), slope, intercept };
};

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : Math.round(value));

/** Linear windowing with the formula of PS3.3 §C.11.2.1.2.1. */
const grey = (picture: FramePicture, samples: Samples, shape: ReturnType<typeof sampled>): Uint8Array => {
  const { center, width, slope, intercept } = windowOf(picture, samples);
  const isInverted = picture.pixels.photometricInterpretation === 'MONOCHROME1';
  const drawn = new Uint8Array(shape.width * shape.height);
  for (let y = 0, target = 0; y < shape.height; y++)
    for (let x = 0; x < shape.width; x++, target++) {
      const value = samples.at(shape.sourceOf(x, y), 0) * slope + intercept;
      const level =
        width <= 1 ? (value > center - 0.5 ? 255 : 0) : ((value - (center - 0.5)) / (width - 1) + 0.5) * 255;
      drawn[target] = isInverted ? 255 - clamp(level) : clamp(level);
    }
  return drawn;
};

/** Colour as RGB; YBR by ITU-R BT.601 (PS3.3 §C.7.6.3.1.2). Codecs hand out RGB already. */
const colour = (
  { pixels, transferSyntaxUid }: FramePicture,
  { at }: Samples,
  shape: ReturnType<typeof sampled>,
): Uint8Array => {
  const shift = Math.max(0, (pixels.bitsStored ?? 8) - 8);
  const isYbr =
    pixels.photometricInterpretation?.startsWith('YBR_FULL') === true && !hasCodec(transferSyntaxUid);
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

/** Draws a frame as a picture for the screen. */
export const renderFrame = async (picture: FramePicture): Promise<Result<Uint8Array, RenderProblem>> => {
  const { pixels, drawing, transferSyntaxUid } = picture;
  if ((pixels.rows ?? 0) * (pixels.columns ?? 0) > PIXELS_MAX) return fail('too-large');
  const { encapsulated } = encodingOf(transferSyntaxUid);
  if (encapsulated && !hasCodec(transferSyntaxUid) && transferSyntaxUid !== RLE) return fail('unsupported');
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
  const shape = sampled(samples, drawing);
  const componentCount = samples.components >= 3 ? 3 : 1;
  const drawn = componentCount === 3 ? colour(picture, samples, shape) : grey(picture, samples, shape);
  const of = { width: shape.width, height: shape.height, componentCount } as const;
  return ok(
    drawing.mediaType === 'image/png' ? encodePng(drawn, of) : await encodeJpeg(drawn, of, drawing.quality),
  );
};
