import { createHash } from 'node:crypto';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { type Session, statement } from './database.ts';
import { SERIES_COLUMNS, seriesOf, type SeriesReading, type SeriesRow } from './imaging-reading.ts';
import type { InstitutionKey } from './registry.ts';

const NO_LONGER_HOT = statement(
  'imaging-folding.no-longer-hot',
  `select ${SERIES_COLUMNS} from series where hot_since <= $1 order by hot_since limit $2`,
);
const HOLD = statement(
  'imaging-folding.hold-series',
  `select series_id from series
   where person_id = $1 and series_id = $2 and closed_at is not null and version = $3 and manifest = $4 for update`,
);
const DROP_ROWS = statement(
  'imaging-folding.drop-rows',
  'delete from instances where person_id = $1 and series_id = $2 and sop_uid = any($3::text[]) returning sop_uid',
);
const DROP_KEYS = statement(
  'imaging-folding.drop-keys',
  'delete from instance_keys where sop_uid = any($1::text[]) and institution_id = $2 and series_id = $3',
);
const FOLDED = statement(
  'imaging-folding.folded',
  `update series set hot_since = null, folded_at = coalesce(folded_at, $3), manifest = $4
   where person_id = $1 and series_id = $2`,
);
const STAY_HOT = statement(
  'imaging-folding.stay-hot',
  `update series set hot_since = $3 where person_id = $1 and series_id = $2 and closed_at is not null`,
);
const FORGET_DIGESTS = statement(
  'imaging-folding.forget-digests',
  'delete from folded_uids where institution_id = $1 and series_id = any($2::bigint[])',
);
const KEEP_DIGESTS = statement(
  'imaging-folding.keep-digests',
  'insert into folded_uids (institution_id, series_id, part, person_id, digests) values ($1, $2, $3, $4, $5::bigint[])',
);
const BY_DIGEST = statement(
  'imaging-folding.by-digest',
  'select distinct series_id, person_id from folded_uids where institution_id = $1 and digests && $2::bigint[]',
);
const MANIFESTS = statement(
  'imaging-folding.manifests',
  `select person_id, series_id, manifest from series
   where person_id = any($1::bigint[]) and series_id = any($2::bigint[]) and folded_at is not null and manifest is not null`,
);
const SET_KEY = statement(
  'imaging-folding.set-key',
  `update instance_keys set content = $3, sop_class_uid = $4, series_id = $5, person_id = $6
   where sop_uid = $1 and institution_id = $2`,
);

type SeriesPlace = Pick<SeriesReading, 'personId' | 'seriesId'>;

/** Closed series whose rows have been kept since before a moment, the longest first. */
export const coldSeries = async (
  session: Session,
  hotSince: Instant,
  limit: number,
): Promise<readonly SeriesReading[]> =>
  (await session.run<SeriesRow>(NO_LONGER_HOT, [isoInstant(hotSince), limit])).map(seriesOf);

/**
 * Holds a series as it was read, until the transaction ends.
 *
 * @returns false where an image came in meanwhile, or somebody else folded it
 */
export const holdClosedSeries = async (session: Session, series: SeriesReading): Promise<boolean> =>
  (await session.run(HOLD, [series.personId, series.seriesId, series.version, series.manifest])).length === 1;

/** Digests in one row: as many as stay in its page, so that the planner never takes reading the table for cheaper than its index. */
const DIGESTS_MAX = 240;

/** Eight bytes by which a folded series is found; what it really lists is said by its manifest. */
const digestOf = (sopInstanceUid: string): string =>
  createHash('sha256').update(sopInstanceUid).digest().readBigInt64BE().toString();

/**
 * Drops the rows of instances that the manifest lists, in the caller's transaction, which holds the series. What is left of each
 * is its digest.
 *
 * @param manifest that lists them from now on
 */
