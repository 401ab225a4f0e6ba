import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';

/** A notice ready to be kept. */
export interface NoticeRecord {
  readonly personId: string;
  readonly publicId: PublicId;
  readonly check: PublicId;
  readonly line: number;
  readonly response: PublicId;
  readonly version: number;
  readonly institutionKey: string;
  readonly requestHash: string;
  /** Canonical JSON. */
  readonly content: string;
  readonly actor: string;
  readonly madeAt: Instant;
}

/** A notice as kept, its content opened. */
export interface KeptNotice {
  readonly personId: string;
  readonly publicId: PublicId;
  readonly check: PublicId;
  readonly line: number;
  readonly response: PublicId;
  readonly version: number;
  readonly institutionKey: string;
  readonly requestHash: string;
  readonly content: string;
  readonly madeAt: Instant;
}

interface NoticeRow {
  readonly person_id: string;
  readonly public_id: PublicId;
  readonly check_public_id: PublicId;
  readonly line: number;
  readonly response_public_id: PublicId;
  readonly version: number;
  readonly institution_id: string;
  readonly request_hash: string;
  readonly content: Uint8Array;
  readonly key_id: string;
  readonly made_at: number;
}

const COLUMNS = `person_id, public_id, check_public_id, line, response_public_id, version, institution_id, request_hash,
 content, key_id, made_at`;

const INSERT = statement(
  'notices.insert',
  `insert into notices (person_id, public_id, check_public_id, line, response_public_id, version, institution_id, request_hash,
     content, key_id, actor, made_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
);
const INSERT_TOKEN = statement(
  'notices.insert-token',
  'insert into notice_tokens (token_hash, notice_public_id) values ($1, $2)',
);
const BY_ID = statement('notices.by-id', `select ${COLUMNS} from notices where public_id = $1`);
const OF_RESPONSE = statement(
  'notices.of-response',
  `select ${COLUMNS} from notices where person_id = $1 and response_public_id = $2 order by version desc limit 1`,
);
const OF_CHECK = statement(
  'notices.of-check',
  `select ${COLUMNS} from notices where person_id = $1 and check_public_id = $2 order by notice_id`,
);
const OF_PERSONS = statement(
  'notices.of-persons',
  `select ${COLUMNS} from notices where person_id = any($1::bigint[]) order by made_at desc, notice_id desc limit 200`,
);
const BY_TOKEN = statement(
  'notices.by-token',
  'select notice_public_id from notice_tokens where token_hash = $1',
);
const LATEST_VERSION = statement(
  'notices.latest-version',
  'select max(version) as version from notices where person_id = $1 and response_public_id = $2',
);

const contextOf = (id: PublicId): string => `notice|${id}`;

const opened = (keys: KeyRing, row: NoticeRow): KeptNotice => ({
  personId: row.person_id,
  publicId: row.public_id,
  check: row.check_public_id,
  line: row.line,
  response: row.response_public_id,
  version: row.version,
  institutionKey: row.institution_id,
  requestHash: row.request_hash,
  content: Buffer.from(
    keys.open({ keyId: row.key_id, bytes: row.content }, contextOf(row.public_id)),
  ).toString('utf8'),
  madeAt: row.made_at as Instant,
});

/**
 * The token of a notice: 192 bits that only this installation's key ring can make, the same at every reprint, so that it
 * need not be kept.
 */
export const noticeToken = (keys: KeyRing, id: PublicId): string =>
  Buffer.from(keys.hash('notice-token', id), 'hex').subarray(0, 24).toString('base64url');

const tokenHash = (keys: KeyRing, token: string): string => keys.hash('notice-token-kept', token);

/** Keeps a notice with its token. Call it under the lock of its check. */
export const keepNotice = async (session: Session, keys: KeyRing, record: NoticeRecord): Promise<void> => {
  const sealed = keys.seal(Buffer.from(record.content, 'utf8'), contextOf(record.publicId));
  await session.run(INSERT, [
    record.personId,
    record.publicId,
    record.check,
    record.line,
    record.response,
    record.version,
    record.institutionKey,
    record.requestHash,
    sealed.bytes,
    sealed.keyId,
    record.actor,
    isoInstant(record.madeAt),
  ]);
  await session.run(INSERT_TOKEN, [tokenHash(keys, noticeToken(keys, record.publicId)), record.publicId]);
};

/** One notice by its public id. */
export const readNotice = async (
  session: Session,
  keys: KeyRing,
  id: PublicId,
): Promise<KeptNotice | undefined> => {
  const [row] = await session.run<NoticeRow>(BY_ID, [id]);
  return row && opened(keys, row);
};

/** The latest version about one answer. */
export const latestNotice = async (
  session: Session,
  keys: KeyRing,
  personId: string,
  response: PublicId,
): Promise<KeptNotice | undefined> => {
  const [row] = await session.run<NoticeRow>(OF_RESPONSE, [personId, response]);
  return row && opened(keys, row);
};

/** Number of the latest version about one answer. */
export const latestNoticeVersion = async (
  session: Session,
  personId: string,
  response: PublicId,
): Promise<number> =>
  (await session.run<{ version: number | null }>(LATEST_VERSION, [personId, response]))[0]?.version ?? 0;

/** All notices about one check, in the order in which they were made. */
export const noticesOfCheck = async (
  session: Session,
  keys: KeyRing,
  personId: string,
  check: PublicId,
): Promise<KeptNotice[]> =>
  (await session.run<NoticeRow>(OF_CHECK, [personId, check])).map((row) => opened(keys, row));

/** All notices to these records of one person, the newest first. */
export const noticesOfPersons = async (
  session: Session,
  keys: KeyRing,
  persons: readonly string[],
): Promise<KeptNotice[]> =>
  (await session.run<NoticeRow>(OF_PERSONS, [persons])).map((row) => opened(keys, row));

/** The notice to which a token leads; undefined when nobody was ever given it. */
export const noticeOfToken = async (
  session: Session,
  keys: KeyRing,
  token: string,
): Promise<KeptNotice | undefined> => {
  const [row] = await session.run<{ notice_public_id: PublicId }>(BY_TOKEN, [tokenHash(keys, token)]);
  return row && readNotice(session, keys, row.notice_public_id);
};

const LOCK = statement(
  'notices.lock',
  'select notice_id from notices where person_id = $1 and public_id = $2 for update',
);
const COPIES = statement(
  'notices.copies',
  'select count(*)::integer as copies from notice_copies where person_id = $1 and notice_public_id = $2',
);
const INSERT_COPY = statement(
  'notices.insert-copy',
  `insert into notice_copies (person_id, notice_public_id, copy, form, actor, issued_at) values ($1, $2, $3, $4, $5, $6)`,
);

/**
 * Counts one more paper of a notice. Call it in the transaction that also audits the disclosure.
 *
 * @returns 0 for the original, else the number of the copy
 */
export const issueCopy = async (
  session: Session,
  { personId, publicId }: KeptNotice,
  form: 'page' | 'pdf',
  actor: string,
  at: Instant,
): Promise<number> => {
  await session.run(LOCK, [personId, publicId]);
  const [row] = await session.run<{ copies: number }>(COPIES, [personId, publicId]);
  const copy = row?.copies ?? 0;
  await session.run(INSERT_COPY, [personId, publicId, copy, form, actor, isoInstant(at)]);
  return copy;
};
