import { Worker } from 'node:worker_threads';
import { releaseBytes } from '../../kernel/released-bytes.ts';
import { threadEnvironment } from '../../kernel/thread-environment.ts';
import { copyBytes, PAGE_BYTES, paddingBehind, sharedPages } from './pages.ts';

/** Where a record goes in the journal. */
export interface JournalPlace {
  /** This use of the segment: a write that fails spoils what would come behind it. */
  readonly use: string;
  readonly descriptor: number;
  readonly position: number;
}

/** An object to be written into the journal, durably, and behind that into its own file, unflushed. */
export interface LaneRecord {
  readonly head: Uint8Array;
  /** Given back as soon as they are copied. */
  readonly sealed: readonly Uint8Array[];
  readonly journal: JournalPlace;
  readonly path: string;
}

/** What the thread works with. */
export interface LaneSurroundings {
  readonly memory: SharedArrayBuffer;
  /** Folder in which a file is written before it takes its place. */
  readonly spare: string;
  /** Whether files are written past the cache. */
  readonly isDirect: boolean;
}

/** How far a record has come. */
export interface WrittenRecord {
  /** Resolves when it would survive a power cut. */
  readonly durable: Promise<void>;
  /** Resolves to the descriptor of the object's own file when that is written, after `durable`. */
  readonly placed: Promise<number>;
}

/** Writes a record and the file of the object in it. */
export interface WriteJob {
  readonly kind: 'write';
  readonly job: number;
  /** Where the record lies in the memory that is shared. */
  readonly at: number;
  /** Whole pages. */
  readonly recordBytes: number;
  readonly journal: JournalPlace;
  readonly path: string;
  /** Bytes of the object. */
  readonly length: number;
}

/** Flushes and closes files, then flushes the directories that they are in. */
export interface FlushJob {
  readonly kind: 'flush';
  readonly job: number;
  readonly descriptors: readonly number[];
  readonly directories: readonly string[];
}

/** Closes the directories that stayed open. */
export interface RestJob {
  readonly kind: 'rest';
  readonly job: number;
}

/** What a thread is asked. */
export type LaneJob = WriteJob | FlushJob | RestJob;

/** The thread's answer to one job; several come in one message, since each wakes whoever reads it. */
export interface LaneOutcome {
  readonly job: number;
  /** Another answer follows: the record is durable, its object's own file is being written. */
  readonly isDurableOnly?: boolean;
  readonly descriptor?: number;
  readonly failure?: { readonly code: string; readonly message: string };
  readonly isSegmentBroken?: boolean;
}

/** A job failed. */
export class LaneError extends Error {
  readonly code: string;
  readonly isSegmentBroken: boolean;

  constructor(
    { code, message }: { readonly code: string; readonly message: string },
    isSegmentBroken: boolean,
  ) {
    super(message);
    this.code = code;
    this.isSegmentBroken = isSegmentBroken;
  }
}

/** Room in which the sealed bytes of an object gather while it comes in, and from which they are written as they lie. */
export interface LaneRoom {
  /** Sealed bytes in it. */
  readonly length: number;
  /** Bytes for which there is room behind them. */
  readonly free: number;
  /** Puts parts down for which there is room, one behind the other, and gives their memory back. */
  put(parts: readonly Uint8Array[]): void;
  /** What is in it; valid until it is dropped. */
  sealed(): Uint8Array;
  /** As the lane's own `write`, of what is in it. The room is given back when that is over. */
  write(to: Omit<LaneRecord, 'sealed'>): WrittenRecord;
  /** Gives the room back where it is not written; nothing may be done with it afterwards. */
  drop(): void;
}

/** Writes small objects in a thread of its own, and flushes their files in another. */
export interface WriteLane {
  /** A thread of it has ended: another lane is needed. */
  readonly isBroken: boolean;
  /** Room for an object that comes in; undefined where there is none now. */
  begin(): LaneRoom | undefined;
  write(record: LaneRecord): WrittenRecord;
  flush(descriptors: readonly number[], directories: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Records that are being copied and written. */
const SLOTS = 4;
/** Objects that come in or are being written. */
const ROOMS = 12;
/** A page for the head, and an object as large as one is held in memory, with what the last piece brought. */
const SLOT_BYTES = 20 * 64 * 1024;
/** Longest object that the lane writes, sealed. */
export const LANE_OBJECT_BYTES_MAX = SLOT_BYTES - PAGE_BYTES;

interface Waiting {
  readonly onDurable: (() => void) | undefined;
  resolve(outcome: LaneOutcome): void;
  reject(error: unknown): void;
}

/** A thread and the jobs that it was given. */
const startThread = (program: URL, surroundings: LaneSurroundings) => {
  const thread = new Worker(program, {
    workerData: surroundings,
    env: threadEnvironment(process.env),
    // The files that it opens are flushed and closed elsewhere.
    trackUnmanagedFds: false,
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
  });
  const waiting = new Map<number, Waiting>();
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
    thread.unref();
  };
  thread.on('message', (outcomes: readonly LaneOutcome[]) => {
    for (const outcome of outcomes) {
      const asked = waiting.get(outcome.job);
      if (outcome.isDurableOnly) {
        asked?.onDurable?.();
        continue;
      }
      waiting.delete(outcome.job);
      asked?.resolve(outcome);
    }
    if (waiting.size === 0) thread.unref();
  });
  thread.on('error', fail);
  thread.on('exit', () => fail(new Error('the thread that writes objects has ended')));
  thread.unref();
  return {
    get isOver() {
      return failure !== undefined;
    },
    ask: (job: LaneJob, onDurable?: () => void): Promise<LaneOutcome> =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        waiting.set(job.job, { onDurable, resolve, reject });
        thread.ref();
        thread.postMessage(job);
      }),
    end: async (): Promise<void> => void (await thread.terminate()),
  };
};

