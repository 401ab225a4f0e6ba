import { Worker } from 'node:worker_threads';
import { releaseBytes } from '../../kernel/released-bytes.ts';
import { PAGE_BYTES, paddingBehind } from './pages.ts';

/** Where a record goes in the journal. */
export interface JournalPlace {
  /** This use of the segment: a write that fails spoils what would come behind it. */
  readonly use: string;
  readonly descriptor: number;
  readonly position: number;
}

/** An object to be written into the journal, durably, and then into its own file, unflushed. */
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
  /** Folder in which a file is written that takes another's place. */
  readonly spare: string;
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

/** What a thread is asked. */
export type LaneJob = WriteJob | FlushJob;

/** The thread's answer to one job. */
export interface LaneOutcome {
  readonly job: number;
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

/** Writes small objects in a thread of its own, and flushes their files in another. */
export interface WriteLane {
  /** Resolves to the descriptor of the object's file when the record is durable and the file is written. */
  write(record: LaneRecord): Promise<number>;
  flush(descriptors: readonly number[], directories: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Records that are being written or wait for it. */
const SLOTS = 8;
/** A page for the head, and an object as large as one is held in memory, with what the last piece brought. */
const SLOT_BYTES = 20 * 64 * 1024;

// Its memory begins at a page, which no other memory of this runtime promises: what goes by the cache must.
declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => { readonly buffer: SharedArrayBuffer };
};
const WASM_PAGE_BYTES = 64 * 1024;

interface Waiting {
  resolve(outcome: LaneOutcome): void;
  reject(error: unknown): void;
}

/** A thread and the jobs that it was given. */
const startThread = (surroundings: LaneSurroundings) => {
  const thread = new Worker(new URL('./write-thread.ts', import.meta.url), {
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
    waiting.delete(outcome.job);
    if (waiting.size === 0) thread.unref();
    asked?.resolve(outcome);
  });
  thread.on('error', fail);
  thread.on('exit', () => fail(new Error('the thread that writes objects has ended')));
  thread.unref();
  return {
    ask: (job: LaneJob): Promise<LaneOutcome> =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        waiting.set(job.job, { resolve, reject });
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

const copyInto = (memory: SharedArrayBuffer, at: number, { head, sealed }: LaneRecord): number => {
  const slot = new Uint8Array(memory, at, SLOT_BYTES);
  slot.set(head);
  slot.fill(0, head.length, PAGE_BYTES);
  let filled = PAGE_BYTES;
  for (const part of sealed) {
    slot.set(part, filled);
    filled += part.length;
    releaseBytes(part);
  }
  const end = filled + paddingBehind(filled);
  slot.fill(0, filled, end);
  return end;
};

/** Starts it. @param spare folder in which a file is written that takes another's place; it must be there */
export const startWriteLane = (spare: string): WriteLane => {
  const pages = (SLOTS * SLOT_BYTES) / WASM_PAGE_BYTES;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer;
  const writer = startThread({ memory, spare });
  const flusher = startThread({ memory, spare });
  const free = Array.from({ length: SLOTS }, (_, slot) => slot * SLOT_BYTES);
  /** Who waits for a slot, in the order in which their records lie in the journal. */
  const queue: { readonly record: LaneRecord; readonly waiting: PromiseWithResolvers<number> }[] = [];
  let jobs = 0;

  const begin = async (record: LaneRecord, at: number): Promise<number> => {
    try {
      const length = record.sealed.reduce((sum, part) => sum + part.length, 0);
      const recordBytes = copyInto(memory, at, record);
      const { journal, path } = record;
      const job: WriteJob = { kind: 'write', job: ++jobs, at, recordBytes, journal, path, length };
      return succeeded(await writer.ask(job)).descriptor as number;
    } finally {
      free.push(at);
      next();
    }
  };
  const next = (): void => {
    while (free.length > 0) {
      const first = queue.shift();
      if (!first) return;
      begin(first.record, free.pop() as number).then(first.waiting.resolve, first.waiting.reject);
    }
  };
  return {
    write(record) {
      const waiting = Promise.withResolvers<number>();
      queue.push({ record, waiting });
      next();
      return waiting.promise;
    },
    async flush(descriptors, directories) {
      succeeded(await flusher.ask({ kind: 'flush', job: ++jobs, descriptors, directories }));
    },
    async close() {
      await Promise.all([writer.end(), flusher.end()]);
    },
  };
};
