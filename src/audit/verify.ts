import { type AuditBook, chainHash, type Digest, type SealedBatch, unpackMembers } from './seal.ts';

/** What verification found wrong. Row findings name the event, chain findings the batch. */
export type AuditFinding = { readonly book: AuditBook } & (
  | {
      /**
       * altered: says something else than when it was sealed. removed: gone. inserted: put in after its range was
       * sealed. reordered: holds what another row of its batch was sealed with.
       */
      readonly kind: 'altered' | 'removed' | 'inserted' | 'reordered';
      readonly event: bigint;
    }
  | {
      /**
       * seal-altered: does not hash to its own chain value. seal-detached: does not follow the batch before it.
       * seal-missing: its number, or the range before it, is left out.
       */
      readonly kind: 'seal-altered' | 'seal-detached' | 'seal-missing';
      readonly sequence: bigint;
    }
);

/** A row as the database has it now. */
export interface CurrentRow {
  readonly event: bigint;
  readonly digest: Uint8Array;
}

/** Whether two digests are the same bytes. */
export const isSameDigest = (left: Uint8Array, right: Uint8Array): boolean => {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
};

const keyOf = (digest: Uint8Array): string => String.fromCharCode(...digest);

/**
 * Compares the rows that a batch sealed with those that now stand in its range. Both are in order of event id, so one
 * walk over them is enough.
 */
export const compareBatch = (batch: SealedBatch, current: readonly CurrentRow[]): AuditFinding[] => {
  const { book } = batch;
  const findings: AuditFinding[] = [];
  const sealed = unpackMembers(batch.members);
  const changed: { readonly event: bigint; readonly digest: Uint8Array }[] = [];
  let at = 0;
  for (const member of sealed) {
    for (; at < current.length && (current[at] as CurrentRow).event < member.event; at++)
      findings.push({ book, kind: 'inserted', event: (current[at] as CurrentRow).event });
    const row = current[at];
    if (row?.event === member.event) {
      at++;
      if (!isSameDigest(row.digest, member.digest)) changed.push(row);
    } else findings.push({ book, kind: 'removed', event: member.event });
  }
  for (; at < current.length; at++)
    findings.push({ book, kind: 'inserted', event: (current[at] as CurrentRow).event });
  if (changed.length > 0) {
    const sealedDigests = new Set(sealed.map(({ digest }) => keyOf(digest)));
    for (const { event, digest } of changed)
      findings.push({ book, kind: sealedDigests.has(keyOf(digest)) ? 'reordered' : 'altered', event });
  }
  return findings;
};

/** Checks that a batch hashes to its own chain value and follows the one before it (undefined for the first). */
export const compareChain = (
  batch: SealedBatch,
  previous: Pick<SealedBatch, 'sequence' | 'toEvent' | 'chainHash'>,
  digest: Digest,
): AuditFinding[] => {
  const { book, sequence } = batch;
  const findings: AuditFinding[] = [];
  if (sequence !== previous.sequence + 1n || batch.fromEvent !== previous.toEvent)
    findings.push({ book, kind: 'seal-missing', sequence: previous.sequence + 1n });
  else if (!isSameDigest(batch.previousHash, previous.chainHash))
    findings.push({ book, kind: 'seal-detached', sequence });
  if (!isSameDigest(chainHash(batch, digest), batch.chainHash))
    findings.push({ book, kind: 'seal-altered', sequence });
  return findings;
};
