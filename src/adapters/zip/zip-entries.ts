import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { Fault, raiser } from '../../kernel/fault.ts';
import { ARCHIVE_FAULTS } from './faults.ts';

/** A file in an archive on the disk. */
export interface ArchiveEntry {
  /** Name in the archive; not to be used as a path. */
  readonly name: string;
  /**
   * What it unpacks to, piece by piece and once; who has enough may stop.
   *
   * @throws ARCHIVE_ENTRY_DAMAGED where it does not unpack, or its checksum is another: after the last piece then;
   * ARCHIVE_TOO_LARGE
   */
  pieces(): AsyncIterable<Uint8Array>;
}

/** Bounds against archives that unpack to more than anybody meant (zip bombs). */
export interface ArchiveBounds {
  readonly entriesMax: number;
  /** All entries together may unpack to this many bytes … */
  readonly bytesMin: number;
  /** … and as many times what the archive itself has: pixels shrink to a third, not to a hundredth. */
  readonly ratioMax: number;
}

/** A million files; 1 GB and a hundred times the archive. */
export const ARCHIVE_BOUNDS: ArchiveBounds = {
  entriesMax: 1_000_000,
  bytesMin: 1024 * 1024 * 1024,
  ratioMax: 100,
};

const raise = raiser(ARCHIVE_FAULTS);

const UTF8_NAME_FLAG = 0x800;

/** Names are UTF-8 where the archive says so; Chinese Windows writes GBK and says nothing. */
const nameOf = ({ fileNameRaw, generalPurposeBitFlag }: Entry): string => {
  if ((generalPurposeBitFlag & UTF8_NAME_FLAG) !== 0) return fileNameRaw.toString('utf8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(fileNameRaw);
  } catch {
    return new TextDecoder('gb18030').decode(fileNameRaw);
  }
};

/** Whether the bytes begin like a ZIP archive (a file, or an empty one). */
export const startsLikeZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 0x03 || bytes[2] === 0x05);

const opened = async (path: string): Promise<ZipFile> => {
  try {
    return await openPromise(path, { autoClose: false, decodeStrings: false, validateEntrySizes: true });
  } catch (cause) {
    throw raise('ARCHIVE_UNREADABLE', { cause });
  }
};

/**
 * The files of a ZIP archive on the disk, one after the other, folders passed over. Neither the archive nor a file is ever
 * held whole: what is in memory is a piece. A file that does not unpack takes none of the others along.
 *
 * @throws ARCHIVE_UNREADABLE, ARCHIVE_TOO_LARGE: there are no more files then
 */
export const zipEntries = async function* (
  path: string,
  { entriesMax, bytesMin, ratioMax }: ArchiveBounds = ARCHIVE_BOUNDS,
): AsyncGenerator<ArchiveEntry, void, void> {
  const archive = await opened(path);
  const bytesMax = bytesMin + ratioMax * archive.fileSize;
  let total = 0;
  const tooLarge = () => raise('ARCHIVE_TOO_LARGE', { detail: `more than ${bytesMax} bytes` });
  const pieces = async function* (entry: Entry): AsyncGenerator<Uint8Array, void, void> {
    let stream: Readable | undefined;
    try {
      stream = await archive.openReadStreamPromise(entry);
      let sum = 0;
      for await (const chunk of stream) {
        const piece = chunk as Uint8Array;
        // What really comes out: the size that an archive declares may be a lie.
        total += piece.length;
        if (total > bytesMax) throw tooLarge();
        sum = crc32(piece, sum);
        yield piece;
      }
      if (sum !== entry.crc32) throw raise('ARCHIVE_ENTRY_DAMAGED', { detail: 'checksum' });
    } catch (cause) {
      throw cause instanceof Fault ? cause : raise('ARCHIVE_ENTRY_DAMAGED', { cause });
    } finally {
      stream?.destroy();
    }
  };
  try {
    if (archive.entryCount > entriesMax)
      throw raise('ARCHIVE_TOO_LARGE', { detail: `${archive.entryCount} files` });
    for await (const entry of archive.eachEntry()) {
      if (total > bytesMax) throw tooLarge();
      const name = nameOf(entry);
      if (!name.endsWith('/')) yield { name, pieces: () => pieces(entry) };
    }
  } catch (cause) {
    throw cause instanceof Fault ? cause : raise('ARCHIVE_UNREADABLE', { cause });
  } finally {
    archive.close();
  }
};
