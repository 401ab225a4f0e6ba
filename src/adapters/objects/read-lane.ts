import { Worker } from 'node:worker_threads';
import { threadEnvironment } from '../../kernel/thread-environment.ts';
import type { DerivingKey, KeyRing } from '../keys/key-ring.ts';

/** A part of an object's file that is wanted. */
export interface PartJob {
  readonly job: number;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** The part in pieces, or why there is none: the code of a fault, or whatever went wrong. */
export type PartOutcome =
  | { readonly job: number; readonly parts: readonly Uint8Array[] }
  | { readonly job: number; readonly failure: string };

/** Reads a part in the calling thread. */
export type PartReading = (
  keys: Pick<KeyRing, 'stretchCipher'>,
  path: string,
  offset: number,
  length: number,
) => Promise<readonly Uint8Array[]>;

/** Reads parts of objects' files, in a thread beside the event loop while many are asked for. */
export interface PartReader {
  /** As `PartReading`. */
  part(path: string, offset: number, length: number): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

/** So many asked for at once are more than one reader who turns pages: the loop is then left to what only it can do. */
const BUSY = 4;
/** Without being asked for this long the thread is given back. */
const IDLE_MS = 600_000;

/** A thread, and what it was asked. */
class ReadLane {
  readonly #thread: Worker;
  readonly #waiting = new Map<number, (outcome: PartOutcome | undefined) => void>();
  #jobs = 0;
  isReady = false;
  isOver = false;

  constructor(keys: readonly DerivingKey[]) {
    this.#thread = new Worker(new URL('./read-thread.ts', import.meta.url), {
      workerData: keys,
      env: threadEnvironment(process.env),
    });
    this.#thread.unref();
    this.#thread.on('online', () => {
      this.isReady = true;
    });
    this.#thread.on('message', (outcome: PartOutcome) => {
      this.#waiting.get(outcome.job)?.(outcome);
      this.#waiting.delete(outcome.job);
      if (this.#waiting.size === 0) this.#thread.unref();
    });
    this.#thread.on('error', () => this.#end());
    this.#thread.on('exit', () => this.#end());
  }

  #end(): void {
    this.isOver = true;
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
  }

  /** Undefined where the thread has ended meanwhile. */
  ask(path: string, offset: number, length: number): Promise<PartOutcome | undefined> {
    return new Promise((resolve) => {
      const job: PartJob = { job: ++this.#jobs, path, offset, length };
      this.#waiting.set(job.job, resolve);
      this.#thread.ref();
      this.#thread.postMessage(job);
    });
  }

  async close(): Promise<void> {
    this.#end();
    await this.#thread.terminate();
  }
}

/**
 * Reads and opens parts where there is time for it: in the calling thread while few are asked for, else in one of its own, so that
 * a loop that answers many readers has neither the waking for files nor the cipher to do.
 *
 * Whatever the thread cannot give is asked for again in the calling thread, whose answer or fault counts: a file that has
 * not come yet, a key that was made since.
 */
export const openedBeside = (
  keys: Pick<KeyRing, 'stretchCipher' | 'derivingKeys'>,
  read: PartReading,
): PartReader => {
  let lane: ReadLane | undefined;
  let underWay = 0;
  let isClosed = false;
  let idle: NodeJS.Timeout | undefined;

  const rest = (): void => {
    const resting = lane;
    lane = undefined;
    void resting?.close();
  };
  const laneNow = (): ReadLane | undefined => {
    if (lane?.isOver) lane = undefined;
    if (underWay < BUSY && !lane) return undefined;
    lane ??= new ReadLane(keys.derivingKeys());
    idle ??= setTimeout(rest, IDLE_MS).unref();
    idle.refresh();
    return lane.isReady ? lane : undefined;
  };
  return {
    async part(path, offset, length) {
      underWay += 1;
      try {
        const outcome = isClosed ? undefined : await laneNow()?.ask(path, offset, length);
        if (outcome && 'parts' in outcome) return outcome.parts;
        if (outcome?.failure === 'KEY_UNKNOWN') rest();
        return await read(keys, path, offset, length);
      } finally {
        underWay -= 1;
      }
    },
    async close() {
      isClosed = true;
      clearTimeout(idle);
      const closing = lane;
      lane = undefined;
      await closing?.close();
    },
  };
};
