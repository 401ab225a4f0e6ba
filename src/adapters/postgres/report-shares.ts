import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';

interface ShareTerms {
  readonly id: PublicId;
  /** The record under which what is shared stands. */
  readonly personId: string;
  /** The record as which the sharer addressed the person. */
  readonly ownerId: string;
  readonly masked: boolean;
  readonly restricted: boolean;
  /** Whether its images may be downloaded. */
  readonly downloads: boolean;
  /** How often it may be opened, and how often it was. */
  readonly openingsMax: number;
  readonly openings: number;
  readonly madeAt: Instant;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
}

/** One report that its patient lets somebody open. */
export interface ReportShare extends ShareTerms {
  readonly report: PublicId;
  readonly study: null;
}

/** The images of one study without a report that its patient lets somebody open; a report that comes later is no part of it. */
export interface StudyShare extends ShareTerms {
  readonly report: null;
  readonly study: PublicId;
}

/** What a patient lets somebody open. */
export type Share = ReportShare | StudyShare;

interface ShareRow {
  readonly public_id: PublicId;
  readonly person_id: string;
  readonly owner_id: string;
  readonly report_public_id: PublicId | null;
  readonly study_public_id: PublicId | null;
  readonly masked: boolean;
  readonly restricted: boolean;
  readonly downloads: boolean;
  readonly openings_max: number;
  readonly openings: number;
  readonly made_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
}

const COLUMNS = `public_id, person_id, owner_id, report_public_id, study_public_id, masked, restricted, downloads, openings_max,
  openings, made_at, expires_at, revoked_at`;
