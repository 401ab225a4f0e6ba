import { useEffect } from 'react';
import type { PaneHandle } from './pane.tsx';

/** Frames of a moving picture that says no speed, and slices that are let run: a second. */
const FRAME_TIME_MS = 100;

/**
 * Lets the pictures of a pane run. The next one is due by the clock, not by the one before: a slow drawing leaves pictures
 * out instead of slowing the heart down.
 */
export const useCine = (playing: boolean, handle: PaneHandle | null): void => {
  useEffect(() => {
    if (!playing || !handle) return;
    const { store, view } = handle;
    const { frameTimeMs } = store.get();
    const every = frameTimeMs ?? FRAME_TIME_MS;
    const { index: from, count } = view.state();
    const began = performance.now();
    let request = 0;
    let last = from;
    const step = (now: number): void => {
      const due = (from + Math.floor(Math.max(0, now - began) / every)) % Math.max(1, count);
      if (due !== last) view.scrollTo(due);
      last = due;
      request = requestAnimationFrame(step);
    };
    request = requestAnimationFrame(step);
    return () => cancelAnimationFrame(request);
  }, [playing, handle]);
};
