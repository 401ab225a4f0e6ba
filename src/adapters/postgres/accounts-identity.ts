import type { KeyRing } from '../keys/key-ring.ts';
import { raiser } from '../../kernel/fault.ts';
import { identifierText, normaliseIdentifier } from '../../person/index.ts';
import { type AccountAct, recordSystemAct } from './accounts.ts';
import { ACCOUNT_FAULTS } from './accounts-faults.ts';
import { type Database, statement } from './database.ts';
import { personHash } from './person-rows.ts';

const SET = statement(
  'accounts.set-national-id',
  'update accounts set national_id_hash = $2 where login = $1 returning account_id',
);

/**
 * States who a member of staff is as a patient, so that looks at a colleague's records are found. Only the keyed hash of
 * the number is kept.
 *
 * @throws ACCOUNT_UNKNOWN, ACCOUNT_IDENTITY_INVALID
 */
export const setAccountIdentity = (
  database: Database,
  keys: Pick<KeyRing, 'hash'>,
  login: string,
  nationalId: string,
  act: AccountAct,
): Promise<void> => {
  const identifier = normaliseIdentifier({ type: 'national-id', issuer: 'CN', number: nationalId });
  if (!identifier?.valid) throw raiser(ACCOUNT_FAULTS)('ACCOUNT_IDENTITY_INVALID', { place: 'national id' });
  const text = identifierText(identifier.type, identifier.issuer, identifier.number);
  return database.transaction(async (session) => {
    const rows = await session.run(SET, [login, personHash(keys, text)]);
    if (rows.length === 0) throw raiser(ACCOUNT_FAULTS)('ACCOUNT_UNKNOWN', { place: 'login' });
    await recordSystemAct(session, act, 'account-identity-set', `account:${login}`, 'done');
  });
};
