import type { JsonValue } from '../../kernel/canonical-json.ts';
import { raiser } from '../../kernel/fault.ts';
import type { Clock } from '../../kernel/instant.ts';
import { isoInstant } from '../../kernel/instant.ts';
import type { ClientPurpose, InstitutionCode } from '../../organisation/index.ts';
import { type AccountAct, recordSystemAct } from './accounts.ts';
import { ACCOUNT_FAULTS } from './accounts-faults.ts';
import { type Database, type Session, statement } from './database.ts';

const raise = raiser(ACCOUNT_FAULTS);

/** What a hospital's system needs beyond its client key to call by CDS Hooks. */
export interface CdsRegistration {
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** Its public keys (members of a JWK Set, RFC 7517), where they are kept here; they outweigh `keysAddress`. */
  readonly keys: readonly { readonly [member: string]: JsonValue }[] | null;
  /** The one `jku` its tokens may name. Fetched only where `keys` is null. */
  readonly keysAddress: string | null;
  /** Base URL of its FHIR server, without a slash at the end. No other is ever asked. */
  readonly fhirBase: string | null;
  /** Code system URIs of the hospital's own order codes. */
  readonly orderCodeSystems: readonly string[];
  /** Identifier system URIs of the hospital's own numbers, by kind. */
  readonly recordSystem: string | null;
  readonly outpatientSystem: string | null;
  readonly inpatientSystem: string | null;
  /** Identifier system URI of 工号. */
  readonly staffSystem: string | null;
  /** Browser origins that may call across origins, e.g. `https://his.example`. */
  readonly origins: readonly string[];
}

/** A client that is registered for CDS Hooks and not shut out. */
export interface CdsClient {
  readonly code: string;
  readonly institution: InstitutionCode;
  readonly purposes: readonly ClientPurpose[];
  readonly registration: CdsRegistration;
}

/** Who may call by CDS Hooks. */
export interface CdsClientDirectory {
  byIssuer(issuer: string): Promise<CdsClient | undefined>;
  byCode(code: string): Promise<CdsClient | undefined>;
  /** True for a browser origin that some client registered. By what was known last when the database is away. */
  hasOrigin(origin: string): Promise<boolean>;
}

interface CdsClientRow {
  readonly code: string;
  readonly institution: string;
  readonly purposes: ClientPurpose[];
  readonly registration: string;
}

const ALL = statement(
  'cds-clients.all',
  `select c.code, c.institution, c.purposes, r.registration
   from cds_clients r join clients c on c.code = r.client_code where c.disabled_at is null order by c.code`,
);
const ONE = statement('cds-clients.one', 'select registration from cds_clients where client_code = $1');
const IS_CLIENT = statement('cds-clients.is-client', 'select code from clients where code = $1');
const ISSUER_HOLDER = statement(
  'cds-clients.issuer-holder',
  'select client_code from cds_clients where issuer = $1 and client_code <> $2',
);
const UPSERT = statement(
  'cds-clients.upsert',
  `insert into cds_clients (client_code, issuer, registration, registered_at) values ($1, $2, $3, $4)
   on conflict (client_code) do update set issuer = excluded.issuer, registration = excluded.registration,
     registered_at = excluded.registered_at
   returning client_code`,
);
const DELETE = statement(
  'cds-clients.delete',
  'delete from cds_clients where client_code = $1 returning client_code',
);

/**
 * Registers a client for CDS Hooks, or replaces its registration as a whole.
 *
 * @throws CLIENT_UNKNOWN, CDS_ISSUER_TAKEN
 */
export const registerCdsClient = (
  database: Database,
  code: string,
  registration: CdsRegistration,
  act: AccountAct,
): Promise<void> =>
  database.transaction(async (session) => {
    const [known] = await session.run(IS_CLIENT, [code]);
    if (!known) throw raise('CLIENT_UNKNOWN', { place: 'code' });
    const [holder] = await session.run<{ client_code: string }>(ISSUER_HOLDER, [registration.issuer, code]);
    if (holder) throw raise('CDS_ISSUER_TAKEN', { place: 'issuer', detail: holder.client_code });
    await session.run(UPSERT, [code, registration.issuer, JSON.stringify(registration), isoInstant(act.at)]);
    await recordSystemAct(session, act, 'cds-client-registered', `client:${code}`, registration.issuer);
  });

/** Takes a client's registration back. @throws CLIENT_UNKNOWN when it has none */
export const removeCdsClient = (database: Database, code: string, act: AccountAct): Promise<void> =>
  database.transaction(async (session) => {
    const removed = await session.run(DELETE, [code]);
    if (removed.length === 0) throw raise('CLIENT_UNKNOWN', { place: 'code' });
    await recordSystemAct(session, act, 'cds-client-removed', `client:${code}`, 'done');
  });

/** The registration of one client; undefined when it has none. */
export const cdsRegistrationOf = async (
  session: Session,
  code: string,
): Promise<CdsRegistration | undefined> => {
  const [row] = await session.run<{ registration: string }>(ONE, [code]);
  return row && (JSON.parse(row.registration) as CdsRegistration);
};

/** How long the directory is believed: a client that is shut out or changed is so everywhere after this. */
export const CDS_DIRECTORY_MS = 5_000;

interface Loaded {
  readonly byIssuer: ReadonlyMap<string, CdsClient>;
  readonly byCode: ReadonlyMap<string, CdsClient>;
  readonly origins: ReadonlySet<string>;
  /** Registrations by their text: one that did not change stays the same object, with whatever is kept beside it. */
  readonly byText: ReadonlyMap<string, CdsRegistration>;
}

const NOTHING: Loaded = { byIssuer: new Map(), byCode: new Map(), origins: new Set(), byText: new Map() };

const index = (rows: readonly CdsClientRow[], before: Loaded): Loaded => {
  const byText = new Map<string, CdsRegistration>();
  const clients = rows.map(({ registration: text, code, institution, purposes }): CdsClient => {
    const registration = before.byText.get(text) ?? (JSON.parse(text) as CdsRegistration);
    byText.set(text, registration);
    return { code, institution: institution as InstitutionCode, purposes, registration };
  });
  return {
    byIssuer: new Map(clients.map((client) => [client.registration.issuer, client])),
    byCode: new Map(clients.map((client) => [client.code, client])),
    origins: new Set(clients.flatMap(({ registration }) => registration.origins)),
    byText,
  };
};

/** The directory over the database, read whole every few seconds: there are as many clients as hospitals, not more. */
export const cdsClientDirectory = (session: Session, clock: Clock): CdsClientDirectory => {
  let known = NOTHING;
  let loading: Promise<Loaded> | undefined;
  let believedUntil = Number.NEGATIVE_INFINITY;
  const load = async (): Promise<Loaded> => {
    const rows = await session.run<CdsClientRow>(ALL);
    known = index(rows, known);
    believedUntil = clock() + CDS_DIRECTORY_MS;
    return known;
  };
  const current = (): Promise<Loaded> => {
    if (clock() < believedUntil) return Promise.resolve(known);
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  };
  return {
    byIssuer: async (issuer) => (await current()).byIssuer.get(issuer),
    byCode: async (code) => (await current()).byCode.get(code),
    hasOrigin: async (origin) => {
      const { origins } = await current().catch(() => known);
      return origins.has(origin);
    },
  };
};
