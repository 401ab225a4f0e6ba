import { takeTurns, type Worker } from './turns.ts';

const TURN_MS = 2_000;

/** Closes series to which nothing was added for a while, turn after turn. */
export const startClosing = (close: () => Promise<number>, onError: (error: unknown) => void): Worker =>
  takeTurns(async () => ((await close()) > 0 ? 0 : TURN_MS), onError);
