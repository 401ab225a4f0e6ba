import {
  type AuditBook,
  type AuditDigest,
  chainHash,
  emptyChain,
  packMembers,
  type SealedBatch,
} from '../../audit/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { type Database, type Session, statement } from './database.ts';
import { digestOf, type RangeRead, readRange, rowsOf } from './sealed-rows.ts';

/** Most event ids in one batch: what verification holds in memory at once. */
export const SEAL_ROWS_MAX = 5_000;

const LAST_EVENT = {
  person: statement(
    'audit-seals.last-event-of-persons',
    `select coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_events', 'event_id')::regclass), 0)::text as last`,
  ),
  system: statement(
    'audit-seals.last-event-of-system',
    `select coalesce(pg_sequence_last_value(pg_get_serial_sequence('system_audit_events', 'event_id')::regclass), 0)::text as last`,
  ),
} as const;

const TRANSACTIONS = statement(
  'audit-seals.transactions',
  'select pg_snapshot_xmin(pg_current_snapshot())::text as oldest, pg_snapshot_xmax(pg_current_snapshot())::text as next',
);
const LOCK = statement(
  'audit-seals.lock',
  "select pg_try_advisory_xact_lock(hashtext('huren.audit-seals')) as mine",
);
const WAIT_LOCK = statement(
  'audit-seals.wait-lock',
  "select true as mine from pg_advisory_xact_lock(hashtext('huren.audit-seals'))",
);
// Ordered by the table's column: the output's is a text, of which '9' comes after '10'.
const LAST_SEAL = statement(
  'audit-seals.last',
  `select sequence::text, to_event::text, chain_hash from audit_seals s where book = $1 order by s.sequence desc limit 1`,
);
const INSERT = statement(
  'audit-seals.insert',
  `insert into audit_seals (book, sequence, from_event, to_event, row_count, digest, members, previous_hash, chain_hash, sealed_at,
     rows_hash)
   values ($1, $2::bigint, $3::bigint, $4::bigint, $5::integer, $6, $7::bytea, $8::bytea, $9::bytea, $10::timestamptz,
     $11::bytea)`,
);
const READ_SEALS = statement(
  'audit-seals.read',
  `select book, sequence::text, from_event::text, to_event::text, digest, members, previous_hash, chain_hash, rows_hash
   from audit_seals s where book = $1 and s.sequence > $2::bigint order by s.sequence limit 50`,
);
const UP_TO = {
  person: statement(
    'audit-seals.persons-up-to',
    'select event_id::text as event from audit_events e where e.event_id <= $1::bigint order by e.event_id limit $2',
  ),
  system: statement(
    'audit-seals.system-up-to',
    'select event_id::text as event from system_audit_events e where e.event_id <= $1::bigint order by e.event_id limit $2',
  ),
} as const;
const OLDEST_UNSEALED = {
  person: statement(
    'audit-seals.unsealed-of-persons',
    'select count(*)::integer as rows, min(occurred_at) as oldest from audit_events where event_id > $1::bigint',
  ),
  system: statement(
    'audit-seals.unsealed-of-system',
    'select count(*)::integer as rows, min(occurred_at) as oldest from system_audit_events where event_id > $1::bigint',
  ),
} as const;

interface SealRow {
  readonly book: AuditBook;
  readonly sequence: string;
  readonly from_event: string;
  readonly to_event: string;
  readonly digest: AuditDigest;
  readonly members: Uint8Array;
  readonly previous_hash: Uint8Array;
  readonly chain_hash: Uint8Array;
  readonly rows_hash: Uint8Array | null;
}

/** Every batch of a book that is kept, in order, behind one of this number. */
export const readSeals = async function* (
  session: Session,
  book: AuditBook,
  behind = 0n,
): AsyncIterable<SealedBatch> {
  let after = String(behind);
  for (;;) {
    const rows = await session.run<SealRow>(READ_SEALS, [book, after]);
    for (const row of rows)
      yield {
        book,
        sequence: BigInt(row.sequence),
        fromEvent: BigInt(row.from_event),
        toEvent: BigInt(row.to_event),
        digest: row.digest,
        members: row.members,
        previousHash: row.previous_hash,
        chainHash: row.chain_hash,
        rowsHash: row.rows_hash,
      };
    const last = rows.at(-1);
    if (!last) return;
    after = last.sequence;
  }
};

/** Event ids of a book up to one, the lowest first. */
export const rowsUpTo = async (
  session: Session,
  book: AuditBook,
  upTo: bigint,
  limit: number,
): Promise<readonly bigint[]> =>
  (await session.run<{ event: string }>(UP_TO[book], [String(upTo), limit])).map(({ event }) =>
    BigInt(event),
  );

/** How much stands behind the last batch, not sealed yet. */
export const unsealedTail = async (
  session: Session,
  book: AuditBook,
  afterEvent: bigint,
): Promise<{ readonly rows: number; readonly oldestAt: Instant | null }> => {
  const [found] = await session.run<{ rows: number; oldest: Instant | null }>(OLDEST_UNSEALED[book], [
    String(afterEvent),
  ]);
  return { rows: found?.rows ?? 0, oldestAt: found?.oldest ?? null };
};

