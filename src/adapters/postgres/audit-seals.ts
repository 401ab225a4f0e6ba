import { hash } from 'node:crypto';
import {
  type AuditBook,
  type AuditDigest,
  type AuditFinding,
  chainHash,
  compareBatch,
  type CurrentRow,
  type Digest,
  emptyChain,
  isSameDigest,
  memberCount,
  packMembers,
  type SealedBatch,
} from '../../audit/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { type Database, type Session, statement } from './database.ts';

/** Most event ids in one batch: what verification holds in memory at once. */
export const SEAL_ROWS_MAX = 5_000;

/** Smallest value of a bigint column. */
const LOWEST_EVENT = -(2n ** 63n);

// One line of JSON a row: strings are escaped, so no value can pretend to be the end of its line or another column. The
// moment is in microseconds, whatever zone or style the session has. Rows from before role, department and staff number
// were kept say nothing of them, as when they were sealed.
const LINES = {
  person: `select string_agg(event_id || ' ' || json_build_array(person_id, public_id,
      (extract(epoch from occurred_at) * 1000000)::bigint, actor, institution_id, action, resource, purpose, basis, outcome,
      peer)::text || case when role is null and department is null and staff_number is null then ''
      else json_build_array(role, department, staff_number)::text end, E'\\n' order by event_id) as lines
    from audit_events where event_id > $1 and event_id <= $2`,
  system: `select string_agg(event_id || ' ' || json_build_array(public_id,
      (extract(epoch from occurred_at) * 1000000)::bigint, actor, action, resource, outcome, peer)::text,
      E'\\n' order by event_id) as lines
    from system_audit_events where event_id > $1 and event_id <= $2`,
} as const;

const READ_LINES = {
  person: statement('audit-seals.lines-of-persons', LINES.person),
  system: statement('audit-seals.lines-of-system', LINES.system),
} as const;

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

/** The digest function of a chain: SHA-256 (FIPS 180-4) or SM3 (GB/T 32905). */
export const digestOf =
  (digest: AuditDigest): Digest =>
  (bytes) =>
    hash(digest, bytes, 'buffer');

/** The rows of a range as they stand now. */
interface RangeRead {
  /** One line a row in order of event id, the id first. */
  readonly lines: string;
  /** Digest of all lines together. */
  readonly rowsHash: Uint8Array;
}

/** Reads a range of a book; undefined when no row stands in it. */
const readRange = async (
  session: Session,
  book: AuditBook,
  range: { readonly fromEvent: bigint; readonly toEvent: bigint },
  algorithm: AuditDigest,
): Promise<RangeRead | undefined> => {
  // Ids begin at 1: what was put in below is found with the first batch.
  const from = range.fromEvent === 0n ? LOWEST_EVENT : range.fromEvent;
  const [found] = await session.run<{ lines: string | null }>(READ_LINES[book], [
    String(from),
    String(range.toEvent),
  ]);
  const lines = found?.lines ?? null;
  return lines === null ? undefined : { lines, rowsHash: hash(algorithm, lines, 'buffer') };
};

const rowsOf = ({ lines }: RangeRead, algorithm: AuditDigest): CurrentRow[] =>
  lines.split('\n').map((line) => {
    const space = line.indexOf(' ');
    // The event id is no part of what is hashed: it stands beside the digest in the batch, so that rows which changed
    // places can be told from rows that changed.
    return { event: BigInt(line.slice(0, space)), digest: hash(algorithm, line.slice(space + 1), 'buffer') };
  });

/** What stands in the range of one batch now. */
export interface BatchCompared {
  readonly rows: number;
  readonly findings: readonly AuditFinding[];
}

/** Compares one batch with the rows that stand in its range now: as a whole, and row by row where that does not fit. */
export const compareSealed = async (session: Session, batch: SealedBatch): Promise<BatchCompared> => {
  const read = await readRange(session, batch.book, batch, batch.digest);
  if (read && batch.rowsHash !== null && isSameDigest(read.rowsHash, batch.rowsHash))
    return { rows: memberCount(batch), findings: [] };
  const current = read ? rowsOf(read, batch.digest) : [];
  return { rows: current.length, findings: compareBatch(batch, current) };
};

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

/** Every batch of a book in order. */
export const readSeals = async function* (session: Session, book: AuditBook): AsyncIterable<SealedBatch> {
  let after = '0';
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
