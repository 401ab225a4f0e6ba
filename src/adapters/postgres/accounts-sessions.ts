import { createHash, randomBytes } from 'node:crypto';
import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { AccountRole, InstitutionCode } from '../../organisation/index.ts';
import { type AccountAct, recordSystemAct } from './accounts.ts';
import { type Database, type Session, statement } from './database.ts';

/** A session nobody used for this long is over: a workstation in a consulting room is shared. */
export const SESSION_IDLE_MS = 60 * 60_000;
/** A session is over after this long, however busy: one working day. */
export const SESSION_LIFE_MS = 12 * 3_600_000;
/** How often a busy session writes that it is alive. */
const SEEN_EVERY_MS = 60_000;

/** Whose session it is. */
export interface SessionHolder {
  readonly login: string;
  readonly role: AccountRole;
  readonly institution: InstitutionCode | null;
  readonly staffNumber: string | null;
  readonly department: string | null;
  readonly displayName: string;
  /** Whose own data the account opens; null for staff. */
  readonly person: PublicId | null;
}

interface HolderRow {
  login: string;
  role: AccountRole;
  institution: string | null;
  staff_number: string | null;
  department: string | null;
  display_name: string;
  person_public_id: string | null;
  seen_at: number;
}

const INSERT = statement(
  'account-sessions.insert',
  `insert into account_sessions (token_hash, account_id, created_at, seen_at, expires_at, issuer_code, peer)
   values ($1, $2, $3, $3, $4, $5, $6) returning token_hash`,
);
const FIND = statement(
  'account-sessions.find',
  `select a.login, a.role, a.institution, a.staff_number, a.department, a.display_name, a.person_public_id, s.seen_at
   from account_sessions s join accounts a on a.account_id = s.account_id
   where s.token_hash = $1 and s.expires_at > $2 and s.seen_at > $3 and a.disabled_at is null`,
);
const SEEN = statement(
  'account-sessions.seen',
  'update account_sessions set seen_at = $2 where token_hash = $1 returning token_hash',
);
const END = statement(
  'account-sessions.end',
  `delete from account_sessions where token_hash = $1 returning account_id, issuer_code`,
);
const SWEEP = statement(
  'account-sessions.sweep',
  'delete from account_sessions where expires_at < $1 or seen_at < $2 returning token_hash',
);

const HOLDING_ACCOUNT = statement(
  'account-sessions.holding-account',
  'select account_id, issuer_code from account_sessions where token_hash = $1',
);
const OF_ACCOUNT = statement(
  'account-sessions.of-account',
  `select token_hash, created_at, seen_at, issuer_code, peer from account_sessions
   where account_id = $1 and expires_at > $2 and seen_at > $3 order by seen_at desc, created_at desc`,
);
const END_ONE = statement(
  'account-sessions.end-one',
  'delete from account_sessions where account_id = $1 and token_hash = $2 returning account_id',
);
const END_OTHERS = statement(
  'account-sessions.end-others',
  'delete from account_sessions where account_id = $1 and token_hash <> $2 returning account_id',
);

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/**
 * Opens a session and gives its token, which is nowhere else. Always a new token, never one the browser brought along
 * (session fixation); the one it brought is ended.
 *
 * @param from code of the issuer that vouched for the person, null for a sign-in here; and the address it comes from
 */
export const openSession = async (
  database: Database,
  accountId: string,
  replaces: string | null,
  at: Instant,
  { issuerCode = null, peer = null }: { issuerCode?: string | null; peer?: string | null } = {},
): Promise<{ token: string; expiresAt: Instant }> => {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = instant(at + SESSION_LIFE_MS);
  await database.transaction(async (session) => {
    if (replaces) await session.run(END, [hashOf(replaces)]);
    await session.run(SWEEP, [isoInstant(at), isoInstant(instant(at - SESSION_IDLE_MS))]);
    await session.run(INSERT, [
      hashOf(token),
      accountId,
      isoInstant(at),
      isoInstant(expiresAt),
      issuerCode,
      peer,
    ]);
  });
  return { token, expiresAt };
};

