import { hash } from 'node:crypto';
import {
  type AuditBook,
  type AuditDigest,
  type AuditFinding,
  compareBatch,
  type CurrentRow,
  type Digest,
  isSameDigest,
  memberCount,
  type SealedBatch,
} from '../../audit/index.ts';
import { type Session, statement } from './database.ts';

/** Smallest value of a bigint column. */
const LOWEST_EVENT = -(2n ** 63n);

// One line of JSON a row: strings are escaped, so no value can pretend to be the end of its line or another column. The
// moment is in microseconds, whatever zone or style the session has. Rows from before role, department and staff number
// were kept say nothing of them, as when they were sealed.
const LINES = {
  person: `string_agg(event_id || ' ' || json_build_array(person_id, public_id,
      (extract(epoch from occurred_at) * 1000000)::bigint, actor, institution_id, action, resource, purpose, basis, outcome,
      peer)::text || case when role is null and department is null and staff_number is null then ''
      else json_build_array(role, department, staff_number)::text end, E'\\n' order by event_id)`,
  system: `string_agg(event_id || ' ' || json_build_array(public_id,
      (extract(epoch from occurred_at) * 1000000)::bigint, actor, action, resource, outcome, peer)::text,
      E'\\n' order by event_id)`,
} as const;
const RANGES = {
  person: 'from audit_events where event_id > $1 and event_id <= $2',
  system: 'from system_audit_events where event_id > $1 and event_id <= $2',
} as const;

const READ_LINES = {
  person: statement('sealed-rows.of-persons', `select ${LINES.person} as lines ${RANGES.person}`),
  system: statement('sealed-rows.of-system', `select ${LINES.system} as lines ${RANGES.system}`),
} as const;

// The same bytes, hashed where they are: what fits need not leave the database.
const sha256Of = (lines: string): string => `sha256(convert_to(${lines}, 'UTF8')) as "rowsHash"`;
const READ_SHA256 = {
  person: statement('sealed-rows.sha256-of-persons', `select ${sha256Of(LINES.person)} ${RANGES.person}`),
  system: statement('sealed-rows.sha256-of-system', `select ${sha256Of(LINES.system)} ${RANGES.system}`),
} as const;

/** The digest function of a chain: SHA-256 (FIPS 180-4) or SM3 (GB/T 32905). */
export const digestOf =
  (digest: AuditDigest): Digest =>
  (bytes) =>
    hash(digest, bytes, 'buffer');

/** The rows of a range as they stand now, or as an archive kept them. */
export interface RangeRead {
  /** One line a row in order of event id, the id first. */
  readonly lines: string;
  /** Digest of all lines together. */
  readonly rowsHash: Uint8Array;
}

/** A range by its lines. */
export const rangeOf = (lines: string, algorithm: AuditDigest): RangeRead => ({
  lines,
  rowsHash: hash(algorithm, lines, 'buffer'),
});

interface EventRange {
  readonly fromEvent: bigint;
  readonly toEvent: bigint;
}

/** Ids begin at 1: what was put in below is found with the first batch. */
const boundsOf = ({ fromEvent, toEvent }: EventRange): [string, string] => [
  String(fromEvent === 0n ? LOWEST_EVENT : fromEvent),
  String(toEvent),
];

/** Reads a range of a book; undefined when no row stands in it. */
export const readRange = async (
  session: Session,
  book: AuditBook,
  range: EventRange,
  algorithm: AuditDigest,
): Promise<RangeRead | undefined> => {
  const [found] = await session.run<{ lines: string | null }>(READ_LINES[book], boundsOf(range));
  const lines = found?.lines ?? null;
  return lines === null ? undefined : rangeOf(lines, algorithm);
};

/** Each row of a range with its own digest. */
export const rowsOf = ({ lines }: RangeRead, algorithm: AuditDigest): CurrentRow[] =>
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

/** Compares one batch with the rows of its range: as a whole, and row by row where that does not fit. */
export const compareRange = (batch: SealedBatch, read: RangeRead | undefined): BatchCompared => {
  if (read && batch.rowsHash !== null && isSameDigest(read.rowsHash, batch.rowsHash))
    return { rows: memberCount(batch), findings: [] };
  const current = read ? rowsOf(read, batch.digest) : [];
  return { rows: current.length, findings: compareBatch(batch, current) };
};

/** Whether the rows of a batch hash to what was sealed, as the database itself reckons; SM3 it does not know. */
const isUnchanged = async (session: Session, batch: SealedBatch): Promise<boolean> => {
  if (batch.digest !== 'sha256' || batch.rowsHash === null) return false;
  const [found] = await session.run<{ rowsHash: Uint8Array | null }>(
    READ_SHA256[batch.book],
    boundsOf(batch),
  );
  return !!found?.rowsHash && isSameDigest(found.rowsHash, batch.rowsHash);
};

/** Compares one batch with the rows that stand in its range now. */
export const compareSealed = async (session: Session, batch: SealedBatch): Promise<BatchCompared> =>
  (await isUnchanged(session, batch))
    ? { rows: memberCount(batch), findings: [] }
    : compareRange(batch, await readRange(session, batch.book, batch, batch.digest));
