import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { raiser } from '../../kernel/fault.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { directoryMaker } from './durable-files.ts';
import { OBJECT_FAULTS } from './faults.ts';
import type { ImageObjects } from './image-objects.ts';
import { type ObjectWriter, objectWriter, type WriterPlace } from './object-writer.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { type ContentHash, HEAD_BYTES_MAX, sealedLayout } from './sealed-content.ts';
import { type OpenObject, sealedPart, sealedReader } from './sealed-reader.ts';

const raise = raiser(OBJECT_FAULTS);
const NAME = /^[0-9a-f]{64}$/;

/**
 * Image objects in a bucket, sealed here as in a folder: the store sees neither names nor pictures. An object is first whole and
 * flushed in a local folder, then stored, and only then there; what a crash left in that folder was answered to nobody.
 *
 * @param spool local folder of objects that are on their way
 */
export const s3Images = (bucket: S3Bucket, spool: string, keys: KeyRing): ImageObjects => {
  const incoming = join(spool, 'incoming');
  const outgoing = join(spool, 'outgoing');
  const nameOf = (content: ContentHash): string => {
    if (!NAME.test(content)) throw raise('OBJECT_MISSING');
    return keys.hash('image-object', content);
  };
  const keyOf = (content: ContentHash): string => {
    const name = nameOf(content);
    return `${name.slice(0, 2)}/${name}`;
  };
  const makeDirectory = directoryMaker();
  /** Each writer has a file of its own on its way: two may bring the same content at the same time. */
  const newPlace = (): WriterPlace => {
    const way = randomBytes(12).toString('hex');
    return {
      keys,
      incoming,
      nameOf,
      pathOf: (name) => join(outgoing, `${name}.${way}`),
      makeDirectory,
      journal: () => undefined,
    };
  };
  const begin = async (): Promise<ObjectWriter> => {
    const place = newPlace();
    const send = async (content: ContentHash): Promise<void> => {
      const path = place.pathOf(nameOf(content));
      await bucket.put(keyOf(content), path);
      await rm(path, { force: true });
    };
    const writer = objectWriter(place);
    return {
      write: (bytes) => writer.write(bytes),
      abort: () => writer.abort(),
      async finish() {
        const finished = await writer.finish();
        await send(finished.content);
        return finished;
      },
      async end() {
        const ended = await writer.end();
        return { ...ended, durable: ended.durable.then(() => send(ended.content)) };
      },
    };
  };
  const open = async (content: ContentHash): Promise<OpenObject> => {
    const key = keyOf(content);
    const { bytes, whole } = await bucket.read(key, 0, HEAD_BYTES_MAX);
    const head = Buffer.alloc(HEAD_BYTES_MAX);
    bytes.copy(head);
    return sealedReader(
      {
        async read(into, position) {
          const found = await bucket.read(key, position, Math.min(into.length, whole - position));
          return found.bytes.copy(into);
        },
        close: async () => undefined,
      },
      sealedLayout(keys, head, whole),
    );
  };
  return {
    begin,
    open,
    part: async (content, offset, length) => {
      const key = keyOf(content);
      return sealedPart(keys, (position, wanted) => bucket.read(key, position, wanted), offset, length);
    },
    async put(bytes) {
      const object = await begin();
      await object.write(bytes);
      return (await object.finish()).content;
    },
    async get(content) {
      const object = await open(content);
      return object.read(0, object.size);
    },
    remove: (content) => bucket.remove(keyOf(content)),
    // What is on its way is flushed before it is stored; a journal would only be a third place.
    keepJournal: async () => undefined,
    close: async () => undefined,
    async sweep(before) {
      let removed = 0;
      for (const folder of [incoming, outgoing])
        for (const name of await readdir(folder).catch(() => [] as string[])) {
          const path = join(folder, name);
          const found = await stat(path).catch(() => undefined);
          if (!found || found.mtimeMs >= before) continue;
          await rm(path, { force: true });
          removed += 1;
        }
      return removed;
    },
  };
};
