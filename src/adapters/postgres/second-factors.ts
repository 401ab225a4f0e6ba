import { randomBytes } from 'node:crypto';
import { raiser } from '../../kernel/fault.ts';
import { sha256Hex } from '../../kernel/content-hash.ts';
import { isoInstant } from '../../kernel/instant.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type AccountAct, recordSystemAct } from './accounts.ts';
import { ACCOUNT_FAULTS } from './accounts-faults.ts';
import { endOtherSessions } from './accounts-sessions.ts';
import { type Database, type Session, statement } from './database.ts';

/** How many recovery codes somebody is given. */
export const RECOVERY_CODES = 10;

// Without 0 O 1 I L: written down by hand and typed again.
const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const RECOVERY_GROUPS = 4;
const RECOVERY_GROUP_CHARACTERS = 4;

const PUT = statement(
  'second-factors.put',
  `insert into account_second_factors (account_id, secret, key_id, last_period, created_at) values ($1, $2, $3, $4, $5)
   on conflict (account_id) do update set secret = excluded.secret, key_id = excluded.key_id,
     last_period = excluded.last_period, created_at = excluded.created_at
   returning account_id`,
);
const FIND = statement(
  'second-factors.find',
  'select secret, key_id from account_second_factors where account_id = $1',
);
const TAKE_PERIOD = statement(
  'second-factors.take-period',
  `update account_second_factors set last_period = $2 where account_id = $1 and last_period < $2
   returning account_id`,
);
const REMOVE = statement(
  'second-factors.remove',
  'delete from account_second_factors where account_id = $1 returning account_id',
);
const FORGET_CODES = statement(
  'second-factors.forget-codes',
  'delete from account_recovery_codes where account_id = $1 returning code_hash',
);
const PUT_CODES = statement(
  'second-factors.put-codes',
  `insert into account_recovery_codes (account_id, code_hash) select $1, unnest($2::text[]) returning code_hash`,
);
const USE_CODE = statement(
  'second-factors.use-code',
  `update account_recovery_codes set used_at = $3 where account_id = $1 and code_hash = $2 and used_at is null
   returning code_hash`,
);
const ACCOUNT_OF = statement('second-factors.account-of', 'select account_id from accounts where login = $1');
const END_SESSIONS = statement(
  'second-factors.end-sessions',
  'delete from account_sessions where account_id = $1 returning account_id',
);

const raise = raiser(ACCOUNT_FAULTS);

const placeOf = (accountId: string): string => `second-factor|${accountId}`;

/** Letters and digits of a recovery code as somebody typed it: case, spaces and hyphens do not count. */
const plain = (code: string): string => code.toUpperCase().replace(/[^A-Z0-9]/g, '');

const recoveryHash = (accountId: string, code: string): string =>
  sha256Hex(`recovery|${accountId}|${plain(code)}`);

/** A recovery code: 16 characters in groups of four, about 79 bits. */
const newRecoveryCode = (): string =>
  Array.from({ length: RECOVERY_GROUPS }, () => {
    let group = '';
    while (group.length < RECOVERY_GROUP_CHARACTERS) {
      const [byte = 0] = randomBytes(1);
      // Bytes above the last whole round would make the first letters likelier.
      if (byte < 256 - (256 % ALPHABET.length)) group += ALPHABET[byte % ALPHABET.length];
    }
    return group;
  }).join('-');

/** True when the text looks like a recovery code rather than a code of six digits. */
export const looksLikeRecoveryCode = (code: string): boolean =>
  plain(code).length === RECOVERY_GROUPS * RECOVERY_GROUP_CHARACTERS;

/** The secret of somebody's second factor; null where none was set up. */
export const secondFactorSecret = async (
  session: Session,
  keys: KeyRing,
  accountId: string,
): Promise<string | null> => {
  const [row] = await session.run<{ secret: Uint8Array; key_id: string }>(FIND, [accountId]);
  if (!row) return null;
  const sealed = { keyId: row.key_id, bytes: row.secret };
  return Buffer.from(keys.open(sealed, placeOf(accountId))).toString('utf8');
};

/**
 * Takes the code of one period. False when a code of that period or a later one was taken before, by whichever process:
 * a code that was looked over somebody's shoulder is worth nothing.
 */
export const takePeriod = async (session: Session, accountId: string, period: number): Promise<boolean> =>
  (await session.run(TAKE_PERIOD, [accountId, period])).length === 1;

/** Uses a recovery code up; false when there is no such code or it was used. */
export const useRecoveryCode = async (
  session: Session,
  accountId: string,
  code: string,
  act: AccountAct,
): Promise<boolean> =>
  (await session.run(USE_CODE, [accountId, recoveryHash(accountId, code), isoInstant(act.at)])).length === 1;

/**
 * Sets a second factor up in place of what there was.
 *
 * @param factor `lastPeriod`: number of the period whose code proved that the phone has the secret; `keepSession`: token of the
 * session in which it is done, all others end
 * @returns the recovery codes, this once: only their hashes are kept
 */
export const setSecondFactor = (
  database: Database,
  keys: KeyRing,
  account: { readonly accountId: string; readonly login: string },
  {
    secret,
    lastPeriod,
    keepSession,
  }: { readonly secret: string; readonly lastPeriod: number; readonly keepSession?: string },
  act: AccountAct,
): Promise<readonly string[]> =>
  database.transaction(async (session) => {
    const { accountId, login } = account;
    const { keyId, bytes } = keys.seal(Buffer.from(secret), placeOf(accountId));
    await session.run(PUT, [accountId, bytes, keyId, lastPeriod, isoInstant(act.at)]);
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await session.run(FORGET_CODES, [accountId]);
    await session.run(PUT_CODES, [accountId, codes.map((code) => recoveryHash(accountId, code))]);
    if (keepSession !== undefined) await endOtherSessions(session, accountId, keepSession);
    await recordSystemAct(session, act, 'second-factor-set', `account:${login}`, 'done');
    return codes;
  });

/**
 * Takes somebody's second factor away, because the phone is lost: where one is needed, the next sign-in sets a new one up.
 * Ends the sessions.
 *
 * @throws ACCOUNT_UNKNOWN
 */
export const removeSecondFactor = (database: Database, login: string, act: AccountAct): Promise<void> =>
  database.transaction(async (session) => {
    const [row] = await session.run<{ account_id: string }>(ACCOUNT_OF, [login]);
    if (!row) throw raise('ACCOUNT_UNKNOWN', { place: 'login' });
    await session.run(REMOVE, [row.account_id]);
    await session.run(FORGET_CODES, [row.account_id]);
    await session.run(END_SESSIONS, [row.account_id]);
    await recordSystemAct(session, act, 'second-factor-removed', `account:${login}`, 'done');
  });
