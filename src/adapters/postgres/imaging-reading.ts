import type { ManifestEntry, SopInstanceUid } from '../../imaging/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** A study as it lies in the database. */
export interface StudyReading {
  readonly personId: string;
  readonly personPublicId: PublicId;
  /** As the person index has it. */
  readonly personName: string | null;
  readonly studyId: string;
  readonly publicId: PublicId;
  readonly institutionKey: string;
  readonly studyUid: string;
  readonly accession: string | null;
  readonly report: PublicId | null;
  readonly description: string | null;
  readonly modalities: readonly string[];
  readonly studyDate: string | null;
  readonly studyTime: string | null;
  readonly patientCipher: Uint8Array;
  readonly patientKeyId: string;
  readonly seriesCount: number;
  readonly instanceCount: number;
  readonly announcedCount: number | null;
  readonly bytes: number;
  readonly openSeries: number;
  /** Study facts as JSON; null before the first series is closed. */
  readonly facts: string | null;
  readonly lastAt: Instant;
  /** When every object of it was last read and compared; null: not since its last image came. */
  readonly provedAt: Instant | null;
  /** Bytes of it in the far tier. */
  readonly farBytes: number;
}

interface StudyRow {
  readonly person_id: string;
  readonly person_public_id: PublicId;
  readonly person_name: string | null;
  readonly study_id: string;
  readonly public_id: PublicId;
  readonly institution_id: string;
  readonly study_uid: string;
  readonly accession: string | null;
  readonly report_public_id: PublicId | null;
  readonly description: string | null;
  readonly modalities: readonly string[];
  readonly study_date: string | null;
  readonly study_time: string | null;
  readonly patient_cipher: Uint8Array;
  readonly patient_key_id: string;
  readonly series_count: number;
  readonly instance_count: number;
  readonly announced_count: number | null;
  readonly bytes: string;
  readonly open_series: number;
  readonly facts: string | null;
  readonly last_at: Instant;
  readonly proved_at: Instant | null;
  readonly far_bytes: string;
}

const STUDY_COLUMNS = `s.person_id, p.public_id as person_public_id, p.name as person_name, s.study_id, s.public_id,
  s.institution_id, s.study_uid, s.accession, s.report_public_id, s.description, s.modalities, s.study_date, s.study_time, s.patient_cipher,
  s.patient_key_id, s.series_count, s.instance_count, s.announced_count, s.bytes, s.open_series, s.facts, s.last_at,
  s.proved_at, s.far_bytes`;
const STUDY_SOURCE = 'studies s join persons p on p.person_id = s.person_id';
/** A study of which nothing came that is shown (its one instance is held, or is on its way still) is looked for by nobody. */
const IS_SHOWN = 's.instance_count > 0';

const readingOf = (row: StudyRow): StudyReading => ({
  personId: row.person_id,
  personPublicId: row.person_public_id,
  personName: row.person_name,
  studyId: row.study_id,
  publicId: row.public_id,
  institutionKey: row.institution_id,
  studyUid: row.study_uid,
  accession: row.accession,
  report: row.report_public_id,
  description: row.description,
  modalities: row.modalities,
  studyDate: row.study_date,
  studyTime: row.study_time,
  patientCipher: row.patient_cipher,
  patientKeyId: row.patient_key_id,
  seriesCount: row.series_count,
  instanceCount: row.instance_count,
  announcedCount: row.announced_count,
  bytes: Number(row.bytes),
  openSeries: row.open_series,
  facts: row.facts,
  lastAt: row.last_at,
  provedAt: row.proved_at,
  farBytes: Number(row.far_bytes),
});

const BY_UID = statement(
  'imaging.studies-by-uid',
  `select ${STUDY_COLUMNS} from ${STUDY_SOURCE}
   where s.person_id in (select k.person_id from study_keys k where k.study_uid = $1) and s.study_uid = $1 and ${IS_SHOWN}
   order by s.study_id`,
);
const BY_PUBLIC_ID = statement(
  'imaging.study-by-public-id',
  `select ${STUDY_COLUMNS} from ${STUDY_SOURCE} where s.public_id = $1`,
);
const OF_REPORT = statement(
  'imaging.studies-of-report',
  `select ${STUDY_COLUMNS} from ${STUDY_SOURCE}
   where s.person_id = any($1::bigint[]) and s.report_public_id = $2 and ${IS_SHOWN} order by s.study_id`,
);

