import type { CheckpointFile } from '../../../adapters/audit-checkpoints/checkpoint-file.ts';
import {
  type ChainHead,
  type Horizon,
  readHorizon,
  sealBook,
} from '../../../adapters/postgres/audit-seals.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import { AUDIT_BOOKS, type AuditDigest } from '../../../audit/index.ts';
import { type Clock, type Instant, isoInstant } from '../../../kernel/instant.ts';

/** How long a chain may grow before its value is signed outside the database. */
export const CHECKPOINT_EVERY_MS = 60_000;

/** What the sealer works with. */
export interface SealerDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly digest: AuditDigest;
  readonly checkpoints: CheckpointFile;
}

/** Seals the access log, a turn at a time. */
export interface Sealer {
  /** One turn; called every few hundred milliseconds. Gives the heads of what it sealed. */
  turn(): Promise<readonly ChainHead[]>;
  /** Signs what was sealed and not signed yet, before the program stops. */
  finish(): void;
}

/**
 * A row may be committed long after its event id was handed out. So a turn first notes how far ids went, the next notes
 * which transactions there are by then, and only when all of these have ended are rows up to the noted id sealed: no
 * honest row can come into a sealed range.
 */
export const auditSealer = ({ database, clock, digest, checkpoints }: SealerDependencies): Sealer => {
  let noted: Horizon | undefined;
  let waitsFor: { readonly upTo: Horizon; readonly transactionsBefore: bigint } | undefined;
  const heads = new Map<string, ChainHead>();
  const signed = new Map<string, bigint>();
  let signedAt = 0 as Instant;

  const signHeads = (at: Instant): void => {
    for (const head of heads.values()) {
      if (head.sequence === 0n || signed.get(head.book) === head.sequence) continue;
      checkpoints.append({
        book: head.book,
        sequence: head.sequence,
        chainHash: Buffer.from(head.chainHash).toString('hex'),
        at: isoInstant(at),
      });
      signed.set(head.book, head.sequence);
    }
    signedAt = at;
  };

  return {
    async turn() {
      const at = clock();
      const now = await readHorizon(database);
      const sealed: ChainHead[] = [];
      if (waitsFor && now.oldest >= waitsFor.transactionsBefore) {
        for (const book of AUDIT_BOOKS) {
          const before = heads.get(book)?.sequence;
          const head = await sealBook(database, book, waitsFor.upTo[book], digest, at);
          if (!head) continue;
          heads.set(book, head);
          if (head.sequence !== before) sealed.push(head);
        }
        waitsFor = undefined;
      }
      waitsFor ??= noted && { upTo: noted, transactionsBefore: now.next };
      noted = now;
      if (at - signedAt >= CHECKPOINT_EVERY_MS) signHeads(at);
      return sealed;
    },
    finish: () => signHeads(clock()),
  };
};
