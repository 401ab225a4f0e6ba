import { DEFAULT_SIGN_IN_RULES, type PasswordRules, passwordWeakness } from '../../access/index.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { raiser } from '../../kernel/fault.ts';
import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type AccountRole, INSTITUTION_ROLES, type InstitutionCode } from '../../organisation/index.ts';
import { ACCOUNT_FAULTS } from './accounts-faults.ts';
import { hashPassword, PASSWORD_COST, type PasswordCost, verifyPassword } from './accounts-password.ts';
import { type Database, type Session, statement } from './database.ts';

const raise = raiser(ACCOUNT_FAULTS);

/** Wrong passwords in a row after which an account is locked for a while. */
export const FAILED_ATTEMPTS_MAX = 5;
/** For how long. */
export const LOCK_MS = 15 * 60_000;

/** A person who may sign in. The password hash stays in the database. */
export interface Account {
  readonly accountId: string;
  /** What apps know the account by (`sub`): says nothing of the person. */
  readonly subject: string;
  readonly login: string;
  readonly role: AccountRole;
  readonly institution: InstitutionCode | null;
  readonly staffNumber: string | null;
  readonly department: string | null;
  readonly displayName: string;
  /** Whose own data a patient's account opens; null for staff. */
  readonly person: PublicId | null;
  readonly passwordSetAt: Instant;
  /** True where somebody else made the password. */
  readonly passwordIsGiven: boolean;
  readonly lockedUntil: Instant | null;
  readonly disabledAt: Instant | null;
}

/** What it takes to make an account. */
export interface NewAccount {
  readonly login: string;
  readonly password: string;
  readonly role: AccountRole;
  readonly institution: InstitutionCode | null;
  readonly staffNumber?: string;
  readonly department?: string;
  readonly displayName: string;
  /** Of a patient's account. */
  readonly person?: PublicId;
  /** True where the person is to change the password at the first sign-in. */
  readonly passwordIsGiven?: boolean;
}

/** Who did something, when and from where: the row of the audit trail. */
export interface AccountAct {
  readonly at: Instant;
  readonly newId: () => PublicId;
  /** `console` for the command line, else the actor's name. */
  readonly by: string;
  readonly peer: string;
}

interface AccountRow {
  account_id: string;
  subject: string;
  login: string;
  password_hash: string;
  role: AccountRole;
  institution: string | null;
  staff_number: string | null;
  department: string | null;
  display_name: string;
  person_public_id: string | null;
  failed_attempts: number;
  locked_until: number | null;
  disabled_at: number | null;
  password_set_at: number;
  password_given: boolean;
}

const COLUMNS =
  'account_id, subject, login, password_hash, role, institution, staff_number, department, display_name, person_public_id, failed_attempts, locked_until, disabled_at, coalesce(password_set_at, created_at) as password_set_at, password_given';