/** Event ids handed out so far, and which transactions could still commit rows under them. */
export interface Horizon {
  readonly person: bigint;
  readonly system: bigint;
  /** Oldest transaction that still runs. */
  readonly oldest: bigint;
  /** Id that the next transaction will get. */
  readonly next: bigint;
}

/** Looks how far the books are written. */
export const readHorizon = async (session: Session): Promise<Horizon> => {
  // The ids first: a transaction that took one before this moment has its own id before the next statement's.
  const [person] = await session.run<{ last: string }>(LAST_EVENT.person);
  const [system] = await session.run<{ last: string }>(LAST_EVENT.system);
  const [transactions] = await session.run<{ oldest: string; next: string }>(TRANSACTIONS);
  return {
    person: BigInt(person?.last ?? 0),
    system: BigInt(system?.last ?? 0),
    oldest: BigInt(transactions?.oldest ?? 0),
    next: BigInt(transactions?.next ?? 0),
  };
};

/** A chain's newest value. */
export interface ChainHead {
  readonly book: AuditBook;
  readonly sequence: bigint;
  readonly toEvent: bigint;
  readonly chainHash: Uint8Array;
}

/** Keeps every sealer from sealing until the transaction ends. */
export const holdSealers = async (session: Session): Promise<void> => {
  await session.run(WAIT_LOCK);
};

/** The newest value of a chain; before the first batch, sequence 0. */
export const chainHead = async (session: Session, book: AuditBook): Promise<ChainHead> => {
  const [row] = await session.run<{ sequence: string; to_event: string; chain_hash: Uint8Array }>(LAST_SEAL, [
    book,
  ]);
  return row
    ? { book, sequence: BigInt(row.sequence), toEvent: BigInt(row.to_event), chainHash: row.chain_hash }
    : { book, sequence: 0n, toEvent: 0n, chainHash: emptyChain() };
};

/** The next rows that are not sealed yet, at most as many as a batch holds, with the event id up to which they were read. */
const nextRange = async (
  session: Session,
  book: AuditBook,
  { toEvent: after }: ChainHead,
  upTo: bigint,
  algorithm: AuditDigest,
): Promise<{ readonly read: RangeRead; readonly toEvent: bigint } | undefined> => {
  for (let from = after; from < upTo; ) {
    const end = from + BigInt(SEAL_ROWS_MAX);
    const toEvent = end < upTo ? end : upTo;
    const read = await readRange(session, book, { fromEvent: from, toEvent }, algorithm);
    if (read) return { read, toEvent };
    from = toEvent;
  }
  return undefined;
};

/** Seals one batch. undefined: another sealer is at work. */
const sealOne = async (
  session: Session,
  book: AuditBook,
  upTo: bigint,
  algorithm: AuditDigest,
  at: Instant,
): Promise<{ readonly head: ChainHead; readonly done: boolean } | undefined> => {
  const [lock] = await session.run<{ mine: boolean }>(LOCK);
  if (!lock?.mine) return undefined;
  const head = await chainHead(session, book);
  if (upTo <= head.toEvent) return { head, done: true };
  const next = await nextRange(session, book, head, upTo, algorithm);
  // Ids that were handed out and never committed: nothing to seal, and no batch for nothing.
  if (!next) return { head, done: true };
  const { read, toEvent } = next;
  const rows = rowsOf(read, algorithm);
  const batch = {
    book,
    sequence: head.sequence + 1n,
    fromEvent: head.toEvent,
    toEvent,
    members: packMembers(rows),
    rowsHash: read.rowsHash,
    previousHash: head.chainHash,
  };
  const value = chainHash(batch, digestOf(algorithm));
  await session.run(INSERT, [
    book,
    String(batch.sequence),
    String(batch.fromEvent),
    String(batch.toEvent),
    rows.length,
    algorithm,
    batch.members,
    batch.previousHash,
    value,
    isoInstant(at),
    batch.rowsHash,
  ]);
  return { head: { book, sequence: batch.sequence, toEvent, chainHash: value }, done: toEvent === upTo };
};

/**
 * Seals the committed rows of a book up to an event id, batch after batch. Two sealers never seal at once; the one that
 * comes second does nothing.
 *
 * @param upTo no transaction may still be able to commit a row with an event id up to this
 * @returns the head of the chain afterwards, or undefined when another sealer is at work
 */
export const sealBook = async (
  database: Database,
  book: AuditBook,
  upTo: bigint,
  algorithm: AuditDigest,
  at: Instant,
): Promise<ChainHead | undefined> => {
  for (;;) {
    const step = await database.transaction((session) => sealOne(session, book, upTo, algorithm, at));
    if (!step) return undefined;
    if (step.done) return step.head;
  }
};
