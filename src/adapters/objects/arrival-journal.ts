import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { raiser } from '../../kernel/fault.ts';
import {
  directoryFlusher,
  directoryMaker,
  flushAndClose,
  objectFault,
  syncDirectory,
  type UnflushedFile,
} from './durable-files.ts';
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

/** Keeps objects until they are durable in their own files. */
export interface ArrivalJournal {
  /** Whether there is room without waiting for it. Where there is none, some is being made. */
  readonly isReady: boolean;
  /**
   * Resolves when the record would survive a power cut.
   *
   * @param placed the object's own file
   */
  append(record: JournalRecord, placed: Promise<UnflushedFile>): Promise<void>;
  /** Empties it and takes it away. */
  close(): Promise<void>;
}

interface Waiting {
  readonly record: JournalRecord;
  readonly placed: Promise<UnflushedFile>;
  resolve(): void;
  reject(error: unknown): void;
}

interface Volume {
  readonly segment: JournalSegment;
  /** The files of the objects in it. */
  placed: Promise<UnflushedFile>[];
  /** A write into it failed: what would be written behind that could not be found again. */
  isBroken: boolean;
}

const SEGMENT_BYTES = 32 * 1024 * 1024;
const SEGMENTS_MAX = 4;
/** Parts that one system call takes. */
const PARTS_MAX = 900;
/** While so many are ready to be written, full ones wait: what empties them would hold up those who wait for a flush. */
const READY_MIN = 2;
/** Without arrivals for this long everything is emptied. */
const QUIET_MS = 10_000;
/** Without arrivals for this long its room on the disk is given back. */
const IDLE_MS = 600_000;
const FLUSHERS = 2;
/** A segment that nobody has written for this long has no owner, wherever that may have been. */
const SEGMENT_AGE_MAX_MS = 24 * 3_600_000;
const SUFFIX = '.arrivals';

const raise = raiser(OBJECT_FAULTS);

/** Does some work for each, a few at a time. */
const forEach = async <Value>(
  values: readonly Value[],
  work: (value: Value) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let value = values[next++]; value !== undefined; value = values[next++]) await work(value);
  };
  const outcomes = await Promise.allSettled(Array.from({ length: FLUSHERS }, lane));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
};

/**
 * A journal in a folder. Arrivals that come at once are written as one; while that is being flushed, the next ones gather. A
 * full segment is emptied when others run short, or nothing comes any more: its objects' own files are flushed then, and nobody
 * waits for that.
 */
export const arrivalJournal = (folder: string, onError: (error: unknown) => void): ArrivalJournal => {
  const owner = ownMark();
  const makeDirectory = directoryMaker();
  const directories = directoryFlusher();
  const waiting: Waiting[] = [];
  const volumes = new Set<Volume>();
  const free: Volume[] = [];
  const full: Volume[] = [];
  let current: Volume | undefined;
  let making: Promise<void> | undefined;
  let emptying: Promise<void> | undefined;
  let isWriting = false;
  let isClosed = false;
  let isQuiet = false;
  let timer: NodeJS.Timeout | undefined;

  const make = (): Promise<void> => {
    making ??= (async () => {
      await makeDirectory(folder);
      const path = join(folder, `${randomBytes(8).toString('hex')}${SUFFIX}`);
      const segment = await JournalSegment.make(path, SEGMENT_BYTES, owner);
      await syncDirectory(folder);
      const volume: Volume = { segment, placed: [], isBroken: false };
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
  const empty = async (volume: Volume): Promise<void> => {
    const settled = await Promise.allSettled(volume.placed);
    const placed = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    await forEach(placed, flushAndClose);
    await forEach([...new Set(placed.map(({ directory }) => directory))], directories.flush);
    volume.placed = [];
    if (isClosed || volume.isBroken) return drop(volume);
    await volume.segment.clear();
    free.push(volume);
  };
  /** Empties the oldest full one beside the work. What cannot be emptied stays as it is: a restart goes through it again. */
  const emptyNext = (): void => {
    const volume = emptying ? undefined : full.shift();
    if (!volume) return;
    emptying = empty(volume)
      .catch((error: unknown) => {
        volumes.delete(volume);
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
  const volumeFor = async (bytes: number): Promise<Volume> => {
    while (current === undefined || current.isBroken || current.segment.room < bytes) {
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
    if (isWriting || waiting.length > 0) return;
    isQuiet = true;
    if (current) retire(current);
    current = undefined;
    timer = setTimeout(() => {
      if (current === undefined && !isWriting) void Promise.all(free.splice(0).map(drop)).catch(onError);
    }, IDLE_MS).unref();
  };
  const takeGroup = (volume: Volume): Waiting[] => {
    const group: Waiting[] = [];
    let room = volume.segment.room;
    let parts = 0;
    for (let next = waiting[0]; next; next = waiting[0]) {
      room -= recordBytes(next.record);
      parts += next.record.sealed.length + 2;
      if (group.length > 0 && (room < 0 || parts > PARTS_MAX)) break;
      group.push(next);
      waiting.shift();
    }
    return group;
  };
  const writeGroup = async (): Promise<void> => {
    const [first] = waiting as [Waiting, ...Waiting[]];
    let group: readonly Waiting[] = [first];
    try {
      const volume = await volumeFor(recordBytes(first.record));
      group = takeGroup(volume);
      volume.placed.push(...group.map(({ placed }) => placed));
      try {
        await volume.segment.append(group.map(({ record }) => record));
      } catch (error) {
        volume.isBroken = true;
        throw error;
      }
      for (const one of group) one.resolve();
    } catch (error) {
      if (waiting[0] === first) waiting.shift();
      for (const one of group) one.reject(objectFault(error));
    }
  };
  const write = async (): Promise<void> => {
    if (isWriting) return;
    isWriting = true;
    isQuiet = false;
    clearTimeout(timer);
    while (waiting.length > 0) await writeGroup();
    isWriting = false;
    timer = setTimeout(rest, QUIET_MS).unref();
  };

  return {
    get isReady() {
      if (isClosed) return false;
      const isReady = current !== undefined || free.length > 0;
      if (!isReady && volumes.size === 0) make().catch(onError);
      return isReady;
    },
    append: (record, placed) =>
      new Promise((resolve, reject) => {
        // Who asked for it hears of its failure.
        placed.catch(() => undefined);
        if (isClosed) return reject(raise('OBJECT_STORE_UNREACHABLE', { detail: 'closed' }));
        waiting.push({ record, placed, resolve, reject });
        void write();
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
      await directories.close();
    },
  };
};

/**
 * Goes through what journals of other processes hold, whether they live or not: to do again what was done is no harm. A
 * segment whose owner is gone is removed afterwards.
 *
 * @param again takes a record; a segment of which one is not taken stays
 */
export const replayJournals = async (
  folder: string,
  again: (record: FoundRecord) => Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> => {
  const own = ownMark();
  const names = (await readdir(folder).catch(() => [] as string[])).filter((name) => name.endsWith(SUFFIX));
  for (const name of names) {
    const path = join(folder, name);
    try {
      const segment = await openSegment(path);
      if (segment?.owner.machine === own.machine && segment.owner.process === own.process) {
        await segment.close();
        continue;
      }
      try {
        for await (const record of segment?.records() ?? []) await again(record);
      } finally {
        await segment?.close();
      }
      const { mtimeMs } = await stat(path);
      const isOver = (segment && isGone(segment.owner)) || mtimeMs < Date.now() - SEGMENT_AGE_MAX_MS;
      if (isOver) await rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(error);
    }
  }
};
