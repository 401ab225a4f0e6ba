import { Worker } from 'node:worker_threads';
import { fail, ok, type Result } from '../../kernel/result.ts';
import type { FramePicture, RenderProblem } from './render-frame.ts';

/** Draws frames in threads of their own, within limits of time and memory: code streams come from outside. */
export interface FrameRenderer {
  draw(picture: FramePicture): Promise<Result<Uint8Array, RenderProblem | 'too-slow'>>;
  close(): Promise<void>;
}

/** What a thread is asked. */
export interface RenderJob {
  readonly job: number;
  readonly picture: FramePicture;
}

/** A thread's answer to one job. */
export type RenderOutcome = { readonly job: number } & (
  | { readonly bytes: Uint8Array }
  | { readonly problem: RenderProblem }
);

interface Waiting {
  readonly picture: FramePicture;
  resolve(drawn: Result<Uint8Array, RenderProblem | 'too-slow'>): void;
}

const TIME_MAX_MS = 20_000;
const HEAP_MAX_MB = 128;

/** Up to `threads` threads, each at one frame at a time; one that stalls or dies is ended with the frame it was at. */
export const frameRenderer = (threads = 2, timeMaxMs = TIME_MAX_MS): FrameRenderer => {
  const queue: Waiting[] = [];
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  let jobs = 0;
  let isClosed = false;

  const work = (thread: Worker, waiting: Waiting): void => {
    const job = ++jobs;
    const settle = (drawn: Result<Uint8Array, RenderProblem | 'too-slow'>, isAlive: boolean): void => {
      clearTimeout(watch);
      thread.off('message', answer);
      thread.off('error', die);
      thread.off('exit', die);
      if (isAlive && !isClosed) {
        thread.unref();
        idle.push(thread);
      } else {
        all.delete(thread);
        void thread.terminate();
      }
      waiting.resolve(drawn);
      next();
    };
    const answer = (outcome: RenderOutcome): void => {
      if (outcome.job !== job) return;
      settle('bytes' in outcome ? ok(outcome.bytes) : fail(outcome.problem), true);
    };
    const die = (): void => settle(fail('malformed'), false);
    const watch = setTimeout(() => settle(fail('too-slow'), false), timeMaxMs);
    thread.on('message', answer);
    thread.once('error', die);
    thread.once('exit', die);
    thread.ref();
    thread.postMessage({ job, picture: waiting.picture } satisfies RenderJob);
  };
  const next = (): void => {
    while (queue.length > 0 && !isClosed) {
      let thread = idle.pop();
      if (!thread && all.size < threads) {
        thread = new Worker(new URL('./render-thread.ts', import.meta.url), {
          env: {},
          // Codecs talk; nobody listens.
          stdout: true,
          resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
        });
        const started = thread;
        started.stdout.resume();
        started.once('exit', () => {
          all.delete(started);
          const at = idle.indexOf(started);
          if (at >= 0) idle.splice(at, 1);
        });
        all.add(started);
      }
      if (!thread) return;
      work(thread, queue.shift() as Waiting);
    }
  };
  return {
    draw: (picture) =>
      new Promise((resolve) => {
        queue.push({ picture, resolve });
        next();
      }),
    async close() {
      isClosed = true;
      for (const { resolve } of queue.splice(0)) resolve(fail('too-slow'));
      await Promise.all([...all].map((thread) => thread.terminate()));
    },
  };
};
