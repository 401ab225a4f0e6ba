import { crc32 } from 'node:zlib';
import { civilTimeText } from '../../kernel/civil-day.ts';
import type { Instant } from '../../kernel/instant.ts';

/** A file to be put into an archive. */
export interface ZipEntry {
  /** ASCII, folders with `/`. */
  readonly name: string;
  /** Its content from the beginning, the same bytes each time it is asked. */
  open(): AsyncIterable<Uint8Array>;
}

/** Size of a file in an archive, for what is told before the archive is made. */
export interface ZipEntrySize {
  readonly name: string;
  readonly size: number;
}

const LOCAL_HEADER = 0x0403_4b50;
const CENTRAL_HEADER = 0x0201_4b50;
const END = 0x0605_4b50;
const END_64 = 0x0606_4b50;
const END_64_LOCATOR = 0x0706_4b50;
const EXTRA_64 = 0x0001;
const VERSION = 20;
const VERSION_64 = 45;
const MOST_32 = 0xffff_ffff;
const MOST_16 = 0xffff;

/** A file up to this size is read once and held while its checksum is made; a larger one is read twice. */
const HELD_BYTES_MAX = 8 * 1024 * 1024;

interface Written extends ZipEntrySize {
  readonly crc: number;
  /** Where its local header begins. */
  readonly offset: number;
}

/** Date and time of MS-DOS, in the local time of China; two seconds is its finest. */
const dosTime = (at: Instant): { readonly date: number; readonly time: number } => {
  const [year = 1980, month = 1, day = 1, hour = 0, minute = 0] = (civilTimeText(at).match(/\d+/g) ?? []).map(
    Number,
  );
  return { date: ((year - 1980) << 9) | (month << 5) | day, time: (hour << 11) | (minute << 5) };
};

/** Zip64 extended information: only the values that their usual places cannot hold. */
const extra64 = (values: readonly number[]): Buffer => {
  if (values.length === 0) return Buffer.alloc(0);
  const extra = Buffer.alloc(4 + values.length * 8);
  extra.writeUInt16LE(EXTRA_64, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + index * 8);
  return extra;
};

const localHeader = ({ name, size, crc }: Omit<Written, 'offset'>, at: Instant): Buffer => {
  const isLarge = size >= MOST_32;
  // Both sizes or none (APPNOTE 4.5.3).
  const extra = extra64(isLarge ? [size, size] : []);
  const { date, time } = dosTime(at);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(LOCAL_HEADER, 0);
  head.writeUInt16LE(isLarge ? VERSION_64 : VERSION, 4);
  head.writeUInt16LE(time, 10);
  head.writeUInt16LE(date, 12);
  head.writeUInt32LE(crc, 14);
  head.writeUInt32LE(isLarge ? MOST_32 : size, 18);
  head.writeUInt32LE(isLarge ? MOST_32 : size, 22);
  head.writeUInt16LE(name.length, 26);
  head.writeUInt16LE(extra.length, 28);
  return Buffer.concat([head, Buffer.from(name, 'latin1'), extra]);
};

const centralHeader = ({ name, size, crc, offset }: Written, at: Instant): Buffer => {
  const isLarge = size >= MOST_32;
  const isFar = offset >= MOST_32;
  const extra = extra64([...(isLarge ? [size, size] : []), ...(isFar ? [offset] : [])]);
  const { date, time } = dosTime(at);
  const head = Buffer.alloc(46);
  head.writeUInt32LE(CENTRAL_HEADER, 0);
  head.writeUInt16LE(isLarge || isFar ? VERSION_64 : VERSION, 4);
  head.writeUInt16LE(isLarge || isFar ? VERSION_64 : VERSION, 6);
  head.writeUInt16LE(time, 12);
  head.writeUInt16LE(date, 14);
  head.writeUInt32LE(crc, 16);
  head.writeUInt32LE(isLarge ? MOST_32 : size, 20);
  head.writeUInt32LE(isLarge ? MOST_32 : size, 24);
  head.writeUInt16LE(name.length, 28);
  head.writeUInt16LE(extra.length, 30);
  head.writeUInt32LE(isFar ? MOST_32 : offset, 42);
  return Buffer.concat([head, Buffer.from(name, 'latin1'), extra]);
};

