import type { Result } from '../../kernel/result.ts';
import type { CopyProblem, OriginalFrame } from './copy-frame.ts';
import { jobThreads } from './job-threads.ts';

/** Makes and proves view copies of frames, in a thread that yields to everything else. */
export interface FrameCopier {
  /** The copy's code stream, decoded again and found equal. */
  copy(original: OriginalFrame): Promise<Result<Uint8Array, CopyProblem | 'too-slow'>>;
  /** Ends the thread until there is something to copy again: what codecs have reserved they do not give back. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

/** A chest radiograph takes half a second on an idle machine; on a busy one the thread waits for everybody. */
const TIME_MAX_MS = 600_000;
const HEAP_MAX_MB = 128;

/** One thread, so that copying never takes more than one core. */
export const frameCopier = (timeMaxMs = TIME_MAX_MS): FrameCopier => {
  const pool = jobThreads<OriginalFrame, Uint8Array, CopyProblem>(
    new URL('./copy-thread.ts', import.meta.url),
    { threads: 1, timeMaxMs, heapMaxMb: HEAP_MAX_MB },
  );
  return { copy: (original) => pool.run(original), rest: () => pool.rest(), close: () => pool.close() };
};
