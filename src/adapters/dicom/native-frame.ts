import type { HeaderPixels } from '../../imaging/index.ts';
// Itself, not the domain's index: a thread would load the catalogue and the person index with that.
import { frameBytesOf } from '../../imaging/view-copy.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { type DecodedFrame, decodeFrame } from './codecs.ts';
import type { OriginalFrame } from './copy-frame.ts';
import { LOSSLESS_JPEG } from './lossless-jpeg.ts';
import { decodeRunLength } from './run-length.ts';
import { encodingOf } from './transfer-syntax.ts';

/** Why a frame cannot be had as the words its header describes: no codec that loses nothing, or it is not what its header says. */
export type NativeProblem = 'unsupported' | 'malformed';

const RLE = '1.2.840.10008.1.2.5';
/** Syntaxes that lose nothing by definition and have a codec (PS3.5 annex A). */
const CODECS: ReadonlySet<string> = new Set([
  ...LOSSLESS_JPEG,
  '1.2.840.10008.1.2.4.80',
  '1.2.840.10008.1.2.4.90',
  '1.2.840.10008.1.2.4.201',
  '1.2.840.10008.1.2.4.202',
]);
/** What means the same decoded and stored. YBR_RCT does not: it ends with the code stream that it is a property of. */
const PHOTOMETRIC: ReadonlySet<string> = new Set([
  'MONOCHROME1',
  'MONOCHROME2',
  'PALETTE COLOR',
  'RGB',
  'YBR_FULL',
]);
const PIXELS_MAX = 100_000_000;
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
/** Syntaxes that may have lost something, and have a codec. Near-lossless JPEG-LS, JPEG 2000 and HTJ2K need not have. */
const LOSSY: ReadonlySet<string> = new Set([
  JPEG_BASELINE,
  '1.2.840.10008.1.2.4.81',
  '1.2.840.10008.1.2.4.91',
  '1.2.840.10008.1.2.4.203',
]);
/** Syntaxes whose code streams say themselves that colours were transformed, and whose codec undoes it (PS3.5 §8.2.4). */
const WAVELETS = /^1\.2\.840\.10008\.1\.2\.4\.(90|91|201|202|203)$/;

/** Whether frames of this syntax can be had uncompressed, the very same samples. */
export const isReversible = (transferSyntaxUid: string): boolean =>
  transferSyntaxUid === RLE || CODECS.has(transferSyntaxUid) || !encodingOf(transferSyntaxUid).encapsulated;

/** The colours that a codec hands out, where it does not hand out those that the header names. */
const decodedColours = (photometric: string, transferSyntaxUid: string): string => {
  if (WAVELETS.test(transferSyntaxUid) && /^YBR_(RCT|ICT)$/.test(photometric)) return 'RGB';
  if (transferSyntaxUid === JPEG_BASELINE && /^YBR_FULL(_422)?$/.test(photometric)) return 'RGB';
  return photometric;
};

/** Whether the header says of itself whether something was lost: decoded, nothing else would (PS3.3 §C.7.6.1.1.5). */
const saysWhatWasLost = ({ lossyImageCompression }: HeaderPixels, transferSyntaxUid: string): boolean =>
  lossyImageCompression === '01' ||
  !LOSSY.has(transferSyntaxUid) ||
  (lossyImageCompression === '00' && transferSyntaxUid !== JPEG_BASELINE);

/**
 * What the header of a compressed instance has to say of its pixels when they are decoded.
 *
 * @returns null where they cannot be, or where nothing would tell any more that something was lost
 */
export const plainPixels = (pixels: HeaderPixels, transferSyntaxUid: string): HeaderPixels | null => {
  const isDecoded = isReversible(transferSyntaxUid) || LOSSY.has(transferSyntaxUid);
  if (!isDecoded || !saysWhatWasLost(pixels, transferSyntaxUid)) return null;
  const stored = pixels.photometricInterpretation ?? '';
  const photometricInterpretation = decodedColours(stored, transferSyntaxUid);
  // The codec takes colours without a word about them for YBR, whatever the header says.
  const isGuessed = transferSyntaxUid === JPEG_BASELINE && stored === 'RGB';
  if (isGuessed || !PHOTOMETRIC.has(photometricInterpretation)) return null;
  const isColour = (pixels.samplesPerPixel ?? 1) > 1;
  return {
    ...pixels,
    photometricInterpretation,
    planarConfiguration: isColour ? (pixels.planarConfiguration ?? 0) : pixels.planarConfiguration,
  };
};

