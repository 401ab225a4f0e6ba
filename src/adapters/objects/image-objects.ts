import * as files from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, raiser } from '../../kernel/fault.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type ArrivalJournal, arrivalJournal, findRecord, replayJournals } from './arrival-journal.ts';
import { directoryMaker, objectFault } from './durable-files.ts';
import { OBJECT_FAULTS } from './faults.ts';
import { filePart } from './file-part.ts';
import type { FoundRecord } from './journal-segment.ts';
import { objectWriter, type ObjectWriter, placeDurably, type WriterPlace } from './object-writer.ts';
import {
  type ContentHash,
  contentOfSealed,
  HEAD_BYTES_MAX,
  sealedLayout,
  type SealedLayout,
} from './sealed-content.ts';
import { openedBeside } from './read-lane.ts';
import { type OpenObject, sealedReader, type SealedSource } from './sealed-reader.ts';

export type { ObjectWriter } from './object-writer.ts';
export type { ContentHash } from './sealed-content.ts';
export type { OpenObject } from './sealed-reader.ts';

/**
 * Keeps images: large contents that are written as they arrive and read in parts. Sealed stretch by stretch, so that any part
 * is read without the rest and none that was altered is ever given out.
 */
export interface ImageObjects {
  begin(): Promise<ObjectWriter>;
  /** @throws OBJECT_MISSING */
  open(content: ContentHash): Promise<OpenObject>;
  /**
   * Bytes from `offset` on, fewer at the end, for who wants no more of the object: in pieces, each of which is the caller's
   * alone.
   *
   * @throws OBJECT_MISSING, OBJECT_DAMAGED
   */
  part(content: ContentHash, offset: number, length: number): Promise<readonly Uint8Array[]>;
  put(bytes: Uint8Array): Promise<ContentHash>;
  get(content: ContentHash): Promise<Uint8Array>;
  remove(content: ContentHash): Promise<void>;
  /**
   * From now on small objects whose writer is ended become durable in a journal before they are in their own files. What
   * processes before left in theirs is put in its place first. For a process that receives as long as it runs.
   *
   * @param onError told of what went wrong beside the writing; it is gone through again after a restart
   */
  keepJournal(onError: (error: unknown) => void): Promise<void>;
  close(): Promise<void>;
  /** Removes half-written objects to which nothing was added since `before`: what a crash left. Tells how many. */
  sweep(before: Instant): Promise<number>;
}

const raise = raiser(OBJECT_FAULTS);
const NAME = /^[0-9a-f]{64}$/;

const layoutOf = async (handle: FileHandle, keys: KeyRing): Promise<SealedLayout> => {
  // What is known of an open file is asked without another thread.
  const { size: stored } = files.fstatSync(handle.fd);
  const head = Buffer.alloc(HEAD_BYTES_MAX);
  await handle.read(head, 0, head.length, 0);
  return sealedLayout(keys, head, stored);
};

const fileSource = (handle: FileHandle): SealedSource => ({
  async read(into, position) {
    try {
      return (await handle.read(into, 0, into.length, position)).bytesRead;
    } catch (cause) {
      throw objectFault(cause);
    }
  },
  close: () => handle.close(),
});

/** Image objects in a folder: `ab/abcd…` by keyed hash, half-written ones in `incoming`. */
export const fileImages = (root: string, keys: KeyRing): ImageObjects => {
  const incoming = join(root, 'incoming');
  const journals = join(root, 'journal');
  let journal: ArrivalJournal | undefined;
  const nameOf = (content: ContentHash): string => {
    if (!NAME.test(content)) throw raise('OBJECT_MISSING');
    return keys.hash('image-object', content);
  };
  const pathOf = (name: string): string => join(root, name.slice(0, 2), name);
  const fileOf = (content: ContentHash): string => pathOf(nameOf(content));
  const placeAgain = async ({ name, sealed }: FoundRecord): Promise<void> => {
    const content = contentOfSealed(keys, sealed);
    // What was not written to its end was answered to nobody.
    if (content !== undefined && nameOf(content) === name) await placeDurably(place, content, [sealed]);
  };
  /** Reads an object. One that has just come may lie in a journal alone: it is given its own file then. */
  const found = async <Value>(content: ContentHash, read: () => Promise<Value>): Promise<Value> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Fault && error.code === 'OBJECT_MISSING')) throw error;
      const record = await findRecord(journals, nameOf(content));
      if (record !== undefined)
        await placeAgain(record).catch((cause: unknown) => {
          throw objectFault(cause);
        });
      // Where there was no record any more, the file has come meanwhile, or is missing.
      return read();
    }
  };
  const openPlaced = async (content: ContentHash): Promise<OpenObject> => {
    let handle: FileHandle;
    try {
      handle = await open(fileOf(content), 'r');
    } catch (cause) {
      throw objectFault(cause);
    }
    try {
      return sealedReader(fileSource(handle), await layoutOf(handle, keys));
    } catch (cause) {
      await handle.close();
      throw objectFault(cause);
    }
  };
  const openObject = (content: ContentHash): Promise<OpenObject> => found(content, () => openPlaced(content));
  const place: WriterPlace = {
    keys,
    incoming,
    nameOf,
    pathOf,
    makeDirectory: directoryMaker(),
    journal: () => journal,
  };
  const begin = async (): Promise<ObjectWriter> => objectWriter(place);
  const reading = openedBeside(keys, filePart);
  return {
    begin,
    open: openObject,
    part: (content, offset, length) => found(content, () => reading.part(fileOf(content), offset, length)),
    async put(bytes) {
      const object = await begin();
      await object.write(bytes);
      return (await object.finish()).content;
    },
    async get(content) {
      const object = await openObject(content);
      try {
        return await object.read(0, object.size);
      } finally {
        await object.close();
      }
    },
    async keepJournal(onError) {
      await replayJournals(journals, placeAgain, onError);
      journal ??= arrivalJournal(journals, incoming, placeAgain, onError);
    },
    async close() {
      await Promise.all([journal?.close(), reading.close()]);
    },
    async remove(content) {
      await rm(fileOf(content), { force: true });
    },
    async sweep(before) {
      const names = await readdir(incoming).catch(() => [] as string[]);
      let removed = 0;
      for (const name of names) {
        const path = join(incoming, name);
        const found = await stat(path).catch(() => undefined);
        if (!found || found.mtimeMs >= before) continue;
        await rm(path, { force: true });
        removed += 1;
      }
      return removed;
    },
  };
};
