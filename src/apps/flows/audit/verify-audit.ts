import type { CheckpointFile } from '../../../adapters/audit-checkpoints/checkpoint-file.ts';
import {
  type BatchCompared,
  compareSealed,
  digestOf,
  readSeals,
  unsealedTail,
} from '../../../adapters/postgres/audit-seals.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import {
  AUDIT_BOOKS,
  type AuditBook,
  type AuditFinding,
  compareChain,
  emptyChain,
  type SealedBatch,
} from '../../../audit/index.ts';
import type { Instant } from '../../../kernel/instant.ts';

/** What is wrong with the checkpoints: the witness outside the database. */
export type CheckpointFinding =
  /** A line that our key did not sign. */
  | { readonly kind: 'checkpoint-broken'; readonly line: number }
  /** The chain says something else than was signed: it was rewritten as a whole. */
  | { readonly kind: 'checkpoint-differs'; readonly book: AuditBook; readonly sequence: bigint }
  /** What was signed is no longer there: the end of the chain was cut off. */
  | { readonly kind: 'checkpoint-beyond'; readonly book: AuditBook; readonly sequence: bigint };

/** One book as verification found it. */
export interface BookVerified {
  readonly book: AuditBook;
  readonly batches: number;
  readonly rows: number;
  /** What stands behind the last batch, not sealed yet. */
  readonly tail: { readonly rows: number; readonly oldestAt: Instant | null };
}

/** The outcome of a verification. */
export interface AuditVerified {
  readonly books: readonly BookVerified[];
  readonly checkpoints: number;
  /** At most `FINDINGS_MAX` of them, in order of the log. */
  readonly findings: readonly (AuditFinding | CheckpointFinding)[];
  /** How many there are. */
  readonly found: number;
}

/** Findings kept and named; a log rewritten from end to end needs no million lines to say so. */
export const FINDINGS_MAX = 10_000;

/** Batches on their way at once: enough that neither database nor threads wait for each other. */
const IN_FLIGHT = 8;

/** What verification reads and by what it compares. */
export interface AuditVerification {
  readonly session: Session;
  readonly checkpoints: CheckpointFile;
  /** Compares one batch with the rows of now; absent: here, one after the other. */
  readonly compare?: (batch: SealedBatch) => Promise<BatchCompared>;
  /** Told how many rows of the present book were looked at. */
  readonly onRows?: (rows: number) => void;
}

interface Look {
  readonly session: Session;
  readonly compare: (batch: SealedBatch) => Promise<BatchCompared>;
  readonly onRows: (rows: number) => void;
  readonly find: (found: readonly (AuditFinding | CheckpointFinding)[]) => void;
  /** Chain values by book and sequence that a checkpoint speaks of. */
  readonly signed: ReadonlyMap<string, readonly string[]>;
}

const keyOf = (book: AuditBook, sequence: bigint): string => `${book}|${sequence}`;

const verifyBook = async (look: Look, book: AuditBook): Promise<BookVerified & { readonly last: bigint }> => {
  const { session, find, signed } = look;
  let previous: Pick<SealedBatch, 'sequence' | 'toEvent' | 'chainHash'> = {
    sequence: 0n,
    toEvent: 0n,
    chainHash: emptyChain(),
  };
  let batches = 0;
  let rows = 0;
  const flights: Promise<BatchCompared>[] = [];
  const land = async (): Promise<void> => {
    const compared = await flights.shift();
    if (!compared) return;
    find(compared.findings);
    rows += compared.rows;
    look.onRows(rows);
  };
  for await (const batch of readSeals(session, book)) {
    find(compareChain(batch, previous, digestOf(batch.digest)));
    const hashes = signed.get(keyOf(book, batch.sequence)) ?? [];
    const own = Buffer.from(batch.chainHash).toString('hex');
    if (hashes.some((hash) => hash !== own))
      find([{ kind: 'checkpoint-differs', book, sequence: batch.sequence }]);
    if (flights.length === IN_FLIGHT) await land();
    const flight = look.compare(batch);
    // Awaited in its turn; until then a failure of its own must not end the program.
    flight.catch(() => undefined);
    flights.push(flight);
    previous = batch;
    batches++;
  }
  while (flights.length > 0) await land();
  const tail = await unsealedTail(session, book, previous.toEvent);
  return { book, batches, rows, tail, last: previous.sequence };
};

/**
 * Compares the whole access log with its chain, and the chain with the checkpoints signed outside the database: names
 * every row that was changed, removed, put in or moved since it was sealed.
 */
export const verifyAudit = async (verification: AuditVerification): Promise<AuditVerified> => {
  const { session, checkpoints, onRows = () => undefined } = verification;
  const findings: (AuditFinding | CheckpointFinding)[] = [];
  let found = 0;
  const find: Look['find'] = (more) => {
    found += more.length;
    findings.push(...more.slice(0, Math.max(0, FINDINGS_MAX - findings.length)));
  };
  const lines = checkpoints.read();
  const signed = new Map<string, string[]>();
  const newest = new Map<AuditBook, bigint>();
  for (const line of lines) {
    if (line.kind === 'broken') {
      find([{ kind: 'checkpoint-broken', line: line.line }]);
      continue;
    }
    const { book, sequence, chainHash } = line.checkpoint;
    signed.set(keyOf(book, sequence), [...(signed.get(keyOf(book, sequence)) ?? []), chainHash]);
    if (sequence > (newest.get(book) ?? 0n)) newest.set(book, sequence);
  }
  const compare = verification.compare ?? ((batch) => compareSealed(session, batch));
  const books: BookVerified[] = [];
  for (const book of AUDIT_BOOKS) {
    const { last, ...verified } = await verifyBook({ session, compare, onRows, find, signed }, book);
    books.push(verified);
    const witnessed = newest.get(book) ?? 0n;
    if (witnessed > last) find([{ kind: 'checkpoint-beyond', book, sequence: witnessed }]);
  }
  return { books, checkpoints: lines.length, findings, found };
};
