import type { CheckpointFile } from '../../../adapters/audit-checkpoints/checkpoint-file.ts';
import { currentRows, digestOf, readSeals, unsealedTail } from '../../../adapters/postgres/audit-seals.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import {
  AUDIT_BOOKS,
  type AuditBook,
  type AuditFinding,
  compareBatch,
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
  readonly findings: readonly (AuditFinding | CheckpointFinding)[];
}

/** Findings kept and named; a log rewritten from end to end needs no million lines to say so. */
export const FINDINGS_MAX = 10_000;

interface Look {
  readonly session: Session;
  readonly findings: (AuditFinding | CheckpointFinding)[];
  readonly onRows: (rows: number) => void;
  /** Chain values by book and sequence that a checkpoint speaks of. */
  readonly signed: ReadonlyMap<string, readonly string[]>;
}

const keyOf = (book: AuditBook, sequence: bigint): string => `${book}|${sequence}`;

const verifyBook = async (look: Look, book: AuditBook): Promise<BookVerified & { readonly last: bigint }> => {
  const { session, findings, signed } = look;
  let previous: Pick<SealedBatch, 'sequence' | 'toEvent' | 'chainHash'> = {
    sequence: 0n,
    toEvent: 0n,
    chainHash: emptyChain(),
  };
  let batches = 0;
  let rows = 0;
  // While one batch is compared, the rows of the next are on their way.
  let pending: { batch: SealedBatch; current: ReturnType<typeof currentRows> } | undefined;
  const settle = async (): Promise<void> => {
    if (!pending) return;
    const { batch, current } = pending;
    const found = await current;
    if (findings.length < FINDINGS_MAX) findings.push(...compareBatch(batch, found));
    rows += found.length;
    look.onRows(rows);
  };
  for await (const batch of readSeals(session, book)) {
    const digest = digestOf(batch.digest);
    findings.push(...compareChain(batch, previous, digest));
    const hashes = signed.get(keyOf(book, batch.sequence)) ?? [];
    const own = Buffer.from(batch.chainHash).toString('hex');
    if (hashes.some((hash) => hash !== own))
      findings.push({ kind: 'checkpoint-differs', book, sequence: batch.sequence });
    const current = currentRows(session, book, batch, digest);
    await settle();
    pending = { batch, current };
    previous = batch;
    batches++;
  }
  await settle();
  const tail = await unsealedTail(session, book, previous.toEvent);
  return { book, batches, rows, tail, last: previous.sequence };
};

/**
 * Compares the whole access log with its chain, and the chain with the checkpoints signed outside the database: names
 * every row that was changed, removed, put in or moved since it was sealed.
 *
 * @param onRows told how many rows of the present book were looked at
 */
export const verifyAudit = async (
  session: Session,
  checkpoints: CheckpointFile,
  onRows: (rows: number) => void = () => undefined,
): Promise<AuditVerified> => {
  const findings: (AuditFinding | CheckpointFinding)[] = [];
  const lines = checkpoints.read();
  const signed = new Map<string, string[]>();
  const newest = new Map<AuditBook, bigint>();
  for (const line of lines) {
    if (line.kind === 'broken') {
      findings.push({ kind: 'checkpoint-broken', line: line.line });
      continue;
    }
    const { book, sequence, chainHash } = line.checkpoint;
    signed.set(keyOf(book, sequence), [...(signed.get(keyOf(book, sequence)) ?? []), chainHash]);
    if (sequence > (newest.get(book) ?? 0n)) newest.set(book, sequence);
  }
  const books: BookVerified[] = [];
  for (const book of AUDIT_BOOKS) {
    const { last, ...verified } = await verifyBook({ session, findings, onRows, signed }, book);
    books.push(verified);
    const witnessed = newest.get(book) ?? 0n;
    if (witnessed > last) findings.push({ kind: 'checkpoint-beyond', book, sequence: witnessed });
  }
  return { books, checkpoints: lines.length, findings };
};
