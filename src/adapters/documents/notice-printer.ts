import { Worker } from 'node:worker_threads';
import type { NoticeSheet } from './notice-pdf.ts';

/** Makes PDFs of notices. */
export interface NoticePrinter {
  print(sheet: NoticeSheet): Promise<Uint8Array>;
}

/** What the thread is asked, and what it says. */
export interface PrintJob {
  readonly job: number;
  readonly sheet: NoticeSheet;
}

/** The thread's answer to one job. */
export type PrintOutcome =
  | { readonly job: number; readonly pdf: Uint8Array }
  | { readonly job: number; readonly failure: string };

interface Waiting {
  resolve(pdf: Uint8Array): void;
  reject(error: Error): void;
}

/**
 * Prints in a thread of its own: embedding a Chinese font takes some tenths of a second of pure computing, for which no
 * order check may wait. The thread starts with the first sheet and keeps no process alive; one that died is started anew.
 *
 * @param cjkFont as for `chineseFonts`
 */
export const noticePrinter = (cjkFont?: string): NoticePrinter => {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | null = null;
  let jobs = 0;
  const start = (): Worker => {
    const started = new Worker(new URL('./notice-thread.ts', import.meta.url), { workerData: { cjkFont } });
    const end = (error: Error): void => {
      if (thread !== started) return;
      thread = null;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on('message', (outcome: PrintOutcome) => {
      const one = waiting.get(outcome.job);
      waiting.delete(outcome.job);
      if (waiting.size === 0) started.unref();
      if ('pdf' in outcome) one?.resolve(outcome.pdf);
      else one?.reject(new Error(outcome.failure));
    });
    started.on('error', end);
    started.on('exit', () => end(new Error('the printing thread ended')));
    return started;
  };
  return {
    print: (sheet) =>
      new Promise((resolve, reject) => {
        thread ??= start();
        thread.ref();
        const job = ++jobs;
        waiting.set(job, { resolve, reject });
        thread.postMessage({ job, sheet } satisfies PrintJob);
      }),
  };
};
