import { useEffect, useState } from 'react';
import type * as roomModule from './room.ts';
import type { Room } from './room.ts';

/** The code that draws, asked for once, before anything needs it. */
let asked: Promise<typeof roomModule> | undefined;

/** The code that draws: large, so it comes after what can be read already. */
export const roomCode = (): Promise<typeof roomModule> => {
  asked ??= import('./room.ts').then(async (module) => {
    // The loader forgets what it was told before it is started: headers may come sooner than it.
    await module.start();
    return module;
  });
  return asked;
};

/** Starts what draws, once the page is there. */
export const useRoom = (
  wanted: boolean,
): { readonly module: typeof roomModule | null; readonly room: Room | null; readonly error: unknown } => {
  const [found, setFound] = useState<{ module: typeof roomModule; room: Room } | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (!wanted) return;
    let left = false;
    let room: Room | null = null;
    const open = async (): Promise<void> => {
      const module = await roomCode();
      room = await module.openRoom();
      module.onDrawingLost(() => setError(new Error('the graphics context was lost')));
      if (left) room.close();
      else setFound({ module, room });
    };
    open().catch(setError);
    return () => {
      left = true;
      room?.close();
    };
  }, [wanted]);
  return { module: found?.module ?? null, room: found?.room ?? null, error };
};