/** Filters of a search for studies; null: any. Texts are SQL patterns where they say so. */
export interface StudyFilter {
  readonly studyUids: readonly string[] | null;
  readonly accession: string | null;
  /** Pattern for `like`. */
  readonly accessionLike: string | null;
  /** First and last day, `YYYYMMDD`. */
  readonly fromDate: string | null;
  readonly toDate: string | null;
  /** First and last time of day, `HHMMSS.FFFFFF` or the beginning of it. */
  readonly fromTime: string | null;
  readonly toTime: string | null;
  /** Any of these; patterns for `like`. */
  readonly modalities: readonly string[] | null;
  /** Pattern for `like`. */
  readonly description: string | null;
}

/** Every study. */
export const ANY_STUDY: StudyFilter = {
  studyUids: null,
  accession: null,
  accessionLike: null,
  fromDate: null,
  toDate: null,
  fromTime: null,
  toTime: null,
  modalities: null,
  description: null,
};

/** A page of a search: behind so many, or behind the last study of the page before. */
export interface StudyPage {
  readonly limit: number;
  readonly offset?: number;
  readonly after?: Pick<StudyReading, 'studyDate' | 'studyId'> | undefined;
}

// A study without a day sorts behind all others.
const FILTERS = `and ${IS_SHOWN} and ($2::text[] is null or s.study_uid = any($2)) and ($3::text is null or s.accession = $3)
     and ($4::text is null or s.study_date >= $4) and ($5::text is null or s.study_date <= $5)
     and ($6::text[] is null or exists (select from unnest(s.modalities) m where m like any($6)))
     and ($7::text is null or s.description like $7) and ($8::text is null or s.accession like $8)
     and ($9::text is null or s.study_time collate "C" >= $9)
     and ($10::text is null or s.study_time collate "C" <= $10)
     and ($13::bigint is null or (coalesce(s.study_date, ''), s.study_id) < ($14::text, $13::bigint))
   order by coalesce(s.study_date, '') desc, s.study_id desc limit $11 offset $12`;
const OF_PERSONS = statement(
  'imaging.search-of-persons',
  `select ${STUDY_COLUMNS} from ${STUDY_SOURCE} where s.person_id = any($1::bigint[]) ${FILTERS}`,
);
const OF_INSTITUTION = statement(
  'imaging.search-of-institution',
  `select ${STUDY_COLUMNS} from ${STUDY_SOURCE} where s.institution_id = $1 ${FILTERS}`,
);
const BY_UIDS = statement(
  'imaging.search-by-uids',
  `select ${STUDY_COLUMNS} from ${STUDY_SOURCE}
   where s.person_id in (select k.person_id from study_keys k where k.study_uid = any($2) and k.institution_id = $1)
     and s.institution_id = $1 ${FILTERS}`,
);

/** All studies of this UID, one for each institution that has it. */
export const studiesByUid = async (session: Session, studyUid: string): Promise<readonly StudyReading[]> =>
  (await session.run<StudyRow>(BY_UID, [studyUid])).map(readingOf);

/** One study by its public id. */
export const studyByPublicId = async (session: Session, id: PublicId): Promise<StudyReading | undefined> => {
  const [row] = await session.run<StudyRow>(BY_PUBLIC_ID, [id]);
  return row && readingOf(row);
};

const AT_PLACE = statement(
  'imaging.study-at-place',
  `select ${STUDY_COLUMNS} from ${STUDY_SOURCE} where s.person_id = $1 and s.study_id = $2`,
);

/** One study by its place in the database. */
export const studyAt = async (
  session: Session,
  { personId, studyId }: Pick<StudyReading, 'personId' | 'studyId'>,
): Promise<StudyReading | undefined> => {
  const [row] = await session.run<StudyRow>(AT_PLACE, [personId, studyId]);
  return row && readingOf(row);
};

/** Studies to which a report belongs. */
export const studiesOfReport = async (
  session: Session,
  persons: readonly string[],
  report: PublicId,
): Promise<readonly StudyReading[]> =>
  (await session.run<StudyRow>(OF_REPORT, [persons, report])).map(readingOf);

/** Searches the studies of persons, or those that an institution sent, newest first. */
export const searchStudies = async (
  session: Session,
  of: { readonly persons: readonly string[] } | { readonly institutionKey: string },
  filter: StudyFilter,
  { limit, offset = 0, after }: StudyPage,
): Promise<readonly StudyReading[]> => {
  const values = [
    filter.studyUids,
    filter.accession,
    filter.fromDate,
    filter.toDate,
    filter.modalities,
    filter.description,
    filter.accessionLike,
    filter.fromTime,
    filter.toTime,
    limit,
    offset,
    after?.studyId ?? null,
    after?.studyDate ?? '',
  ];
  const rows =
    'persons' in of
      ? await session.run<StudyRow>(OF_PERSONS, [of.persons, ...values])
      : await session.run<StudyRow>(filter.studyUids ? BY_UIDS : OF_INSTITUTION, [
          of.institutionKey,
          ...values,
        ]);
  return rows.map(readingOf);
};

