import { createHash } from 'node:crypto';
import { closeSync, createReadStream, createWriteStream, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { AUDIT_BOOKS, AUDIT_DIGESTS, type SealedBatch } from '../../audit/index.ts';
import type { PublicId } from '../../kernel/uuid.ts';

/** One row of a retired batch. */
export interface ArchivedRow {
  /** The row as it was sealed: event id, a space, the columns as JSON. Holds our internal key of the person. */
  readonly line: string;
  /** Public id of the person, for reading; what is sealed names only our key. null in the book `system`. */
  readonly person: PublicId | null;
  /** Code of the institution for which somebody looked, for reading. */
  readonly institution: string | null;
}

/** A retired batch, whole: its seal and its rows. */
export interface ArchivedBatch {
  readonly batch: SealedBatch;
  readonly rows: readonly ArchivedRow[];
}

/** What an archive says of itself. */
export interface ArchiveHead {
  readonly retirement: PublicId;
  /** Nothing in it is of this moment or later (ISO 8601). */
  readonly before: string;
}

/** What reading an archive gives, in order. `broken` is the last: what follows a line that cannot be read is not looked at. */
export type ArchiveItem =
  | { readonly kind: 'head'; readonly head: ArchiveHead }
  | ({ readonly kind: 'batch' } & ArchivedBatch)
  | { readonly kind: 'end' }
  | { readonly kind: 'broken'; readonly line: number };

/** What the columns of a sealed line are, in order; the second list stands behind the first where a row has any of it. */
const COLUMNS = {
  person: [
    [
      'person',
      'id',
      'occurredAtMicroseconds',
      'actor',
      'institution',
      'action',
      'resource',
      'purpose',
      'basis',
      'outcome',
      'peer',
    ],
    ['role', 'department', 'staffNumber'],
  ],
  system: [['id', 'occurredAtMicroseconds', 'actor', 'action', 'resource', 'outcome', 'peer']],
} as const;

/** Longest line that is read: a batch of 5,000 rows has seals of about 270 kB. */
const LINE_CHARACTERS_MAX = 4_000_000;

const bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const number = z
  .string()
  .regex(/^-?\d{1,19}$/)
  .transform(BigInt);

const headShape = z.strictObject({
  'huren-audit-archive': z.literal(1),
  retirement: z.uuid().transform((text) => text as PublicId),
  before: z.string(),
  columns: z.unknown(),
});
const batchShape = z.strictObject({
  book: z.enum(AUDIT_BOOKS),
  sequence: number,
  fromEvent: number,
  toEvent: number,
  digest: z.enum(AUDIT_DIGESTS),
  members: bytes,
  rowsHash: bytes.nullable(),
  previousHash: bytes,
  chainHash: bytes,
  /** How many lines of rows follow. */
  rows: z.int().min(0).max(1_000_000),
});
const rowShape = z.strictObject({
  event: number,
  sealed: z.string(),
  person: z
    .uuid()
    .transform((text) => text as PublicId)
    .nullable(),
  institution: z.string().nullable(),
});
const endShape = z.strictObject({ end: z.literal(true) });

const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');

const batchLine = ({ batch, rows }: ArchivedBatch): string =>
  JSON.stringify({
    book: batch.book,
    sequence: String(batch.sequence),
    fromEvent: String(batch.fromEvent),
    toEvent: String(batch.toEvent),
    digest: batch.digest,
    members: base64(batch.members),
    rowsHash: batch.rowsHash && base64(batch.rowsHash),
    previousHash: base64(batch.previousHash),
    chainHash: base64(batch.chainHash),
    rows: rows.length,
  });

const rowLine = ({ line, person, institution }: ArchivedRow): string => {
  const space = line.indexOf(' ');
  return JSON.stringify({ event: line.slice(0, space), sealed: line.slice(space + 1), person, institution });
};

const linesOf = async function* (
  head: ArchiveHead,
  batches: AsyncIterable<ArchivedBatch>,
): AsyncIterable<string> {
  yield `${JSON.stringify({ 'huren-audit-archive': 1, ...head, columns: COLUMNS })}\n`;
  for await (const batch of batches)
    yield `${[batchLine(batch), ...batch.rows.map((row) => rowLine(row))].join('\n')}\n`;
  yield '{"end":true}\n';
};

const flushFolder = (folder: string): void => {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

/**
 * Writes an archive: JSON lines under gzip, beside its place first and moved there when all of it is on the disk. The same
 * batches give the same bytes, so that it can be written again after an interruption.
 */
export const writeArchive = async (
  path: string,
  head: ArchiveHead,
  batches: AsyncIterable<ArchivedBatch>,
): Promise<void> => {
  const part = `${path}.part`;
  await pipeline(
    Readable.from(linesOf(head, batches)),
    createGzip(),
    createWriteStream(part, { mode: 0o600, flush: true }),
  );
  renameSync(part, path);
  flushFolder(dirname(path));
};

/** SHA-256 of a file, lower-case hex. */
export const archiveDigest = async (path: string): Promise<string> => {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  return digest.digest('hex');
};

/** Lines of a text under gzip. Not `readline`: that also breaks at U+2028, which may stand in a row. */
const readLines = async function* (path: string): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const source = createReadStream(path);
  const unpacked = createGunzip();
  source.on('error', (error) => unpacked.destroy(error));
  let rest = '';
  try {
    for await (const chunk of source.pipe(unpacked)) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LINE_CHARACTERS_MAX) throw new RangeError('line too long');
      yield* lines;
    }
    if (rest + decoder.decode() !== '') throw new RangeError('no end of line');
  } finally {
    source.destroy();
  }
};

/** Reads an archive, a batch at a time. Nothing in it is believed: verify it (`flows/audit/verify-archive.ts`). */
export const readArchive = async function* (path: string): AsyncIterable<ArchiveItem> {
  let line = 0;
  let open: { readonly batch: SealedBatch; readonly rows: ArchivedRow[]; readonly due: number } | undefined;
  let isEnded = false;
  try {
    for await (const text of readLines(path)) {
      line++;
      const read: unknown = JSON.parse(text);
      if (isEnded) throw new RangeError('something after the end');
      if (line === 1) {
        const { retirement, before } = headShape.parse(read);
        yield { kind: 'head', head: { retirement, before } };
      } else if (open) {
        const { event, sealed, person, institution } = rowShape.parse(read);
        open.rows.push({ line: `${event} ${sealed}`, person, institution });
      } else if (typeof read === 'object' && read !== null && 'end' in read) {
        endShape.parse(read);
        isEnded = true;
      } else {
        const { rows: due, ...batch } = batchShape.parse(read);
        open = { batch, rows: [], due };
      }
      if (open && open.rows.length === open.due) {
        yield { kind: 'batch', batch: open.batch, rows: open.rows };
        open = undefined;
      }
    }
    yield isEnded ? { kind: 'end' } : { kind: 'broken', line: line + 1 };
  } catch {
    // Not our bytes any more, or half a file: told with the line, and nothing behind it counts.
    yield { kind: 'broken', line: line + 1 };
  }
};
