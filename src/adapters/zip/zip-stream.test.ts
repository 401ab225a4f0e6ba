import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import yauzl from 'yauzl';
import { parseInstant } from '../../kernel/instant.ts';
import { type ZipEntry, zipLength, zipStream } from './zip-stream.ts';
import type { Instant } from '../../kernel/instant.ts';

const AT = parseInstant('2026-11-26T02:00:00Z') as Instant;

const entryOf = (name: string, pieces: readonly Uint8Array[]): ZipEntry => ({
  name,
  async *open() {
    yield* pieces;
  },
});

const listed = async function* (entries: readonly ZipEntry[]) {
  yield* entries;
};

const archive = async (entries: readonly ZipEntry[]): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of zipStream(listed(entries), AT)) pieces.push(piece);
  return Buffer.concat(pieces);
};

/** What another reader finds in an archive. */
const unpacked = async (bytes: Buffer): Promise<Record<string, Buffer>> => {
  const found: Record<string, Buffer> = {};
  const zip = await yauzl.fromBufferPromise(bytes);
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    found[entry.fileName] = Buffer.concat(chunks);
  }
  return found;
};

describe('a zip archive made while it is sent', () => {
  it('holds what was put into it, and is as long as was told before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.record({
            name: fc.stringMatching(/^[A-Z0-9]{1,8}(\/[A-Z0-9]{1,8}){0,2}$/),
            pieces: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }),
          }),
          { maxLength: 6, selector: ({ name }) => name },
        ),
        async (files) => {
          const bytes = await archive(files.map(({ name, pieces }) => entryOf(name, pieces)));
          const contents = files.map(({ name, pieces }) => [name, Buffer.concat(pieces)] as const);
          expect(await unpacked(bytes)).toEqual(Object.fromEntries(contents));
          expect(bytes.length).toBe(
            zipLength(
              contents.map(([name, { length }]) => ({ name, size: length })),
              AT,
            ),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('reads a large file twice instead of holding it', async () => {
    const piece = new Uint8Array(1024 * 1024).fill(7);
    let opened = 0;
    const large: ZipEntry = {
      name: 'LARGE',
      async *open() {
        opened += 1;
        for (let index = 0; index < 9; index++) yield piece;
      },
    };
    const found = await unpacked(await archive([large]));
    expect(found['LARGE']?.length).toBe(9 * piece.length);
    expect(opened).toBe(2);
  });

  it('breaks off where a large file is no longer what it was', async () => {
    let opened = 0;
    const changing: ZipEntry = {
      name: 'LARGE',
      async *open() {
        opened += 1;
        for (let index = 0; index < 9; index++) yield new Uint8Array(1024 * 1024).fill(opened);
      },
    };
    await expect(archive([changing])).rejects.toThrow('changed');
  });

  it('takes the records of Zip64 from where a number no longer fits', async () => {
    const many = Array.from({ length: 65_535 }, (_, index) => ({ name: `F${index}`, size: 0 }));
    const few = many.slice(1);
    const perFile = (name: string) => 30 + 46 + 2 * name.length;
    const plain = (files: typeof many) => files.reduce((sum, { name }) => sum + perFile(name), 22);
    expect(zipLength(few, AT)).toBe(plain(few));
    expect(zipLength(many, AT)).toBe(plain(many) + 56 + 20);
    // One file too long for 32 bits: its sizes in both headers, and the place of the directory behind it.
    expect(zipLength([{ name: 'F', size: 2 ** 32 }], AT)).toBe(2 ** 32 + perFile('F') + 20 + 20 + 76 + 22);
    const read = await unpacked(await archive(many.map(({ name }) => entryOf(name, []))));
    expect(Object.keys(read)).toHaveLength(65_535);
  });
});