const succeeded = (outcome: LaneOutcome): LaneOutcome => {
  const { failure, isSegmentBroken = false } = outcome;
  if (failure) throw new LaneError(failure, isSegmentBroken);
  return outcome;
};

/** Puts the head down on a page of its own. @returns where that ends */
const putHead = (slot: Uint8Array, head: Uint8Array): number => {
  slot.set(head);
  slot.fill(0, head.length, PAGE_BYTES);
  return PAGE_BYTES;
};

/** Puts parts down one behind the other and gives their memory back. @returns where they end */
const putParts = (into: Uint8Array, at: number, parts: readonly Uint8Array[]): number => {
  let end = at;
  for (const part of parts) {
    copyBytes(part, into, end);
    end += part.length;
    releaseBytes(part);
  }
  return end;
};

/** Makes whole pages of what is filled. @returns where they end */
const padPages = (slot: Uint8Array, filled: number): number => {
  const end = filled + paddingBehind(filled);
  slot.fill(0, filled, end);
  return end;
};

/**
 * Starts it.
 *
 * @param spare folder in which a file is written before it takes its place; it must be there
 * @param isDirect whether files are written past the cache
 */
export const startWriteLane = (spare: string, isDirect: boolean): WriteLane => {
  const memory = sharedPages((SLOTS + ROOMS) * SLOT_BYTES);
  const writer = startThread(new URL('./write-thread.ts', import.meta.url), { memory, spare, isDirect });
  const flusher = startThread(new URL('./write-thread.ts', import.meta.url), { memory, spare, isDirect });
  const free = Array.from({ length: SLOTS }, (_, slot) => slot * SLOT_BYTES);
  const freeRooms = Array.from({ length: ROOMS }, (_, room) => (SLOTS + room) * SLOT_BYTES);
  /**
   * Who waits to be written, in the order in which the records lie in the journal: what is written behind one that is not there
   * yet would not be found after a crash.
   */
  const queue: {
    /** Whether it needs a slot to be copied into. */
    readonly isCopied: boolean;
    begin(onDurable: () => void): Promise<number>;
    readonly durable: PromiseWithResolvers<void>;
    readonly placed: PromiseWithResolvers<number>;
  }[] = [];
  let jobs = 0;

  const next = (): void => {
    for (let first = queue[0]; first; first = queue[0]) {
      if (first.isCopied && free.length === 0) return;
      queue.shift();
      const { durable, placed } = first;
      first.begin(durable.resolve).then(placed.resolve, (error: unknown) => {
        // Where it is durable already, this changes nothing any more.
        durable.reject(error);
        placed.reject(error);
      });
    }
  };
  const inTurn = (isCopied: boolean, begin: (onDurable: () => void) => Promise<number>): WrittenRecord => {
    const durable = Promise.withResolvers<void>();
    const placed = Promise.withResolvers<number>();
    // Whoever waits for the one need not wait for the other.
    durable.promise.catch(() => undefined);
    placed.promise.catch(() => undefined);
    queue.push({ isCopied, begin, durable, placed });
    next();
    return { durable: durable.promise, placed: placed.promise };
  };
  const writeAt = async (
    at: number,
    recordBytes: number,
    length: number,
    { journal, path }: Pick<LaneRecord, 'journal' | 'path'>,
    onDurable: () => void,
  ): Promise<number> => {
    const job: WriteJob = { kind: 'write', job: ++jobs, at, recordBytes, journal, path, length };
    return succeeded(await writer.ask(job, onDurable)).descriptor as number;
  };
  const copyAndWrite = async (record: LaneRecord, onDurable: () => void): Promise<number> => {
    const at = free.pop() as number;
    try {
      const slot = new Uint8Array(memory, at, SLOT_BYTES);
      const filled = putParts(slot, putHead(slot, record.head), record.sealed);
      return await writeAt(at, padPages(slot, filled), filled - PAGE_BYTES, record, onDurable);
    } finally {
      free.push(at);
      next();
    }
  };
  const roomAt = (at: number): LaneRoom => {
    const slot = new Uint8Array(memory, at, SLOT_BYTES);
    let filled = PAGE_BYTES;
    let isDropped = false;
    const drop = (): void => {
      if (!isDropped) freeRooms.push(at);
      isDropped = true;
    };
    return {
      get length() {
        return filled - PAGE_BYTES;
      },
      get free() {
        return SLOT_BYTES - filled;
      },
      put(parts) {
        filled = putParts(slot, filled, parts);
      },
      sealed: () => slot.subarray(PAGE_BYTES, filled),
      write(to) {
        const written = inTurn(false, (onDurable) => {
          putHead(slot, to.head);
          return writeAt(at, padPages(slot, filled), filled - PAGE_BYTES, to, onDurable);
        });
        void written.placed.catch(() => undefined).then(drop);
        return written;
      },
      drop,
    };
  };
  return {
    get isBroken() {
      return writer.isOver || flusher.isOver;
    },
    begin() {
      const at = freeRooms.pop();
      return at === undefined ? undefined : roomAt(at);
    },
    write: (record) => inTurn(true, (onDurable) => copyAndWrite(record, onDurable)),
    async flush(descriptors, directories) {
      succeeded(await flusher.ask({ kind: 'flush', job: ++jobs, descriptors, directories }));
    },
    async close() {
      // What a thread has open outlives it. One that has ended cannot be asked any more.
      await flusher.ask({ kind: 'rest', job: ++jobs }).catch(() => undefined);
      await Promise.all([writer.end(), flusher.end()]);
    },
  };
};
