import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import {
  type Account,
  type AccountAct,
  countFailure,
  recordRefusal,
  type SignInRefusal,
} from '../../../adapters/postgres/accounts.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import {
  looksLikeRecoveryCode,
  secondFactorSecret,
  takePeriod,
  useRecoveryCode,
} from '../../../adapters/postgres/second-factors.ts';
import { periodOfCode } from '../../../adapters/second-factor/totp.ts';

/** Takes a code of the phone, or a recovery code, uses it up, and tells why it will not do; null when it does. */
export const refusalOfCode = async (
  { database, keys }: { readonly database: Database; readonly keys: KeyRing },
  account: Account,
  code: string,
  act: AccountAct,
): Promise<SignInRefusal | null> => {
  const { accountId, login, lockedUntil } = account;
  if (lockedUntil !== null && lockedUntil > act.at) return { reason: 'locked', until: lockedUntil };
  if (looksLikeRecoveryCode(code)) {
    if (await useRecoveryCode(database, accountId, code, act)) return null;
  } else {
    const secret = await secondFactorSecret(database, keys, accountId);
    const period = secret === null ? null : periodOfCode(secret, code.replace(/\s/g, ''), act.at);
    if (period !== null && (await takePeriod(database, accountId, period))) return null;
  }
  const refusal = await countFailure(database, accountId, act.at);
  await recordRefusal(database, act, login, refusal.reason === 'wrong' ? 'wrong-code' : refusal.reason);
  return refusal;
};