const INSERT = statement(
  'accounts.insert',
  `insert into accounts (login, password_hash, role, institution, staff_number, department, display_name, created_at, person_public_id,
     password_set_at, password_given)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $10) on conflict do nothing returning account_id`,
);
const BY_ID = statement('accounts.by-id', `select ${COLUMNS} from accounts where account_id = $1`);
const BY_SUBJECT = statement('accounts.by-subject', `select ${COLUMNS} from accounts where subject = $1`);
const BY_PERSON = statement(
  'accounts.by-person',
  `select ${COLUMNS} from accounts where person_public_id = $1 and disabled_at is null order by account_id limit 1`,
);
const BY_STAFF_NUMBER = statement(
  'accounts.by-staff-number',
  `select ${COLUMNS} from accounts where institution = $1 and staff_number = $2`,
);
const BY_LOGIN = statement('accounts.by-login', `select ${COLUMNS} from accounts where login = $1`);
const ALL = statement('accounts.all', `select ${COLUMNS} from accounts order by login`);
const COUNT_FAILURE = statement(
  'accounts.count-failure',
  `update accounts set failed_attempts = case when failed_attempts + 1 >= $2 then 0 else failed_attempts + 1 end,
     locked_until = case when failed_attempts + 1 >= $2 then $3::timestamptz else locked_until end
   where account_id = $1 returning locked_until`,
);
const CLEAR_FAILURES = statement(
  'accounts.clear-failures',
  'update accounts set failed_attempts = 0, locked_until = null where account_id = $1 returning account_id',
);
const SET_DISABLED = statement(
  'accounts.set-disabled',
  'update accounts set disabled_at = $2, failed_attempts = 0, locked_until = null where login = $1 returning account_id',
);
const SET_PASSWORD = statement(
  'accounts.set-password',
  `update accounts set password_hash = $2, password_set_at = $3, password_given = $4, failed_attempts = 0, locked_until = null
   where login = $1 returning account_id`,
);
const PAST_PASSWORDS = statement(
  'accounts.past-passwords',
  'select password_hash from account_passwords where account_id = $1 order by set_at desc limit $2',
);
const KEEP_PASSWORD = statement(
  'accounts.keep-password',
  `insert into account_passwords (account_id, set_at, password_hash) values ($1, $2, $3)
   on conflict (account_id, set_at) do nothing returning account_id`,
);
const END_ALL_SESSIONS = statement(
  'accounts.end-sessions',
  'delete from account_sessions where account_id = $1 returning account_id',
);
const RECORD = statement(
  'accounts.record-act',
  `insert into system_audit_events (public_id, occurred_at, actor, action, resource, outcome, peer)
   values ($1, $2, $3, $4, $5, $6, $7) returning event_id`,
);

/** Writes one line of the audit trail of acts without a patient. */
export const recordSystemAct = async (
  session: Session,
  act: AccountAct,
  action: string,
  resource: string,
  outcome: string,
): Promise<void> => {
  await session.run(RECORD, [act.newId(), isoInstant(act.at), act.by, action, resource, outcome, act.peer]);
};

const toAccount = (row: AccountRow): Account => ({
  accountId: row.account_id,
  subject: row.subject,
  login: row.login,
  role: row.role,
  institution: row.institution as InstitutionCode | null,
  staffNumber: row.staff_number,
  department: row.department,
  displayName: row.display_name,
  person: row.person_public_id as PublicId | null,
  passwordSetAt: instant(row.password_set_at),
  passwordIsGiven: row.password_given,
  lockedUntil: row.locked_until === null ? null : instant(row.locked_until),
  disabledAt: row.disabled_at === null ? null : instant(row.disabled_at),
});

const requirePassword = (password: string, login: string, rules: PasswordRules): void => {
  const weakness = passwordWeakness(password, login, rules);
  if (weakness) throw raise('PASSWORD_WEAK', { place: 'password', detail: weakness });
};

/**
 * Makes an account.
 *
 * @throws ACCOUNT_LOGIN_INVALID, ACCOUNT_INSTITUTION_MISSING, ACCOUNT_PERSON_MISSING, PASSWORD_WEAK, ACCOUNT_EXISTS
 */
export const createAccount = async (
  database: Database,
  account: NewAccount,
  act: AccountAct,
  cost: PasswordCost = PASSWORD_COST,
  rules: PasswordRules = DEFAULT_SIGN_IN_RULES.password,
): Promise<Account> => {
  if (!/^[a-z0-9][a-z0-9._-]{2,63}$/.test(account.login))
    throw raise('ACCOUNT_LOGIN_INVALID', { place: 'login' });
  if (account.institution === null && INSTITUTION_ROLES.some((role) => role === account.role))
    throw raise('ACCOUNT_INSTITUTION_MISSING', { place: 'institution' });
  if ((account.role === 'patient') !== (account.person !== undefined))
    throw raise('ACCOUNT_PERSON_MISSING', { place: 'person' });
  requirePassword(account.password, account.login, rules);
  const passwordHash = await hashPassword(account.password, cost);
  return database.transaction(async (session) => {
    const inserted = await session.run(INSERT, [
      account.login,
      passwordHash,
      account.role,
      account.institution,
      account.staffNumber ?? null,
      account.department ?? null,
      account.displayName,
      isoInstant(act.at),
      account.person ?? null,
      account.passwordIsGiven ?? false,
    ]);
    if (inserted.length === 0) throw raise('ACCOUNT_EXISTS', { place: 'login' });
    await recordSystemAct(session, act, 'account-created', `account:${account.login}`, account.role);
    const [row] = await session.run<AccountRow>(BY_LOGIN, [account.login]);
    const made = toAccount(row as AccountRow);
    await session.run(KEEP_PASSWORD, [made.accountId, isoInstant(act.at), passwordHash]);
    return made;
  });
};

