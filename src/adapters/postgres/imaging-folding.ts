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
const FOLDED_OF_STUDY = statement(
  'imaging-folding.folded-of-study',
  `select series_id, series_uid, manifest from series
   where person_id = $1 and study_id = $2 and folded_at is not null and manifest is not null`,
);
const SET_KEY = statement(
  'imaging-folding.set-key',
  `update instance_keys set content = $3, sop_class_uid = $4, series_id = $5
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

/**
 * Drops the rows of instances that the manifest lists, in the caller's transaction, which holds the series.
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
  const rows = await session.run(DROP_ROWS, [personId, seriesId, dropped.sopInstanceUids]);
  await session.run(DROP_KEYS, [dropped.sopInstanceUids, dropped.institutionKey, seriesId]);
  await session.run(FOLDED, [personId, seriesId, isoInstant(dropped.at), dropped.manifest]);
  return rows.length;
};

/** Looks at a series again only after another hot time. */
export const keepHot = async (session: Session, series: SeriesPlace, at: Instant): Promise<void> => {
  await session.run(STAY_HOT, [series.personId, series.seriesId, isoInstant(at)]);
};

/** A series some or all of whose instances stand in its manifest alone. */
export interface FoldedSeries {
  readonly seriesId: string;
  readonly seriesUid: string;
  readonly manifest: string;
}

/** Folded series of a study. */
export const foldedSeriesOf = async (
  session: Session,
  study: { readonly personId: string; readonly studyId: string },
): Promise<readonly FoldedSeries[]> =>
  (
    await session.run<{ series_id: string; series_uid: string; manifest: string }>(FOLDED_OF_STUDY, [
      study.personId,
      study.studyId,
    ])
  ).map((row) => ({ seriesId: row.series_id, seriesUid: row.series_uid, manifest: row.manifest }));

/** Makes the key of an instance that a manifest lists say what the manifest says. */
export const keyAsListed = async (
  session: Session,
  institution: InstitutionKey,
  listed: {
    readonly sopInstanceUid: string;
    readonly content: string;
    readonly sopClassUid: string;
    readonly seriesId: string;
  },
): Promise<void> => {
  await session.run(SET_KEY, [
    listed.sopInstanceUid,
    institution,
    listed.content,
    listed.sopClassUid,
    listed.seriesId,
  ]);
};
