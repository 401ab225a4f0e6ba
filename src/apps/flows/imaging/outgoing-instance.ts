import { pipeline, Readable } from 'node:stream';
import { createDeflateRaw, createInflateRaw } from 'node:zlib';
import type { CorrectedHead, HeaderCorrection } from '../../../adapters/dicom/corrected-head.ts';
import { encodingOf } from '../../../adapters/dicom/transfer-syntax.ts';
import { writeMeta } from '../../../adapters/dicom/write-part10.ts';
import type { ContentHash } from '../../../adapters/objects/image-objects.ts';
import type { ManifestInstance } from '../../../imaging/index.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { readStoredHeader, withInstance } from './instance-bytes.ts';

const PIECE_BYTES = 1024 * 1024;

/** Headers of one answer that are tried together: each waits for its object, and somebody waits for all of them. */
export const HEADERS_AT_A_TIME = 8;

/** Bytes of an object from one place to another, piece by piece. */
export const objectPieces = async function* (
  { images }: Pick<ImagingDependencies, 'images'>,
  content: string,
  from: number,
  length: number,
): AsyncGenerator<Uint8Array, void, void> {
  const object = await images.open(content as ContentHash);
  try {
    for (let at = from; at < from + length; at += PIECE_BYTES) {
      const piece = await object.read(at, Math.min(PIECE_BYTES, from + length - at));
      if (piece.length === 0) return;
      yield piece;
    }
  } finally {
    await object.close();
  }
};

/** Bytes from a place on; what stands before it is passed over. */
export const fromPlace = async function* (
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  from: number,
  length: number,
): AsyncGenerator<Uint8Array, void, void> {
  let at = 0;
  const end = from + length;
  for await (const piece of pieces) {
    const wanted = piece.subarray(Math.max(0, from - at), Math.max(0, end - at));
    at += piece.length;
    if (wanted.length > 0) yield wanted;
    if (at >= end) return;
  }
};

type Corrected = Extract<CorrectedHead, { kind: 'corrected' }>;

/** How an instance leaves: as it is stored, or with a header that the person index corrected. */
export interface OutgoingInstance {
  readonly isCorrected: boolean;
  /** Of the whole file; null where that is known only when all of it was written. */
  readonly length: number | null;
  /** The file: preamble, meta information, data set. */
  file(): AsyncIterable<Uint8Array>;
  /** The data set alone. */
  dataSet(): AsyncIterable<Uint8Array>;
}

/** The data set of a deflated instance with another header: inflated, changed, and deflated again while it goes out. */
const deflatedAgain = (
  { bytes, from }: Corrected,
  stored: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> => {
  const changed = async function* (plain: AsyncIterable<Buffer>) {
    yield bytes;
    let passed = 0;
    for await (const piece of plain) {
      const skipped = Math.min(piece.length, Math.max(0, from - passed));
      passed += piece.length;
      if (skipped < piece.length) yield piece.subarray(skipped);
    }
  };
  // Whoever reads what comes out is told of an error there.
  const out = pipeline(
    Readable.from(stored),
    createInflateRaw(),
    changed,
    createDeflateRaw(),
    () => undefined,
  ) as unknown as AsyncIterable<Uint8Array>;
  return (async function* () {
    let length = 0;
    for await (const piece of out) {
      length += piece.length;
      yield piece;
    }
    // A deflated data set has an even length too (PS3.5 A.5).
    if (length % 2 === 1) yield new Uint8Array(1);
  })();
};

/** An instance as it is stored. */
const asStored = (dependencies: ImagingDependencies, instance: ManifestInstance): OutgoingInstance => {
  const metaBytes = writeMeta(instance).length;
  return {
    isCorrected: false,
    length: instance.size,
    file: () => objectPieces(dependencies, instance.content, 0, instance.size),
    dataSet: () => objectPieces(dependencies, instance.content, metaBytes, instance.size - metaBytes),
  };
};

const withHead = (
  dependencies: ImagingDependencies,
  instance: ManifestInstance,
  head: Corrected,
): OutgoingInstance => {
  const meta = writeMeta(instance);
  const stored = (from: number) =>
    objectPieces(dependencies, instance.content, meta.length + from, instance.size - meta.length - from);
  const isDeflated = encodingOf(instance.transferSyntaxUid).deflated;
  const dataSet = async function* () {
    if (isDeflated) return yield* deflatedAgain(head, stored(0));
    yield head.bytes;
    yield* stored(head.from);
  };
  return {
    isCorrected: true,
    length: isDeflated ? null : instance.size - head.from + head.bytes.length,
    dataSet,
    async *file() {
      yield meta;
      yield* dataSet();
    },
  };
};

/**
 * An instance as it leaves. Of one with another header only the header is read before; the rest goes through as it is.
 *
 * @param assumedCharset by which its texts are read where it names none
 * @throws HEADER_NOT_CORRECTED
 */
export const outgoingInstance = async (
  dependencies: ImagingDependencies,
  instance: ManifestInstance,
  assumedCharset: string | null,
  correction: HeaderCorrection | null,
): Promise<OutgoingInstance> => {
  if (!correction) return asStored(dependencies, instance);
  const read = await withInstance(dependencies, instance, (open) =>
    readStoredHeader(dependencies, instance, open, assumedCharset, { correction }),
  );
  const head = read.ok ? read.value.corrected : null;
  if (head?.kind === 'as-stored') return asStored(dependencies, instance);
  if (head?.kind !== 'corrected')
    throw imagingFault('HEADER_NOT_CORRECTED', {
      detail: head?.kind === 'impossible' ? head.problem : read.ok ? 'unread' : read.reason,
    });
  return withHead(dependencies, instance, head);
};