const INSERT = statement(
  'report-shares.insert',
  `insert into report_shares (person_id, public_id, owner_id, report_public_id, study_public_id, masked, restricted, downloads,
     openings_max, openings, actor, made_at, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12)`,
);
const INSERT_TOKEN = statement(
  'report-shares.insert-token',
  'insert into report_share_tokens (token_hash, person_id, share_public_id) values ($1, $2, $3)',
);
const BY_TOKEN = statement(
  'report-shares.by-token',
  'select person_id, share_public_id from report_share_tokens where token_hash = $1',
);
const BY_ID = statement(
  'report-shares.by-id',
  `select ${COLUMNS} from report_shares where person_id = $1 and public_id = $2`,
);
const BY_OWNER = statement(
  'report-shares.by-owner',
  `select ${COLUMNS} from report_shares where owner_id = any($1::bigint[]) order by made_at desc, share_id desc limit 100`,
);
const OPENINGS = statement(
  'report-shares.openings',
  `select share_public_id, opened_at, peer, opener_name, opener_place from report_share_openings
   where person_id = any($1::bigint[]) and share_public_id = any($2::uuid[]) order by opened_at`,
);
const COUNT_OPENING = statement(
  'report-shares.count-opening',
  `update report_shares set openings = openings + 1
   where person_id = $1 and public_id = $2 and openings < openings_max and expires_at > $3 and revoked_at is null
   returning openings`,
);
const INSERT_OPENING = statement(
  'report-shares.insert-opening',
  `insert into report_share_openings (person_id, share_public_id, opening, opened_at, peer, opener_name, opener_place)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);
const REVOKE = statement(
  'report-shares.revoke',
  `update report_shares set revoked_at = $3
   where person_id = $1 and public_id = $2 and revoked_at is null returning public_id`,
);

/** A row is of a report or of a study, never of both (`report_shares_one`). */
const sharedOf = ({ report_public_id: report, study_public_id: study }: ShareRow) =>
  report === null ? { report, study: study as PublicId } : { report, study: null };

const shareOf = (row: ShareRow): Share => ({
  id: row.public_id,
  personId: row.person_id,
  ownerId: row.owner_id,
  ...sharedOf(row),
  masked: row.masked,
  restricted: row.restricted,
  downloads: row.downloads,
  openingsMax: row.openings_max,
  openings: row.openings,
  madeAt: instant(row.made_at),
  expiresAt: instant(row.expires_at),
  revokedAt: row.revoked_at === null ? null : instant(row.revoked_at),
});

const tokenHash = (keys: Pick<KeyRing, 'hash'>, token: string): string => keys.hash('report-share', token);

/** Keeps a share under the hash of its token. */
export const keepShare = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  share: Share,
  secret: { readonly token: string; readonly actor: string },
): Promise<void> => {
  await session.run(INSERT, [
    share.personId,
    share.id,
    share.ownerId,
    share.report,
    share.study,
    share.masked,
    share.restricted,
    share.downloads,
    share.openingsMax,
    secret.actor,
    isoInstant(share.madeAt),
    isoInstant(share.expiresAt),
  ]);
  await session.run(INSERT_TOKEN, [tokenHash(keys, secret.token), share.personId, share.id]);
};

/** The share to which a token leads; undefined when nobody was ever given it. */
export const shareOfToken = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  token: string,
): Promise<Share | undefined> => {
  const [led] = await session.run<{ person_id: string; share_public_id: PublicId }>(BY_TOKEN, [
    tokenHash(keys, token),
  ]);
  if (!led) return undefined;
  const [row] = await session.run<ShareRow>(BY_ID, [led.person_id, led.share_public_id]);
  return row && shareOf(row);
};

/** What was shared in the name of these records of one person, the newest first. */
export const sharesOf = async (session: Session, owners: readonly string[]): Promise<Share[]> =>
  (await session.run<ShareRow>(BY_OWNER, [owners])).map(shareOf);

/** Who opens a share, as they say: nobody checks it. */
export interface ShareOpener {
  readonly name: string | null;
  /** Hospital and department. */
  readonly place: string | null;
}

/** One opening of a share. */
export interface ShareOpening extends ShareOpener {
  readonly at: Instant;
  readonly peer: string;
}

interface OpeningRow {
  readonly share_public_id: PublicId;
  readonly opened_at: number;
  readonly peer: string;
  readonly opener_name: string | null;
  readonly opener_place: string | null;
}

/** Every opening of some shares, the first first. */
export const readShareOpenings = async (
  session: Session,
  shares: readonly Pick<Share, 'personId' | 'id'>[],
): Promise<ReadonlyMap<PublicId, readonly ShareOpening[]>> => {
  const rows = await session.run<OpeningRow>(OPENINGS, [
    [...new Set(shares.map(({ personId }) => personId))],
    shares.map(({ id }) => id),
  ]);
  return new Map(
    [...Map.groupBy(rows, ({ share_public_id }) => share_public_id)].map(([id, opened]) => [
      id,
      opened.map((row) => ({
        at: instant(row.opened_at),
        peer: row.peer,
        name: row.opener_name,
        place: row.opener_place,
      })),
    ]),
  );
};

/**
 * Takes one opening of a share. Of two who open it at the same moment only as many come in as it allows.
 *
 * @returns false where it is used up, expired or revoked
 */
export const takeShareOpening = async (
  session: Session,
  { personId, id }: Pick<Share, 'personId' | 'id'>,
  opener: ShareOpener & { readonly peer: string },
  at: Instant,
): Promise<boolean> => {
  const [taken] = await session.run<{ openings: number }>(COUNT_OPENING, [personId, id, isoInstant(at)]);
  if (!taken) return false;
  await session.run(INSERT_OPENING, [
    personId,
    id,
    taken.openings,
    isoInstant(at),
    opener.peer,
    opener.name,
    opener.place,
  ]);
  return true;
};

/** Takes a share back. */
export const revokeShare = async (
  session: Session,
  { personId, id }: Pick<Share, 'personId' | 'id'>,
  at: Instant,
): Promise<void> => {
  await session.run(REVOKE, [personId, id, isoInstant(at)]);
};
