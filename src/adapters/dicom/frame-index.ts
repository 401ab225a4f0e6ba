import type { FrameRanges } from '../../imaging/index.ts';

/** Bytes that are read in parts: an object, or a buffer. */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

const ITEM = 0xe000fffe;
const SEQUENCE_END = 0xe0ddfffe;
const WINDOW_BYTES = 64 * 1024;
/** More than any recording has; beyond it the pixel data is not what it says. */
const FRAGMENTS_MAX = 1_000_000;

/** Reads small pieces that lie near each other from one read of the source. */
const windowed = (source: ByteSource) => {
  let from = 0;
  let held: Uint8Array = new Uint8Array();
  return async (offset: number, length: number): Promise<DataView | undefined> => {
    if (offset < from || offset + length > from + held.length) {
      from = offset;
      held = await source.read(offset, Math.max(length, WINDOW_BYTES));
    }
    const start = offset - from;
    return start + length <= held.length
      ? new DataView(held.buffer, held.byteOffset + start, length)
      : undefined;
  };
};

interface Fragment {
  /** Of its item tag, from the first one behind the offset table. */
  readonly at: number;
  readonly offset: number;
  readonly length: number;
  /** Its first two bytes. */
  readonly marker: number;
}

interface Fragments {
  readonly offsetTable: readonly number[];
  readonly fragments: readonly Fragment[];
}

const readFragments = async (source: ByteSource, pixelOffset: number): Promise<Fragments | null> => {
  const read = windowed(source);
  const offsetTable: number[] = [];
  const fragments: Fragment[] = [];
  let at = pixelOffset;
  let first = -1;
  for (let index = 0; index <= FRAGMENTS_MAX; index++) {
    const head = await read(at, 8);
    // Cut off behind a whole fragment: what came is there all the same.
    if (!head) return first < 0 ? null : { offsetTable, fragments };
    const tag = head.getUint32(0, true);
    if (tag === SEQUENCE_END) return { offsetTable, fragments };
    const length = head.getUint32(4, true);
    if (tag !== ITEM || at + 8 + length > source.size) return first < 0 ? null : { offsetTable, fragments };
    if (first < 0) {
      const table = await source.read(at + 8, length);
      const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
      for (let entry = 0; entry + 4 <= table.length; entry += 4)
        offsetTable.push(view.getUint32(entry, true));
      first = at + 8 + length;
    } else {
      const marker = length >= 2 ? ((await read(at + 8, 2))?.getUint16(0) ?? 0) : 0;
      fragments.push({ at: at - first, offset: at + 8, length, marker });
    }
    at += 8 + length;
  }
  return null;
};

/** Two bytes with which a frame of the JPEG family begins; a fragment that begins otherwise goes on with the one before. */
const FRAME_STARTS = new Set([0xffd8, 0xff4f]);

const ranges = (fragments: readonly Fragment[]): FrameRanges =>
  fragments.map(({ offset, length }) => [offset, length] as const);

/** Puts fragments together to frames: by the table, else by how frames of this kind begin. */
const framesOf = ({ offsetTable, fragments }: Fragments, count: number): readonly FrameRanges[] | null => {
  if (fragments.length === count) return fragments.map((fragment) => ranges([fragment]));
  if (count === 1) return [ranges(fragments)];
  const starts =
    offsetTable.length === count
      ? new Set(offsetTable)
      : new Set(fragments.filter(({ marker }) => FRAME_STARTS.has(marker)).map(({ at }) => at));
  const frames: Fragment[][] = [];
  for (const fragment of fragments) {
    if (starts.has(fragment.at)) frames.push([fragment]);
    else frames.at(-1)?.push(fragment);
  }
  return frames.length === count ? frames.map(ranges) : null;
};

/**
 * Where each frame of encapsulated pixel data lies (PS3.5 §A.4): from the items themselves, for offset tables are empty or
 * wrong often enough.
 *
 * @param pixelOffset where the value of the pixel data begins
 * @param count frames by the header
 * @returns null where frames cannot be told apart
 */
export const indexFrames = async (
  source: ByteSource,
  pixelOffset: number,
  count: number,
): Promise<readonly FrameRanges[] | null> => {
  const found = await readFragments(source, pixelOffset);
  return found && found.fragments.length > 0 ? framesOf(found, Math.max(1, count)) : null;
};

/**
 * Where the bytes of a video lie: all fragments in their order are one stream (PS3.5 §8.2.5 to §8.2.11), however many frames
 * the header counts.
 *
 * @param pixelOffset where the value of the pixel data begins
 * @returns null where the items cannot be read
 */
export const indexStream = async (source: ByteSource, pixelOffset: number): Promise<FrameRanges | null> => {
  const found = await readFragments(source, pixelOffset);
  return found && found.fragments.length > 0 ? ranges(found.fragments) : null;
};
