import { randomBytes } from 'node:crypto';
import { raiser } from '../../kernel/fault.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type AccountAct, recordSystemAct } from './accounts.ts';
import { ACCOUNT_FAULTS } from './accounts-faults.ts';
import { type Client, clientByCode } from './accounts-clients.ts';
import { type Database, type Session, statement } from './database.ts';

const raise = raiser(ACCOUNT_FAULTS);

/** How a client gets the answers that its doctors give on the card. It can always poll besides. */
export const ANSWER_WAYS = ['polling', 'callback', 'form-post'] as const;

/** One of `ANSWER_WAYS`. */
export type AnswerWay = (typeof ANSWER_WAYS)[number];

/** Digests of launch and answer signatures; `sm3` is GB/T 32905. */
export const SIGNATURE_DIGESTS = ['sha256', 'sm3'] as const;

/** One of `SIGNATURE_DIGESTS`. */
export type SignatureDigest = (typeof SIGNATURE_DIGESTS)[number];

/** How a client's doctors come in and how their answers go back. */
export interface ClientLaunch {
  readonly client: Client;
  readonly digest: SignatureDigest;
  /** Secret of launch addresses; null where this client launches nobody. */
  readonly launchSecret: string | null;
  readonly frameOrigins: readonly string[];
  readonly way: AnswerWay;
  readonly answerUrl: string | null;
  readonly answerSecret: string | null;
}

/** What an operator registers; what is absent stays as it was. */
export interface LaunchChange {
  readonly digest?: SignatureDigest;
  readonly frameOrigins?: readonly string[];
  readonly way?: AnswerWay;
  readonly answerUrl?: string;
  /** Makes new secrets, which are told this once. */
  readonly newSecrets: boolean;
}

interface LaunchRow {
  readonly launch_secret: Uint8Array | null;
  readonly launch_key_id: string | null;
  readonly launch_digest: SignatureDigest;
  readonly frame_origins: string[];
  readonly answer_way: AnswerWay;
  readonly answer_url: string | null;
  readonly answer_secret: Uint8Array | null;
  readonly answer_key_id: string | null;
}

const BY_CODE = statement(
  'client-launches.by-code',
  `select l.launch_secret, l.launch_key_id, l.launch_digest, l.frame_origins, l.answer_way, l.answer_url, l.answer_secret,
     l.answer_key_id
   from client_launches l join clients c on c.client_id = l.client_id where c.code = $1`,
);
const PUT = statement(
  'client-launches.put',
  `insert into client_launches (client_id, launch_secret, launch_key_id, launch_digest, frame_origins, answer_way, answer_url,
     answer_secret, answer_key_id, updated_at)
   select client_id, $2::bytea, $3::text, $4::text, $5::text[], $6::text, $7::text, $8::bytea, $9::text, $10::timestamptz
   from clients where code = $1
   on conflict (client_id) do update set launch_secret = excluded.launch_secret, launch_key_id = excluded.launch_key_id,
     launch_digest = excluded.launch_digest, frame_origins = excluded.frame_origins, answer_way = excluded.answer_way,
     answer_url = excluded.answer_url, answer_secret = excluded.answer_secret, answer_key_id = excluded.answer_key_id,
     updated_at = excluded.updated_at
   returning client_id`,
);

const opened = (
  keys: KeyRing,
  bytes: Uint8Array | null,
  keyId: string | null,
  code: string,
): string | null =>
  bytes === null || keyId === null
    ? null
    : Buffer.from(keys.open({ keyId, bytes }, `client-launch|${code}`)).toString('utf8');

/** What a client registered; a client that registered nothing is framed nowhere, launches nobody and polls. */
export const readClientLaunch = async (
  session: Session,
  keys: KeyRing,
  code: string,
): Promise<ClientLaunch | undefined> => {
  const [client, [row]] = await Promise.all([
    clientByCode(session, code),
    session.run<LaunchRow>(BY_CODE, [code]),
  ]);
  if (!client) return undefined;
  return {
    client,
    digest: row?.launch_digest ?? 'sha256',
    launchSecret: opened(keys, row?.launch_secret ?? null, row?.launch_key_id ?? null, code),
    frameOrigins: row?.frame_origins ?? [],
    way: row?.answer_way ?? 'polling',
    answerUrl: row?.answer_url ?? null,
    answerSecret: opened(keys, row?.answer_secret ?? null, row?.answer_key_id ?? null, code),
  };
};

