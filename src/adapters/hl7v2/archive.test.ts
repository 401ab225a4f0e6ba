import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DEFAULT_ARCHIVE_LIMITS, isArchive, unpackArchive } from './archive.ts';
import { encodeTextOrFault } from './charset.ts';

interface Packed {
  readonly name: Uint8Array;
  readonly content: Uint8Array;
  /** Size that the archive declares, when it lies. */
  readonly declaredBytes?: number;
}

/** Writes a ZIP archive (APPNOTE 4.3) with deflated entries. */
const pack = (files: readonly Packed[]): Uint8Array => {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, declaredBytes = content.length } of files) {
    const data = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(declaredBytes, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
};

const file = (name: string, content: string): Packed => ({
  name: Buffer.from(name),
  content: Buffer.from(content),
});

const unpack = async (bytes: Uint8Array, limits = {}) => {
  const found: [string, string][] = [];
  for await (const { name, bytes: content } of unpackArchive(bytes, {
    ...DEFAULT_ARCHIVE_LIMITS,
    ...limits,
  })) {
    found.push([name, Buffer.from(content).toString('utf8')]);
  }
  return found;
};

describe('An archive of messages', () => {
  it('is unpacked file by file, folders passed over, Chinese names read in UTF-8 and in GBK', async () => {
    const archive = pack([
      file('a.hl7', 'MSH|1'),
      file('folder/', ''),
      file('folder/检验.txt', 'MSH|2'),
      { name: encodeTextOrFault('报告.hl7', 'gbk'), content: Buffer.from('MSH|3') },
    ]);
    expect(isArchive(archive)).toBe(true);
    expect(await unpack(archive)).toEqual([
      ['a.hl7', 'MSH|1'],
      ['folder/检验.txt', 'MSH|2'],
      ['报告.hl7', 'MSH|3'],
    ]);
  });

  it('with more files than allowed is refused before anything is unpacked', async () => {
    await expect(unpack(pack([file('a', '1'), file('b', '2')]), { maxEntries: 1 })).rejects.toMatchObject({
      code: 'HL7_ARCHIVE_TOO_LARGE',
    });
  });

  it('with a file larger than allowed is refused', async () => {
    await expect(unpack(pack([file('a', 'x'.repeat(1000))]), { maxEntryBytes: 999 })).rejects.toMatchObject({
      code: 'HL7_ARCHIVE_TOO_LARGE',
    });
  });

  it('with more in all than allowed is refused at the file that goes beyond', async () => {
    await expect(
      unpack(pack([file('a', 'x'.repeat(600)), file('b', 'x'.repeat(600))]), { maxTotalBytes: 1000 }),
    ).rejects.toMatchObject({
      code: 'HL7_ARCHIVE_TOO_LARGE',
    });
  });

  it('that lies about its sizes is refused while it is unpacked', async () => {
    const bomb = pack([{ name: Buffer.from('bomb'), content: Buffer.alloc(5_000_000), declaredBytes: 10 }]);
    await expect(unpack(bomb, { maxEntryBytes: 1000 })).rejects.toMatchObject({
      code: expect.stringMatching(/^HL7_ARCHIVE_/),
    });
  });

  it('that is damaged or no archive is refused with a code', async () => {
    const whole = pack([file('a', 'x'.repeat(1000))]);
    await expect(unpack(whole.subarray(0, whole.length - 30))).rejects.toMatchObject({
      code: 'HL7_ARCHIVE_UNREADABLE',
    });
    await expect(unpack(Buffer.from('PK\x03\x04 no'))).rejects.toMatchObject({
      code: 'HL7_ARCHIVE_UNREADABLE',
    });
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 35, 45);
    await expect(unpack(damaged)).rejects.toMatchObject({ code: 'HL7_ARCHIVE_UNREADABLE' });
  });
});
