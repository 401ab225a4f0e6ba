// The thread in which small objects are written; `write-lane.ts` starts it and talks to it. Its calls wait for the disk: a
// thread that does several things one after the other costs a fraction of as many turns through the pool.
import { randomBytes } from 'node:crypto';
import * as files from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { DIRECT, PAGE_BYTES } from './pages.ts';
import type { FlushJob, LaneJob, LaneOutcome, LaneSurroundings, WriteJob } from './write-lane.ts';

const { memory, spare, isDirect } = workerData as LaneSurroundings;
const { O_CREAT, O_EXCL, O_WRONLY } = files.constants;
/** Uses of segments into which a write failed: what would stand behind it could not be found again. */
const broken = new Set<string>();
/** Directories stay open for the next time. */
const directories = new Map<string, number>();

const writeExactly = (descriptor: number, bytes: Uint8Array, position: number): void => {
  // A disk that is nearly full takes a part and says no error.
  if (files.writeSync(descriptor, bytes, 0, bytes.length, position) !== bytes.length)
    throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
};

const NEW_FILE = O_CREAT | O_EXCL | O_WRONLY | (isDirect ? DIRECT : 0);

/**
 * Puts an object in its place, over whatever lies there: the same content, or the remains of a crash. Written beside it in whole
 * pages, then cut to its length: it may be read already, and nobody must see it by half.
 */
const placeFile = (path: string, padded: Uint8Array, length: number): number => {
  const beside = join(spare, randomBytes(12).toString('hex'));
  const descriptor = files.openSync(beside, NEW_FILE, 0o600);
  try {
    writeExactly(descriptor, padded, 0);
    files.ftruncateSync(descriptor, length);
    files.renameSync(beside, path);
    return descriptor;
  } catch (error) {
    files.closeSync(descriptor);
    files.rmSync(beside, { force: true });
    throw error;
  }
};

/** What nobody waits for is told with what somebody does, or this much later. */
const TELL_MS = 20;
const untold: LaneOutcome[] = [];
let telling: NodeJS.Timeout | undefined;

const tell = (...outcomes: readonly LaneOutcome[]): void => {
  clearTimeout(telling);
  telling = undefined;
  parentPort?.postMessage([...untold.splice(0), ...outcomes]);
};

const tellLater = (outcome: LaneOutcome): void => {
  untold.push(outcome);
  telling ??= setTimeout(tell, TELL_MS);
};

const write = ({ job, at, recordBytes, journal }: WriteJob): void => {
  if (broken.has(journal.use)) throw Object.assign(new Error('segment is broken'), { code: 'EIO' });
  try {
    writeExactly(journal.descriptor, new Uint8Array(memory, at, recordBytes), journal.position);
  } catch (error) {
    broken.add(journal.use);
    throw error;
  }
  tell({ job, isDurableOnly: true });
};

const place = ({ job, at, recordBytes, path, length }: WriteJob): LaneOutcome => ({
  job,
  descriptor: placeFile(path, new Uint8Array(memory, at + PAGE_BYTES, recordBytes - PAGE_BYTES), length),
});

const directoryOf = (path: string): number => {
  const descriptor = directories.get(path) ?? files.openSync(path, 'r');
  directories.set(path, descriptor);
  return descriptor;
};

const flush = ({ descriptors, directories: entered }: FlushJob): void => {
  let failure: unknown;
  for (const descriptor of descriptors) {
    try {
      files.fdatasyncSync(descriptor);
    } catch (error) {
      failure ??= error;
    }
    files.closeSync(descriptor);
  }
  if (failure !== undefined) throw failure;
  for (const directory of entered) files.fsyncSync(directoryOf(directory));
};

const rest = (): void => {
  for (const descriptor of directories.values()) files.closeSync(descriptor);
  directories.clear();
};

const failedOutcome = (job: LaneJob, error: unknown): LaneOutcome => {
  const { code = 'EIO', message } = error as NodeJS.ErrnoException;
  return {
    job: job.job,
    failure: { code, message },
    isSegmentBroken: job.kind === 'write' && broken.has(job.journal.use),
  };
};

/** Objects whose records are durable: their files are written while no record waits, one at a time. */
const unplaced: WriteJob[] = [];

const placeNext = (): void => {
  const job = unplaced.shift() as WriteJob;
  if (unplaced.length > 0) setImmediate(placeNext);
  try {
    tellLater(place(job));
  } catch (error) {
    tell(failedOutcome(job, error));
  }
};

parentPort?.on('message', (job: LaneJob) => {
  try {
    if (job.kind === 'write') {
      write(job);
      if (unplaced.push(job) === 1) setImmediate(placeNext);
      return;
    }
    if (job.kind === 'flush') flush(job);
    else rest();
    tell({ job: job.job });
  } catch (error) {
    tell(failedOutcome(job, error));
  }
});