/** True for `https:` anywhere and `http:` on this machine: an answer holds results and must not travel in the clear. */
export const isAnswerAddress = (text: string): boolean => {
  const url = URL.parse(text);
  if (!url || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
};

/** True for an origin as browsers write it: scheme, host and port, nothing behind. */
export const isOrigin = (text: string): boolean => {
  const url = URL.parse(text);
  // A star is a host name to the parser, and everybody to a browser.
  return (
    url !== null && /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?$/.test(text) && url.origin === text
  );
};

/**
 * Registers how a client's doctors come in and how their answers go back.
 *
 * @returns the new secrets where new ones were asked for or there were none yet: only their ciphertext is kept
 * @throws CLIENT_UNKNOWN, FRAME_ORIGIN_INVALID, ANSWER_ADDRESS_INVALID
 */
export const registerLaunch = (
  database: Database,
  keys: KeyRing,
  code: string,
  change: LaunchChange,
  act: AccountAct,
): Promise<{ readonly launchSecret: string | null; readonly answerSecret: string | null }> =>
  database.transaction(async (session) => {
    const before = await readClientLaunch(session, keys, code);
    if (!before) throw raise('CLIENT_UNKNOWN', { place: 'code' });
    const frameOrigins = change.frameOrigins ?? before.frameOrigins;
    const wrong = frameOrigins.find((origin) => !isOrigin(origin));
    if (wrong !== undefined) throw raise('FRAME_ORIGIN_INVALID', { detail: wrong });
    const way = change.way ?? before.way;
    const answerUrl = change.answerUrl ?? before.answerUrl;
    if (way !== 'polling' && (answerUrl === null || !isAnswerAddress(answerUrl)))
      throw raise('ANSWER_ADDRESS_INVALID', { detail: answerUrl ?? '' });
    const fresh = () => randomBytes(32).toString('base64url');
    const made = {
      launchSecret: change.newSecrets || before.launchSecret === null ? fresh() : null,
      answerSecret: change.newSecrets || before.answerSecret === null ? fresh() : null,
    };
    const sealed = (secret: string | null) =>
      secret === null ? null : keys.seal(Buffer.from(secret), `client-launch|${code}`);
    const launch = sealed(made.launchSecret ?? before.launchSecret);
    const answer = sealed(made.answerSecret ?? before.answerSecret);
    await session.run(PUT, [
      code,
      launch?.bytes ?? null,
      launch?.keyId ?? null,
      change.digest ?? before.digest,
      frameOrigins,
      way,
      answerUrl,
      answer?.bytes ?? null,
      answer?.keyId ?? null,
      isoInstant(act.at),
    ]);
    await recordSystemAct(
      session,
      act,
      'client-launch-registered',
      `client:${code}`,
      `${way} ${frameOrigins.join(' ')}`.trim(),
    );
    return made;
  });

const FORGET_NONCES = statement(
  'client-launches.forget-nonces',
  'delete from launch_nonces where expires_at < $1',
);
const USE_NONCE = statement(
  'client-launches.use-nonce',
  `insert into launch_nonces (client_code, nonce, expires_at) values ($1, $2, $3)
   on conflict (client_code, nonce) do nothing returning nonce`,
);

/** Marks a launch as used; false when it had been, on whichever process. Those that nobody could use any more are forgotten. */
export const useLaunchNonce = async (
  session: Session,
  code: string,
  nonce: string,
  times: { readonly now: Instant; readonly expiresAt: Instant },
): Promise<boolean> => {
  await session.run(FORGET_NONCES, [isoInstant(times.now)]);
  const used = await session.run(USE_NONCE, [code, nonce, isoInstant(times.expiresAt)]);
  return used.length === 1;
};
