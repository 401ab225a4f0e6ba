import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost parameters of scrypt (RFC 7914). Stored with every hash, so raising them locks nobody out. */
export interface PasswordCost {
  /** CPU and memory cost, a power of two. */
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelism: number;
}

/** 32 MiB and some tens of milliseconds a try on one core: slow for a thief, quick for a doctor. */
export const PASSWORD_COST: PasswordCost = { cost: 32_768, blockSize: 8, parallelism: 1 };

const KEY_BYTES = 32;

const derive = (password: string, salt: Uint8Array, { cost, blockSize, parallelism }: PasswordCost) =>
  new Promise<Buffer>((resolve, reject) => {
    // NFC, because the same Chinese or accented character can be typed as different code points.
    scrypt(
      password.normalize('NFC'),
      salt,
      KEY_BYTES,
      { N: cost, r: blockSize, p: parallelism, maxmem: 256 * cost * blockSize },
      (error, key) => (error ? reject(error) : resolve(key)),
    );
  });

/** `scrypt$N$r$p$salt$key`, salt and key in base64. */
export const hashPassword = async (
  password: string,
  parameters: PasswordCost = PASSWORD_COST,
): Promise<string> => {
  const salt = randomBytes(16);
  const key = await derive(password, salt, parameters);
  const { cost, blockSize, parallelism } = parameters;
  return ['scrypt', cost, blockSize, parallelism, salt.toString('base64'), key.toString('base64')].join('$');
};

/** True when the password is the one that was hashed, in time that does not depend on how much of it is right. */
export const verifyPassword = async (password: string, stored: string): Promise<boolean> => {
  const [scheme, cost, blockSize, parallelism, salt, key] = stored.split('$');
  if (scheme !== 'scrypt' || !salt || !key) return false;
  const expected = Buffer.from(key, 'base64');
  const parameters = { cost: Number(cost), blockSize: Number(blockSize), parallelism: Number(parallelism) };
  const derived = await derive(password, Buffer.from(salt, 'base64'), parameters);
  return expected.length === derived.length && timingSafeEqual(expected, derived);
};
