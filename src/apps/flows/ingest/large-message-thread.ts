// The thread in which large messages are kept and read; `large-messages.ts` starts it and talks to it.
import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { keyFileSource } from '../../../adapters/keys/key-file.ts';
import { keyRing } from '../../../adapters/keys/key-ring.ts';
import { type Pieces, sizeOf } from '../../../adapters/keys/large-content.ts';
import { fileObjects } from '../../../adapters/objects/file-objects.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { LargeMessageJob, LargeMessagePlaces, LargeMessageStep } from './large-messages.ts';
import { takeLarge } from './take-large.ts';

const { keyFile, objectsDirectory } = workerData as LargeMessagePlaces;

/** A third of the usual share where others want the processor: they come first, and a large report is not starved. */
const NICENESS = 5;

// On Linux every thread has a priority, and this lowers our own; elsewhere it would be the program's.
if (process.platform === 'linux')
  setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + NICENESS));

const objects = fileObjects(objectsDirectory, keyRing(keyFileSource(keyFile, Date.now)));

/** Joins pieces and frees the memory of each at once: nobody else has it, and the collector may take its time. */
const joinedAndFreed = (pieces: Pieces): Uint8Array => {
  const whole = Buffer.allocUnsafeSlow(sizeOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
    (piece.buffer as ArrayBuffer).transfer(0);
  }
  return whole;
};

const say = (step: LargeMessageStep): void => parentPort?.postMessage(step);

/** Why a message was not taken, without its texts: those of unexpected errors may quote it. */
const problemOf = (error: unknown): Extract<LargeMessageStep, { kind: 'failed' }> => {
  const { name, code } = error as { readonly name?: string; readonly code?: unknown };
  return {
    kind: 'failed',
    code: typeof code === 'string' ? code : '',
    detail: error instanceof Fault ? (error.detail ?? '') : (name ?? 'Error'),
  };
};

parentPort?.on('message', ({ pieces, defaults }: LargeMessageJob) => {
  takeLarge(objects, joinedAndFreed(pieces), defaults)
    .then(async ({ kept, read }) => {
      say({ kind: 'kept', kept });
      say({ kind: 'read', read: await read() });
    })
    .catch((error: unknown) => say(problemOf(error)));
});
