import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { raiser } from '../../kernel/fault.ts';
import { directoryMaker, objectFault, syncDirectory } from './durable-files.ts';
import { OBJECT_FAULTS } from './faults.ts';
import {
  type FoundRecord,
  isGone,
  JournalSegment,
  type JournalRecord,
  openSegment,
  ownMark,
  recordBytes,
} from './journal-segment.ts';
import { canWriteDirect } from './pages.ts';
import { type LaneRoom, LaneError, startWriteLane, type WriteLane } from './write-lane.ts';

/** Keeps objects until they are durable in their own files. */
export interface ArrivalJournal {
  /** Whether there is room without waiting for it. Where there is none, some is being made. */
  readonly isReady: boolean;
  /**
   * Resolves when the record would survive a power cut. The object's own file is written behind that: who finds none there
   * yet finds the record (`findRecord`). Its bytes are given back.
   *
   * @param sealed the object, no longer than `LANE_OBJECT_BYTES_MAX`: in parts, or in the room where it has gathered
   * @param path the object's own file; its directory is there
   */
  append(record: JournalRecord, sealed: readonly Uint8Array[] | LaneRoom, path: string): Promise<void>;
  /** Room in which the sealed bytes of an object gather; undefined while there is none. None is made for it. */
  begin(): LaneRoom | undefined;
  /** Empties it and takes it away. */
  close(): Promise<void>;
}

interface Waiting {
  readonly record: JournalRecord;
  readonly sealed: readonly Uint8Array[] | LaneRoom;
  readonly path: string;
  resolve(): void;
  reject(error: unknown): void;
}

/** A file that was written and is not flushed. */
interface PlacedFile {
  readonly descriptor: number;
  readonly directory: string;
}

interface Volume {
  readonly segment: JournalSegment;
  /** The files of the objects in it. */
  placed: Promise<PlacedFile>[];
  /** A write into it failed: what would be written behind that could not be found again. */
  isBroken: boolean;
  /** An object in it has no file of its own, though its record is durable: a disk that is full, a folder that is closed. */
  isOwing: boolean;
}

const SEGMENT_BYTES = 32 * 1024 * 1024;
const SEGMENTS_MAX = 4;
/** While so many are ready to be written, full ones wait: what empties them would hold up those who wait for a flush. */
const READY_MIN = 2;
/** Without arrivals for this long everything is emptied. */
const QUIET_MS = 10_000;
/** Without arrivals for this long its room on the disk and its threads are given back. */
const IDLE_MS = 600_000;
/** A segment that nobody has written for this long has no owner, wherever that may have been. */
const SEGMENT_AGE_MAX_MS = 24 * 3_600_000;
const SUFFIX = '.arrivals';

const raise = raiser(OBJECT_FAULTS);

/**
 * A journal in a folder. Who asks first is written first. A full segment is emptied when others run short, or nothing comes any
 * more: its objects' own files are flushed then, and nobody waits for that.
 *
 * @param spare folder in which a file is written before it takes its place
 * @param again puts the object of a record in its place, durably: where that failed behind the record
 */