/** Samples by pixel as samples by plane. */
const planes = (bytes: Uint8Array, components: number, size: number): Uint8Array => {
  const pixels = bytes.length / components / size;
  const made = new Uint8Array(bytes.length);
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let component = 0; component < components; component++)
      for (let byte = 0; byte < size; byte++)
        made[(component * pixels + pixel) * size + byte] = bytes[
          (pixel * components + component) * size + byte
        ] as number;
  return made;
};

/** Decoded samples in as many bytes as the header allots; undefined where samples and header do not agree. */
const allotted = (decoded: DecodedFrame, pixels: HeaderPixels): Uint8Array | undefined => {
  const { rows, columns, bitsAllocated, bitsStored, highBit } = pixels;
  const isSigned = pixels.pixelRepresentation === 1;
  const precision = decoded.bitsPerSample;
  const isDescribed =
    decoded.width === columns &&
    decoded.height === rows &&
    decoded.componentCount === (pixels.samplesPerPixel ?? 1) &&
    (highBit ?? 0) + 1 === bitsStored &&
    precision <= (bitsAllocated ?? 0) &&
    // Fewer bits than are stored tell nothing of a sign that the codec does not know of.
    (!isSigned || decoded.isSigned || precision >= (bitsStored ?? 0));
  if (!isDescribed) return undefined;
  const size = precision <= 8 ? 1 : 2;
  if (size * 8 === bitsAllocated) return decoded.bytes;
  if (size !== 1 || bitsAllocated !== 16) return undefined;
  const wide = new Uint16Array(decoded.bytes.length);
  for (const [at, value] of decoded.bytes.entries())
    wide[at] = isSigned && decoded.isSigned ? (value << 24) >> 24 : value;
  return new Uint8Array(wide.buffer);
};

const uncompressed = (
  bytes: Uint8Array,
  pixels: HeaderPixels,
  bigEndian: boolean,
): Uint8Array | undefined => {
  const length = frameBytesOf(pixels);
  if (bytes.length !== length && bytes.length !== length + (length % 2)) return undefined;
  const own = new Uint8Array(bytes.subarray(0, length));
  if (bigEndian && pixels.bitsAllocated === 16) Buffer.from(own.buffer).swap16();
  else if (bigEndian && pixels.bitsAllocated === 32) Buffer.from(own.buffer).swap32();
  return own;
};

const decode = async ({
  frame,
  transferSyntaxUid,
  pixels,
}: OriginalFrame): Promise<Uint8Array | undefined> => {
  const { rows, columns, bitsAllocated } = pixels;
  const components = pixels.samplesPerPixel ?? 1;
  const { encapsulated, bigEndian } = encodingOf(transferSyntaxUid);
  if (!rows || !columns || !bitsAllocated) return undefined;
  if (!encapsulated) return uncompressed(frame, pixels, bigEndian);
  const size = bitsAllocated / 8;
  const bytes =
    transferSyntaxUid === RLE
      ? decodeRunLength(frame, rows * columns, size, components)
      : allotted(await decodeFrame(frame, transferSyntaxUid), pixels);
  if (bytes?.length !== frameBytesOf(pixels)) return undefined;
  return components > 1 && pixels.planarConfiguration === 1 ? planes(bytes, components, size) : bytes;
};

/** A frame within the bounds of what is decoded, as its header says. */
const native = async (original: OriginalFrame): Promise<Result<Uint8Array, NativeProblem>> => {
  const { pixels } = original;
  const isKnown =
    PHOTOMETRIC.has(pixels.photometricInterpretation ?? '') &&
    [8, 16, 32].includes(pixels.bitsAllocated ?? 0) &&
    (pixels.rows ?? 0) * (pixels.columns ?? 0) <= PIXELS_MAX;
  if (!isKnown) return fail('unsupported');
  try {
    const bytes = await decode(original);
    return bytes ? ok(bytes) : fail('malformed');
  } catch {
    return fail('malformed');
  }
};

/**
 * A frame as uncompressed little endian words, laid out as its header says, with no sample changed (PS3.5 §8.1.1). What may have
 * lost something on its way is not decoded: it would look like an original.
 */
export const nativeFrame = async (original: OriginalFrame): Promise<Result<Uint8Array, NativeProblem>> =>
  isReversible(original.transferSyntaxUid) ? native(original) : fail('unsupported');

/** A frame of an instance that goes out decoded, with a header that says so. */
export interface FrameToDecode extends OriginalFrame {
  /** Header as stored; the samples come out as `plainPixels` of it says. */
  readonly isForHeader: true;
}

/** A frame as uncompressed little endian words, laid out as `plainPixels` says: also of what lost something when it was stored. */
export const plainFrame = async (original: OriginalFrame): Promise<Result<Uint8Array, NativeProblem>> => {
  const pixels = plainPixels(original.pixels, original.transferSyntaxUid);
  return pixels ? native({ ...original, pixels }) : fail('unsupported');
};
