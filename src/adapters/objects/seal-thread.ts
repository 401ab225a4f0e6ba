// The thread in which contents are hashed and sealed while they come in; `write-lane.ts` starts it and talks to it.
import { parentPort, workerData } from 'node:worker_threads';
import { releaseBytes } from '../../kernel/released-bytes.ts';
import { copyBytes, paddingBehind } from './pages.ts';
import { ContentSealer } from './sealed-content.ts';
import type { LaneOutcome, LaneSurroundings, SealJob } from './write-lane.ts';

interface Sealed {
  readonly sealer: ContentSealer;
  /** Plain bytes that were taken. */
  taken: number;
  /** Sealed bytes that were put down. */
  filled: number;
}

const { memory } = workerData as LaneSurroundings;
/** By the place of their plain bytes: one that begins there ends what was there. */
const contents = new Map<number, Sealed>();

const putDown = (content: Sealed, into: Uint8Array): void => {
  for (const part of content.sealer.take()) {
    copyBytes(part, into, content.filled);
    content.filled += part.length;
    releaseBytes(part);
  }
};

const seal = ({
  job,
  plainAt,
  sealedAt,
  sealedBytes,
  upTo,
  isLast,
  sealing,
}: SealJob): LaneOutcome | undefined => {
  if (sealing) contents.set(plainAt, { sealer: new ContentSealer(sealing), taken: 0, filled: 0 });
  const content = contents.get(plainAt) as Sealed;
  const into = new Uint8Array(memory, sealedAt, sealedBytes);
  content.sealer.add(new Uint8Array(memory, plainAt + content.taken, upTo - content.taken));
  content.taken = upTo;
  putDown(content, into);
  if (!isLast) return undefined;
  contents.delete(plainAt);
  const hash = content.sealer.end();
  putDown(content, into);
  into.fill(0, content.filled, content.filled + paddingBehind(content.filled));
  return { job, content: hash, length: content.filled };
};

parentPort?.on('message', (job: SealJob) => {
  const outcome = seal(job);
  if (outcome) parentPort?.postMessage(outcome);
});
