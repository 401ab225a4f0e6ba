import type { HeaderPixels } from './instance.ts';
import type { ManifestInstance } from './manifest.ts';

/**
 * High-Throughput JPEG 2000, reversible, with the smaller resolutions first (PS3.5 §10.18): the syntax of every view copy.
 */
export const VIEW_COPY_SYNTAX = '1.2.840.10008.1.2.4.202';

/** The same without a word about the order: each stream of `VIEW_COPY_SYNTAX` is one of these too. */
const LOSSLESS_HTJ2K = '1.2.840.10008.1.2.4.201';

/** Syntaxes by whose name a view copy may be asked for, and sent. */
export const VIEW_COPY_SYNTAXES: readonly string[] = [VIEW_COPY_SYNTAX, LOSSLESS_HTJ2K];

/**
 * Why an instance has no view copy.
 *
 * - `no-pixels`: nothing to look at
 * - `quick-already`: compressed in a syntax that is decoded about as fast
 * - `lossy`: pixels depend on the decoder, so none can be proven equal
 * - `no-decoder`: nothing decodes the original where copies are made
 * - `bits`: samples of other than 8 or 16 bits, or signed ones of 8
 * - `colour`: other than grey and RGB by pixel
 * - `too-large`, `too-slow`: beyond the limits of the thread that encodes
 * - `malformed`: the original's pixels are not what its header says
 * - `unequal`: the copy, decoded, was not the original's pixels
 * - `unreadable`: the original's object is missing or damaged
 */
export type NoCopyReason =
  | 'no-pixels'
  | 'quick-already'
  | 'lossy'
  | 'no-decoder'
  | 'bits'
  | 'colour'
  | 'too-large'
  | 'too-slow'
  | 'malformed'
  | 'unequal'
  | 'unreadable';

const NATIVE: ReadonlySet<string> = new Set([
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.1.99',
  '1.2.840.10008.1.2.2',
]);
/** Reversible by its name. A frame of a CT takes a browser some 50 ms. */
const JPEG_2000_LOSSLESS = '1.2.840.10008.1.2.4.90';
/** RLE, JPEG-LS, HTJ2K: reversible, and some milliseconds a frame. */
const QUICK: ReadonlySet<string> = new Set([
  '1.2.840.10008.1.2.5',
  '1.2.840.10008.1.2.4.80',
  ...VIEW_COPY_SYNTAXES,
]);
/** JPEG lossless: reversible, and not decoded where copies are made. */
const UNDECODED: ReadonlySet<string> = new Set(['1.2.840.10008.1.2.4.57', '1.2.840.10008.1.2.4.70']);

/** What one frame may hold uncompressed: larger than any detector, smaller than what would crowd out the rest. */
const FRAME_BYTES_MAX = 128 * 1024 * 1024;

/** Bytes of one frame, uncompressed. */
export const frameBytesOf = ({ rows, columns, samplesPerPixel, bitsAllocated }: HeaderPixels): number =>
  (rows ?? 0) * (columns ?? 0) * (samplesPerPixel ?? 1) * ((bitsAllocated ?? 0) / 8);

/** Why no view copy is even tried; null where one is. */
export const whyNotTried = (
  { transferSyntaxUid, pixelOffset }: Pick<ManifestInstance, 'transferSyntaxUid' | 'pixelOffset'>,
  pixels: HeaderPixels | undefined,
): NoCopyReason | null => {
  if (pixelOffset === null || !pixels || !pixels.rows || !pixels.columns) return 'no-pixels';
  if (QUICK.has(transferSyntaxUid)) return 'quick-already';
  if (UNDECODED.has(transferSyntaxUid)) return 'no-decoder';
  if (!NATIVE.has(transferSyntaxUid) && transferSyntaxUid !== JPEG_2000_LOSSLESS) return 'lossy';
  const { bitsAllocated, pixelRepresentation, samplesPerPixel, photometricInterpretation } = pixels;
  if (bitsAllocated !== 8 && bitsAllocated !== 16) return 'bits';
  if (bitsAllocated === 8 && pixelRepresentation === 1) return 'bits';
  if (frameBytesOf(pixels) > FRAME_BYTES_MAX) return 'too-large';
  if ((samplesPerPixel ?? 1) === 1)
    return /^MONOCHROME[12]$/.test(photometricInterpretation ?? '') ? null : 'colour';
  const isByPixel =
    transferSyntaxUid === JPEG_2000_LOSSLESS
      ? photometricInterpretation === 'RGB' || photometricInterpretation === 'YBR_RCT'
      : photometricInterpretation === 'RGB' && (pixels.planarConfiguration ?? 0) === 0;
  return isByPixel && samplesPerPixel === 3 && bitsAllocated === 8 ? null : 'colour';
};

/** The copied frames of one instance. */
export interface CopiedInstance {
  readonly sopInstanceUid: string;
  /** SHA-256 of the original's object: of this content and no other it is a copy. */
  readonly content: string;
  /** Where each frame lies in the packed object. */
  readonly frames: readonly (readonly [offset: number, length: number])[];
}

/** What a view copy of a series holds: one packed object of frames, and of which instances they are. */
export interface ViewCopyIndex {
  readonly format: 1;
  readonly transferSyntaxUid: string;
  readonly copied: readonly CopiedInstance[];
  /** Instances that are looked at as they came, and why. */
  readonly left: readonly { readonly sopInstanceUid: string; readonly reason: NoCopyReason }[];
}

/**
 * Where copied frames lie; null unless there is a copy of this very content with each of them.
 *
 * @param frames counted from 1
 */
export const copiedFrames = (
  copied: CopiedInstance | undefined,
  { content }: Pick<ManifestInstance, 'content'>,
  frames: readonly number[],
): readonly (readonly [offset: number, length: number])[] | null => {
  if (!copied || copied.content !== content) return null;
  const found = frames.map((frame) => copied.frames[frame - 1]);
  return found.every((range) => range !== undefined) ? found : null;
};
