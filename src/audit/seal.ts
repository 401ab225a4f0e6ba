/** The two books of the access log: events about a person, and events about none (sign-ins, publications). */
export const AUDIT_BOOKS = ['person', 'system'] as const;

/** One of `AUDIT_BOOKS`. Each is sealed in a chain of its own. */
export type AuditBook = (typeof AUDIT_BOOKS)[number];

/** Digests a chain may use: SHA-256, or SM3 (GB/T 32905) where national algorithms are required. Both give 32 bytes. */
export const AUDIT_DIGESTS = ['sha256', 'sm3'] as const;

/** One of `AUDIT_DIGESTS`. */
export type AuditDigest = (typeof AUDIT_DIGESTS)[number];

/** Computes a digest of `DIGEST_BYTES` bytes; comes in as an argument, because a domain reaches no library. */
export type Digest = (bytes: Uint8Array) => Uint8Array;

/** Length of every digest in the chain, in bytes. */
export const DIGEST_BYTES = 32;

/** One sealed row: its event id and the digest of what it said. */
export interface SealMember {
  readonly event: bigint;
  readonly digest: Uint8Array;
}

/** One batch of a chain. */
export interface SealedBatch {
  readonly book: AuditBook;
  /** From 1 without a gap. */
  readonly sequence: bigint;
  /** The batch covers event ids above this … */
  readonly fromEvent: bigint;
  /** … up to and with this. */
  readonly toEvent: bigint;
  readonly digest: AuditDigest;
  /** `packMembers` of its rows in order of event id. */
  readonly members: Uint8Array;
  /** Digest of the lines of all its rows together; null in batches from before it was kept. */
  readonly rowsHash: Uint8Array | null;
  readonly previousHash: Uint8Array;
  readonly chainHash: Uint8Array;
}

const MEMBER_BYTES = 8 + DIGEST_BYTES;

/** How many rows a batch has, by its members. */
export const memberCount = ({ members }: Pick<SealedBatch, 'members'>): number =>
  Math.floor(members.length / MEMBER_BYTES);

/** What stands before the first batch of a chain. */
export const emptyChain = (): Uint8Array => new Uint8Array(DIGEST_BYTES);

/** Members one after the other: event id as 8 bytes big endian, then the digest. */
export const packMembers = (members: readonly SealMember[]): Uint8Array => {
  const packed = new Uint8Array(members.length * MEMBER_BYTES);
  const view = new DataView(packed.buffer);
  for (const [index, { event, digest }] of members.entries()) {
    view.setBigInt64(index * MEMBER_BYTES, event);
    packed.set(digest, index * MEMBER_BYTES + 8);
  }
  return packed;
};

/** The members of a batch; a broken length loses the incomplete one at the end, which the chain then shows. */
export const unpackMembers = (packed: Uint8Array): readonly SealMember[] => {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  return Array.from({ length: Math.floor(packed.length / MEMBER_BYTES) }, (_none, index) => ({
    event: view.getBigInt64(index * MEMBER_BYTES),
    digest: packed.subarray(index * MEMBER_BYTES + 8, (index + 1) * MEMBER_BYTES),
  }));
};

const encoder = new TextEncoder();

/** The hash that binds a batch to all before it: previous hash, book, sequence, range, digest of its rows, and members. */
export const chainHash = (batch: Omit<SealedBatch, 'chainHash' | 'digest'>, digest: Digest): Uint8Array => {
  const { book, sequence, fromEvent, toEvent, members, rowsHash, previousHash } = batch;
  const form = rowsHash === null ? 1 : 2;
  const head = encoder.encode(`huren-audit-${form}|${book}|${sequence}|${fromEvent}|${toEvent}|`);
  const parts = [previousHash, head, rowsHash ?? new Uint8Array(), members];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return digest(bytes);
};
