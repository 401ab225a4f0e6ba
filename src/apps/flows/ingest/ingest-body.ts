import { promisify } from 'node:util';
import { constants, createZstdCompress, deflateSync, inflate, inflateSync, zstdDecompress } from 'node:zlib';
import type { LiftedMessage } from '../../../adapters/hl7v2/lift-attachments.ts';
import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import { type Pieces, sizeOf, SLICE_BYTES } from '../../../adapters/keys/large-content.ts';
import type { ObjectKey, ObjectStore } from '../../../adapters/objects/file-objects.ts';
import type { KeptBody } from '../../../adapters/postgres/messages.ts';
import { isAroundAttachments, packAround, unpackAround } from './attached-body.ts';

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

const compress = async (bytes: Uint8Array): Promise<Pieces> =>
  bytes.length > AT_ONCE_MAX_BYTES ? compressAside(bytes) : [deflateSync(bytes, COMPRESSION)];

const decompress = async (compressed: Uint8Array, size: number): Promise<Uint8Array> => {
  if (size <= AT_ONCE_MAX_BYTES) return inflateSync(compressed);
  const isZstandard = ZSTANDARD_MAGIC.equals(compressed.subarray(0, ZSTANDARD_MAGIC.length));
  return isZstandard ? decompressAside(compressed) : inflateAside(compressed);
};

/** A packed body: in the object store and durable, or to be sealed where it will lie. */
export type PackedBody = { readonly object: ObjectKey } | { readonly packed: Uint8Array };

const placeOf = async (objects: ObjectStore, pieces: Pieces): Promise<PackedBody> =>
  sizeOf(pieces) > INLINE_MAX_BYTES
    ? { object: await objects.put(pieces) }
    : { packed: Buffer.concat(pieces) };

/**
 * Packs a message as received. What was lifted out of it is durable in the object store when this returns, and is not kept a
 * second time as Base64.
 */
export const packBody = async (
  objects: ObjectStore,
  bytes: Uint8Array,
  lifted?: { readonly message: LiftedMessage; readonly sha256: string },
): Promise<PackedBody> =>
  placeOf(
    objects,
    lifted
      ? await packAround(objects, bytes, lifted.message, lifted.sha256, compress)
      : await compress(bytes),
  );

/** Seals a packed body of a message of `size` bytes. @param context what the seal is bound to */
export const sealBody = (keys: KeyRing, body: PackedBody, size: number, context: string): KeptBody => {
  if ('object' in body) return { bytes: null, object: body.object, size, keyId: null };
  const sealed = keys.seal(body.packed, context);
  return { bytes: sealed.bytes, object: null, size, keyId: sealed.keyId };
};

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
): Promise<KeptBody> => sealBody(keys, await packBody(objects, bytes), bytes.length, context);

/** The bytes of a kept body as they were received. @throws OBJECT_MISSING, OBJECT_DAMAGED */
export const openBody = async (
  { keys, objects }: BodyKeeping,
  body: KeptBody,
  context: string,
): Promise<Uint8Array> => {
  const packed =
    body.object === null
      ? keys.open({ keyId: body.keyId ?? '', bytes: body.bytes ?? new Uint8Array() }, context)
      : await objects.get(body.object as ObjectKey);
  return isAroundAttachments(packed)
    ? unpackAround(objects, packed, body.size, decompress)
    : decompress(packed, body.size);
};

/** What the seal of an accepted message's body is bound to. */
export const messageSeal = (senderKey: string, controlId: string): string =>
  `message|${senderKey}|${controlId}`;

/** What the seal of a quarantined message's body is bound to. */
export const quarantineSeal = (bodyHash: string): string => `quarantine|${bodyHash}`;
