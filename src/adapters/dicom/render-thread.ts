// A thread in which frames are drawn; `frame-renderer.ts` starts it and talks to it.
import { parentPort } from 'node:worker_threads';
import type { RenderJob, RenderOutcome } from './frame-renderer.ts';
import { renderFrame } from './render-frame.ts';

parentPort?.on('message', ({ job, picture }: RenderJob) => {
  const say = (outcome: RenderOutcome): void => parentPort?.postMessage(outcome);
  renderFrame(picture).then(
    (drawn) => say(drawn.ok ? { job, bytes: drawn.value } : { job, problem: drawn.reason }),
    () => say({ job, problem: 'malformed' }),
  );
});
