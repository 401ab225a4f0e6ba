import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import { type AccountAct, recordSystemAct } from './accounts.ts';
import { type Database, type Session, statement } from './database.ts';

/** An app that somebody let act in their name. */
export interface AllowedApplication {
  readonly code: string;
  readonly name: string;
  /** Everything it was granted, by whichever consent that still holds. */
  readonly scopes: readonly string[];
  /** The latest consent. */
  readonly allowedAt: Instant;
  /** When the last consent ends by itself. */
  readonly until: Instant;
}

const OF_ACCOUNT = statement(
  'allowed-applications.of-account',
  `select c.application_code, a.name, c.scopes, c.granted_at, c.expires_at
   from application_contexts c join applications a on a.code = c.application_code
   where c.account_id = $1 and c.expires_at > $2 order by c.granted_at desc`,
);
const WITHDRAW = statement(
  'allowed-applications.withdraw',
  'delete from application_contexts where account_id = $1 and application_code = $2 returning grant_hash',
);
const REVOKE = statement(
  'allowed-applications.revoke',
  'delete from issuer_artifacts where grant_hash = any($1::text[]) returning id_hash',
);

/** The apps that somebody let in and did not withdraw, the latest consent first. */
export const allowedApplications = async (
  session: Session,
  accountId: string,
  at: Instant,
): Promise<readonly AllowedApplication[]> => {
  const rows = await session.run<{
    application_code: string;
    name: string;
    scopes: string[];
    granted_at: number;
    expires_at: number;
  }>(OF_ACCOUNT, [accountId, isoInstant(at)]);
  return [...Map.groupBy(rows, (row) => row.application_code)].map(([code, grants]) => ({
    code,
    name: grants[0]?.name ?? code,
    scopes: [...new Set(grants.flatMap(({ scopes }) => scopes))],
    allowedAt: instant(Math.max(...grants.map((grant) => grant.granted_at))),
    until: instant(Math.max(...grants.map((grant) => grant.expires_at))),
  }));
};

/**
 * Takes back every consent that somebody gave an app. All its tokens in that name are worth nothing from the commit on, in
 * every process.
 *
 * @returns false when there was none
 */
export const withdrawApplication = (
  database: Database,
  account: { readonly accountId: string },
  code: string,
  act: AccountAct,
): Promise<boolean> =>
  database.transaction(async (session) => {
    const grants = await session.run<{ grant_hash: string }>(WITHDRAW, [account.accountId, code]);
    if (grants.length === 0) return false;
    await session.run(REVOKE, [grants.map(({ grant_hash }) => grant_hash)]);
    await recordSystemAct(session, act, 'application-withdrawn', `application:${code}`, 'done');
    return true;
  });