/** All accounts by login. */
export const listAccounts = async (session: Session): Promise<Account[]> =>
  (await session.run<AccountRow>(ALL)).map(toAccount);

/**
 * Shuts an account out (or lets it in again) and ends its sessions. Also lifts the lock after wrong passwords.
 *
 * @throws ACCOUNT_UNKNOWN
 */
export const setAccountDisabled = (
  database: Database,
  login: string,
  disabled: boolean,
  act: AccountAct,
): Promise<void> =>
  database.transaction(async (session) => {
    const [row] = await session.run<{ account_id: string }>(SET_DISABLED, [
      login,
      disabled ? isoInstant(act.at) : null,
    ]);
    if (!row) throw raise('ACCOUNT_UNKNOWN', { place: 'login' });
    if (disabled) await session.run(END_ALL_SESSIONS, [row.account_id]);
    await recordSystemAct(
      session,
      act,
      disabled ? 'account-locked' : 'account-unlocked',
      `account:${login}`,
      'done',
    );
  });

/** The account of this login; undefined when there is none. Shut accounts too. */
export const accountByLogin = async (session: Session, login: string): Promise<Account | undefined> => {
  const [row] = await session.run<AccountRow>(BY_LOGIN, [login]);
  return row && toAccount(row);
};

/** The account of this key; undefined when there is none. Shut accounts too. */
export const accountById = async (session: Session, accountId: string): Promise<Account | undefined> => {
  const [row] = await session.run<AccountRow>(BY_ID, [accountId]);
  return row && toAccount(row);
};

/** The account that apps know by this subject; undefined when there is none or it is shut out. */
export const accountBySubject = async (session: Session, subject: string): Promise<Account | undefined> => {
  const [row] = await session.run<AccountRow>(BY_SUBJECT, [subject]);
  return row && row.disabled_at === null ? toAccount(row) : undefined;
};

/** The account of this 工号 in this institution; undefined when there is none. Shut accounts too. */
export const accountByStaffNumber = async (
  session: Session,
  institution: string,
  staffNumber: string,
): Promise<Account | undefined> => {
  const [row] = await session.run<AccountRow>(BY_STAFF_NUMBER, [institution, staffNumber]);
  return row && toAccount(row);
};

/** The account by which a patient signs in; undefined when there is none or it is shut out. */
export const accountOfPatient = async (session: Session, person: PublicId): Promise<Account | undefined> => {
  const [row] = await session.run<AccountRow>(BY_PERSON, [person]);
  return row && toAccount(row);
};

/** True when the password is the present one or one of the last that must not come again. */
const wasUsed = async (
  session: Session,
  row: AccountRow,
  password: string,
  history: number,
): Promise<boolean> => {
  const past = await session.run<{ password_hash: string }>(PAST_PASSWORDS, [row.account_id, history]);
  const hashes = new Set(history > 0 ? [row.password_hash, ...past.map((each) => each.password_hash)] : []);
  for (const hash of hashes) if (await verifyPassword(password, hash)) return true;
  return false;
};

/** A new password, and under which rules it is taken. */
export interface PasswordChange {
  readonly password: string;
  /** True where somebody else than the person makes it. */
  readonly isGiven: boolean;
  readonly rules?: PasswordRules;
  readonly cost?: PasswordCost;
}

/**
 * Gives an account a new password and ends its sessions.
 *
 * @throws ACCOUNT_UNKNOWN, PASSWORD_WEAK (also for one that was used before)
 */