/** Who holds this token now; undefined when nobody does (ended, idle too long, too old, account shut). */
export const sessionHolder = async (
  database: Session,
  token: string,
  at: Instant,
): Promise<SessionHolder | undefined> => {
  const tokenHash = hashOf(token);
  const idleSince = isoInstant(instant(at - SESSION_IDLE_MS));
  const [row] = await database.run<HolderRow>(FIND, [tokenHash, isoInstant(at), idleSince]);
  if (!row) return undefined;
  if (at - row.seen_at > SEEN_EVERY_MS) await database.run(SEEN, [tokenHash, isoInstant(at)]);
  return {
    login: row.login,
    role: row.role,
    institution: row.institution as InstitutionCode | null,
    staffNumber: row.staff_number,
    department: row.department,
    displayName: row.display_name,
    person: row.person_public_id as PublicId | null,
  };
};

/**
 * Signs out: the token is worthless from now on, in every process.
 *
 * @returns code of the issuer that had vouched for the person, where there was one: the person is still signed in there
 */
export const endSession = (database: Database, token: string, act: AccountAct): Promise<string | null> =>
  database.transaction(async (session) => {
    const [ended] = await session.run<{ issuer_code: string | null }>(END, [hashOf(token)]);
    if (!ended) return null;
    await recordSystemAct(session, act, 'sign-out', act.by.replace('staff:', 'account:'), 'done');
    return ended.issuer_code;
  });

/** A session of an account, as its holder sees it. */
export interface OwnSession {
  /** By which it can be ended; nobody signs in with it. */
  readonly handle: string;
  readonly isThis: boolean;
  readonly beganAt: Instant;
  /** To the minute. */
  readonly seenAt: Instant;
  /** Code of the issuer that vouched for the person; null: signed in here. */
  readonly issuerCode: string | null;
  /** Address it was begun from; null where that was not kept yet. */
  readonly peer: string | null;
}

/** The account that holds a session, and the issuer that vouched; undefined when the session is over. */
export const accountOfSession = async (
  session: Session,
  token: string,
): Promise<{ readonly accountId: string; readonly issuerCode: string | null } | undefined> => {
  const [row] = await session.run<{ account_id: string; issuer_code: string | null }>(HOLDING_ACCOUNT, [
    hashOf(token),
  ]);
  return row && { accountId: row.account_id, issuerCode: row.issuer_code };
};

/** The live sessions of an account, the last used first. @param token of the session that asks */
export const sessionsOfAccount = async (
  session: Session,
  accountId: string,
  token: string,
  at: Instant,
): Promise<readonly OwnSession[]> => {
  const idleSince = isoInstant(instant(at - SESSION_IDLE_MS));
  const rows = await session.run<{
    token_hash: string;
    created_at: number;
    seen_at: number;
    issuer_code: string | null;
    peer: string | null;
  }>(OF_ACCOUNT, [accountId, isoInstant(at), idleSince]);
  return rows.map((row) => ({
    handle: row.token_hash,
    isThis: row.token_hash === hashOf(token),
    beganAt: instant(row.created_at),
    seenAt: instant(row.seen_at),
    issuerCode: row.issuer_code,
    peer: row.peer,
  }));
};

/** Ends one session of an account; false when it has none of that handle. */
export const endOwnSession = (
  database: Database,
  account: { readonly accountId: string; readonly login: string },
  handle: string,
  act: AccountAct,
): Promise<boolean> =>
  database.transaction(async (session) => {
    const ended = await session.run(END_ONE, [account.accountId, handle]);
    if (ended.length === 0) return false;
    await recordSystemAct(session, act, 'session-ended', `account:${account.login}`, 'done');
    return true;
  });

/** Ends every session of an account but this one. */
export const endOtherSessions = async (session: Session, accountId: string, token: string): Promise<void> => {
  await session.run(END_OTHERS, [accountId, hashOf(token)]);
};
