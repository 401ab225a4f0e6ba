import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { sha256Hex } from '../../kernel/content-hash.ts';

/** A content in pieces, in order: joining them would hold up everybody else for as long as hashing them. */
export type Pieces = readonly Uint8Array[];

/** Work between two turns of the event loop: about a millisecond of hashing, some of the slower cipher. */
export const SLICE_BYTES = 256 * 1024;

/** Lets everybody else have their turn of the event loop. */
export const turn = promisify(setImmediate);

/** A content as stretches of at most `SLICE_BYTES`. */
export const slices = function* (bytes: Uint8Array): Generator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
};

/** Gathers what a generator makes, each piece in a turn of the event loop of its own. */
export const inTurns = async (pieces: Iterable<Uint8Array>): Promise<Pieces> => {
  const all: Uint8Array[] = [];
  for (const piece of pieces) {
    all.push(piece);
    await turn();
  }
  return all;
};

/** How many bytes the pieces hold together. */
export const sizeOf = (pieces: Pieces): number => pieces.reduce((size, piece) => size + piece.length, 0);

/** A content in one piece. */
export const joined = (content: Uint8Array | Pieces): Uint8Array =>
  content instanceof Uint8Array ? content : Buffer.concat(content);

/** SHA-256 (lower-case hex) of a content of any size, letting others have their turn meanwhile. */
export const sha256InTurns = async (content: Uint8Array | Pieces): Promise<string> => {
  if (content instanceof Uint8Array && content.length <= SLICE_BYTES) return sha256Hex(content);
  const hash = createHash('sha256');
  for (const piece of content instanceof Uint8Array ? [content] : content)
    for (const slice of slices(piece)) {
      hash.update(slice);
      if (slice.length === SLICE_BYTES) await turn();
    }
  return hash.digest('hex');
};
