import { raiser } from '../../kernel/fault.ts';
import { releaseBytes } from '../../kernel/released-bytes.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { OBJECT_FAULTS } from './faults.ts';
import {
  HEAD_BYTES_MAX,
  sealedLayout,
  type SealedLayout,
  STRETCH_BYTES,
  stretchContext,
} from './sealed-content.ts';

/** An object that is being read. */
export interface OpenObject {
  readonly size: number;
  /** Bytes from `offset` on, fewer at the end. @throws OBJECT_DAMAGED */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Where sealed bytes are read from. */
export interface SealedSource {
  /** Fills a buffer from a place on, as far as there is something. @returns how many bytes there were */
  read(into: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
}

const raise = raiser(OBJECT_FAULTS);

/** Plain bytes of consecutive stretches; each piece has memory of its own. */
const openedPieces = function* (
  { cipher, stretches }: SealedLayout,
  sealed: Buffer,
  first: number,
  last: number,
): Generator<Buffer, void, void> {
  const sealedBytes = STRETCH_BYTES + cipher.overheadBytes;
  try {
    for (let index = first; index <= last; index++) {
      const from = (index - first) * sealedBytes;
      const stretch = sealed.subarray(from, from + sealedBytes);
      yield* cipher.openedParts(stretch, stretchContext(index, index === stretches - 1));
    }
  } catch (cause) {
    throw raise('OBJECT_DAMAGED', { cause });
  }
};

/** Reads any part of a sealed content: the stretches it lies in are opened, and what was altered is never given out. */
export const sealedReader = (source: SealedSource, layout: SealedLayout): OpenObject => {
  const { cipher, headBytes, size } = layout;
  const sealedBytes = STRETCH_BYTES + cipher.overheadBytes;
  return {
    size,
    async read(offset, length) {
      const end = Math.min(offset + length, size);
      if (offset < 0 || end <= offset) return new Uint8Array();
      const first = Math.floor(offset / STRETCH_BYTES);
      const last = Math.floor((end - 1) / STRETCH_BYTES);
      const wanted = Buffer.allocUnsafeSlow((last - first + 1) * sealedBytes);
      const bytesRead = await source.read(wanted, headBytes + first * sealedBytes);
      const found = Buffer.allocUnsafe(end - offset);
      let start = first * STRETCH_BYTES;
      for (const piece of openedPieces(layout, wanted.subarray(0, bytesRead), first, last)) {
        const skipped = Math.max(0, offset - start);
        const until = Math.min(piece.length, end - start);
        if (skipped < until) piece.copy(found, start + skipped - offset, skipped, until);
        start += piece.length;
        releaseBytes(piece);
      }
      releaseBytes(wanted);
      return found;
    },
    close: () => source.close(),
  };
};

/**
 * Reads sealed bytes of an object from a place on, as far as there are any.
 *
 * @returns them, the caller's alone, and how many the whole object has
 */
export type SealedReading = (
  position: number,
  length: number,
) => Promise<{ readonly bytes: Buffer; readonly whole: number }>;

/** The bytes between two places, in memory that holds no others: whoever has used them can give all of it back. */
const cutOut = (piece: Buffer, from: number, to: number): Uint8Array => {
  if (from === 0 && to === piece.length) return piece;
  const own = Buffer.allocUnsafeSlow(to - from);
  piece.copy(own, 0, from, to);
  releaseBytes(piece);
  return own;
};

/** By how much a sealed stretch is longer than its plain bytes at most. */
const OVERHEAD_BYTES_MAX = 64;

/**
 * Reads one part and no more: what lies near the beginning comes in one reading with the head, and the plain bytes are given
 * as they were opened. Joining them would be a copy.
 *
 * @throws OBJECT_DAMAGED, KEY_UNKNOWN
 */
export const sealedPart = async (
  keys: Pick<KeyRing, 'stretchCipher'>,
  read: SealedReading,
  offset: number,
  length: number,
): Promise<readonly Uint8Array[]> => {
  const first = Math.floor(offset / STRETCH_BYTES);
  const readTo = Math.ceil((offset + length) / STRETCH_BYTES);
  const isNear = first === 0;
  const beginning = await read(
    0,
    HEAD_BYTES_MAX + (isNear ? readTo * (STRETCH_BYTES + OVERHEAD_BYTES_MAX) : 0),
  );
  const head = Buffer.alloc(HEAD_BYTES_MAX);
  beginning.bytes.copy(head);
  const layout = sealedLayout(keys, head, beginning.whole);
  const { cipher, headBytes, size } = layout;
  const end = Math.min(offset + length, size);
  if (end <= offset) return [];
  const last = Math.floor((end - 1) / STRETCH_BYTES);
  const sealedBytes = STRETCH_BYTES + cipher.overheadBytes;
  const sealed = isNear
    ? beginning.bytes.subarray(headBytes)
    : (await read(headBytes + first * sealedBytes, (last - first + 1) * sealedBytes)).bytes;
  const found: Uint8Array[] = [];
  let start = first * STRETCH_BYTES;
  for (const piece of openedPieces(layout, sealed, first, last)) {
    const from = Math.max(0, offset - start);
    const to = Math.min(piece.length, end - start);
    start += piece.length;
    if (from < to) found.push(cutOut(piece, from, to));
  }
  releaseBytes(isNear ? beginning.bytes : sealed);
  return found;
};
