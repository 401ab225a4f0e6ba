import type { Result } from '../../kernel/result.ts';
import type { OriginalFrame } from './copy-frame.ts';
import { jobThreads } from './job-threads.ts';
import type { FrameToDecode, NativeProblem } from './native-frame.ts';
import type { FramePicture, RenderProblem } from './render-frame.ts';

/** Draws and decodes frames in threads of their own. */
export interface FrameRenderer {
  draw(picture: FramePicture): Promise<Result<Uint8Array, RenderProblem | NativeProblem | 'too-slow'>>;
  /** The frame as uncompressed little endian words: no sample changed, or as a header for decoded frames says. */
  decode(
    frame: OriginalFrame | FrameToDecode,
  ): Promise<Result<Uint8Array, RenderProblem | NativeProblem | 'too-slow'>>;
  close(): Promise<void>;
}

const TIME_MAX_MS = 20_000;
const HEAP_MAX_MB = 128;

/** Up to `threads` threads, each at one frame at a time; one that stalls or dies is ended with the frame it was at. */
export const frameRenderer = (threads = 2, timeMaxMs = TIME_MAX_MS): FrameRenderer => {
  const pool = jobThreads<
    FramePicture | OriginalFrame | FrameToDecode,
    Uint8Array,
    RenderProblem | NativeProblem
  >(new URL('./render-thread.ts', import.meta.url), { threads, timeMaxMs, heapMaxMb: HEAP_MAX_MB });
  return {
    draw: (picture) => pool.run(picture),
    decode: (frame) => pool.run(frame),
    close: () => pool.close(),
  };
};
