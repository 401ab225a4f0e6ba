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

/** A clip that runs: since when, and from which picture on. */
interface Run {
  readonly sinceMs: number;
  readonly from: number;
}

/**
 * Lets the pictures of a pane run. The next one is due by the clock, not by the one before: a slow drawing leaves pictures
 * out instead of slowing the heart down. Started before its first picture is drawn, it runs from then on.
 */
export const useCine = (playing: boolean, handle: PaneHandle | null): void => {
  useEffect(() => {
    if (!playing || !handle) return;
    const { store, view } = handle;
    let run: Run | null = null;
    let request = 0;
    const step = (now: number): void => {
      const state = view.state();
      // A pane has no pictures until the first is there: how many there are is asked each time, and more may come in.
      if (state.drawn) {
        run ??= { sinceMs: now, from: state.index };
        const every = store.get().frameTimeMs ?? FRAME_TIME_MS;
        const due =
          (run.from + Math.floor(Math.max(0, now - run.sinceMs) / every)) % Math.max(1, state.count);
        const next = nextPicture(due, state);
        if (next !== null) view.scrollTo(next);
      }
      request = requestAnimationFrame(step);
    };
    request = requestAnimationFrame(step);
    return () => cancelAnimationFrame(request);
  }, [playing, handle]);
};