/** A series as it lies in the database. */
export interface SeriesReading {
  readonly personId: string;
  readonly studyId: string;
  readonly seriesId: string;
  readonly seriesUid: string;
  readonly modality: string | null;
  readonly seriesNumber: number | null;
  readonly description: string | null;
  readonly bodyPart: string | null;
  readonly laterality: string | null;
  readonly instanceCount: number;
  readonly bytes: number;
  readonly version: number;
  readonly closedAt: Instant | null;
  readonly manifest: string | null;
  readonly metadata: string | null;
  readonly thumbnail: string | null;
  readonly headers: string | null;
  readonly lastAt: Instant;
  readonly tier: 'near' | 'far';
  /** When its rows were dropped first; null: every instance has a row. */
  readonly foldedAt: Instant | null;
}

/** A row of `SERIES_COLUMNS`. */
export interface SeriesRow {
  readonly person_id: string;
  readonly study_id: string;
  readonly series_id: string;
  readonly series_uid: string;
  readonly modality: string | null;
  readonly series_number: number | null;
  readonly description: string | null;
  readonly body_part: string | null;
  readonly laterality: string | null;
  readonly instance_count: number;
  readonly bytes: string;
  readonly version: number;
  readonly closed_at: Instant | null;
  readonly manifest: string | null;
  readonly metadata: string | null;
  readonly thumbnail: string | null;
  readonly headers: string | null;
  readonly last_at: Instant;
  readonly tier: 'near' | 'far';
  readonly folded_at: Instant | null;
}

/** As `seriesOf` takes them. */
export const SERIES_COLUMNS = `person_id, study_id, series_id, series_uid, modality, series_number, description, body_part, laterality,
  instance_count, bytes, version, closed_at, manifest, metadata, thumbnail, headers, last_at, tier, folded_at`;

/** A row of `SERIES_COLUMNS` as it is read. */
export const seriesOf = (row: SeriesRow): SeriesReading => ({
  personId: row.person_id,
  studyId: row.study_id,
  seriesId: row.series_id,
  seriesUid: row.series_uid,
  modality: row.modality,
  seriesNumber: row.series_number,
  description: row.description,
  bodyPart: row.body_part,
  laterality: row.laterality,
  instanceCount: row.instance_count,
  bytes: Number(row.bytes),
  version: row.version,
  closedAt: row.closed_at,
  manifest: row.manifest,
  metadata: row.metadata,
  thumbnail: row.thumbnail,
  headers: row.headers,
  lastAt: row.last_at,
  tier: row.tier,
  foldedAt: row.folded_at,
});

const SERIES_OF_STUDY = statement(
  'imaging.series-of-study',
  `select ${SERIES_COLUMNS} from series where person_id = $1 and study_id = $2
   order by series_number nulls last, series_id`,
);
const QUIET_SERIES = statement(
  'imaging.quiet-series',
  `select ${SERIES_COLUMNS} from series where closed_at is null and last_at <= $1 order by last_at limit $2`,
);
const INSTANCES = statement(
  'imaging.instances-of-series',
  `select sop_uid, sop_class_uid, transfer_syntax_uid, instance_number, content, size, rows, columns, frames, pixel_offset,
     pixel_length, frame_bytes, sender, received_at
   from instances where person_id = $1 and series_id = $2 order by instance_number nulls last, sop_uid`,
);

/** Series of a study by their numbers. */
export const seriesOfStudy = async (
  session: Session,
  study: Pick<StudyReading, 'personId' | 'studyId'>,
): Promise<readonly SeriesReading[]> =>
  (await session.run<SeriesRow>(SERIES_OF_STUDY, [study.personId, study.studyId])).map(seriesOf);

/** The series of a study that have something to show: one whose instances are all held is there for its case alone. */
export const shownSeriesOfStudy = async (
  session: Session,
  study: Parameters<typeof seriesOfStudy>[1],
): Promise<readonly SeriesReading[]> =>
  (await seriesOfStudy(session, study)).filter(({ instanceCount }) => instanceCount > 0);

/** Open series to which nothing was added since a moment. */
export const quietSeries = async (
  session: Session,
  since: Instant,
  limit: number,
): Promise<readonly SeriesReading[]> =>
  (await session.run<SeriesRow>(QUIET_SERIES, [isoInstant(since), limit])).map(seriesOf);

