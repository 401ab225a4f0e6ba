import { promisify } from 'node:util';
import { constants, createZstdCompress, deflateSync, inflate, inflateSync, zstdDecompress } from 'node:zlib';
import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import { type Pieces, sizeOf, SLICE_BYTES } from '../../../adapters/keys/large-content.ts';
import type { ObjectKey, ObjectStore } from '../../../adapters/objects/file-objects.ts';
import type { KeptBody } from '../../../adapters/postgres/messages.ts';

/** What keeping bodies needs. */
export interface BodyKeeping {
  readonly keys: KeyRing;
  readonly objects: ObjectStore;
}

/** Bodies that are larger than this after compression go to the object store. */
const INLINE_MAX_BYTES = 1024 * 1024;

// Fast compression with small tables: a message of twenty results is a few kilobytes.
const COMPRESSION = { level: 1, memLevel: 7, windowBits: 13 } as const;

/** Above this another thread compresses; below, handing the work over costs more than the work. */
const AT_ONCE_MAX_BYTES = 256 * 1024;

/** First bytes of a Zstandard frame (RFC 8878 §3.1.1); a zlib stream begins with 78 or less. */
const ZSTANDARD_MAGIC = Buffer.from('28b52ffd', 'hex');

/**
 * Compresses in another thread; what comes back stays in pieces, because joining them would hold up this one. Zstandard,
 * because an attachment in Base64 takes deflate ten times as long for the same size.
 */
const compressAside = async (bytes: Uint8Array): Promise<Pieces> => {
  const pieces: Uint8Array[] = [];
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  const compressing = createZstdCompress({ params, chunkSize: SLICE_BYTES });
  compressing.end(bytes);
  for await (const piece of compressing as AsyncIterable<Uint8Array>) pieces.push(piece);
  return pieces;
};

const inflateAside = promisify<Uint8Array, Uint8Array>(inflate);
const decompressAside = promisify<Uint8Array, Uint8Array>(zstdDecompress);

/**
 * Compresses and encrypts a message as received. Large ones are durable in the object store when this returns; should
 * the transaction fail afterwards, the object is left over and does no harm.
 *
 * @param context what the seal is bound to, so that a body moved to another row does not open
 */
export const keepBody = async (
  { keys, objects }: BodyKeeping,
  bytes: Uint8Array,
  context: string,
): Promise<KeptBody> => {
  const compressed =
    bytes.length > AT_ONCE_MAX_BYTES ? await compressAside(bytes) : [deflateSync(bytes, COMPRESSION)];
  if (sizeOf(compressed) > INLINE_MAX_BYTES)
    return { bytes: null, object: await objects.put(compressed), size: bytes.length, keyId: null };
  const sealed = keys.seal(Buffer.concat(compressed), context);
  return { bytes: sealed.bytes, object: null, size: bytes.length, keyId: sealed.keyId };
};

/** The bytes of a kept body as they were received. */
export const openBody = async (
  { keys, objects }: BodyKeeping,
  body: KeptBody,
  context: string,
): Promise<Uint8Array> => {
  const compressed =
    body.object === null
      ? keys.open({ keyId: body.keyId ?? '', bytes: body.bytes ?? new Uint8Array() }, context)
      : await objects.get(body.object as ObjectKey);
  if (body.size <= AT_ONCE_MAX_BYTES) return inflateSync(compressed);
  const isZstandard = ZSTANDARD_MAGIC.equals(compressed.subarray(0, ZSTANDARD_MAGIC.length));
  return isZstandard ? decompressAside(compressed) : inflateAside(compressed);
};

/** What the seal of an accepted message's body is bound to. */
export const messageSeal = (senderKey: string, controlId: string): string =>
  `message|${senderKey}|${controlId}`;

/** What the seal of a quarantined message's body is bound to. */
export const quarantineSeal = (bodyHash: string): string => `quarantine|${bodyHash}`;
