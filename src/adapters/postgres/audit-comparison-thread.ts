import { parentPort, workerData } from 'node:worker_threads';
import type { SealedBatch } from '../../audit/index.ts';
import type { ComparisonAnswer } from './audit-comparison.ts';
import { compareSealed } from './sealed-rows.ts';
import { openDatabase } from './database.ts';

const { connectionString } = workerData as { readonly connectionString: string };
// Two lanes: while the rows of one batch are hashed here, the database reads those of the next.
const database = openDatabase({ connectionString, transactionConnections: 1, pipelinedConnections: 2 });

parentPort?.on('message', ({ job, batch }: { readonly job: number; readonly batch: SealedBatch }) => {
  compareSealed(database, batch).then(
    (compared) => parentPort?.postMessage({ job, compared } satisfies ComparisonAnswer),
    (failure: unknown) => parentPort?.postMessage({ job, failure } satisfies ComparisonAnswer),
  );
});
