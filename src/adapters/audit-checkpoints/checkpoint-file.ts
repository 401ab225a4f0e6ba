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
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { AuditBook } from '../../audit/index.ts';
import { raiser } from '../../kernel/fault.ts';
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

/** What a line of the checkpoint file turned out to be. */
export type CheckpointLine =
  | { readonly kind: 'signed'; readonly line: number; readonly checkpoint: Checkpoint }
  /** Not signed by our key, or not readable. */
  | { readonly kind: 'broken'; readonly line: number };

/** The signed checkpoints of one installation. */
export interface CheckpointFile {
  append(checkpoint: Checkpoint): void;
  read(): readonly CheckpointLine[];
}

const raise = raiser(CHECKPOINT_FAULTS);

const lineShape = z.strictObject({
  book: z.enum(['person', 'system']),
  sequence: z.string().regex(/^\d+$/),
  chainHash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.string(),
  signature: z.string(),
});

const signedBytes = ({ book, sequence, chainHash, at }: Checkpoint): Buffer =>
  Buffer.from(`huren-audit-checkpoint-1|${book}|${sequence}|${chainHash}|${at}`);

const loadKey = (path: string): KeyObject => {
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
  const path = join(folder, 'audit-checkpoints.jsonl');
  const publicPath = join(folder, 'audit-checkpoints.pub.pem');
  if (!existsSync(publicPath)) writeFileSync(publicPath, publicKey.export({ type: 'spki', format: 'pem' }));
  const readLine = (text: string): Checkpoint | undefined => {
    try {
      const { signature, sequence, ...rest } = lineShape.parse(JSON.parse(text));
      const checkpoint = { ...rest, sequence: BigInt(sequence) };
      const isOurs = verify(null, signedBytes(checkpoint), publicKey, Buffer.from(signature, 'base64'));
      return isOurs ? checkpoint : undefined;
    } catch {
      // Half a line after a crash, or somebody's hand: told as broken, with its number.
      return undefined;
    }
  };
  return {
    append(checkpoint) {
      const signature = sign(null, signedBytes(checkpoint), key).toString('base64');
      const line = JSON.stringify({ ...checkpoint, sequence: String(checkpoint.sequence), signature });
      const file = openSync(path, 'a', 0o600);
      try {
        writeSync(file, `${line}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    },
    read() {
      if (!existsSync(path)) return [];
      return readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((text, index): CheckpointLine[] => {
          if (text === '') return [];
          const checkpoint = readLine(text);
          return [
            checkpoint
              ? { kind: 'signed', line: index + 1, checkpoint }
              : { kind: 'broken', line: index + 1 },
          ];
        });
    },
  };
};
