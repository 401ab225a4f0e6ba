import { createHash } from 'node:crypto';
import { FILE_START_MAX, readFileStart } from '../../../adapters/dicom/read-file-start.ts';
import type { ReadInstance } from '../../../adapters/dicom/header-reader.ts';
import { encodingOf } from '../../../adapters/dicom/transfer-syntax.ts';
import type { ContentHash } from '../../../adapters/objects/image-objects.ts';
import { isObjectLost } from '../../../adapters/objects/lost-object.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { type OpenInstance, readStoredHeader } from './instance-bytes.ts';

/** An object that is not shown, read as far as a case needs it. */
export interface HeldContent {
  readonly content: ContentHash;
  readonly size: number;
  /** Where its data set begins. */
  readonly metaBytes: number;
  readonly read: ReadInstance;
  /** Digest of the pixels; null where there are none, or too many to compare. */
  readonly pixels: string | null;
}

/** What is compared of the pixels of one instance: a large image has less. */
const COMPARED_BYTES_MAX = 64 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

const pixelDigest = async (
  { object, dataSetOffset }: OpenInstance,
  { pixels, header }: ReadInstance,
): Promise<string | null> => {
  if (!pixels || encodingOf(header.transferSyntaxUid).deflated) return null;
  const from = dataSetOffset + pixels.offset;
  const length = pixels.length < 0 ? object.size - from : Math.min(pixels.length, object.size - from);
  if (length <= 0 || length > COMPARED_BYTES_MAX) return null;
  const digest = createHash('sha256');
  for (let at = 0; at < length; at += PIECE_BYTES)
    digest.update(await object.read(from + at, Math.min(PIECE_BYTES, length - at)));
  return digest.digest('hex');
};

/**
 * Reads a kept object by what it says of itself: our own meta group stands before its data set.
 *
 * @param withPixels whether its pixels are to be compared with another's
 * @returns null for one that is gone, altered, or cannot be read
 */
export const readHeld = async (
  dependencies: ImagingDependencies,
  content: string,
  assumedCharset: string | null,
  withPixels: boolean,
): Promise<HeldContent | null> => {
  const hash = content as ContentHash;
  try {
    const object = await dependencies.images.open(hash);
    try {
      const start = readFileStart(await object.read(0, Math.min(FILE_START_MAX, object.size)));
      if (!start) return null;
      const open = { object, dataSetOffset: start.dataSetOffset };
      const read = await readStoredHeader(dependencies, start, open, assumedCharset);
      if (!read.ok) return null;
      return {
        content: hash,
        size: object.size,
        metaBytes: start.dataSetOffset,
        read: read.value,
        pixels: withPixels ? await pixelDigest(open, read.value) : null,
      };
    } finally {
      await object.close();
    }
  } catch (error) {
    if (isObjectLost(error)) return null;
    throw error;
  }
};
