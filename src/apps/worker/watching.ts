import type { FlowDependencies } from '../flows/dependencies.ts';
import { findAnomalies } from '../flows/audit/find-anomalies.ts';
import { takeTurns, type Worker } from './turns.ts';

const TURN_MS = 5_000;

/** Lets the rules over the access log take turn after turn; what piled up is read without a pause. */
export const startWatching = (dependencies: FlowDependencies, onError: (error: unknown) => void): Worker =>
  takeTurns(async () => ((await findAnomalies(dependencies)) > 0 ? 0 : TURN_MS), onError);