export const arrivalJournal = (
  folder: string,
  spare: string,
  again: (record: FoundRecord) => Promise<void>,
  onError: (error: unknown) => void,
): ArrivalJournal => {
  const owner = ownMark();
  const makeDirectory = directoryMaker();
  const waiting: Waiting[] = [];
  const volumes = new Set<Volume>();
  const free: Volume[] = [];
  const full: Volume[] = [];
  let lane: WriteLane | undefined;
  let current: Volume | undefined;
  let making: Promise<void> | undefined;
  let emptying: Promise<void> | undefined;
  let isDirect: boolean | undefined;
  let isFilling = false;
  let isClosed = false;
  let isQuiet = false;
  let timer: NodeJS.Timeout | undefined;

  const openLane = (): WriteLane => {
    if (lane?.isBroken) void closeLane().catch(onError);
    return (lane ??= startWriteLane(spare, (isDirect ??= canWriteDirect(spare))));
  };
  const closeLane = async (): Promise<void> => {
    const closing = lane;
    lane = undefined;
    await closing?.close();
  };
  const make = (): Promise<void> => {
    making ??= (async () => {
      await makeDirectory(folder);
      await makeDirectory(spare);
      openLane();
      const path = join(folder, `${randomBytes(8).toString('hex')}${SUFFIX}`);
      const segment = await JournalSegment.make(path, SEGMENT_BYTES, owner, isDirect === true);
      await syncDirectory(folder);
      const volume: Volume = { segment, placed: [], isBroken: false, isOwing: false };
      volumes.add(volume);
      free.push(volume);
    })().finally(() => {
      making = undefined;
    });
    return making;
  };
  const drop = async (volume: Volume): Promise<void> => {
    volumes.delete(volume);
    await volume.segment.close();
    await rm(volume.segment.path, { force: true });
  };
  const placeAgain = async ({ segment }: Volume): Promise<void> => {
    const found = await openSegment(segment.path);
    try {
      for await (const record of found?.records() ?? []) await again(record);
    } finally {
      await found?.close();
    }
  };
  const empty = async (volume: Volume): Promise<void> => {
    const settled = await Promise.allSettled(volume.placed);
    const placed = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    volume.placed = [];
    await openLane().flush(
      placed.map(({ descriptor }) => descriptor),
      [...new Set(placed.map(({ directory }) => directory))],
    );
    if (volume.isOwing) await placeAgain(volume);
    volume.isOwing = false;
    if (isClosed || volume.isBroken) return drop(volume);
    await volume.segment.clear();
    free.push(volume);
  };
  const tryLater = (volume: Volume): void => {
    setTimeout(() => {
      if (isClosed) return;
      full.push(volume);
      emptyNext();
    }, QUIET_MS).unref();
  };
  /** Empties the oldest full one beside the work. What cannot be emptied stays as it is: a restart goes through it again. */
  const emptyNext = (): void => {
    const volume = emptying ? undefined : full.shift();
    if (!volume) return;
    emptying = empty(volume)
      .catch((error: unknown) => {
        if (volume.isOwing && !isClosed) tryLater(volume);
        else volumes.delete(volume);
        onError(error);
      })
      .finally(() => {
        emptying = undefined;
        if (isQuiet || free.length < READY_MIN) emptyNext();
      });
  };
  const retire = (volume: Volume): void => {
    full.push(volume);
    if (isQuiet || free.length < READY_MIN) emptyNext();
  };
  const hasRoom = (volume: Volume | undefined, bytes: number): volume is Volume =>
    volume !== undefined && !volume.isBroken && volume.segment.room >= bytes;
  const volumeFor = async (bytes: number): Promise<Volume> => {
    while (!hasRoom(current, bytes)) {
      if (current) retire(current);
      current = free.shift();
      if (current) continue;
      emptyNext();
      if (volumes.size < SEGMENTS_MAX) await make();
      else await emptying;
      current = free.shift();
    }
    // The next one is made ready while this one fills.
    if (free.length === 0 && volumes.size < SEGMENTS_MAX) make().catch(onError);
    return current;
  };
  const rest = (): void => {
    if (isFilling || waiting.length > 0) return;
    isQuiet = true;
    if (current) retire(current);
    current = undefined;
    emptyNext();
    timer = setTimeout(() => {
      if (current !== undefined || isFilling || emptying) return;
      void Promise.all([...free.splice(0).map(drop), closeLane()]).catch(onError);
    }, IDLE_MS).unref();
  };
  /** Writes one into its place; the file that comes of it is the volume's. */
  const place = async (volume: Volume, { record, sealed, path }: Waiting): Promise<void> => {
    const to = { ...volume.segment.take(record), path };
    const { durable, placed } = 'write' in sealed ? sealed.write(to) : openLane().write({ ...to, sealed });
    const file = placed.then((descriptor) => ({ descriptor, directory: dirname(path) }));
    volume.placed.push(file);
    // Told below, where it is not for the same reason that the record is not there.
    file.catch(() => undefined);
    try {
      await durable;
    } catch (error) {
      // Of a thread that ended nobody knows how far it came.
      if (!(error instanceof LaneError) || error.isSegmentBroken) volume.isBroken = true;
      throw objectFault(error);
    }
    placed.catch((error: unknown) => {
      volume.isOwing = true;
      onError(objectFault(error));
    });
  };
  /** Gives each its place in the journal, in turn. That is written while the next one gets its own. */
  const fill = async (): Promise<void> => {
    if (isFilling) return;
    isFilling = true;
    isQuiet = false;
    clearTimeout(timer);
    for (let first = waiting.shift(); first; first = waiting.shift()) {
      const { resolve, reject } = first;
      try {
        const bytes = recordBytes(first.record);
        const volume = hasRoom(current, bytes) ? current : await volumeFor(bytes);
        place(volume, first).then(resolve, reject);
      } catch (error) {
        reject(objectFault(error));
      }
    }
    isFilling = false;
    timer = setTimeout(rest, QUIET_MS).unref();
  };

  // What is owed its file is first given it: until then whoever sends is told what the disk says.
  const isOwing = (): boolean => [...volumes].some((volume) => volume.isOwing);
  const hasSegment = (): boolean => !isClosed && !isOwing() && (current !== undefined || free.length > 0);
  return {
    get isReady() {
      const isReady = hasSegment();
      if (!isReady && !isClosed && volumes.size === 0) make().catch(onError);
      return isReady;
    },
    begin: () => (hasSegment() ? openLane().begin() : undefined),
    append: (record, sealed, path) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(raise('OBJECT_STORE_UNREACHABLE', { detail: 'closed' }));
        waiting.push({ record, sealed, path, resolve, reject });
        void fill();
      }),
    async close() {
      isClosed = true;
      isQuiet = true;
      clearTimeout(timer);
      await making?.catch(() => undefined);
      if (current) full.push(current);
      current = undefined;
      for (emptyNext(); emptying; emptyNext()) await emptying;
      await Promise.all(free.splice(0).map(drop));
      await closeLane();
    },
  };
};

const segmentsIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => [] as string[]))
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => join(folder, name));

/**
 * Goes through what journals of other processes hold: to do again what was done is no harm. One that lives on this machine
 * does it itself. A segment whose owner is gone is removed afterwards.
 *
 * @param again takes a record; a segment of which one is not taken stays
 */
export const replayJournals = async (
  folder: string,
  again: (record: FoundRecord) => Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> => {
  const { machine } = ownMark();
  for (const path of await segmentsIn(folder)) {
    try {
      const segment = await openSegment(path);
      const isOwnerGone = segment !== undefined && isGone(segment.owner);
      try {
        if (segment?.owner.machine === machine && !isOwnerGone) continue;
        for await (const record of segment?.records() ?? []) await again(record);
      } finally {
        await segment?.close();
      }
      const { mtimeMs } = await stat(path);
      if (isOwnerGone || mtimeMs < Date.now() - SEGMENT_AGE_MAX_MS) await rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(error);
    }
  }
};

/** The record of an object in any journal of a folder: its own file is written behind it. */
export const findRecord = async (folder: string, name: string): Promise<FoundRecord | undefined> => {
  for (const path of await segmentsIn(folder)) {
    // One that was emptied and removed meanwhile has given its objects their files.
    const segment = await openSegment(path).catch(() => undefined);
    try {
      for await (const record of segment?.records(name) ?? []) return record;
    } finally {
      await segment?.close();
    }
  }
  return undefined;
};
