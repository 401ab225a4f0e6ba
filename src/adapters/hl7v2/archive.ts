import { TextDecoder } from 'node:util';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { Fault } from '../../kernel/fault.ts';
import { HL7_FAULTS } from './faults.ts';

/** A file inside an archive. */
export interface ArchivedFile {
  /** Name in the archive; not to be used as a path. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Bounds against archives that unpack to more than anybody meant (zip bombs). */
export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Unpacked size of one file. */
  readonly maxEntryBytes: number;
  /** Unpacked size of all files together. */
  readonly maxTotalBytes: number;
}

/** 10,000 files, 64 MB each, 2 GB together. */
export const DEFAULT_ARCHIVE_LIMITS: ArchiveLimits = {
  maxEntries: 10_000,
  maxEntryBytes: 64 * 1024 * 1024,
  maxTotalBytes: 2 * 1024 * 1024 * 1024,
};

const unreadable = (cause: unknown): Fault =>
  new Fault('HL7_ARCHIVE_UNREADABLE', HL7_FAULTS.HL7_ARCHIVE_UNREADABLE, { cause });

const tooLarge = (detail: string): Fault =>
  new Fault('HL7_ARCHIVE_TOO_LARGE', HL7_FAULTS.HL7_ARCHIVE_TOO_LARGE, { detail });

const UTF8_NAME_FLAG = 0x800;

/** Names are UTF-8 where the archive says so; Chinese Windows writes GBK and says nothing. */
const entryName = (entry: Entry): string => {
  const raw = entry.fileName as unknown as Buffer;
  if ((entry.generalPurposeBitFlag & UTF8_NAME_FLAG) !== 0) return raw.toString('utf8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch {
    return new TextDecoder('gb18030').decode(raw);
  }
};

const openArchive = (bytes: Uint8Array): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    fromBuffer(
      buffer,
      { lazyEntries: true, decodeStrings: false, validateEntrySizes: true },
      (error, archive) => {
        if (error || !archive) reject(unreadable(error));
        else resolve(archive);
      },
    );
  });

const nextEntry = (archive: ZipFile): Promise<Entry | undefined> =>
  new Promise((resolve, reject) => {
    archive.removeAllListeners();
    archive.once('entry', resolve);
    archive.once('end', () => resolve(undefined));
    archive.once('error', (cause) => reject(unreadable(cause)));
    archive.readEntry();
  });

/** Unpacks one entry, counting what really comes out: the size that an archive declares may be a lie. */
const unpack = (archive: ZipFile, entry: Entry, limitBytes: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    archive.openReadStream(entry, (error, stream) => {
      if (error || !stream) {
        reject(unreadable(error));
        return;
      }
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limitBytes) stream.destroy(tooLarge(`more than ${limitBytes} bytes`));
        else chunks.push(chunk);
      });
      stream.on('error', (cause) => reject(cause instanceof Fault ? cause : unreadable(cause)));
      stream.on('end', () => resolve(Buffer.concat(chunks, size)));
    });
  });

/** Whether the bytes begin like a ZIP archive (a file, or an empty one). */
export const isArchive = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 0x03 || bytes[2] === 0x05);

/**
 * Unpacks the files of a ZIP archive one after the other, so that only one is in memory. Folders are passed over;
 * archives inside archives are handed on as they are.
 *
 * @throws Fault `HL7_ARCHIVE_UNREADABLE`, `HL7_ARCHIVE_TOO_LARGE`.
 */
export const unpackArchive = async function* (
  bytes: Uint8Array,
  limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS,
): AsyncGenerator<ArchivedFile> {
  const archive = await openArchive(bytes);
  if (archive.entryCount > limits.maxEntries) throw tooLarge(`${archive.entryCount} files`);
  let total = 0;
  for (let entry = await nextEntry(archive); entry; entry = await nextEntry(archive)) {
    const name = entryName(entry);
    if (name.endsWith('/')) continue;
    const room = Math.min(limits.maxEntryBytes, limits.maxTotalBytes - total);
    if (entry.uncompressedSize > room) throw tooLarge(`${entry.uncompressedSize} bytes`);
    const content = await unpack(archive, entry, room);
    total += content.length;
    yield { name, bytes: content };
  }
};
