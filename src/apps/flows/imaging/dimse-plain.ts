import { pipeline, Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import type { HeaderCorrection } from '../../../adapters/dicom/corrected-head.ts';
import { type BulkPlace, type PlainSyntax, plainTail } from '../../../adapters/dicom/plain-head.ts';
import { encodingOf } from '../../../adapters/dicom/transfer-syntax.ts';
import {
  frameBytesOf,
  frameCount,
  type HeaderPixels,
  type ManifestInstance,
  rangesOfFrame,
} from '../../../imaging/index.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import {
  type OpenInstance,
  readFrame,
  readStoredHeader,
  withFrames,
  withInstance,
} from './instance-bytes.ts';
import { objectPieces } from './outgoing-instance.ts';

/** Behind the bulk stand signatures and padding: more than this is not put into another syntax. */
const TAIL_BYTES_MAX = 64 * 1024;
/** Length of a value in a data set. */
const VALUE_BYTES_MAX = 0xffff_fffe;
/** Of a fragment's item and of the delimiter behind the last one. */
const MARK_BYTES = 8;

const lengthBytes = (length: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes;
};

/** An instance that is put into another syntax. */
interface Plain {
  readonly dependencies: ImagingDependencies;
  readonly instance: ManifestInstance;
  readonly syntax: PlainSyntax;
  readonly head: Uint8Array;
  readonly pixels: HeaderPixels;
}

/** A frame as it goes out; null where it cannot be read or decoded. */
const frameOf = async (
  { dependencies, instance, pixels }: Plain,
  open: OpenInstance,
  frame: number,
): Promise<Uint8Array | null> => {
  const stored = await readFrame(instance, open, frame);
  if (!stored) return null;
  const { transferSyntaxUid } = instance;
  const decoded = await dependencies.renderer.decode({
    frame: stored,
    transferSyntaxUid,
    pixels,
    isForHeader: true,
  });
  return decoded.ok && decoded.value.length === frameBytesOf(pixels) ? decoded.value : null;
};

/** What stands behind the bulk, in the other syntax; null where it cannot be put into it. */
const tailOf = async (
  { instance, syntax }: Plain,
  { object, dataSetOffset }: OpenInstance,
  from: number,
): Promise<Uint8Array | null> => {
  const length = object.size - dataSetOffset - from;
  if (length < 0 || length > TAIL_BYTES_MAX) return null;
  return plainTail(await object.read(dataSetOffset + from, length), instance.transferSyntaxUid, syntax);
};

/** Behind the delimiter of the last fragment; -1 where nobody can tell. From the start of the object. */
const endOfFragments = (instance: ManifestInstance): number => {
  const last = instance.frameRanges?.at(-1)?.at(-1);
  return last ? last[0] + last[1] + MARK_BYTES : -1;
};

/** Decodes frame by frame while they leave. The first is decoded before anything leaves: where it cannot be, nothing does. */
const decodedFrames = async (plain: Plain, open: OpenInstance): Promise<AsyncIterable<Uint8Array> | null> => {
  const { dependencies, instance, head, pixels } = plain;
  const frames = frameCount(instance);
  const length = frameBytesOf(pixels) * frames;
  const isWhole = rangesOfFrame(instance, frames) !== null && instance.frameRanges?.length === frames;
  if (!isWhole || length > VALUE_BYTES_MAX) return null;
  const tail = await tailOf(plain, open, endOfFragments(instance) - open.dataSetOffset);
  const first = tail && (await frameOf(plain, open, 1));
  if (!tail || !first) return null;
  return (async function* () {
    yield head;
    yield lengthBytes(length + (length % 2));
    yield first;
    for (let frame = 2; frame <= frames; frame++) {
      const next = await withInstance(dependencies, instance, (again) => frameOf(plain, again, frame));
      // In the middle of a data set nothing can be said but that it ends.
      if (!next) throw imagingFault('FRAME_NOT_DECODED');
      yield next;
    }
    if (length % 2 === 1) yield new Uint8Array(1);
    yield tail;
  })();
};

