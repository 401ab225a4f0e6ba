import { raiser } from '../../kernel/fault.ts';
import { isoInstant } from '../../kernel/instant.ts';
import { type AccountAct, recordSystemAct } from './accounts.ts';
import { ACCOUNT_FAULTS } from './accounts-faults.ts';
import { type Database, type Session, statement } from './database.ts';

const raise = raiser(ACCOUNT_FAULTS);

const LINK = statement(
  'account-identities.link',
  `insert into account_identities (issuer, subject, account_id, created_at)
   select $1, $2, account_id, $4::timestamptz from accounts where login = $3
   on conflict (issuer, subject) do update set account_id = excluded.account_id, created_at = excluded.created_at
   returning account_id`,
);
const UNLINK = statement(
  'account-identities.unlink',
  `delete from account_identities where issuer = $1 and account_id = (select account_id from accounts where login = $2)
   returning subject`,
);
const FIND = statement(
  'account-identities.find',
  'select account_id from account_identities where issuer = $1 and subject = $2',
);

/** The key of the account that an administrator linked to this subject of this issuer; undefined for a stranger. */
export const accountOfIdentity = async (
  session: Session,
  issuer: string,
  subject: string,
): Promise<string | undefined> => {
  const [row] = await session.run<{ account_id: string }>(FIND, [issuer, subject]);
  return row?.account_id;
};

/**
 * Says that a subject of another issuer is the person of an account here; a subject that was somebody else's moves.
 *
 * @param issuer issuer identifier of OpenID Connect
 * @throws ACCOUNT_UNKNOWN
 */
export const linkIdentity = (
  database: Database,
  login: string,
  identity: { readonly issuer: string; readonly subject: string },
  act: AccountAct,
): Promise<void> =>
  database.transaction(async (session) => {
    const at = isoInstant(act.at);
    const linked = await session.run(LINK, [identity.issuer, identity.subject, login, at]);
    if (linked.length === 0) throw raise('ACCOUNT_UNKNOWN', { place: 'login' });
    await recordSystemAct(session, act, 'account-linked', `account:${login}`, identity.issuer);
  });

/**
 * Takes back what `linkIdentity` said, for every subject of that issuer.
 *
 * @throws ACCOUNT_UNKNOWN also where nothing was linked
 */
export const unlinkIdentity = (
  database: Database,
  login: string,
  issuer: string,
  act: AccountAct,
): Promise<void> =>
  database.transaction(async (session) => {
    const unlinked = await session.run(UNLINK, [issuer, login]);
    if (unlinked.length === 0) throw raise('ACCOUNT_UNKNOWN', { place: 'login' });
    await recordSystemAct(session, act, 'account-unlinked', `account:${login}`, issuer);
  });
