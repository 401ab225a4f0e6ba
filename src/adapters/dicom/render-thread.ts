// A thread in which frames are drawn and decoded; `frame-renderer.ts` starts it and talks to it.
import type { OriginalFrame } from './copy-frame.ts';
import { answerJobs } from './job-threads.ts';
import { nativeFrame } from './native-frame.ts';
import { type FramePicture, renderFrame } from './render-frame.ts';

answerJobs((task: FramePicture | OriginalFrame) =>
  'drawing' in task ? renderFrame(task) : nativeFrame(task),
);
