// The thread that reads and opens parts of objects; `read-lane.ts` starts it and talks to it.
import { parentPort, workerData } from 'node:worker_threads';
import { Fault } from '../../kernel/fault.ts';
import { type DerivingKey, stretchCiphers } from '../keys/key-ring.ts';
import { filePart } from './file-part.ts';
import type { PartJob, PartOutcome } from './read-lane.ts';

const keys = stretchCiphers(workerData as readonly DerivingKey[]);

const answer = async ({ job, path, offset, length }: PartJob): Promise<void> => {
  try {
    const parts = await filePart(keys, path, offset, length);
    const outcome: PartOutcome = { job, parts };
    // Each piece has memory of its own: it changes hands.
    parentPort?.postMessage(
      outcome,
      parts.map(({ buffer }) => buffer as ArrayBuffer),
    );
  } catch (error) {
    const outcome: PartOutcome = { job, failure: error instanceof Fault ? error.code : String(error) };
    parentPort?.postMessage(outcome);
  }
};

parentPort?.on('message', (job: PartJob) => void answer(job));
