import type {
  CheckpointReading,
  RetirementMark,
} from '../../../adapters/audit-checkpoints/checkpoint-file.ts';
import { readSeals, rowsUpTo, unsealedTail } from '../../../adapters/postgres/audit-seals.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { type BatchCompared, compareSealed, digestOf } from '../../../adapters/postgres/sealed-rows.ts';
import {
  AUDIT_BOOKS,
  type AuditBook,
  type AuditFinding,
  chainStart,
  compareChain,
  emptyChain,
  type RetiredTo,
  type SealedBatch,
} from '../../../audit/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';

/** What is wrong with the checkpoints: the witness outside the database. */
export type CheckpointFinding =
  /** A line that our key did not sign. */
  | { readonly kind: 'checkpoint-broken'; readonly line: number }
  /** The chain says something else than was signed: it was rewritten as a whole. */
  | { readonly kind: 'checkpoint-differs'; readonly book: AuditBook; readonly sequence: bigint }
  /** What was signed is no longer there: the end of the chain was cut off. */
  | { readonly kind: 'checkpoint-beyond'; readonly book: AuditBook; readonly sequence: bigint };

/** What of a book is in archives, by lines that our key signed. */
export interface BookRetired {
  /** The chain in the database begins behind this batch. */
  readonly sequence: bigint;
  readonly rows: bigint;
  /** One for each retirement, the oldest first: what it is called, and the SHA-256 of its archive. */
  readonly archives: readonly {
    readonly retirement: PublicId;
    readonly archive: string;
    readonly at: string;
  }[];
}

/** One book as verification found it. */
export interface BookVerified {
  readonly book: AuditBook;
  /** null where nothing was retired. */
  readonly retired: BookRetired | null;
  /** Retirements that were signed and whose rows are still here: they were interrupted, or an older backup was restored. */
  readonly unfinished: readonly PublicId[];
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
  readonly checkpoints: CheckpointReading;
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
  readonly signed: SignedLines;
}

/** What the signed lines say of the chains. */
export interface SignedLines {
  /** Chain values by book and sequence. */
  readonly hashes: ReadonlyMap<string, readonly string[]>;
  /** Newest batch that a line speaks of. */
  readonly newest: ReadonlyMap<AuditBook, bigint>;
  /** Lines that a part of a book was retired, each once, in order. */
  readonly marks: readonly RetirementMark[];
  /** Numbers of lines that our key did not sign. */
  readonly broken: readonly number[];
  readonly lines: number;
}

const keyOf = (book: AuditBook, sequence: bigint): string => `${book}|${sequence}`;

/** Sorts the lines of the checkpoint file. */
export const readSigned = (checkpoints: CheckpointReading): SignedLines => {
  const lines = checkpoints.read();
  const hashes = new Map<string, string[]>();
  const newest = new Map<AuditBook, bigint>();
  const marks = new Map<string, RetirementMark>();
  const broken: number[] = [];
  for (const line of lines) {
    if (line.kind === 'broken') {
      broken.push(line.line);
      continue;
    }
    const { book, sequence, chainHash } = line.kind === 'signed' ? line.checkpoint : line.mark;
    const key = keyOf(book, sequence);
    hashes.set(key, [...(hashes.get(key) ?? []), chainHash]);
    if (sequence > (newest.get(book) ?? 0n)) newest.set(book, sequence);
    if (line.kind === 'retired') marks.set(key, line.mark);
  }
  return { hashes, newest, marks: [...marks.values()], broken, lines: lines.length };
};

/** What a chain value differs in from lines signed for the same batch. */
export const compareSigned = (
  { hashes }: SignedLines,
  book: AuditBook,
  { sequence, chainHash }: Pick<SealedBatch, 'sequence' | 'chainHash'>,
): CheckpointFinding[] => {
  const own = Buffer.from(chainHash).toString('hex');
  return (hashes.get(keyOf(book, sequence)) ?? []).some((hash) => hash !== own)
    ? [{ kind: 'checkpoint-differs', book, sequence }]
    : [];
};

