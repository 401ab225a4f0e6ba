import type { Sealer } from '../flows/seal-audit.ts';
import type { Worker } from './worker.ts';

const TURN_MS = 300;
const AFTER_ERROR_MS = 2_000;

/**
 * Lets the sealer take turn after turn. An error (the database gone, say) is told and the next turn tries again: rows
 * stay unsealed meanwhile, and verification says how long the unsealed tail is.
 */
export const startSealing = (sealer: Sealer, onError: (error: unknown) => void): Worker => {
  let stopped = false;
  let wake: () => void = () => undefined;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = async (): Promise<void> => {
    while (!stopped)
      try {
        await sealer.turn();
        await pause(TURN_MS);
      } catch (error) {
        onError(error);
        await pause(AFTER_ERROR_MS);
      }
  };
  const running = loop();
  return {
    async stop() {
      stopped = true;
      wake();
      await running;
      sealer.finish();
    },
  };
};
