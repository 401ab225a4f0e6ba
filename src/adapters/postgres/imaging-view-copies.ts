import type { NoCopyReason } from '../../imaging/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { type Session, statement } from './database.ts';

/** A closed series whose frames nobody has looked at for a view copy. */
export interface SeriesToCopy {
  readonly personId: string;
  readonly seriesId: string;
  readonly manifest: string;
  /** Object of its instances' headers; null where it was closed without. */
  readonly headers: string | null;
}

/** What a view copy of a series came to. */
export interface ViewCopyRow {
  /** Objects, by SHA-256 of their content; null where no instance could be copied. */
  readonly objects: { readonly index: string; readonly frames: string } | null;
  readonly bytes: number;
  readonly copied: number;
  readonly left: number;
  readonly leftReason: NoCopyReason | null;
}

type SeriesKey = Pick<SeriesToCopy, 'personId' | 'seriesId'>;

const TO_COPY = statement(
  'imaging.series-to-copy',
  `select person_id, series_id, manifest, headers from series
   where closed_at is not null and copied_manifest is distinct from manifest and tier = 'near'
   order by closed_at desc limit $1`,
);
const ARRIVING = statement(
  'imaging.images-arriving',
  'select 1 from series where closed_at is null and last_at > $1 limit 1',
);
const READ = statement(
  'imaging.view-copy',
  `select index_object, frames_object, bytes, copied, left_as_they_are, left_reason from view_copies
   where person_id = $1 and series_id = $2`,
);
const MARK = statement(
  'imaging.mark-copied',
  `update series set copied_manifest = $3 where person_id = $1 and series_id = $2 and manifest = $3 and tier = 'near'
   returning series_id`,
);
const KEEP = statement(
  'imaging.keep-view-copy',
  `insert into view_copies (person_id, series_id, index_object, frames_object, bytes, copied, left_as_they_are, left_reason,
     made_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
   on conflict (person_id, series_id) do update set index_object = excluded.index_object,
     frames_object = excluded.frames_object, bytes = excluded.bytes, copied = excluded.copied,
     left_as_they_are = excluded.left_as_they_are, left_reason = excluded.left_reason, made_at = excluded.made_at`,
);
const DROP = statement(
  'imaging.drop-view-copy',
  'delete from view_copies where person_id = $1 and series_id = $2',
);
const LEAVE = statement(
  'imaging.leave-uncopied',
  'update series set copied_manifest = manifest where person_id = $1 and series_id = $2',
);
const UNMARK = statement(
  'imaging.unmark-copied',
  'update series set copied_manifest = null where person_id = $1 and series_id = $2',
);

/** Series that wait for a view copy, the last closed ones first: they are the ones about to be looked at. */
export const seriesToCopy = async (session: Session, limit: number): Promise<readonly SeriesToCopy[]> =>
  (
    await session.run<{ person_id: string; series_id: string; manifest: string; headers: string | null }>(
      TO_COPY,
      [limit],
    )
  ).map((row) => ({
    personId: row.person_id,
    seriesId: row.series_id,
    manifest: row.manifest,
    headers: row.headers,
  }));

/** Whether an image came in since a moment, by whichever process. */
export const imagesArriving = async (session: Session, since: Instant): Promise<boolean> =>
  (await session.run(ARRIVING, [isoInstant(since)])).length > 0;

/** The view copy of a series; undefined where nobody has made one yet. */
export const viewCopyOf = async (session: Session, series: SeriesKey): Promise<ViewCopyRow | undefined> => {
  const [row] = await session.run<{
    index_object: string | null;
    frames_object: string | null;
    bytes: string;
    copied: number;
    left_as_they_are: number;
    left_reason: NoCopyReason | null;
  }>(READ, [series.personId, series.seriesId]);
  return (
    row && {
      objects:
        row.index_object === null || row.frames_object === null
          ? null
          : { index: row.index_object, frames: row.frames_object },
      bytes: Number(row.bytes),
      copied: row.copied,
      left: row.left_as_they_are,
      leftReason: row.left_reason,
    }
  );
};

/**
 * Keeps what was made of a series, in the caller's transaction.
 *
 * @returns false when the series was closed again meanwhile, or went to the far tier: then what was made is nobody's
 */
export const keepViewCopy = async (
  session: Session,
  series: SeriesToCopy,
  made: ViewCopyRow & { readonly at: Instant },
): Promise<boolean> => {
  const { personId, seriesId, manifest } = series;
  const [marked] = await session.run(MARK, [personId, seriesId, manifest]);
  if (!marked) return false;
  await session.run(KEEP, [
    personId,
    seriesId,
    made.objects?.index ?? null,
    made.objects?.frames ?? null,
    made.bytes,
    made.copied,
    made.left,
    made.leftReason,
    isoInstant(made.at),
  ]);
  return true;
};

/** Drops the view copy of a series that leaves for the far tier, in the caller's transaction. Its objects are the caller's. */
export const dropViewCopy = async (session: Session, series: SeriesKey): Promise<void> => {
  await session.run(DROP, [series.personId, series.seriesId]);
  await session.run(LEAVE, [series.personId, series.seriesId]);
};

/** Has a view copy made of a series: of one that came back from the far tier, say. */
export const wantViewCopy = async (session: Session, series: SeriesKey): Promise<void> => {
  await session.run(UNMARK, [series.personId, series.seriesId]);
};

/** Forgets the view copy of a series, in the caller's transaction, so that it is made again. Its objects are the caller's. */
export const forgetViewCopy = async (session: Session, series: SeriesKey): Promise<void> => {
  await session.run(DROP, [series.personId, series.seriesId]);
  await wantViewCopy(session, series);
};
