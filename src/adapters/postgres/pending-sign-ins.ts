import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../../kernel/content-hash.ts';
import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';

/** How long somebody may take between the password and the code: time enough to set a phone up. */
export const PENDING_MS = 15 * 60_000;

/** A sign-in that is not whole yet. */
export interface PendingSignIn {
  readonly accountId: string;
  readonly nextPath: string;
  /** Code of the issuer that vouched for the person; null: the password was right. */
  readonly issuerCode: string | null;
  readonly secondFactorShown: boolean;
  /** Secret of a second factor that is being set up. */
  readonly newSecret: string | null;
}

interface PendingRow {
  account_id: string;
  next_path: string;
  issuer_code: string | null;
  second_factor_shown: boolean;
  new_secret: Uint8Array | null;
  new_secret_key_id: string | null;
}

const SWEEP = statement(
  'pending-sign-ins.sweep',
  'delete from pending_sign_ins where expires_at < $1 returning token_hash',
);
const INSERT = statement(
  'pending-sign-ins.insert',
  `insert into pending_sign_ins (token_hash, account_id, browser_hash, next_path, issuer_code, second_factor_shown, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7) returning token_hash`,
);
const FIND = statement(
  'pending-sign-ins.find',
  `select account_id, next_path, issuer_code, second_factor_shown, new_secret, new_secret_key_id from pending_sign_ins
   where token_hash = $1 and browser_hash = $2 and expires_at > $3`,
);
const SET_SECRET = statement(
  'pending-sign-ins.set-secret',
  'update pending_sign_ins set new_secret = $2, new_secret_key_id = $3 where token_hash = $1 returning token_hash',
);
const SHOWN = statement(
  'pending-sign-ins.shown',
  `update pending_sign_ins set second_factor_shown = true, new_secret = null, new_secret_key_id = null
   where token_hash = $1 returning token_hash`,
);
const END = statement(
  'pending-sign-ins.end',
  'delete from pending_sign_ins where token_hash = $1 returning token_hash',
);

const placeOf = (tokenHash: string): string => `pending-sign-in|${tokenHash}`;

/**
 * Opens one and gives its token, which the page of this browser carries from step to step.
 *
 * @param browser what only that browser's forms carry; the token is worth nothing in another
 */
export const openPendingSignIn = async (
  session: Session,
  pending: Omit<PendingSignIn, 'newSecret'>,
  browser: string,
  at: Instant,
): Promise<string> => {
  const token = randomBytes(32).toString('base64url');
  await session.run(SWEEP, [isoInstant(at)]);
  await session.run(INSERT, [
    sha256Hex(token),
    pending.accountId,
    sha256Hex(browser),
    pending.nextPath,
    pending.issuerCode,
    pending.secondFactorShown,
    isoInstant(instant(at + PENDING_MS)),
  ]);
  return token;
};

/** What the token stands for in this browser; undefined when it is nobody's, over or another browser's. */
export const findPendingSignIn = async (
  session: Session,
  keys: KeyRing,
  token: string,
  browser: string,
  at: Instant,
): Promise<PendingSignIn | undefined> => {
  const tokenHash = sha256Hex(token);
  const [row] = await session.run<PendingRow>(FIND, [tokenHash, sha256Hex(browser), isoInstant(at)]);
  if (!row) return undefined;
  const { new_secret: bytes, new_secret_key_id: keyId } = row;
  return {
    accountId: row.account_id,
    nextPath: row.next_path,
    issuerCode: row.issuer_code,
    secondFactorShown: row.second_factor_shown,
    newSecret:
      bytes === null || keyId === null
        ? null
        : Buffer.from(keys.open({ keyId, bytes }, placeOf(tokenHash))).toString('utf8'),
  };
};

/** Keeps the secret of a second factor that is being set up, until its first code proves that the phone has it. */
export const keepNewSecret = async (
  session: Session,
  keys: KeyRing,
  token: string,
  secret: string,
): Promise<void> => {
  const tokenHash = sha256Hex(token);
  const { keyId, bytes } = keys.seal(Buffer.from(secret), placeOf(tokenHash));
  await session.run(SET_SECRET, [tokenHash, bytes, keyId]);
};

/** Marks the second factor as shown. */
export const markSecondFactorShown = async (session: Session, token: string): Promise<void> => {
  await session.run(SHOWN, [sha256Hex(token)]);
};

/** Ends it; false when it had been ended, by whichever process: one becomes one session. */
export const endPendingSignIn = async (session: Session, token: string): Promise<boolean> =>
  (await session.run(END, [sha256Hex(token)])).length === 1;
