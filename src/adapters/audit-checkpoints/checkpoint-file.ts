import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { AuditBook } from '../../audit/index.ts';
import { raiser } from '../../kernel/fault.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { CHECKPOINT_FAULTS } from './faults.ts';

/** A chain's value at some moment, to be signed and kept where the database's administrator cannot write. */
export interface Checkpoint {
  readonly book: AuditBook;
  readonly sequence: bigint;
  /** Lower-case hex. */
  readonly chainHash: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * That a part of a book was retired: it left the database for an archive. Signed before it leaves, and from then on the
 * chain begins behind it. Digests are lower-case hex.
 */
export interface RetirementMark {
  /** Public id of the retirement that two people decided on. */
  readonly retirement: PublicId;
  readonly book: AuditBook;
  /** First and last batch of this part. */
  readonly fromSequence: bigint;
  readonly sequence: bigint;
  /** Event id up to which the last batch reaches. */
  readonly toEvent: bigint;
  /** Chain value of the last batch. */
  readonly chainHash: string;
  /** How many rows this part has. */
  readonly rows: bigint;
  /** SHA-256 of the archive file. */
  readonly archive: string;
  readonly requestedBy: string;
  readonly decidedBy: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What a line of the checkpoint file turned out to be. */
export type CheckpointLine =
  | { readonly kind: 'signed'; readonly line: number; readonly checkpoint: Checkpoint }
  | { readonly kind: 'retired'; readonly line: number; readonly mark: RetirementMark }
  /** Not signed by our key, or not readable. */
  | { readonly kind: 'broken'; readonly line: number };

/** The signed checkpoints of one installation, as anybody with the public key reads them. */
export interface CheckpointReading {
  read(): readonly CheckpointLine[];
}

/** The signed checkpoints of one installation. */
export interface CheckpointFile extends CheckpointReading {
  append(checkpoint: Checkpoint): void;
  appendRetirement(mark: RetirementMark): void;
}

const raise = raiser(CHECKPOINT_FAULTS);

const LINES_FILE = 'audit-checkpoints.jsonl';
const PUBLIC_KEY_FILE = 'audit-checkpoints.pub.pem';

const lineShape = z.strictObject({
  book: z.enum(['person', 'system']),
  sequence: z.string().regex(/^\d+$/),
  chainHash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.string(),
  signature: z.string(),
});

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt);

const retirementShape = z.strictObject({
  retirement: z.uuid().transform((text) => text as PublicId),
  book: z.enum(['person', 'system']),
  fromSequence: count,
  sequence: count,
  toEvent: count,
  chainHash: hex64,
  rows: count,
  archive: hex64,
  requestedBy: z.string(),
  decidedBy: z.string(),
  at: z.string(),
  signature: z.string(),
});

const signedBytes = ({ book, sequence, chainHash, at }: Checkpoint): Buffer =>
  Buffer.from(`huren-audit-checkpoint-1|${book}|${sequence}|${chainHash}|${at}`);

const bigintText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

// As JSON, so that no name can pretend to be another member.
const signedRetirement = (mark: RetirementMark): Buffer => {
  const { retirement, book, fromSequence, sequence, toEvent, chainHash, rows, archive, ...who } = mark;
  const members = [retirement, book, fromSequence, sequence, toEvent, chainHash, rows, archive];
  const text = JSON.stringify([...members, who.requestedBy, who.decidedBy, who.at], bigintText);
  return Buffer.from(`huren-audit-retirement-1|${text}`);
};

/** The key that signs, made where it is not there yet. @throws CHECKPOINT_KEY_INVALID */
export const loadKey = (path: string): KeyObject => {
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(`${path}.new`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  try {
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw raise('CHECKPOINT_KEY_INVALID', { place: path, cause });
  }
  throw raise('CHECKPOINT_KEY_INVALID', { place: path });
};

const readLine = (text: string, publicKey: KeyObject, line: number): CheckpointLine => {
  const isSigned = (bytes: Buffer, signature: string): boolean =>
    verify(null, bytes, publicKey, Buffer.from(signature, 'base64'));
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && 'retirement' in read) {
      const { signature, ...mark } = retirementShape.parse(read);
      if (isSigned(signedRetirement(mark), signature)) return { kind: 'retired', line, mark };
    } else {
      const { signature, sequence, ...rest } = lineShape.parse(read);
      const checkpoint = { ...rest, sequence: BigInt(sequence) };
      if (isSigned(signedBytes(checkpoint), signature)) return { kind: 'signed', line, checkpoint };
    }
  } catch {
    // Half a line after a crash, or somebody's hand: told as broken, with its number.
  }
  return { kind: 'broken', line };
};

const readLines = (folder: string, publicKey: KeyObject): readonly CheckpointLine[] => {
  const path = join(folder, LINES_FILE);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text, index) => (text === '' ? [] : [readLine(text, publicKey, index + 1)]));
};

/** Whether the file ends within a line, as after a crash. */
const endsWithinLine = (path: string): boolean => {
  if (!existsSync(path)) return false;
  const size = statSync(path).size;
  if (size === 0) return false;
  const file = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, size - 1);
    return last.toString() !== '\n';
  } finally {
    closeSync(file);
  }
};

/**
 * Checkpoints as anybody reads them who has the folder: with the public key that lies beside them, or one kept elsewhere.
 *
 * @throws CHECKPOINT_KEY_INVALID
 */
export const checkpointReading = (
  folder: string,
  publicKeyFile = join(folder, PUBLIC_KEY_FILE),
): CheckpointReading => {
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey(readFileSync(publicKeyFile));
  } catch (cause) {
    throw raise('CHECKPOINT_KEY_INVALID', { place: publicKeyFile, cause });
  }
  return { read: () => readLines(folder, publicKey) };
};

/**
 * Checkpoints as lines of JSON in one file, each signed (Ed25519) and flushed to disk before it counts. The folder may be
 * a mount that only appends; the key stays with the program. A public key beside the file lets others verify it.
 *
 * @throws CHECKPOINT_KEY_INVALID
 */
export const checkpointFile = (folder: string, keyFile: string): CheckpointFile => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key = loadKey(keyFile);
  const publicKey = createPublicKey(key);
  const path = join(folder, LINES_FILE);
  const publicPath = join(folder, PUBLIC_KEY_FILE);
  if (!existsSync(publicPath)) writeFileSync(publicPath, publicKey.export({ type: 'spki', format: 'pem' }));
  const appendSigned = (signed: object, bytes: Buffer): void => {
    const line = JSON.stringify(
      { ...signed, signature: sign(null, bytes, key).toString('base64') },
      bigintText,
    );
    // Behind half a line, a whole one would be lost with it.
    const lead = endsWithinLine(path) ? '\n' : '';
    const file = openSync(path, 'a', 0o600);
    try {
      writeSync(file, `${lead}${line}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  };
  return {
    append: (checkpoint) => appendSigned(checkpoint, signedBytes(checkpoint)),
    appendRetirement: (mark) => appendSigned(mark, signedRetirement(mark)),
    read: () => readLines(folder, publicKey),
  };
};