/** What ends an archive; with the records of Zip64 where a number does not fit otherwise. */
const endOf = (count: number, directoryOffset: number, directoryBytes: number): Buffer => {
  const is64 = count >= MOST_16 || directoryOffset >= MOST_32 || directoryBytes >= MOST_32;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(Math.min(count, MOST_16), 8);
  end.writeUInt16LE(Math.min(count, MOST_16), 10);
  end.writeUInt32LE(Math.min(directoryBytes, MOST_32), 12);
  end.writeUInt32LE(Math.min(directoryOffset, MOST_32), 16);
  if (!is64) return end;
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(END_64, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE(VERSION_64, 12);
  end64.writeUInt16LE(VERSION_64, 14);
  end64.writeBigUInt64LE(BigInt(count), 24);
  end64.writeBigUInt64LE(BigInt(count), 32);
  end64.writeBigUInt64LE(BigInt(directoryBytes), 40);
  end64.writeBigUInt64LE(BigInt(directoryOffset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(END_64_LOCATOR, 0);
  locator.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([end64, locator, end]);
};

/** A file measured: how long it is, its checksum, and its pieces where all of them could be held. */
const measured = async ({ name, open }: ZipEntry) => {
  let held: Uint8Array[] | null = [];
  let size = 0;
  let crc = 0;
  for await (const piece of open()) {
    size += piece.length;
    crc = crc32(piece, crc);
    if (size > HELD_BYTES_MAX) held = null;
    held?.push(piece);
  }
  return { name, size, crc, held };
};

/** The pieces of a file that was measured before. @throws Error where it is no longer what it was */
const again = async function* (
  { open }: ZipEntry,
  { size, crc }: { readonly size: number; readonly crc: number },
): AsyncGenerator<Uint8Array, void, void> {
  let sum = 0;
  let count = 0;
  for await (const piece of open()) {
    count += piece.length;
    sum = crc32(piece, sum);
    yield piece;
  }
  if (count !== size || sum !== crc) throw new Error('a file changed while it was put into an archive');
};

/**
 * A zip archive (PKWARE APPNOTE 6.3) made while it is sent: nothing is compressed, and no more than one small file is in
 * memory at a time. Sizes and checksums stand in front of each file, not behind it: readers that read while they receive
 * know no other way for what is not compressed.
 *
 * @param at time that all files bear
 */
export const zipStream = async function* (
  entries: AsyncIterable<ZipEntry>,
  at: Instant,
): AsyncGenerator<Uint8Array, void, void> {
  const written: Written[] = [];
  let offset = 0;
  for await (const entry of entries) {
    const { name, size, crc, held } = await measured(entry);
    const head = localHeader({ name, size, crc }, at);
    written.push({ name, size, crc, offset });
    yield head;
    if (held) yield* held;
    else yield* again(entry, { size, crc });
    offset += head.length + size;
  }
  let directoryBytes = 0;
  for (const each of written) {
    const head = centralHeader(each, at);
    directoryBytes += head.length;
    yield head;
  }
  yield endOf(written.length, offset, directoryBytes);
};

/** How long the archive of files of these sizes is, in bytes. */
export const zipLength = (entries: readonly ZipEntrySize[], at: Instant): number => {
  let offset = 0;
  let directoryBytes = 0;
  for (const { name, size } of entries) {
    directoryBytes += centralHeader({ name, size, crc: 0, offset }, at).length;
    offset += localHeader({ name, size, crc: 0 }, at).length + size;
  }
  return offset + directoryBytes + endOf(entries.length, offset, directoryBytes).length;
};
