import { generateKeyPairSync, randomUUID } from 'node:crypto';
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
import { ISSUER_FAULTS } from './faults.ts';

const keyShape = z.looseObject({
  kty: z.literal('RSA'),
  kid: z.string().min(1),
  n: z.string(),
  d: z.string(),
});
const fileShape = z.object({ keys: z.array(keyShape).min(1) });

/** A private key that signs ID tokens, as a JWK. */
export type SigningKey = z.output<typeof keyShape>;

const raise = raiser(ISSUER_FAULTS);

/** How many keys the file keeps: the newest signs, the others verify what was signed with them. */
const KEYS_KEPT = 3;
const KEY_BITS = 3072;

const newKey = (): SigningKey => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: KEY_BITS });
  return {
    ...privateKey.export({ format: 'jwk' }),
    kid: randomUUID(),
    use: 'sig',
    alg: 'RS256',
  } as SigningKey;
};

/** Whole and on disk before it takes the old one's place. */
const write = (path: string, keys: readonly SigningKey[]): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify({ keys }, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
};

/** The keys of the file, newest first; makes one with mode 600 on first use. @throws ISSUER_KEYS_INVALID */
export const loadIssuerKeys = (path: string): readonly SigningKey[] => {
  if (!existsSync(path)) write(path, [newKey()]);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw raise('ISSUER_KEYS_INVALID', { place: path, cause });
  }
  const parsed = fileShape.safeParse(content);
  if (!parsed.success) throw raise('ISSUER_KEYS_INVALID', { place: path });
  return parsed.data.keys;
};

/**
 * Adds a key that signs from now on; the last ones go on verifying. Running programs take it up by themselves.
 *
 * @returns the id of the new key
 */
export const rotateIssuerKeys = (path: string): string => {
  const key = newKey();
  write(path, [key, ...loadIssuerKeys(path)].slice(0, KEYS_KEPT));
  return key.kid;
};

/** When the file was last changed, in epoch milliseconds; 0 where there is none. */
export const issuerKeysChangedAt = (path: string): number =>
  statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
