import { useEffect, useState } from 'react';
import { firstOrAfter } from './first-picture.ts';
import type * as roomModule from './room.ts';
import type { Room } from './room.ts';

/** How long what draws waits for the first picture. */
const FIRST_MAX_MS = 2_000;

/** The code that draws, asked for once, before anything needs it. */
let asked: Promise<typeof roomModule> | undefined;

/** The code that draws: large, so it comes after what can be read already. */
export const roomCode = (): Promise<typeof roomModule> => {
  // Downloaded beside everything else; but while it is being run, nothing else is: the first picture goes before it.
  asked ??= firstOrAfter(FIRST_MAX_MS).then(async () => {
    const module = await import('./room.ts');
    // The loader forgets what it was told before it is started: headers may come sooner than it.
    await module.start();
    return module;
  });
  return asked;
};

/** The room before, until it is closed: what draws without WebGL must not meet a room that still draws with it. */
let before: Promise<void> = Promise.resolve();

/** How often drawing may break down before it is done without WebGL. */
const LOSSES_MAX = 2;

/** What draws, as far as it is there. */
export interface RoomState {
  readonly module: typeof roomModule | null;
  readonly room: Room | null;
  /** True where WebGL broke down too often: the processor draws, and slices follow each other more slowly. */
  readonly byProcessor: boolean;
  readonly error: unknown;
}

/**
 * Starts what draws, once the page is there. Where the graphics driver is reset it starts again, and the panes draw
 * themselves anew where they were.
 */
export const useRoom = (wanted: boolean): RoomState => {
  const [found, setFound] = useState<{ module: typeof roomModule; room: Room } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [losses, setLosses] = useState(0);
  const byProcessor = losses >= LOSSES_MAX;
  useEffect(() => {
    if (!wanted) return;
    let left = false;
    let room: Room | null = null;
    const open = async (): Promise<void> => {
      const module = await roomCode();
      await before;
      if (left) return;
      room = await module.openRoom(byProcessor);
      if (left) {
        room.close();
        return;
      }
      room.onLost(() => setLosses((now) => now + 1));
      setFound({ module, room });
    };
    open().catch(setError);
    return () => {
      left = true;
      setFound(null);
      // The panes leave it first.
      before = new Promise((resolve) => {
        setTimeout(() => {
          room?.close();
          resolve();
        });
      });
    };
  }, [wanted, losses, byProcessor]);
  return { module: found?.module ?? null, room: found?.room ?? null, byProcessor, error };
};
