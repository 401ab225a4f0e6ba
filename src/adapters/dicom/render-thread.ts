// A thread in which frames are drawn; `frame-renderer.ts` starts it and talks to it.
import { answerJobs } from './job-threads.ts';
import { renderFrame } from './render-frame.ts';

answerJobs(renderFrame);
