import { sweepUsedTokens } from '../../adapters/postgres/cds-tokens.ts';
import { sweepArtifacts } from '../../adapters/postgres/issuer-artifacts.ts';
import type { Session } from '../../adapters/postgres/database.ts';
import { currentEpoch } from '../../adapters/postgres/lists.ts';
import {
  drainBucket,
  type Handled,
  hasWaiting,
  OUTBOX_BUCKETS,
  type OutboxEvent,
} from '../../adapters/postgres/outbox.ts';
import { ensurePartitions } from '../../adapters/postgres/partitions.ts';
import type { FlowDependencies } from '../flows/dependencies.ts';
import { CORRECTION_ANSWERED_TOPIC } from '../flows/corrections/keep-step.ts';
import { CORRECTION_TOPIC } from '../flows/corrections/submit-correction.ts';
import { linkReports } from '../flows/imaging/link-reports.ts';
import { noteOrderedSides } from '../flows/imaging/study-side.ts';
import { ORDERS_TOPIC } from '../flows/ingest/ingest-orders.ts';
import { REPORTS_TOPIC } from '../flows/ingest/ingest-reports.ts';
import { moveAllStrayed, remapWaiting } from '../flows/ingest/ingest-remap.ts';
import type { IngestDependencies } from '../flows/ingest/ingest-work.ts';
import { markLateDecisions, markLateDisputed, reviewAnswered } from './late-marks.ts';
import { countOrderedOpportunities } from './ordered-opportunities.ts';
import { takeTurns, type Worker } from './turns.ts';

/** What an event sets off, by topic. A topic that is not here is only taken off the queue. */
const HANDLERS: Readonly<
  Record<string, (dependencies: FlowDependencies, session: Session, event: OutboxEvent) => Promise<Handled>>
> = {
  [ORDERS_TOPIC]: async (dependencies, session, event) => {
    await countOrderedOpportunities(dependencies, session, event.personId);
    await noteOrderedSides(dependencies, session, event);
    return 'done';
  },
  [REPORTS_TOPIC]: async (dependencies, session, event) => {
    await linkReports(dependencies, session, event);
    return markLateDecisions(dependencies, session, event);
  },
  [CORRECTION_TOPIC]: markLateDisputed,
  [CORRECTION_ANSWERED_TOPIC]: reviewAnswered,
};

const BATCH = 500;
/**
 * Pause between two rounds. Each round costs a transaction per bucket, whatever it finds; nothing that a doctor is told
 * waits for it.
 */
const ROUND_MS = 500;
const PARTITIONS_EVERY_MS = 6 * 3_600_000;
const SWEEP_EVERY_MS = 60_000;
/** A result stored while a code map was being published may have been read by the older one. */
const REMAP_EVERY_MS = 5 * 60_000;

/** Handles every event that waits now and tells how many there were. */
export const drainOutbox = async (dependencies: FlowDependencies): Promise<number> => {
  if (!(await hasWaiting(dependencies.database))) return 0;
  let handled = 0;
  for (let bucket = 0; bucket < OUTBOX_BUCKETS; bucket++)
    handled += await drainBucket(dependencies.database, bucket, BATCH, (session, event) =>
      (HANDLERS[event.topic] ?? (async () => 'done' as const))(dependencies, session, event),
    );
  return handled;
};

/** Gives waiting results their items after every publication, and now and then besides. */
const remapper = (dependencies: IngestDependencies): (() => Promise<void>) => {
  let remappedAt = 0;
  let remappedEpoch = -1;
  return async () => {
    const at = dependencies.clock();
    const epoch = await currentEpoch(dependencies.database);
    if (epoch === 0 || (epoch === remappedEpoch && at - remappedAt < REMAP_EVERY_MS)) return;
    await remapWaiting(dependencies);
    await moveAllStrayed(dependencies);
    remappedEpoch = epoch;
    remappedAt = at;
  };
};

/**
 * The worker role: drains the outbox over and over, maps waiting results after a publication, forgets expired tokens, and
 * makes the coming months' partitions. Nothing is taken off the queue before it is handled.
 */
export const startWorker = (dependencies: IngestDependencies, onError: (error: unknown) => void): Worker => {
  let partitionsAt = 0;
  let sweptAt = 0;
  const remap = remapper(dependencies);
  return takeTurns(async () => {
    const at = dependencies.clock();
    if (at - partitionsAt > PARTITIONS_EVERY_MS) {
      await ensurePartitions(dependencies.database, at);
      partitionsAt = at;
    }
    if (at - sweptAt > SWEEP_EVERY_MS) {
      await sweepUsedTokens(dependencies.database, at);
      await sweepArtifacts(dependencies.database, at);
      sweptAt = at;
    }
    await remap();
    // More than fits into one round of a bucket: whatever piled up is worked off without a pause.
    return (await drainOutbox(dependencies)) < BATCH ? ROUND_MS : 0;
  }, onError);
};
