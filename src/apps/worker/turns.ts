/** Work that goes on in the background until it is stopped. */
export interface Worker {
  /** Lets the turn under way finish, and takes no other. */
  stop(): Promise<void>;
}

const AFTER_ERROR_MS = 2_000;

/**
 * Takes turn after turn. A turn says how long to rest before the next, in milliseconds; 0 goes on at once. An error (the
 * database gone, say) is told and the next turn tries again.
 */
export const takeTurns = (turn: () => Promise<number>, onError: (error: unknown) => void): Worker => {
  let stopped = false;
  let wake: () => void = () => undefined;
  const rest = (ms: number) =>
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
        const restMs = await turn();
        if (restMs > 0 && !stopped) await rest(restMs);
      } catch (error) {
        onError(error);
        if (!stopped) await rest(AFTER_ERROR_MS);
      }
  };
  const running = loop();
  return {
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
};