export const setAccountPassword = async (
  database: Database,
  login: string,
  { password, isGiven, rules = DEFAULT_SIGN_IN_RULES.password, cost = PASSWORD_COST }: PasswordChange,
  act: AccountAct,
): Promise<void> => {
  requirePassword(password, login, rules);
  const passwordHash = await hashPassword(password, cost);
  await database.transaction(async (session) => {
    const [row] = await session.run<AccountRow>(BY_LOGIN, [login]);
    if (!row) throw raise('ACCOUNT_UNKNOWN', { place: 'login' });
    if (await wasUsed(session, row, password, rules.history))
      throw raise('PASSWORD_WEAK', { place: 'password', detail: 'used' });
    await session.run(SET_PASSWORD, [login, passwordHash, isoInstant(act.at), isGiven]);
    await session.run(KEEP_PASSWORD, [row.account_id, isoInstant(act.at), passwordHash]);
    await session.run(END_ALL_SESSIONS, [row.account_id]);
    await recordSystemAct(session, act, 'account-password-set', `account:${login}`, 'done');
  });
};

/** Why a sign-in was refused. The person is told `wrong` for all but `locked`, so that logins cannot be guessed. */
export type SignInRefusal =
  | { readonly reason: 'wrong' }
  | { readonly reason: 'disabled' }
  | { readonly reason: 'locked'; readonly until: Instant };

let decoyHash: Promise<string> | undefined;

/**
 * Counts a wrong password or code. Five in a row lock the account for a quarter of an hour; nothing but a whole sign-in
 * makes the count begin anew, or whoever has the password could guess codes for ever.
 */
export const countFailure = async (
  session: Session,
  accountId: string,
  at: Instant,
): Promise<SignInRefusal> => {
  const lockUntil = isoInstant(instant(at + LOCK_MS));
  const [counted] = await session.run<{ locked_until: number | null }>(COUNT_FAILURE, [
    accountId,
    FAILED_ATTEMPTS_MAX,
    lockUntil,
  ]);
  return counted && counted.locked_until !== null && counted.locked_until > at
    ? { reason: 'locked', until: instant(counted.locked_until) }
    : { reason: 'wrong' };
};

/** Writes down that a try to sign in was refused. */
export const recordRefusal = (
  session: Session,
  act: AccountAct,
  login: string | null,
  outcome: string,
): Promise<void> =>
  // What was typed may be a password in the wrong box or somebody's name: only logins that exist are recorded.
  recordSystemAct(session, act, 'sign-in', `account:${login ?? 'unknown'}`, outcome);

/**
 * Checks a login with its password. While an account is locked even the right password is refused, so the lock tells a
 * guesser nothing. Every refusal leaves an audit row; a sign-in is whole only with `completeSignIn`.
 */
export const checkPassword = async (
  database: Database,
  login: string,
  password: string,
  act: AccountAct,
): Promise<Result<Account, SignInRefusal>> => {
  const [row] = await database.run<AccountRow>(BY_LOGIN, [login]);
  const refuse = async (refusal: SignInRefusal): Promise<Result<Account, SignInRefusal>> => {
    await recordRefusal(database, act, row?.login ?? null, refusal.reason);
    return fail(refusal);
  };
  if (row && row.locked_until !== null && row.locked_until > act.at)
    return refuse({ reason: 'locked', until: instant(row.locked_until) });
  // An unknown login costs the same work as a known one, so the time taken does not tell them apart.
  if (!row) decoyHash ??= hashPassword('no account has this password');
  const right = await verifyPassword(
    password,
    row ? row.password_hash : await (decoyHash as Promise<string>),
  );
  if (!row) return refuse({ reason: 'wrong' });
  if (!right) return refuse(await countFailure(database, row.account_id, act.at));
  if (row.disabled_at !== null) return refuse({ reason: 'disabled' });
  return ok(toAccount(row));
};

/** As whom an account appears in the access log. */
export const actorNameOf = ({ role, login, person }: Account): string =>
  role === 'patient' ? `patient:${person ?? ''}` : `staff:${login}`;

/** Writes down that somebody got in, and forgets the failures before. */
export const completeSignIn = (database: Database, account: Account, act: AccountAct): Promise<void> =>
  database.transaction(async (session) => {
    await session.run(CLEAR_FAILURES, [account.accountId]);
    const by = actorNameOf(account);
    await recordSystemAct(session, { ...act, by }, 'sign-in', `account:${account.login}`, 'done');
  });
