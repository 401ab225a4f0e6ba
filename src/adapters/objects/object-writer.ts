import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { releaseBytes } from '../../kernel/released-bytes.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { ArrivalJournal } from './arrival-journal.ts';
import { objectFault, syncDirectory, writeWhole } from './durable-files.ts';
import { type ContentHash, ContentSealer } from './sealed-content.ts';
import { LANE_OBJECT_BYTES_MAX, type LaneRoom } from './write-lane.ts';

/** An object all of whose bytes have come. */
export interface EndedObject {
  readonly content: ContentHash;
  readonly size: number;
  /** Resolves when it is durable under its name. */
  readonly durable: Promise<void>;
}

/** An object that is being written. */
export interface ObjectWriter {
  /** A promise where the caller has to wait before more may come. The bytes are the caller's again afterwards. */
  write(bytes: Uint8Array): Promise<void> | void;
  /** Resolves when the object is durable under its name. */
  finish(): Promise<Pick<EndedObject, 'content' | 'size'>>;
  /** Ends it without waiting for the disk, through the journal where one is kept and the object is small. */
  end(): Promise<EndedObject>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/** Where objects are written to. */
export interface WriterPlace {
  readonly keys: KeyRing;
  /** Folder of half-written objects. */
  readonly incoming: string;
  /** Name of an object's file. */
  nameOf(content: ContentHash): string;
  /** Where the file of this name lies. */
  pathOf(name: string): string;
  makeDirectory(directory: string): Promise<void>;
  journal(): ArrivalJournal | undefined;
}

/** Sealed bytes up to which an object is held in memory: a slice of CT or MR, whose sender waits for each answer. */
const HELD_BYTES_MAX = 1024 * 1024;
/** Of a larger one, sealed bytes that wait for one write: fewer, larger writes leave the disk and the threads to others. */
const WAITING_BYTES_MAX = 512 * 1024;

/** A file that nobody sees yet. */
const temporaryFile = async (place: WriterPlace): Promise<{ path: string; handle: FileHandle }> => {
  await place.makeDirectory(place.incoming);
  const path = join(place.incoming, randomBytes(12).toString('hex'));
  return { path, handle: await open(path, 'wx', 0o600) };
};

/** Puts a whole object in its place, durably. */
export const placeDurably = async (
  place: WriterPlace,
  content: ContentHash,
  parts: readonly Uint8Array[],
): Promise<void> => {
  const target = place.pathOf(place.nameOf(content));
  await place.makeDirectory(dirname(target));
  const { path, handle } = await temporaryFile(place);
  try {
    await writeWhole(handle, parts);
    await handle.datasync();
    await rename(path, target);
    await syncDirectory(dirname(target));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
};

/** Begins an object. Nothing touches the disk before there is too much of it for memory, or all. */
export const objectWriter = (place: WriterPlace): ObjectWriter => {
  const journal = place.journal();
  const sealer = new ContentSealer(place.keys);
  /** Where its sealed bytes gather as long as it is small. */
  let room: LaneRoom | undefined = journal?.begin();
  /** What had gathered there before it became too much. */
  let gathered: Uint8Array | undefined;
  /** The file of a large object. */
  let file: Promise<{ path: string; handle: FileHandle }> | undefined;
  /** Writes of a large object, one behind the other. */
  let writing: Promise<void> = Promise.resolve();
  let isOver = false;

  /** Sealed bytes that are neither in the room nor on the disk. */
  const heldBytes = (): number => (gathered?.length ?? 0) + sealer.sealedBytes;
  const takeHeld = (): readonly Uint8Array[] => {
    const parts = gathered ? [gathered, ...sealer.take()] : sealer.take();
    gathered = undefined;
    return parts;
  };
  /** Moves what is sealed into the room; where that is too small, all of it is held instead. */
  const gather = (): void => {
    if (!room) return;
    if (sealer.sealedBytes <= room.free) return room.put(sealer.take());
    gathered = Buffer.from(room.sealed());
    leaveRoom();
  };
  const leaveRoom = (): void => {
    room?.drop();
    room = undefined;
  };
  const discard = async (): Promise<void> => {
    isOver = true;
    leaveRoom();
    takeHeld();
    const written = await file?.catch(() => undefined);
    if (!written) return;
    await writing.catch(() => undefined);
    await written.handle.close().catch(() => undefined);
    await rm(written.path, { force: true });
  };
  const flush = (): Promise<void> => {
    file ??= temporaryFile(place);
    const parts = takeHeld();
    writing = writing.then(async () => {
      const { handle } = await (file as Promise<{ handle: FileHandle }>);
      await writeWhole(handle, parts);
      for (const part of parts) releaseBytes(part);
    });
    return writing;
  };
  const attempt = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (cause) {
      await discard();
      throw objectFault(cause);
    }
  };
  const finishLarge = async (content: ContentHash): Promise<void> => {
    await flush();
    const { path, handle } = await (file as Promise<{ path: string; handle: FileHandle }>);
    const target = place.pathOf(place.nameOf(content));
    await place.makeDirectory(dirname(target));
    await handle.datasync();
    await rename(path, target);
    await syncDirectory(dirname(target));
    await handle.close();
  };
  const journaled = async (
    to: ArrivalJournal,
    content: ContentHash,
    length: number,
    sealed: readonly Uint8Array[] | LaneRoom,
  ): Promise<void> => {
    const name = place.nameOf(content);
    const path = place.pathOf(name);
    try {
      await place.makeDirectory(dirname(path));
      await to.append({ name, length }, sealed, path);
    } catch (cause) {
      if ('drop' in sealed) sealed.drop();
      throw objectFault(cause);
    }
  };
  const placeSmall = async (content: ContentHash): Promise<void> => {
    const sealed = takeHeld();
    await placeDurably(place, content, sealed);
    for (const part of sealed) releaseBytes(part);
  };
  const durably = (content: ContentHash): Promise<void> => {
    const length = heldBytes();
    if (file !== undefined) return attempt(finishLarge(content));
    return journal?.isReady && length <= LANE_OBJECT_BYTES_MAX
      ? journaled(journal, content, length, takeHeld())
      : attempt(placeSmall(content));
  };
  const end = async (): Promise<EndedObject> => {
    const { size } = sealer;
    const content = sealer.end();
    gather();
    const gatheredIn = room;
    // From here on it is the journal's.
    room = undefined;
    return {
      content,
      size,
      durable:
        journal && gatheredIn ? journaled(journal, content, gatheredIn.length, gatheredIn) : durably(content),
    };
  };

  return {
    write(bytes) {
      if (isOver) return;
      sealer.add(bytes);
      gather();
      const most = file === undefined ? HELD_BYTES_MAX : WAITING_BYTES_MAX;
      return heldBytes() > most ? attempt(flush()) : undefined;
    },
    end,
    async finish() {
      const { content, size, durable } = await end();
      await durable;
      return { content, size };
    },
    abort: discard,
  };
};
