import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { raiser } from '../../kernel/fault.ts';
import { CIPHER_NAMES, type CipherName } from './ciphers.ts';
import { KEY_FAULTS } from './faults.ts';
import type { KeyMaterial, KeySource, SealingKey } from './key-ring.ts';

const keyFileShape = z.object({
  hashingKey: z.string(),
  hashing: z.enum(['sha256', 'sm3']).default('sha256'),
  sealingKeys: z
    .array(z.object({ id: z.string(), key: z.string(), cipher: z.enum(CIPHER_NAMES).default('aes-256-gcm') }))
    .min(1),
});

type KeyFile = z.output<typeof keyFileShape>;

const raise = raiser(KEY_FAULTS);

/** Whole and on disk before it takes the old one's place: half a key file is lost data. */
const writeKeyFile = (path: string, content: KeyFile): void => {
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(content, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
};

const newKey = (id: string, cipher: CipherName): KeyFile['sealingKeys'][number] => ({
  id,
  key: randomBytes(32).toString('base64'),
  cipher,
});

const readKeyFile = (path: string): KeyFile => {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw raise('KEY_MATERIAL_INVALID', { place: path, cause });
  }
  const parsed = keyFileShape.safeParse(content);
  if (!parsed.success) throw raise('KEY_MATERIAL_INVALID', { place: path });
  const keys = parsed.data.sealingKeys;
  const isShort = keys.some(({ key }) => Buffer.from(key, 'base64').length !== 32);
  if (isShort || new Set(keys.map(({ id }) => id)).size !== keys.length)
    throw raise('KEY_MATERIAL_INVALID', { place: path });
  return parsed.data;
};

/** Reads the key file (JSON, keys in base64); makes one with mode 600 on first start. @throws KEY_MATERIAL_INVALID */
export const loadKeyFile = (path: string): KeyMaterial => {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeKeyFile(path, {
      hashingKey: randomBytes(32).toString('base64'),
      hashing: 'sha256',
      sealingKeys: [newKey('k1', 'aes-256-gcm')],
    });
  }
  const { hashingKey, hashing, sealingKeys } = readKeyFile(path);
  return {
    hashingKey: Buffer.from(hashingKey, 'base64'),
    hashing,
    sealingKeys: sealingKeys.map(
      ({ id, key, cipher }): SealingKey => ({ id, key: Buffer.from(key, 'base64'), cipher }),
    ),
  };
};

/** How often a running program looks whether its key file has changed, in milliseconds. */
export const KEY_FILE_LOOK_MS = 5_000;

/**
 * The key file of a running program: a key that was added to it is used within `KEY_FILE_LOOK_MS`, and at once when
 * something sealed by it has to be opened. A file that cannot be read meanwhile changes nothing.
 */
export const keyFileSource = (path: string, now: () => number): KeySource => {
  let material = loadKeyFile(path);
  let changedAt = statSync(path).mtimeMs;
  let lookedAt = now();
  const reread = (): KeyMaterial => {
    lookedAt = now();
    try {
      const modifiedAt = statSync(path).mtimeMs;
      if (modifiedAt !== changedAt) {
        material = loadKeyFile(path);
        changedAt = modifiedAt;
      }
    } catch {
      // The keys in memory still seal and open; the next look tries again.
    }
    return material;
  };
  return { current: () => (now() - lookedAt < KEY_FILE_LOOK_MS ? material : reread()), reread };
};

/**
 * Adds a key that seals from now on; the older ones go on opening what they sealed. Running programs take it up by
 * themselves.
 *
 * @returns the id of the new key
 * @throws KEY_MATERIAL_INVALID
 */
export const rotateKeyFile = (path: string, cipher: CipherName): string => {
  const content = readKeyFile(path);
  const numbers = content.sealingKeys.map(({ id }) => Number(/^k(\d+)$/.exec(id)?.[1] ?? 0));
  const id = `k${Math.max(...numbers) + 1}`;
  writeKeyFile(path, { ...content, sealingKeys: [...content.sealingKeys, newKey(id, cipher)] });
  return id;
};
