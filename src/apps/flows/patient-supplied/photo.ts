import type { ObjectStore } from '../../../adapters/objects/file-objects.ts';
import type { StoredPhoto } from '../../../adapters/postgres/corrections.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import { PHOTO_FAULTS } from './photo-faults.ts';

const raise = raiser(PHOTO_FAULTS);

const startsWith = (bytes: Uint8Array, ...head: readonly number[]): boolean =>
  head.every((byte, index) => bytes[index] === byte);

/** Brands of ISO base media files that hold HEIF pictures, as telephones make them. */
const HEIF_BRANDS = /^ftyp(heic|heix|hevc|hevx|heim|heis|mif1|msf1|avif)$/;

/**
 * What a file is by its own first bytes; what its sender calls it counts for nothing.
 *
 * @returns the media type, or PHOTO_HEIC, PHOTO_TYPE_UNSUPPORTED
 */
export const photoMediaType = (
  bytes: Uint8Array,
): Result<'image/jpeg' | 'image/png' | 'application/pdf', Fault> => {
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return ok('image/jpeg');
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return ok('image/png');
  if (startsWith(bytes, 0x25, 0x50, 0x44, 0x46, 0x2d)) return ok('application/pdf');
  const isHeif = HEIF_BRANDS.test(Buffer.from(bytes.subarray(4, 12)).toString('latin1'));
  return fail(raise(isHeif ? 'PHOTO_HEIC' : 'PHOTO_TYPE_UNSUPPORTED'));
};

/**
 * Puts a photo into the object store, encrypted and named by its content.
 *
 * @returns where it lies, or PHOTO_HEIC, PHOTO_TYPE_UNSUPPORTED
 * @throws OBJECT_STORE_FULL, OBJECT_STORE_UNREACHABLE
 */
export const storePhoto = async (
  objects: ObjectStore,
  bytes: Uint8Array,
): Promise<Result<StoredPhoto, Fault>> => {
  const mediaType = photoMediaType(bytes);
  if (!mediaType.ok) return mediaType;
  return ok({ object: await objects.put(bytes), mediaType: mediaType.value, size: bytes.length });
};
