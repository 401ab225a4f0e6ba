import { sha256Hex } from '../../kernel/content-hash.ts';
import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';

/** How long somebody may take at the other issuer. */
export const ISSUER_SIGN_IN_MS = 15 * 60_000;

/** A sign-in that is on its way to another issuer and back. */
export interface IssuerSignIn {
  readonly issuerCode: string;
  readonly state: string;
  readonly nonce: string;
  /** PKCE verifier. */
  readonly verifier: string;
  readonly nextPath: string;
}

const SWEEP = statement(
  'issuer-sign-ins.sweep',
  'delete from issuer_sign_ins where expires_at < $1 returning state_hash',
);
const INSERT = statement(
  'issuer-sign-ins.insert',
  `insert into issuer_sign_ins (state_hash, issuer_code, browser_hash, nonce, verifier, key_id, next_path, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8) returning state_hash`,
);
const TAKE = statement(
  'issuer-sign-ins.take',
  `delete from issuer_sign_ins where state_hash = $1 and issuer_code = $2 and browser_hash = $3 and expires_at > $4
   returning nonce, verifier, key_id, next_path`,
);

const placeOf = (stateHash: string): string => `issuer-sign-in|${stateHash}`;

/**
 * Keeps what the browser must bring back.
 *
 * @param browser what only that browser carries; the way back is open to it alone
 */
export const keepIssuerSignIn = async (
  session: Session,
  keys: KeyRing,
  { issuerCode, state, nonce, verifier, nextPath }: IssuerSignIn,
  browser: string,
  at: Instant,
): Promise<void> => {
  const stateHash = sha256Hex(state);
  const { keyId, bytes } = keys.seal(Buffer.from(verifier), placeOf(stateHash));
  await session.run(SWEEP, [isoInstant(at)]);
  await session.run(INSERT, [
    stateHash,
    issuerCode,
    sha256Hex(browser),
    nonce,
    bytes,
    keyId,
    nextPath,
    isoInstant(instant(at + ISSUER_SIGN_IN_MS)),
  ]);
};

/** Takes it up, once; undefined when there is none of this state, issuer and browser, or it was taken. */
export const takeIssuerSignIn = async (
  session: Session,
  keys: KeyRing,
  {
    state,
    issuerCode,
    browser,
  }: { readonly state: string; readonly issuerCode: string; readonly browser: string },
  at: Instant,
): Promise<IssuerSignIn | undefined> => {
  const stateHash = sha256Hex(state);
  const [row] = await session.run<{ nonce: string; verifier: Uint8Array; key_id: string; next_path: string }>(
    TAKE,
    [stateHash, issuerCode, sha256Hex(browser), isoInstant(at)],
  );
  if (!row) return undefined;
  const sealed = { keyId: row.key_id, bytes: row.verifier };
  return {
    issuerCode,
    state,
    nonce: row.nonce,
    verifier: Buffer.from(keys.open(sealed, placeOf(stateHash))).toString('utf8'),
    nextPath: row.next_path,
  };
};
