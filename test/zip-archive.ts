import { constants, crc32, deflateRawSync } from 'node:zlib';

/** A file to be put into an archive of a test. */
export interface ZippedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Megabytes of zeros behind the bytes; they cost nearly nothing in the archive. */
  readonly zerosMb?: number;
  /** What the archive claims in place of the checksum that it has. */
  readonly crc?: number;
  /** The general purpose flags; 1: encrypted. */
  readonly flags?: number;
}

const MEGABYTE = Buffer.alloc(1024 * 1024);
const OPEN = { finishFlush: constants.Z_FULL_FLUSH };
/** Stretches of a deflated stream that were flushed stand for themselves: one may be used again and again. */
const ZEROS = deflateRawSync(MEGABYTE, OPEN);
const END = deflateRawSync(Buffer.alloc(0));

const deflated = ({ bytes, zerosMb = 0 }: ZippedFile) => {
  let crc = crc32(bytes);
  for (let index = 0; index < zerosMb; index++) crc = crc32(MEGABYTE, crc);
  const zeros = Array.from({ length: zerosMb }, () => ZEROS);
  return {
    crc,
    size: bytes.length + zerosMb * MEGABYTE.length,
    content: Buffer.concat([deflateRawSync(bytes, OPEN), ...zeros, END]),
  };
};

/** A ZIP archive (APPNOTE 4.3) of deflated files. */
export const zipArchive = (files: readonly ZippedFile[]): Buffer => {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const { crc, size, content } = deflated(file);
    const name = Buffer.from(file.name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(file.flags ?? 0, 2);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(file.crc ?? crc, 10);
    shared.writeUInt32LE(content.length, 14);
    shared.writeUInt32LE(size, 18);
    shared.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    entries.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), shared, rest, name]));
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), shared, name, content]);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\u0005\u0006'), end]);
};
