import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { raiser } from '../../kernel/fault.ts';
import { isoInstant } from '../../kernel/instant.ts';
import type { ClientPurpose, InstitutionCode } from '../../organisation/index.ts';
import { type AccountAct, recordSystemAct } from './accounts.ts';
import { ACCOUNT_FAULTS } from './accounts-faults.ts';
import { type Database, type Session, statement } from './database.ts';

const raise = raiser(ACCOUNT_FAULTS);

/** A system of an institution that calls with its own key. */
export interface Client {
  readonly code: string;
  readonly name: string;
  readonly institution: InstitutionCode;
  readonly purposes: readonly ClientPurpose[];
  readonly disabled: boolean;
}

/** What it takes to make a client. */
export interface NewClient {
  /** Letters, digits and hyphens; part of the key, so that a leaked key tells whose it is. */
  readonly code: string;
  readonly name: string;
  readonly institution: InstitutionCode;
  readonly purposes: readonly ClientPurpose[];
}

interface ClientRow {
  code: string;
  name: string;
  key_hash: string;
  institution: string;
  purposes: ClientPurpose[];
  disabled_at: number | null;
}

const INSERT = statement(
  'clients.insert',
  `insert into clients (code, name, key_hash, institution, purposes, created_at)
   values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning client_id`,
);
const BY_CODE = statement(
  'clients.by-code',
  'select code, name, key_hash, institution, purposes, disabled_at from clients where code = $1',
);
const ALL = statement(
  'clients.all',
  'select code, name, key_hash, institution, purposes, disabled_at from clients order by code',
);
const SET_DISABLED = statement(
  'clients.set-disabled',
  'update clients set disabled_at = $2 where code = $1 returning client_id',
);

const KEY = /^huren_([A-Za-z0-9-]{1,64})_([A-Za-z0-9_-]{43})$/;

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

const toClient = (row: ClientRow): Client => ({
  code: row.code,
  name: row.name,
  institution: row.institution as InstitutionCode,
  purposes: row.purposes,
  disabled: row.disabled_at !== null,
});

/**
 * Makes a client and gives its key, this once: only its hash is kept.
 *
 * @throws CLIENT_CODE_INVALID, CLIENT_EXISTS
 */
export const createClient = (
  database: Database,
  client: NewClient,
  act: AccountAct,
): Promise<{ client: Client; key: string }> =>
  database.transaction(async (session) => {
    if (!/^[A-Za-z0-9-]{1,64}$/.test(client.code)) throw raise('CLIENT_CODE_INVALID', { place: 'code' });
    const key = `huren_${client.code}_${randomBytes(32).toString('base64url')}`;
    const inserted = await session.run(INSERT, [
      client.code,
      client.name,
      hashOf(key).toString('hex'),
      client.institution,
      client.purposes,
      isoInstant(act.at),
    ]);
    if (inserted.length === 0) throw raise('CLIENT_EXISTS', { place: 'code' });
    await recordSystemAct(session, act, 'client-created', `client:${client.code}`, client.purposes.join(' '));
    return { client: { ...client, disabled: false }, key };
  });

/** All clients by code. */
export const listClients = async (session: Session): Promise<Client[]> =>
  (await session.run<ClientRow>(ALL)).map(toClient);

/**
 * Shuts a client out, or lets it in again.
 *
 * @throws CLIENT_UNKNOWN
 */
export const setClientDisabled = (
  database: Database,
  code: string,
  disabled: boolean,
  act: AccountAct,
): Promise<void> =>
  database.transaction(async (session) => {
    const changed = await session.run(SET_DISABLED, [code, disabled ? isoInstant(act.at) : null]);
    if (changed.length === 0) throw raise('CLIENT_UNKNOWN', { place: 'code' });
    await recordSystemAct(
      session,
      act,
      disabled ? 'client-locked' : 'client-unlocked',
      `client:${code}`,
      'done',
    );
  });

/** Whose key this is; undefined when it is nobody's or the client is shut out. */
export const clientByKey = async (session: Session, key: string): Promise<Client | undefined> => {
  const code = KEY.exec(key)?.[1];
  if (!code) return undefined;
  const [row] = await session.run<ClientRow>(BY_CODE, [code]);
  if (!row || row.disabled_at !== null) return undefined;
  return timingSafeEqual(Buffer.from(row.key_hash, 'hex'), hashOf(key)) ? toClient(row) : undefined;
};

/** The client of this code; undefined when there is none or it is shut out. */
export const clientByCode = async (session: Session, code: string): Promise<Client | undefined> => {
  const [row] = await session.run<ClientRow>(BY_CODE, [code]);
  return row && row.disabled_at === null ? toClient(row) : undefined;
};
