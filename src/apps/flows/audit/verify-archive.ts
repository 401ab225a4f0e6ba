import {
  archiveDigest,
  type ArchivedBatch,
  readArchive,
} from '../../../adapters/audit-archive/archive-file.ts';
import type { CheckpointReading } from '../../../adapters/audit-checkpoints/checkpoint-file.ts';
import { compareRange, digestOf, rangeOf } from '../../../adapters/postgres/sealed-rows.ts';
import {
  AUDIT_BOOKS,
  type AuditBook,
  type AuditFinding,
  compareChain,
  type RetiredTo,
  type SealedBatch,
} from '../../../audit/index.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type CheckpointFinding,
  compareSigned,
  FINDINGS_MAX,
  readSigned,
  type SignedLines,
  startOf,
} from './verify-audit.ts';

/** What is wrong with an archive as a whole. */
export type ArchiveFinding =
  /** Cut off, or not the bytes that were written: nothing from this line on was looked at. */
  | { readonly kind: 'archive-broken'; readonly line: number }
  /**
   * No line that our key signed names this file's digest: it was changed, or is not one of ours. With a book: the line of
   * that book is missing.
   */
  | { readonly kind: 'archive-unsigned'; readonly book: AuditBook | null }
  /** It holds another part of the book than the line says that was signed for it. */
  | { readonly kind: 'archive-differs'; readonly book: AuditBook };

/** What an archive holds of one book. */
export interface ArchivedPart {
  readonly book: AuditBook;
  readonly fromSequence: bigint;
  readonly sequence: bigint;
  readonly toEvent: bigint;
  readonly chainHash: string;
  readonly batches: number;
  readonly rows: number;
}

/** The outcome of the verification of an archive. */
export interface ArchiveVerified {
  /** null where even the first line cannot be read. */
  readonly retirement: PublicId | null;
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly parts: readonly ArchivedPart[];
  /** At most `FINDINGS_MAX` of them. */
  readonly findings: readonly (AuditFinding | CheckpointFinding | ArchiveFinding)[];
  /** How many there are. */
  readonly found: number;
}

interface OpenPart {
  readonly first: SealedBatch;
  last: RetiredTo;
  batches: number;
  rows: number;
}

const partOf = (book: AuditBook, { first, last, batches, rows }: OpenPart): ArchivedPart => ({
  book,
  fromSequence: first.sequence,
  sequence: last.sequence,
  toEvent: last.toEvent,
  chainHash: Buffer.from(last.chainHash).toString('hex'),
  batches,
  rows,
});

/** Compares one batch of an archive with its seal, the batch before it and what was signed. */
const compareArchived = (
  { batch, rows }: ArchivedBatch,
  previous: RetiredTo,
  signed: SignedLines,
): (AuditFinding | CheckpointFinding)[] => {
  const lines = rows.map(({ line }) => line).join('\n');
  const { findings } = compareRange(batch, rows.length === 0 ? undefined : rangeOf(lines, batch.digest));
  return [
    ...compareChain(batch, previous, digestOf(batch.digest)),
    ...compareSigned(signed, batch.book, batch),
    ...findings,
  ];
};

const comparePart = (
  signed: SignedLines,
  digest: string,
  book: AuditBook,
  part: ArchivedPart | undefined,
): ArchiveFinding[] => {
  const mark = signed.marks.find((each) => each.archive === digest && each.book === book);
  if (!mark) return part ? [{ kind: 'archive-unsigned', book }] : [];
  const isAsSigned =
    part !== undefined &&
    mark.fromSequence === part.fromSequence &&
    mark.sequence === part.sequence &&
    mark.toEvent === part.toEvent &&
    mark.rows === BigInt(part.rows);
  return isAsSigned ? [] : [{ kind: 'archive-differs', book }];
};

/**
 * Verifies an archive without any database: its rows against their seals, the chain of these against each other, against
 * the retirement before it and against every signed line, and the file as a whole against the line of its own retirement.
 */
export const verifyArchive = async (
  path: string,
  checkpoints: CheckpointReading,
): Promise<ArchiveVerified> => {
  const signed = readSigned(checkpoints);
  const digest = await archiveDigest(path);
  const findings: (AuditFinding | CheckpointFinding | ArchiveFinding)[] = [];
  let found = 0;
  const find = (more: readonly (AuditFinding | CheckpointFinding | ArchiveFinding)[]): void => {
    found += more.length;
    findings.push(...more.slice(0, Math.max(0, FINDINGS_MAX - findings.length)));
  };
  let retirement: PublicId | null = null;
  const open = new Map<AuditBook, OpenPart>();
  for await (const item of readArchive(path)) {
    if (item.kind === 'head') retirement = item.head.retirement;
    if (item.kind === 'broken') find([{ kind: 'archive-broken', line: item.line }]);
    if (item.kind !== 'batch') continue;
    const { batch, rows } = item;
    const part = open.get(batch.book);
    find(compareArchived(item, part?.last ?? startOf(signed, batch.book, batch.sequence), signed));
    open.set(batch.book, {
      first: part?.first ?? batch,
      last: batch,
      batches: (part?.batches ?? 0) + 1,
      rows: (part?.rows ?? 0) + rows.length,
    });
  }
  const parts = new Map([...open].map(([book, part]) => [book, partOf(book, part)]));
  if (signed.marks.some(({ archive }) => archive === digest))
    for (const book of AUDIT_BOOKS) find(comparePart(signed, digest, book, parts.get(book)));
  else find([{ kind: 'archive-unsigned', book: null }]);
  return { retirement, digest, parts: [...parts.values()], findings, found };
};
