import { useEffect } from 'react';
import type { PaneHandle } from './pane.tsx';
import type { PaneState } from './room.ts';

/** Frames of a moving picture that says no speed, and slices that are let run: a second. */
const FRAME_TIME_MS = 100;

/**
 * The picture to ask for; null while the one that was asked for is not drawn yet. Asking for another before that takes the first
 * away: on a machine that draws more slowly than the clip runs none would ever be drawn.
 */
export const nextPicture = (
  due: number,
  { index, wanted, broken }: Pick<PaneState, 'index' | 'wanted' | 'broken'>,
): number | null => (due !== wanted && (index === wanted || broken) ? due : null);

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
    const step = (now: number): void => {
      const due = (from + Math.floor(Math.max(0, now - began) / every)) % Math.max(1, count);
      const next = nextPicture(due, view.state());
      if (next !== null) view.scrollTo(next);
      request = requestAnimationFrame(step);
    };
    request = requestAnimationFrame(step);
    return () => cancelAnimationFrame(request);
  }, [playing, handle]);
};
