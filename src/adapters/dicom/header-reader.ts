import { Worker } from 'node:worker_threads';
import type { InstanceHeader } from '../../imaging/index.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { threadEnvironment } from '../../kernel/thread-environment.ts';
import type { CorrectedHead, HeaderCorrection } from './corrected-head.ts';
import { type DataSetProblem, isDocumentClass, type PixelPlace } from './data-set.ts';
import type { FrameDisplay } from './frame-display.ts';
import type { PlainHead, PlainSyntax } from './plain-head.ts';
import type { MissingUid } from './read-header.ts';
import { readInstance } from './read-instance.ts';
import { encodingOf } from './transfer-syntax.ts';

/** What is known of a data set before it is read. */
export interface DataSetHead {
  /** From its first byte on. */
  readonly head: Uint8Array;
  /** Whether `head` is all of it. */
  readonly isWhole: boolean;
  readonly transferSyntaxUid: string;
  readonly sopClassUid: string;
  /** Registered for the sender; null: found out from the bytes. */
  readonly assumedCharset: string | null;
}

/** What the header of an instance says. */
export interface ReadInstance {
  readonly header: InstanceHeader;
  readonly pixels: PixelPlace | null;
  readonly announcedCount: number | null;
  /** Name of the character set that was assumed or found out; null where the one that the data set names holds. */
  readonly charsetDerived: string | null;
  /** Whether it was found out against the set that the data set names. */
  readonly charsetOverruled: boolean;
  /** Specific Character Set (0008,0005) as the data set names it; null where it names none. */
  readonly charsetNamed: string | null;
  /** The header as it is to leave, where that was asked for. */
  readonly corrected: CorrectedHead | null;
  /** The header in another syntax, where that was asked for and can be; corrected where that was asked for too. */
  readonly plain: PlainHead | null;
  /** DICOM JSON of the header as text, where it was asked for. */
  readonly metadata: string | null;
  /** What it asks of whoever draws its frames, where that was asked for. */
  readonly display: FrameDisplay | null;
  /** Place of the value that was asked for, from the start of the data set; null for none there. */
  readonly value: { readonly offset: number; readonly length: number; readonly vr: string } | null;
}

/** What is wanted beside the header. */
export interface HeaderWishes {
  /** Address of the instance for `BulkDataURI`: asks for the metadata. */
  readonly bulk?: string;
  /** Tags and item numbers that lead to one value, e.g. `54000100.1.54001010`. */
  readonly path?: string;
  /** Number of a frame, from 1: what the header asks of whoever draws it. */
  readonly display?: number;
  /** An uncompressed syntax that the header is wanted in. */
  readonly plain?: PlainSyntax;
  /** What the header is to say instead: asks for it corrected. */
  readonly correction?: HeaderCorrection;
}

/** Why an instance cannot be read. */
export type HeaderProblem = DataSetProblem | MissingUid | 'too-slow';

/**
 * Reads headers, within limits of time and memory: what comes in from outside may be anything. A short one is read where it is
 * asked for; any other in a thread of its own.
 */
export interface HeaderReader {
  read(head: DataSetHead, wishes?: HeaderWishes): Promise<Result<ReadInstance, HeaderProblem>>;
  close(): Promise<void>;
}

/** What the thread is asked. */
export interface HeaderJob extends DataSetHead {
  readonly job: number;
  readonly wishes: HeaderWishes;
}

/** The thread's answer to one job. */
export type HeaderOutcome = { readonly job: number } & (
  | { readonly read: ReadInstance }
  | { readonly problem: HeaderProblem }
);

interface Waiting {
  readonly job: HeaderJob;
  resolve(outcome: Result<ReadInstance, HeaderProblem>): void;
}

/** Longest time for one header; the usual one takes a tenth of a millisecond. */
const TIME_MAX_MS = 20_000;
const HEAP_MAX_MB = 256;

/** Headers up to this length are read at once: the worst that fits in takes milliseconds, handing it over takes half of one. */
const AT_ONCE_BYTES = 32 * 1024;

/**
 * The header of an instance whose pixels begin early, with its metadata where they are asked for; undefined where that is not so, where
 * more is asked for, or anything is odd about it.
 */
const readAtOnce = (of: DataSetHead, wishes: HeaderWishes): ReadInstance | undefined => {
  if (encodingOf(of.transferSyntaxUid).deflated) return undefined;
  if (wishes.path !== undefined || wishes.correction !== undefined) return undefined;
  const head = of.head.subarray(0, AT_ONCE_BYTES);
  const isWhole = of.isWhole && head.length === of.head.length;
  // What stands behind a document is told by its metadata.
  if (of.isWhole && !isWhole && wishes.bulk !== undefined && isDocumentClass(of.sopClassUid))
    return undefined;
  const read = readInstance({ ...of, head, isWhole }, wishes);
  return read.ok ? read.value : undefined;
};

/**
 * A reader over one thread, which answers in the order it is asked. One that stalls, or dies of what it was given, is ended
 * together with the job it was at; the others are asked again of a new one.
 */
export const headerReader = (timeMaxMs = TIME_MAX_MS): HeaderReader => {
  const waiting: Waiting[] = [];
  let thread: Worker | undefined;
  let watch: NodeJS.Timeout | undefined;
  let jobs = 0;

  const attend = (): void => {
    clearTimeout(watch);
    if (waiting.length === 0) {
      thread?.unref();
      return;
    }
    thread?.ref();
    watch = setTimeout(giveUp, timeMaxMs);
  };
  const start = (): Worker => {
    const started = new Worker(new URL('./header-thread.ts', import.meta.url), {
      env: threadEnvironment(process.env),
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
    });
    started.on('message', (outcome: HeaderOutcome) => {
      if (waiting[0]?.job.job !== outcome.job) return;
      const first = waiting.shift() as Waiting;
      first.resolve('read' in outcome ? ok(outcome.read) : fail(outcome.problem));
      attend();
    });
    started.on('error', () => replace(started));
    started.on('exit', () => replace(started));
    return started;
  };
  const replace = (dead: Worker): void => {
    if (thread !== dead) return;
    thread = undefined;
    // Whatever it was at is what it died of.
    waiting.shift()?.resolve(fail('too-slow'));
    if (waiting.length === 0) return attend();
    thread = start();
    for (const { job } of waiting) thread.postMessage(job);
    attend();
  };
  const giveUp = (): void => {
    const stalled = thread;
    if (!stalled) return;
    replace(stalled);
    void stalled.terminate();
  };

  return {
    read(head, wishes = {}) {
      const short = readAtOnce(head, wishes);
      if (short) return Promise.resolve(ok(short));
      return new Promise((resolve) => {
        thread ??= start();
        const job: HeaderJob = { ...head, job: ++jobs, wishes };
        waiting.push({ job, resolve });
        thread.postMessage(job);
        if (waiting.length === 1) attend();
      });
    },
    async close() {
      clearTimeout(watch);
      const running = thread;
      thread = undefined;
      for (const { resolve } of waiting.splice(0)) resolve(fail('too-slow'));
      await running?.terminate();
    },
  };
};
