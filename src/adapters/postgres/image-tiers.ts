import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import { SERIES_COLUMNS, seriesOf, type SeriesReading, type SeriesRow } from './imaging-reading.ts';

const LEFT_ALONE = statement(
  'image-tiers.left-alone',
  `select s.study_id, s.public_id from studies s
   where s.far_bytes = 0 and s.study_id > $2 and s.open_series = 0 and s.last_at <= $1
     and not exists (select 1 from study_openings o
       where o.person_id = s.person_id and o.study_id = s.study_id and o.opened_at > $1)
     and not exists (select 1 from study_recalls r
       where r.person_id = s.person_id and r.study_id = s.study_id and r.finished_at > $1)
   order by s.study_id limit 1`,
);
const MOVE = statement(
  'image-tiers.move',
  `update series set tier = $4
   where person_id = $1 and series_id = $2 and version = $3 and tier <> $4
     and (closed_at is not null or $4 = 'near') returning bytes`,
);
const RECOUNT = statement(
  'image-tiers.recount',
  `update studies set far_bytes =
     (select coalesce(sum(c.bytes), 0) from series c where c.person_id = $1 and c.study_id = $2 and c.tier = 'far')
   where person_id = $1 and study_id = $2 returning study_id`,
);
const ASK = statement(
  'image-tiers.ask-recall',
  `insert into study_recalls (person_id, study_id, asked_at, done, total) values ($1, $2, $3, 0, $4)
   on conflict (person_id, study_id) do update
     set asked_at = excluded.asked_at, done = 0, total = excluded.total, finished_at = null
     where study_recalls.finished_at is not null`,
);
const PROGRESS = statement(
  'image-tiers.progress',
  'select done, total from study_recalls where person_id = $1 and study_id = $2 and finished_at is null',
);
const NEXT = statement(
  'image-tiers.next-recall',
  'select person_id, study_id from study_recalls where finished_at is null order by asked_at limit 1',
);
const PUT_OFF = statement(
  'image-tiers.put-off',
  'update study_recalls set asked_at = $3 where person_id = $1 and study_id = $2 and finished_at is null',
);
const STEP = statement(
  'image-tiers.step',
  'update study_recalls set done = $3, total = $4 where person_id = $1 and study_id = $2',
);
const FINISH = statement(
  'image-tiers.finish',
  'update study_recalls set finished_at = $3, done = total where person_id = $1 and study_id = $2',
);
const FAR_SERIES = statement(
  'image-tiers.far-series',
  `select ${SERIES_COLUMNS} from series where person_id = $1 and study_id = $2 and tier = 'far'
   order by series_number nulls last, series_id`,
);

/** A study that is recalled. */
export interface RecalledStudy {
  readonly personId: string;
  readonly studyId: string;
}

/**
 * The next study that nobody has opened and nothing was added to since a moment, all of which is near.
 *
 * @param after key of the one looked at before
 */
export const studyLeftAlone = async (
  session: Session,
  since: Instant,
  after: string,
): Promise<{ readonly studyId: string; readonly publicId: PublicId } | undefined> => {
  const [row] = await session.run<{ study_id: string; public_id: PublicId }>(LEFT_ALONE, [
    isoInstant(since),
    after,
  ]);
  return row && { studyId: row.study_id, publicId: row.public_id };
};

/**
 * Says in which tier a series' images lie, in the caller's transaction.
 *
 * @returns false where the series is no longer as it was read
 */
export const moveSeries = async (
  session: Session,
  series: SeriesReading,
  tier: SeriesReading['tier'],
): Promise<boolean> => {
  const { personId, studyId, seriesId, version } = series;
  if ((await session.run(MOVE, [personId, seriesId, version, tier])).length === 0) return false;
  await session.run(RECOUNT, [personId, studyId]);
  return true;
};

/** Series of a study that are far. */
export const farSeriesOf = async (
  session: Session,
  study: RecalledStudy,
): Promise<readonly SeriesReading[]> =>
  (await session.run<SeriesRow>(FAR_SERIES, [study.personId, study.studyId])).map(seriesOf);

/** How far a recall has come, in instances. */
export interface RecallProgress {
  readonly done: number;
  readonly total: number;
}

/** Asks for a study's recall, unless somebody has. Tells how far it has come. */
export const askRecall = async (
  session: Session,
  study: RecalledStudy,
  total: number,
  at: Instant,
): Promise<RecallProgress> => {
  await session.run(ASK, [study.personId, study.studyId, isoInstant(at), total]);
  const [row] = await session.run<RecallProgress>(PROGRESS, [study.personId, study.studyId]);
  return row ?? { done: total, total };
};

/** The recall that was asked for first. */
export const nextRecall = async (session: Session): Promise<RecalledStudy | undefined> => {
  const [row] = await session.run<{ person_id: string; study_id: string }>(NEXT);
  return row && { personId: row.person_id, studyId: row.study_id };
};

/** Puts a recall behind those that were asked for before a moment. */
export const putRecallOff = async (session: Session, study: RecalledStudy, at: Instant): Promise<void> => {
  await session.run(PUT_OFF, [study.personId, study.studyId, isoInstant(at)]);
};

/** Keeps how far a recall has come. */
export const keepRecallStep = async (
  session: Session,
  study: RecalledStudy,
  { done, total }: RecallProgress,
): Promise<void> => {
  await session.run(STEP, [study.personId, study.studyId, done, total]);
};

/** A recall is over: whether or not everything came, whoever opens the study asks anew. */
export const finishRecall = async (session: Session, study: RecalledStudy, at: Instant): Promise<void> => {
  await session.run(FINISH, [study.personId, study.studyId, isoInstant(at)]);
};
