import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { AccountRole, InstitutionCode } from '../../organisation/index.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Application, applicationByCode } from './applications.ts';
import { type Session, statement } from './database.ts';
import { artifactHash, artifactStore } from './issuer-artifacts.ts';

/** The person who let an application act. */
export interface ApplicationUser {
  readonly accountId: string;
  readonly login: string;
  readonly role: AccountRole;
  readonly institution: InstitutionCode | null;
  readonly staffNumber: string | null;
  readonly department: string | null;
  readonly displayName: string;
  /** Whose own data a patient's account opens; null for staff. */
  readonly person: PublicId | null;
}

/** What an access token of the embedded issuer is worth now. */
export interface TokenHolder {
  readonly application: Application;
  readonly scopes: readonly string[];
  /** Whom the token is about; null for nobody in particular. */
  readonly patient: PublicId | null;
  /** null for a backend service. */
  readonly user: ApplicationUser | null;
}

/** For whom an application acts under one grant, and what it was granted. */
export interface ApplicationContext {
  readonly accountId: string;
  readonly patient: PublicId | null;
  readonly applicationCode: string;
  readonly scopes: readonly string[];
}

interface ContextRow {
  account_id: string;
  login: string;
  role: AccountRole;
  institution: string | null;
  staff_number: string | null;
  department: string | null;
  display_name: string;
  own_person: string | null;
  person_public_id: string | null;
}

const PUT_CONTEXT = statement(
  'application-contexts.put',
  `insert into application_contexts
     (grant_hash, account_id, person_public_id, application_code, scopes, granted_at, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7) returning grant_hash`,
);
const SWEEP_CONTEXTS = statement(
  'application-contexts.sweep',
  'delete from application_contexts where expires_at < $1 returning grant_hash',
);
const CONTEXT = statement(
  'application-contexts.of-grant',
  `select a.account_id, a.login, a.role, a.institution, a.staff_number, a.department, a.display_name,
     a.person_public_id as own_person, c.person_public_id
   from application_contexts c join accounts a on a.account_id = c.account_id
   where c.grant_hash = $1 and a.disabled_at is null`,
);

/** Keeps for whom a grant is; those that have expired are forgotten. */
export const putApplicationContext = async (
  session: Session,
  grantId: string,
  { accountId, patient, applicationCode, scopes }: ApplicationContext,
  times: { readonly now: Instant; readonly expiresAt: Instant },
): Promise<void> => {
  await session.run(SWEEP_CONTEXTS, [isoInstant(times.now)]);
  await session.run(PUT_CONTEXT, [
    artifactHash(grantId),
    accountId,
    patient,
    applicationCode,
    [...scopes],
    isoInstant(times.now),
    isoInstant(times.expiresAt),
  ]);
};

/** For whom a grant is; undefined when it has gone or the account was shut out since. */
export const applicationContext = async (
  session: Session,
  grantId: string,
): Promise<{ readonly user: ApplicationUser; readonly patient: PublicId | null } | undefined> => {
  const [row] = await session.run<ContextRow>(CONTEXT, [artifactHash(grantId)]);
  if (!row) return undefined;
  return {
    patient: row.person_public_id as PublicId | null,
    user: {
      accountId: row.account_id,
      login: row.login,
      role: row.role,
      institution: row.institution as InstitutionCode | null,
      staffNumber: row.staff_number,
      department: row.department,
      displayName: row.display_name,
      person: row.own_person as PublicId | null,
    },
  };
};

/** Kinds of artifact that are access tokens: those a person granted, and those of backend services. */
const TOKEN_KINDS = ['AccessToken', 'ClientCredentials'] as const;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * Whose access token this is. Asked of the database at every look, so a token that was revoked, an application that was
 * shut out and a person who left are out in every process; undefined for them, and for whatever the issuer never gave.
 *
 * @param audience what the token must have been given for
 */
export const tokenHolder = async (
  session: Session,
  keys: KeyRing,
  token: string,
  audience: string,
  at: Instant,
): Promise<TokenHolder | undefined> => {
  for (const kind of TOKEN_KINDS) {
    const artifact = await artifactStore(session, keys, kind).find(token, at);
    if (!artifact) continue;
    const { clientId, scope, aud, grantId } = artifact.payload;
    if (aud !== audience) return undefined;
    const application = await applicationByCode(session, text(clientId));
    if (!application) return undefined;
    const scopes = text(scope)
      .split(' ')
      .filter((one) => one !== '');
    if (kind === 'ClientCredentials') return { application, scopes, patient: null, user: null };
    const context = await applicationContext(session, text(grantId));
    return context && { application, scopes, ...context };
  }
  return undefined;
};
