import { sha256Hex } from '../../kernel/content-hash.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';

/** What the embedded issuer keeps under an id: a code, a token, a grant, a session, an interaction. */
export interface IssuerArtifact {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly consumedAt: Instant | null;
}

interface ArtifactRow {
  id_hash: string;
  key_id: string;
  payload: Uint8Array;
  consumed_at: number | null;
}

const COLUMNS = 'id_hash, key_id, payload, consumed_at';

const PUT = statement(
  'issuer-artifacts.put',
  `insert into issuer_artifacts (kind, id_hash, grant_hash, uid_hash, key_id, payload, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict (kind, id_hash) do update set grant_hash = excluded.grant_hash, uid_hash = excluded.uid_hash,
     key_id = excluded.key_id, payload = excluded.payload, expires_at = excluded.expires_at
   returning id_hash`,
);
const CLAIM = statement(
  'issuer-artifacts.claim',
  `insert into issuer_artifacts (kind, id_hash, key_id, payload, expires_at) values ($1, $2, $3, $4, $5)
   on conflict (kind, id_hash) do nothing returning id_hash`,
);
const FIND = statement(
  'issuer-artifacts.find',
  `select ${COLUMNS} from issuer_artifacts where kind = $1 and id_hash = $2 and expires_at > $3`,
);
const FIND_BY_UID = statement(
  'issuer-artifacts.find-by-uid',
  `select ${COLUMNS} from issuer_artifacts where kind = $1 and uid_hash = $2 and expires_at > $3`,
);
const CONSUME = statement(
  'issuer-artifacts.consume',
  `update issuer_artifacts set consumed_at = $3 where kind = $1 and id_hash = $2 and consumed_at is null
   returning id_hash`,
);
const REMOVE = statement(
  'issuer-artifacts.remove',
  'delete from issuer_artifacts where kind = $1 and id_hash = $2 returning id_hash',
);
const REVOKE = statement(
  'issuer-artifacts.revoke',
  'delete from issuer_artifacts where grant_hash = $1 returning id_hash',
);
const SWEEP = statement(
  'issuer-artifacts.sweep',
  'delete from issuer_artifacts where expires_at < $1 returning id_hash',
);

/** The hash under which an id of the issuer lies in the database. Ids have 256 random bits, so a slow hash adds nothing. */
export const artifactHash = sha256Hex;

const placeOf = (kind: string, idHash: string): string => `issuer|${kind}|${idHash}`;

const sealedText = (keys: KeyRing, kind: string, idHash: string, payload: unknown) =>
  keys.seal(Buffer.from(JSON.stringify(payload)), placeOf(kind, idHash));

const toArtifact = (keys: KeyRing, kind: string, row: ArtifactRow): IssuerArtifact => {
  const sealed = { keyId: row.key_id, bytes: row.payload };
  const text = Buffer.from(keys.open(sealed, placeOf(kind, row.id_hash))).toString('utf8');
  return {
    payload: JSON.parse(text) as Record<string, unknown>,
    consumedAt: row.consumed_at as Instant | null,
  };
};

/** Where the artifacts of one kind lie. */
export interface ArtifactStore {
  put(
    id: string,
    payload: Readonly<Record<string, unknown>>,
    links: { readonly grantId: string | null; readonly uid: string | null },
    expiresAt: Instant,
  ): Promise<void>;
  /** Keeps an id that nobody kept before; false when somebody had, in whichever process. */
  claim(id: string, payload: Readonly<Record<string, unknown>>, expiresAt: Instant): Promise<boolean>;
  find(id: string, at: Instant): Promise<IssuerArtifact | undefined>;
  findByUid(uid: string, at: Instant): Promise<IssuerArtifact | undefined>;
  /** Marks it as used; false when it had been used or is gone. */
  consume(id: string, at: Instant): Promise<boolean>;
  remove(id: string): Promise<void>;
}

/** The artifacts of one kind, sealed by the key ring. */
export const artifactStore = (session: Session, keys: KeyRing, kind: string): ArtifactStore => ({
  async put(id, payload, { grantId, uid }, expiresAt) {
    const idHash = artifactHash(id);
    const { keyId, bytes } = sealedText(keys, kind, idHash, payload);
    const grantHash = grantId === null ? null : artifactHash(grantId);
    const uidHash = uid === null ? null : artifactHash(uid);
    await session.run(PUT, [kind, idHash, grantHash, uidHash, keyId, bytes, isoInstant(expiresAt)]);
  },
  async claim(id, payload, expiresAt) {
    const idHash = artifactHash(id);
    const { keyId, bytes } = sealedText(keys, kind, idHash, payload);
    return (await session.run(CLAIM, [kind, idHash, keyId, bytes, isoInstant(expiresAt)])).length === 1;
  },
  async find(id, at) {
    const [row] = await session.run<ArtifactRow>(FIND, [kind, artifactHash(id), isoInstant(at)]);
    return row && toArtifact(keys, kind, row);
  },
  async findByUid(uid, at) {
    const [row] = await session.run<ArtifactRow>(FIND_BY_UID, [kind, artifactHash(uid), isoInstant(at)]);
    return row && toArtifact(keys, kind, row);
  },
  async consume(id, at) {
    return (await session.run(CONSUME, [kind, artifactHash(id), isoInstant(at)])).length === 1;
  },
  async remove(id) {
    await session.run(REMOVE, [kind, artifactHash(id)]);
  },
});

/** Takes back everything that one consent led to. */
export const revokeGrant = async (session: Session, grantId: string): Promise<void> => {
  await session.run(REVOKE, [artifactHash(grantId)]);
};

/** Forgets what has expired; tells how many. */
export const sweepArtifacts = async (session: Session, at: Instant): Promise<number> =>
  (await session.run(SWEEP, [isoInstant(at)])).length;
