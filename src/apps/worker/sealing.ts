import type { Sealer } from '../flows/audit/seal-audit.ts';
import { takeTurns, type Worker } from './turns.ts';

const TURN_MS = 300;

/**
 * Lets the sealer take turn after turn. While the database is away rows stay unsealed, and verification says how long the
 * unsealed tail is.
 */
export const startSealing = (sealer: Sealer, onError: (error: unknown) => void): Worker => {
  const worker = takeTurns(async () => {
    await sealer.turn();
    return TURN_MS;
  }, onError);
  return {
    async stop() {
      await worker.stop();
      sealer.finish();
    },
  };
};
