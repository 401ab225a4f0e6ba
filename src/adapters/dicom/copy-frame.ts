import type { HeaderPixels } from '../../imaging/index.ts';
// Itself, not the domain's index: a thread would load the catalogue and the person index with that.
import { frameBytesOf, VIEW_COPY_SYNTAX } from '../../imaging/view-copy.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { type DecodedFrame, decodeFrame, encodeHtj2k, hasCodec } from './codecs.ts';
import { encodingOf } from './transfer-syntax.ts';

/** A frame of which a view copy is wanted. */
export interface OriginalFrame {
  /** As stored: native samples, or one frame's code stream. */
  readonly frame: Uint8Array;
  readonly transferSyntaxUid: string;
  readonly pixels: HeaderPixels;
}

/** Why a frame has no copy: it is not what its header says, or the copy is not the same. */
export type CopyProblem = 'malformed' | 'unequal';

/** The original's samples as little endian words, whole, with whatever stands above the stored bits. */
const samplesOf = async ({
  frame,
  transferSyntaxUid,
  pixels,
}: OriginalFrame): Promise<DecodedFrame | undefined> => {
  const { rows: height, columns: width, bitsAllocated } = pixels;
  if (!height || !width || !bitsAllocated) return undefined;
  if (hasCodec(transferSyntaxUid)) {
    const decoded = await decodeFrame(frame, transferSyntaxUid);
    const isSame = decoded.width === width && decoded.height === height;
    return isSame ? { ...decoded, bitsPerSample: decoded.bitsPerSample <= 8 ? 8 : 16 } : undefined;
  }
  const length = frameBytesOf(pixels);
  // One byte more where the value was filled up to an even length.
  if (frame.length !== length && frame.length !== length + (length % 2)) return undefined;
  const bytes = new Uint8Array(frame.subarray(0, length));
  if (encodingOf(transferSyntaxUid).bigEndian && bitsAllocated === 16) Buffer.from(bytes.buffer).swap16();
  return {
    bytes,
    width,
    height,
    bitsPerSample: bitsAllocated,
    componentCount: pixels.samplesPerPixel ?? 1,
    isSigned: pixels.pixelRepresentation === 1,
  };
};

const isSame = (one: DecodedFrame, other: DecodedFrame): boolean =>
  one.width === other.width &&
  one.height === other.height &&
  one.bitsPerSample === other.bitsPerSample &&
  one.componentCount === other.componentCount &&
  one.isSigned === other.isSigned &&
  Buffer.compare(one.bytes, other.bytes) === 0;

/**
 * Copies a frame as HTJ2K without loss, decodes the copy again and compares every sample. A copy that comes out otherwise
 * is none.
 */
export const copyFrame = async (original: OriginalFrame): Promise<Result<Uint8Array, CopyProblem>> => {
  const samples = await samplesOf(original).catch(() => undefined);
  if (!samples) return fail('malformed');
  try {
    const encoded = await encodeHtj2k(samples);
    return isSame(samples, await decodeFrame(encoded, VIEW_COPY_SYNTAX)) ? ok(encoded) : fail('unequal');
  } catch {
    return fail('unequal');
  }
};
