import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SealedBatch } from '../../audit/index.ts';
import type { BatchCompared } from './sealed-rows.ts';

/** Compares batches with the rows that stand in their ranges now. */
export interface AuditComparison {
  compare(batch: SealedBatch): Promise<BatchCompared>;
  close(): Promise<void>;
}

/** What a thread answers to the batch it was given under this number. */
export type ComparisonAnswer = { readonly job: number } & (
  | { readonly compared: BatchCompared }
  | { readonly failure: unknown }
);

interface Waiting {
  resolve(compared: BatchCompared): void;
  reject(reason: unknown): void;
}

const THREAD = new URL('./audit-comparison-thread.ts', import.meta.url);

/**
 * Compares batches in threads, each with a connection of its own: reading rows, hashing them and laying them beside their
 * seals use all processors. Close it when done.
 */
export const compareInThreads = (
  connectionString: string,
  threads: number = availableParallelism(),
): AuditComparison => {
  const waiting = new Map<number, Waiting>();
  const failAll = (reason: unknown): void => {
    for (const each of waiting.values()) each.reject(reason);
    waiting.clear();
  };
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(THREAD, { workerData: { connectionString } });
    worker.on('message', (answer: ComparisonAnswer) => {
      const asked = waiting.get(answer.job);
      waiting.delete(answer.job);
      if ('compared' in answer) asked?.resolve(answer.compared);
      else asked?.reject(answer.failure);
    });
    worker.on('error', failAll);
    return worker;
  });
  let jobs = 0;
  return {
    compare: (batch) =>
      new Promise((resolve, reject) => {
        const job = jobs++;
        waiting.set(job, { resolve, reject });
        workers[job % workers.length]?.postMessage({ job, batch });
      }),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
};