export const dropRows = async (
  session: Session,
  series: SeriesPlace,
  dropped: {
    readonly institutionKey: string;
    readonly sopInstanceUids: readonly string[];
    readonly manifest: string;
    readonly at: Instant;
  },
): Promise<number> => {
  const { personId, seriesId } = series;
  const { institutionKey, sopInstanceUids } = dropped;
  await forgetFolded(session, institutionKey, [seriesId]);
  const digests = sopInstanceUids.map(digestOf);
  for (let part = 0; part * DIGESTS_MAX < digests.length; part++)
    await session.run(KEEP_DIGESTS, [
      institutionKey,
      seriesId,
      part,
      personId,
      digests.slice(part * DIGESTS_MAX, (part + 1) * DIGESTS_MAX),
    ]);
  const rows = await session.run(DROP_ROWS, [personId, seriesId, sopInstanceUids]);
  await session.run(DROP_KEYS, [sopInstanceUids, institutionKey, seriesId]);
  await session.run(FOLDED, [personId, seriesId, isoInstant(dropped.at), dropped.manifest]);
  return rows.length;
};

/** Forgets that series were folded: when they are retired. */
export const forgetFolded = async (
  session: Session,
  institutionKey: string,
  seriesIds: readonly string[],
): Promise<void> => {
  await session.run(FORGET_DIGESTS, [institutionKey, seriesIds]);
};

/** Looks at a series again only after another hot time. */
export const keepHot = async (session: Session, series: SeriesPlace, at: Instant): Promise<void> => {
  await session.run(STAY_HOT, [series.personId, series.seriesId, isoInstant(at)]);
};

/** An instance of which nothing but its manifest says that it is kept, and whose it is. */
export interface ListedInstance {
  readonly content: string;
  readonly sopClassUid: string;
  readonly personId: string;
  readonly seriesId: string;
}

/** Reads what the manifest of a folded series lists, by SOP instance UID. */
export type ListedReading = (
  manifest: string,
) => Promise<ReadonlyMap<string, Pick<ListedInstance, 'content' | 'sopClassUid'>>>;

/** A series by its place. */
interface DigestRow {
  readonly series_id: string;
  readonly person_id: string;
}

/** Folded series of an institution that most probably list one of these UIDs, of whichever study. */
const foldedWith = (
  session: Session,
  institution: InstitutionKey,
  sopInstanceUids: readonly string[],
): Promise<readonly DigestRow[]> =>
  session.run<DigestRow>(BY_DIGEST, [institution, sopInstanceUids.map(digestOf)]);

/** Whether a folded series of an institution may list one of these UIDs. False is certain. */
export const mayBeFolded = async (
  session: Session,
  institution: InstitutionKey,
  sopInstanceUids: readonly string[],
): Promise<boolean> => (await foldedWith(session, institution, sopInstanceUids)).length > 0;

/** What the manifests of an institution's folded series list of these UIDs. */
export const listedInstances = async (
  session: Session,
  institution: InstitutionKey,
  sopInstanceUids: readonly string[],
  read: ListedReading,
): Promise<ReadonlyMap<string, ListedInstance>> => {
  const found = new Map<string, ListedInstance>();
  const folded = await foldedWith(session, institution, sopInstanceUids);
  if (folded.length === 0) return found;
  const manifests = await session.run<DigestRow & { readonly manifest: string }>(MANIFESTS, [
    [...new Set(folded.map((row) => row.person_id))],
    folded.map((row) => row.series_id),
  ]);
  for (const { series_id: seriesId, person_id: personId, manifest } of manifests) {
    const listed = await read(manifest);
    for (const uid of sopInstanceUids) {
      const one = listed.get(uid);
      if (one) found.set(uid, { content: one.content, sopClassUid: one.sopClassUid, personId, seriesId });
    }
  }
  return found;
};

/** Makes the key of an instance that a manifest lists say what the manifest says. */
export const keyAsListed = async (
  session: Session,
  institution: InstitutionKey,
  listed: ListedInstance & { readonly sopInstanceUid: string },
): Promise<void> => {
  await session.run(SET_KEY, [
    listed.sopInstanceUid,
    institution,
    listed.content,
    listed.sopClassUid,
    listed.seriesId,
    listed.personId,
  ]);
};
