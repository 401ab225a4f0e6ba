// The thread in which headers are read; `header-reader.ts` starts it and talks to it.
import { parentPort } from 'node:worker_threads';
import type { HeaderJob, HeaderOutcome } from './header-reader.ts';
import { readInstance } from './read-instance.ts';

parentPort?.on('message', (job: HeaderJob) => {
  const read = readInstance(job, job.wishes);
  parentPort?.postMessage(
    (read.ok
      ? { job: job.job, read: read.value }
      : { job: job.job, problem: read.reason }) satisfies HeaderOutcome,
  );
});