/** The bulk of an uncompressed instance, piece by piece. */
const bulkPieces = async function* (
  { dependencies, instance }: Plain,
  { offset, length, isSwapped }: BulkPlace,
  dataSetOffset: number,
): AsyncGenerator<Uint8Array, void, void> {
  let passed = 0;
  for await (const piece of objectPieces(dependencies, instance.content, dataSetOffset + offset, length)) {
    passed += piece.length;
    yield isSwapped ? Buffer.from(piece).swap16() : piece;
  }
  if (passed !== length) throw imagingFault('FRAME_NOT_DECODED');
};

/** The bulk of a deflated instance and what stands behind it, inflated while it leaves. */
const inflatedPieces = async function* (
  { dependencies, instance, syntax }: Plain,
  { offset, length }: BulkPlace,
  stored: number,
  dataSetOffset: number,
): AsyncGenerator<Uint8Array, void, void> {
  // Whoever reads what comes out is told of an error there.
  const inflated = pipeline(
    Readable.from(objectPieces(dependencies, instance.content, dataSetOffset, stored)),
    createInflateRaw(),
    () => undefined,
  ) as unknown as AsyncIterable<Buffer>;
  const behind: Uint8Array[] = [];
  let at = 0;
  let behindBytes = 0;
  for await (const piece of inflated) {
    const wanted = piece.subarray(Math.max(0, offset - at), Math.max(0, offset + length - at));
    const rest = piece.subarray(Math.max(0, offset + length - at));
    at += piece.length;
    if (wanted.length > 0) yield wanted;
    behindBytes += rest.length;
    if (behindBytes > TAIL_BYTES_MAX) throw imagingFault('FRAME_NOT_DECODED');
    behind.push(rest);
  }
  const tail = plainTail(Buffer.concat(behind), instance.transferSyntaxUid, syntax);
  if (at < offset + length || !tail) throw imagingFault('FRAME_NOT_DECODED');
  yield tail;
};

const uncompressed = async (
  plain: Plain,
  bulk: BulkPlace,
  open: OpenInstance,
): Promise<AsyncIterable<Uint8Array> | null> => {
  const { dataSetOffset } = open;
  const stored = open.object.size - dataSetOffset;
  const { deflated } = encodingOf(plain.instance.transferSyntaxUid);
  const tail = deflated ? new Uint8Array() : await tailOf(plain, open, bulk.offset + bulk.length);
  if (!tail || (bulk.isSwapped && bulk.length % 2 === 1)) return null;
  return (async function* () {
    yield plain.head;
    yield lengthBytes(bulk.length);
    if (deflated) return yield* inflatedPieces(plain, bulk, stored, dataSetOffset);
    yield* bulkPieces(plain, bulk, dataSetOffset);
    yield tail;
  })();
};

const only = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
};

/**
 * The data set of a stored instance in implicit or explicit little endian, for a receiver that takes no other: pixels decoded, one
 * frame after the other, and a header that says so. The instance stays the same one, with its UID: what it decodes to is what it
 * means (PS3.3 §C.7.6.1.1.2, §C.7.6.1.1.5).
 *
 * @param assumedCharset by which its texts are read where it names none
 * @returns null where it cannot be put into that syntax
 * @throws FRAME_NOT_DECODED while it is read, where a frame after the first cannot be decoded
 */
export const plainDataSet = (
  dependencies: ImagingDependencies,
  stored: ManifestInstance,
  assumedCharset: string | null,
  correction: HeaderCorrection | null,
  syntax: PlainSyntax,
): Promise<AsyncIterable<Uint8Array> | null> =>
  withInstance(dependencies, stored, async (open) => {
    const instance = await withFrames(stored, open);
    const read = await readStoredHeader(dependencies, instance, open, assumedCharset, {
      plain: syntax,
      ...(correction ? { correction } : {}),
    });
    if (!read.ok || !read.value.plain) return null;
    const { bytes: head, bulk } = read.value.plain;
    if (!bulk) return only(head);
    const plain = { dependencies, instance, syntax, head, pixels: read.value.header.pixels };
    return bulk.length < 0 ? decodedFrames(plain, open) : uncompressed(plain, bulk, open);
  });
