import type { Instant } from '../../kernel/instant.ts';
import { type Database, type Session, statement } from './database.ts';

/** One event that waits for its handler. */
export interface OutboxEvent {
  readonly personId: string;
  readonly topic: string;
  /** Canonical JSON. */
  readonly payload: string;
  readonly createdAt: Instant;
}

/** What a handler says: `later` leaves the event in its place, to be handed over again. */
export type Handled = 'done' | 'later';

/** How many buckets the persons are spread over; as many processes can drain at once. */
export const OUTBOX_BUCKETS = 16;

/** Namespace of the outbox among our advisory locks. */
const LOCK_NAMESPACE = 7101;

const ANY_WAITING = statement('outbox.any-waiting', 'select exists (select 1 from outbox) as waiting');

/** Whether any event waits at all: spares an idle worker the look into every bucket. */
export const hasWaiting = async (session: Session): Promise<boolean> =>
  (await session.run<{ waiting: boolean }>(ANY_WAITING))[0]?.waiting ?? false;

const TRY_LOCK = statement('outbox.try-lock', 'select pg_try_advisory_xact_lock($1, $2) as locked');
const WAITING = statement(
  'outbox.waiting',
  `select person_id, outbox_id, topic, payload, created_at from outbox where person_id % ${OUTBOX_BUCKETS} = $1 order by outbox_id limit $2`,
);
const REMOVE = statement(
  'outbox.remove',
  `delete from outbox o using unnest($1::bigint[], $2::bigint[]) as handled (person_id, outbox_id)
   where o.person_id = handled.person_id and o.outbox_id = handled.outbox_id returning o.outbox_id`,
);

interface OutboxRow {
  readonly person_id: string;
  readonly outbox_id: string;
  readonly topic: string;
  readonly payload: string;
  readonly created_at: number;
}

/**
 * Drains one bucket: the events that wait, in order, are handed over and removed in the same transaction, so what a
 * handler writes and the removal happen together or not at all. Another process that holds the bucket is left alone.
 *
 * @returns how many events were handled
 */
export const drainBucket = (
  database: Database,
  bucket: number,
  limit: number,
  handle: (session: Session, event: OutboxEvent) => Promise<Handled>,
): Promise<number> =>
  database.transaction(async (session) => {
    const [lock] = await session.run<{ locked: boolean }>(TRY_LOCK, [LOCK_NAMESPACE, bucket]);
    if (!lock?.locked) return 0;
    const rows = await session.run<OutboxRow>(WAITING, [bucket, limit]);
    if (rows.length === 0) return 0;
    const done: OutboxRow[] = [];
    for (const row of rows) {
      const { person_id, topic, payload, created_at } = row;
      const event = { personId: person_id, topic, payload, createdAt: created_at as Instant };
      if ((await handle(session, event)) === 'done') done.push(row);
    }
    if (done.length > 0)
      await session.run(REMOVE, [
        done.map(({ person_id }) => person_id),
        done.map(({ outbox_id }) => outbox_id),
      ]);
    return done.length;
  });