interface InstanceRow {
  readonly sop_uid: SopInstanceUid;
  readonly sop_class_uid: string;
  readonly transfer_syntax_uid: string;
  readonly instance_number: number | null;
  readonly content: string;
  readonly size: string;
  readonly rows: number | null;
  readonly columns: number | null;
  readonly frames: number | null;
  readonly pixel_offset: string | null;
  readonly pixel_length: string | null;
  readonly frame_bytes: string | null;
  readonly sender: string;
  readonly received_at: Instant;
}

const numeric = (text: string | null): number | null => (text === null ? null : Number(text));

/** Instances of a series that have rows, in order. Frames of encapsulated pixels were not looked for. */
export const instancesOfSeries = async (
  session: Session,
  series: Pick<SeriesReading, 'personId' | 'seriesId'>,
): Promise<readonly ManifestEntry[]> =>
  (await session.run<InstanceRow>(INSTANCES, [series.personId, series.seriesId])).map((row) => ({
    sopInstanceUid: row.sop_uid,
    sopClassUid: row.sop_class_uid,
    transferSyntaxUid: row.transfer_syntax_uid,
    instanceNumber: row.instance_number,
    content: row.content,
    size: Number(row.size),
    rows: row.rows,
    columns: row.columns,
    frames: row.frames,
    pixelOffset: numeric(row.pixel_offset),
    pixelLength: numeric(row.pixel_length),
    frameBytes: numeric(row.frame_bytes),
    frameRanges: null,
    sender: row.sender,
    receivedAt: row.received_at,
  }));

const CLOSE = statement(
  'imaging.close-series',
  `update series set closed_at = $4, version = version + 1, manifest = $5, metadata = $6, thumbnail = $7, instance_count = $8,
     headers = $9, hot_since = $4
   where person_id = $1 and series_id = $2 and last_at = $3 and version = $10 and closed_at is null returning version`,
);
// An arrival counts the open series as it began to see them; only who holds the study counts them as they are.
const HOLD_STUDY = statement(
  'imaging.hold-study',
  'select study_id from studies where person_id = $1 and study_id = $2 for update',
);
const STUDY_CLOSED = statement(
  'imaging.study-series-closed',
  `update studies set facts = $3, facts_reading = $4,
     open_series = (select count(*) from series c where c.person_id = $1 and c.study_id = $2 and c.closed_at is null)
   where person_id = $1 and study_id = $2`,
);

/**
 * Closes a series with what was made of it, in the caller's transaction.
 *
 * @returns false when an instance came in meanwhile, or its study went elsewhere: then it is to be made anew
 */
export const closeSeries = async (
  session: Session,
  series: SeriesReading,
  made: {
    readonly manifest: string;
    readonly metadata: string;
    readonly thumbnail: string | null;
    readonly headers: string;
    readonly instanceCount: number;
    /** Facts of the whole study as JSON, and by which reading they were made. */
    readonly facts: string;
    readonly factsReading: number;
    readonly at: Instant;
  },
): Promise<boolean> => {
  const [closed] = await session.run(CLOSE, [
    series.personId,
    series.seriesId,
    isoInstant(series.lastAt),
    isoInstant(made.at),
    made.manifest,
    made.metadata,
    made.thumbnail,
    made.instanceCount,
    made.headers,
    series.version,
  ]);
  if (!closed) return false;
  await session.run(HOLD_STUDY, [series.personId, series.studyId]);
  await session.run(STUDY_CLOSED, [series.personId, series.studyId, made.facts, made.factsReading]);
  return true;
};

const SERIES_AFTER = statement(
  'imaging.series-after',
  `select ${SERIES_COLUMNS} from series where series_id > $1 order by series_id limit $2`,
);
const STUDY_HEADS = statement(
  'imaging.study-heads',
  `select study_id, public_id, institution_id from studies
   where person_id = any($1::bigint[]) and study_id = any($2::bigint[])`,
);

/** All series in the order of their keys, a page at a time. @param after key of the last one before */
export const seriesAfter = async (
  session: Session,
  after: string,
  limit: number,
): Promise<readonly SeriesReading[]> =>
  (await session.run<SeriesRow>(SERIES_AFTER, [after, limit])).map(seriesOf);

/** Public id and institution of the studies of some series, by study. */
export const studyHeads = async (
  session: Session,
  series: readonly SeriesReading[],
): Promise<ReadonlyMap<string, { readonly publicId: PublicId; readonly institutionKey: string }>> => {
  const rows = await session.run<{ study_id: string; public_id: PublicId; institution_id: string }>(
    STUDY_HEADS,
    [series.map(({ personId }) => personId), series.map(({ studyId }) => studyId)],
  );
  return new Map(
    rows.map((row) => [row.study_id, { publicId: row.public_id, institutionKey: row.institution_id }]),
  );
};
