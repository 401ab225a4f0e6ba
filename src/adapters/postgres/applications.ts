import { raiser } from '../../kernel/fault.ts';
import { isoInstant } from '../../kernel/instant.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { type AccountAct, recordSystemAct } from './accounts.ts';
import { ACCOUNT_FAULTS } from './accounts-faults.ts';
import { type Database, type Session, statement } from './database.ts';

const raise = raiser(ACCOUNT_FAULTS);

/**
 * How an application proves itself. `public`: runs in a browser or on a phone, by PKCE alone; `confidential`: signs with
 * its key; `backend`: a system without a person, signs with its key; `resource-server`: a system that is shown tokens and
 * only asks whether they are good, signs with its key.
 */
export const APPLICATION_KINDS = ['public', 'confidential', 'backend', 'resource-server'] as const;

/** One of `APPLICATION_KINDS`. */
export type ApplicationKind = (typeof APPLICATION_KINDS)[number];

/** A public key of an application as a JWK; its private half never comes here. */
export type PublicJwk = Readonly<Record<string, unknown>> & {
  readonly kty: 'EC' | 'RSA';
  readonly kid: string;
};

/** A SMART app or OpenID Connect client of the embedded issuer. */
export interface Application {
  /** The `client_id` of OAuth 2.0. */
  readonly code: string;
  readonly name: string;
  /** null for an app that people of any institution use. */
  readonly institution: InstitutionCode | null;
  readonly kind: ApplicationKind;
  readonly redirectAddresses: readonly string[];
  /** Where an EHR launch sends the browser; null where the app is not launched so. */
  readonly launchAddress: string | null;
  /** null for public apps, and for those that publish their keys. */
  readonly keys: readonly PublicJwk[] | null;
  /** Where it publishes its keys (`jwks_uri`); null for none. */
  readonly keyAddress: string | null;
  /** The most it can be granted. */
  readonly scopes: readonly string[];
  readonly disabled: boolean;
}

/** What it takes to register one. */
export type NewApplication = Omit<Application, 'disabled'>;

interface ApplicationRow {
  code: string;
  name: string;
  institution: string | null;
  kind: ApplicationKind;
  redirect_addresses: string[];
  launch_address: string | null;
  keys: { keys: PublicJwk[] } | null;
  key_address: string | null;
  scopes: string[];
  disabled_at: number | null;
}

const COLUMNS =
  'code, name, institution, kind, redirect_addresses, launch_address, keys, key_address, scopes, disabled_at';

const INSERT = statement(
  'applications.insert',
  `insert into applications (code, name, institution, kind, redirect_addresses, launch_address, keys, key_address, scopes,
     created_at)
   values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10) on conflict do nothing returning application_id`,
);
const BY_CODE = statement(
  'applications.by-code',
  `select ${COLUMNS} from applications where code = $1 and disabled_at is null`,
);
const ALL = statement('applications.all', `select ${COLUMNS} from applications order by code`);
const SET_DISABLED = statement(
  'applications.set-disabled',
  'update applications set disabled_at = $2 where code = $1 returning application_id',
);
const SET_KEYS = statement(
  'applications.set-keys',
  `update applications set keys = $2::jsonb, key_address = $3 where code = $1 and kind <> 'public'
   returning application_id`,
);

const toApplication = (row: ApplicationRow): Application => ({
  code: row.code,
  name: row.name,
  institution: row.institution as InstitutionCode | null,
  kind: row.kind,
  redirectAddresses: row.redirect_addresses,
  launchAddress: row.launch_address,
  keys: row.keys?.keys ?? null,
  keyAddress: row.key_address,
  scopes: row.scopes,
  disabled: row.disabled_at !== null,
});

const keySetText = (keys: readonly PublicJwk[] | null): string | null =>
  keys === null ? null : JSON.stringify({ keys });

/**
 * Registers an application that was checked (`readApplication` of the issuer's folder).
 *
 * @throws APPLICATION_EXISTS
 */
export const createApplication = (
  database: Database,
  application: NewApplication,
  act: AccountAct,
): Promise<void> =>
  database.transaction(async (session) => {
    const inserted = await session.run(INSERT, [
      application.code,
      application.name,
      application.institution,
      application.kind,
      [...application.redirectAddresses],
      application.launchAddress,
      keySetText(application.keys),
      application.keyAddress,
      [...application.scopes],
      isoInstant(act.at),
    ]);
    if (inserted.length === 0) throw raise('APPLICATION_EXISTS', { place: 'code' });
    const resource = `application:${application.code}`;
    await recordSystemAct(session, act, 'application-created', resource, application.scopes.join(' '));
  });

/** All applications by code. */
export const listApplications = async (session: Session): Promise<Application[]> =>
  (await session.run<ApplicationRow>(ALL)).map(toApplication);

/** The application of this code; undefined when there is none or it is shut out. */
export const applicationByCode = async (session: Session, code: string): Promise<Application | undefined> => {
  const [row] = await session.run<ApplicationRow>(BY_CODE, [code]);
  return row && toApplication(row);
};

/**
 * Shuts an application out, or lets it in again. Its tokens are worth nothing while it is out.
 *
 * @throws APPLICATION_UNKNOWN
 */
export const setApplicationDisabled = (
  database: Database,
  code: string,
  disabled: boolean,
  act: AccountAct,
): Promise<void> =>
  database.transaction(async (session) => {
    const changed = await session.run(SET_DISABLED, [code, disabled ? isoInstant(act.at) : null]);
    if (changed.length === 0) throw raise('APPLICATION_UNKNOWN', { place: 'code' });
    const action = disabled ? 'application-locked' : 'application-unlocked';
    await recordSystemAct(session, act, action, `application:${code}`, 'done');
  });

/**
 * Gives an application new public keys in place of all it had, or the address under which it publishes them.
 *
 * @throws APPLICATION_UNKNOWN also for a public app, which has no keys
 */
export const setApplicationKeys = (
  database: Database,
  code: string,
  proof: readonly PublicJwk[] | string,
  act: AccountAct,
): Promise<void> =>
  database.transaction(async (session) => {
    const isAddress = typeof proof === 'string';
    const changed = await session.run(SET_KEYS, [
      code,
      isAddress ? null : keySetText(proof),
      isAddress ? proof : null,
    ]);
    if (changed.length === 0) throw raise('APPLICATION_UNKNOWN', { place: 'code' });
    const named = isAddress ? proof : proof.map(({ kid }) => kid).join(' ');
    await recordSystemAct(session, act, 'application-keys-set', `application:${code}`, named);
  });
