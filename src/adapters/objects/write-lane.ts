import { Worker } from 'node:worker_threads';
import { releaseBytes } from '../../kernel/released-bytes.ts';
import { copyBytes, PAGE_BYTES, paddingBehind, sharedPages } from './pages.ts';
import type { ContentHash, Sealing } from './sealed-content.ts';

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

/** Hashes and seals what came of a content. Answered only when it is whole. */
export interface SealJob {
  readonly kind: 'seal';
  readonly job: number;
  /** Where the plain bytes lie in the memory that is shared, and where the sealed ones go. */
  readonly plainAt: number;
  readonly sealedAt: number;
  /** Room for the sealed ones. */
  readonly sealedBytes: number;
  /** Plain bytes that are there. */
  readonly upTo: number;
  readonly isLast: boolean;
  /** With the first job of a content. */
  readonly sealing: Sealing | undefined;
}

/** What a thread is asked. */
export type LaneJob = WriteJob | FlushJob;

/** The thread's answer to one job. */
export interface LaneOutcome {
  readonly job: number;
  /** Another answer follows: the record is durable, its object's own file is being written. */
  readonly isDurableOnly?: boolean;
  readonly descriptor?: number;
  /** Hash of a content that is sealed, and how long it is now. */
  readonly content?: ContentHash;
  readonly length?: number;
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

/** A content that is hashed and sealed in another thread while it comes in. */
export interface LaneContent {
  /** Plain bytes so far. */
  readonly size: number;
  /** Takes the next bytes, which are the caller's again afterwards; false where it has no room for them. */
  add(bytes: Uint8Array): boolean;
  /** What came so far; valid until it is dropped. */
  plain(): Uint8Array;
  /** It is whole: resolves to its hash and its length when all of it is sealed. */
  end(): Promise<{ readonly content: ContentHash; readonly length: number }>;
  /** As the lane's own `write`, where it is sealed. Its room is given back when that is over. */
  write(to: Omit<LaneRecord, 'sealed'>): WrittenRecord;
  /** Gives its room back where it is not written; nothing may be done with it afterwards. */
  drop(): void;
}

/** Seals and writes small objects in threads of its own, and flushes their files in another. */
export interface WriteLane {
  /** A thread of it has ended: another lane is needed. */
  readonly isBroken: boolean;
  /** Begins a content; undefined where there is no room for another one now. */
  begin(sealing: Sealing): LaneContent | undefined;
  write(record: LaneRecord): WrittenRecord;
  flush(descriptors: readonly number[], directories: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Records that are being copied and written. */
const SLOTS = 4;
/** Contents that come in or are being written. */
const CONTENTS = 12;
/** A slice of CT or MR, whose sender waits for each answer. */
const PLAIN_BYTES = 16 * 64 * 1024;
/** Plain bytes after which the other thread is told: each time wakes it up. */
const STEP_BYTES = 192 * 1024;
/** A page for the head, and an object as large as one is held in memory, with what the last piece brought. */
const SLOT_BYTES = 20 * 64 * 1024;

interface Waiting {
  readonly onDurable: (() => void) | undefined;
  resolve(outcome: LaneOutcome): void;
  reject(error: unknown): void;
}

/** A thread and the jobs that it was given. */
const startThread = (program: URL, surroundings: LaneSurroundings) => {
  const thread = new Worker(program, {
    workerData: surroundings,
    env: {},
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
  thread.on('message', (outcome: LaneOutcome) => {
    const asked = waiting.get(outcome.job);
    if (outcome.isDurableOnly) return asked?.onDurable?.();
    waiting.delete(outcome.job);
    if (waiting.size === 0) thread.unref();
    asked?.resolve(outcome);
  });
  thread.on('error', fail);
  thread.on('exit', () => fail(new Error('the thread that writes objects has ended')));
  thread.unref();
  return {
    get isOver() {
      return failure !== undefined;
    },
    /** Asks for something that has no answer. */
    tell: (job: SealJob): void => thread.postMessage(job),
    ask: (job: LaneJob | SealJob, onDurable?: () => void): Promise<LaneOutcome> =>
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

const putHead = (memory: SharedArrayBuffer, at: number, head: Uint8Array): number => {
  const page = new Uint8Array(memory, at, PAGE_BYTES);
  page.set(head);
  page.fill(0, head.length);
  return PAGE_BYTES;
};

const copyInto = (memory: SharedArrayBuffer, at: number, { head, sealed }: LaneRecord): number => {
  const slot = new Uint8Array(memory, at, SLOT_BYTES);
  let filled = putHead(memory, at, head);
  for (const part of sealed) {
    copyBytes(part, slot, filled);
    filled += part.length;
    releaseBytes(part);
  }
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
  const contentBytes = PLAIN_BYTES + SLOT_BYTES;
  const memory = sharedPages(SLOTS * SLOT_BYTES + CONTENTS * contentBytes);
  const sealer = startThread(new URL('./seal-thread.ts', import.meta.url), { memory, spare, isDirect });
  const writer = startThread(new URL('./write-thread.ts', import.meta.url), { memory, spare, isDirect });
  const flusher = startThread(new URL('./write-thread.ts', import.meta.url), { memory, spare, isDirect });
  const freeContents = Array.from({ length: CONTENTS }, (_, at) => SLOTS * SLOT_BYTES + at * contentBytes);
  const free = Array.from({ length: SLOTS }, (_, slot) => slot * SLOT_BYTES);
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
      const length = record.sealed.reduce((sum, part) => sum + part.length, 0);
      return await writeAt(at, copyInto(memory, at, record), length, record, onDurable);
    } finally {
      free.push(at);
      next();
    }
  };
  const contentAt = (plainAt: number, sealing: Sealing): LaneContent => {
    const plain = new Uint8Array(memory, plainAt, PLAIN_BYTES);
    const recordAt = plainAt + PLAIN_BYTES;
    let size = 0;
    let told = -1;
    let length = 0;
    let isDropped = false;
    const sealJob = (isLast: boolean): SealJob => {
      const isFirst = told < 0;
      told = size;
      return {
        kind: 'seal',
        job: ++jobs,
        plainAt,
        sealedAt: recordAt + PAGE_BYTES,
        sealedBytes: SLOT_BYTES - PAGE_BYTES,
        upTo: size,
        isLast,
        sealing: isFirst ? sealing : undefined,
      };
    };
    const drop = (): void => {
      if (!isDropped) freeContents.push(plainAt);
      isDropped = true;
    };
    return {
      get size() {
        return size;
      },
      add(bytes) {
        if (size + bytes.length > PLAIN_BYTES) return false;
        copyBytes(bytes, plain, size);
        size += bytes.length;
        if (size - Math.max(told, 0) >= STEP_BYTES) sealer.tell(sealJob(false));
        return true;
      },
      plain: () => plain.subarray(0, size),
      async end() {
        const sealed = succeeded(await sealer.ask(sealJob(true)));
        length = sealed.length as number;
        return { content: sealed.content as ContentHash, length };
      },
      write(to) {
        const written = inTurn(false, (onDurable) => {
          const recordBytes = putHead(memory, recordAt, to.head) + length + paddingBehind(length);
          return writeAt(recordAt, recordBytes, length, to, onDurable);
        });
        void written.placed.catch(() => undefined).then(drop);
        return written;
      },
      drop,
    };
  };
  return {
    get isBroken() {
      return sealer.isOver || writer.isOver || flusher.isOver;
    },
    begin(sealing) {
      const plainAt = freeContents.pop();
      return plainAt === undefined ? undefined : contentAt(plainAt, sealing);
    },
    write: (record) => inTurn(true, (onDurable) => copyAndWrite(record, onDurable)),
    async flush(descriptors, directories) {
      succeeded(await flusher.ask({ kind: 'flush', job: ++jobs, descriptors, directories }));
    },
    async close() {
      await Promise.all([sealer.end(), writer.end(), flusher.end()]);
    },
  };
};
