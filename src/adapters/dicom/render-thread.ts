// A thread in which frames are drawn and decoded; `frame-renderer.ts` starts it and talks to it.
import type { OriginalFrame } from './copy-frame.ts';
import { answerJobs } from './job-threads.ts';
import { type FrameToDecode, nativeFrame, plainFrame } from './native-frame.ts';
import { type FramePicture, renderFrame } from './render-frame.ts';

answerJobs((task: FramePicture | OriginalFrame | FrameToDecode) => {
  if ('drawing' in task) return renderFrame(task);
  return 'isForHeader' in task ? plainFrame(task) : nativeFrame(task);
});