const GENESIS: RetiredTo = { sequence: 0n, toEvent: 0n, chainHash: emptyChain() };

/** Where the chain of a book begins that has this batch first: behind what was retired, else at nothing. */
export const startOf = (signed: SignedLines, book: AuditBook, first: bigint): RetiredTo => {
  const mark = chainStart(
    signed.marks.filter((each) => each.book === book),
    { sequence: first },
  );
  return mark ? { ...mark, chainHash: Buffer.from(mark.chainHash, 'hex') } : GENESIS;
};

const retiredOf = (marks: readonly RetirementMark[]): BookRetired | null => {
  const last = marks.at(-1);
  if (!last) return null;
  return {
    sequence: last.sequence,
    rows: marks.reduce((sum, { rows }) => sum + rows, 0n),
    archives: marks.map(({ retirement, archive, at }) => ({ retirement, archive, at })),
  };
};

const verifyBook = async (look: Look, book: AuditBook): Promise<BookVerified & { readonly last: bigint }> => {
  const { session, find, signed } = look;
  let start: RetiredTo | undefined;
  let last: RetiredTo | undefined;
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
    start ??= startOf(signed, book, batch.sequence);
    find(compareChain(batch, last ?? start, digestOf(batch.digest)));
    find(compareSigned(signed, book, batch));
    if (flights.length === IN_FLIGHT) await land();
    const flight = look.compare(batch);
    // Awaited in its turn; until then a failure of its own must not end the program.
    flight.catch(() => undefined);
    flights.push(flight);
    last = batch;
    batches++;
  }
  while (flights.length > 0) await land();
  // No batch is left: whatever was retired is all there was.
  const begin = start ?? startOf(signed, book, (signed.newest.get(book) ?? 0n) + 1n);
  if (begin.sequence > 0n) {
    find(compareSigned(signed, book, begin));
    // Their batches are gone, so nothing else would notice rows that were put back in.
    const strays = await rowsUpTo(session, book, begin.toEvent, FINDINGS_MAX);
    find(strays.map((event) => ({ book, kind: 'inserted', event })));
  }
  const end = last ?? begin;
  const marks = signed.marks.filter((each) => each.book === book);
  return {
    book,
    retired: retiredOf(marks.filter(({ sequence }) => sequence <= begin.sequence)),
    unfinished: marks.filter(({ sequence }) => sequence > begin.sequence).map(({ retirement }) => retirement),
    batches,
    rows,
    tail: await unsealedTail(session, book, end.toEvent),
    last: end.sequence,
  };
};

/**
 * Compares the whole access log with its chain, and the chain with the checkpoints signed outside the database: names
 * every row that was changed, removed, put in or moved since it was sealed. What was retired by a line that our key signed
 * is not looked for; the chain begins behind it.
 */
export const verifyAudit = async (verification: AuditVerification): Promise<AuditVerified> => {
  const { session, checkpoints, onRows = () => undefined } = verification;
  const findings: (AuditFinding | CheckpointFinding)[] = [];
  let found = 0;
  const find: Look['find'] = (more) => {
    found += more.length;
    findings.push(...more.slice(0, Math.max(0, FINDINGS_MAX - findings.length)));
  };
  const signed = readSigned(checkpoints);
  find(signed.broken.map((line) => ({ kind: 'checkpoint-broken', line })));
  const compare = verification.compare ?? ((batch) => compareSealed(session, batch));
  const books: BookVerified[] = [];
  for (const book of AUDIT_BOOKS) {
    const { last, ...verified } = await verifyBook({ session, compare, onRows, find, signed }, book);
    books.push(verified);
    const witnessed = signed.newest.get(book) ?? 0n;
    if (witnessed > last) find([{ kind: 'checkpoint-beyond', book, sequence: witnessed }]);
  }
  return { books, checkpoints: signed.lines, findings, found };
};
