import { type Session, statement } from './database.ts';
import type { LinkedStudy } from './imaging-links.ts';

/** A study is no longer where it was placed: it was said to be another person's, and went to a record of its own. */
export class StudyMoved extends Error {}

/**
 * A series was made known between the moment in which the others were held and the one in which their study was: who holds a
 * study begins again. The code is that of a transaction that may simply be tried again (serialization_failure).
 */
class SeriesAdded extends Error {
  readonly code = '40001';
}

/** Columns of a table that lies with its person, apart from the person. */
export interface MovedTable {
  readonly name: string;
  readonly by: 'study_id' | 'series_id';
  readonly columns: string;
}

/** Everything of a study that lies with its person. */
export const MOVED: readonly MovedTable[] = [
  {
    name: 'studies',
    by: 'study_id',
    columns: `study_id, public_id, institution_id, study_uid, accession, report_public_id, description, modalities, study_date,
      study_time, patient_cipher, patient_key_id, patient_hash, charset_derived, series_count, instance_count, announced_count,
      bytes, open_series, facts, first_at, last_at, proved_at, proof_findings, far_bytes, facts_reading`,
  },
  {
    name: 'series',
    by: 'study_id',
    columns: `series_id, study_id, series_uid, modality, series_number, description, body_part, laterality, instance_count, bytes,
      version, closed_at, manifest, metadata, thumbnail, first_at, last_at, headers, hot_since, folded_at, tier, copied_manifest,
      sender`,
  },
  {
    name: 'instances',
    by: 'series_id',
    columns: `series_id, sop_uid, sop_class_uid, transfer_syntax_uid, instance_number, content, size, rows, columns, frames,
      pixel_offset, pixel_length, frame_bytes, sender, received_at`,
  },
  {
    name: 'view_copies',
    by: 'series_id',
    columns: `series_id, index_object, frames_object, bytes, copied, left_as_they_are, left_reason, made_at`,
  },
  {
    name: 'imaging_conflicts',
    by: 'study_id',
    columns: `conflict_id, public_id, institution_id, study_id, reason, sop_uid, kept_content, other_content, sender, found_at,
      state, resolved_at, resolved_by, hold_public_id`,
  },
  { name: 'key_images', by: 'study_id', columns: 'study_id, reader, images, marked_at' },
  {
    name: 'study_matches',
    by: 'study_id',
    columns: `match_id, public_id, study_id, institution_id, reason, candidates, contradicted, found_at, state, chosen_person_id, decided_at,
      decided_by, earlier_person_id, earlier_report_public_id`,
  },
  { name: 'study_openings', by: 'study_id', columns: 'study_id, session_key, opened_at' },
  {
    name: 'study_proofs',
    by: 'study_id',
    columns: 'proof_id, public_id, study_id, proved_at, document, digest, signature',
  },
  { name: 'study_recalls', by: 'study_id', columns: 'study_id, asked_at, done, total, finished_at' },
];

const MOVES = MOVED.map(({ name, by, columns }) => ({
  by,
  copy: statement(
    `imaging-moves.copy-${name}`,
    `insert into ${name} (person_id, ${columns}) overriding system value
     select $2::bigint, ${columns} from ${name} where person_id = $1 and ${by} = any($3::bigint[])`,
  ),
  remove: statement(
    `imaging-moves.remove-${name}`,
    `delete from ${name} where person_id = $1 and ${by} = any($2::bigint[]) returning person_id`,
  ),
}));

/** What lies elsewhere and names the person. */
const POINTERS = [
  { name: 'study_keys', by: 'study_id' },
  { name: 'study_accessions', by: 'study_id' },
  { name: 'image_holds', by: 'study_id' },
  { name: 'image_retirement_studies', by: 'study_id' },
  { name: 'instance_keys', by: 'series_id' },
  { name: 'folded_uids', by: 'series_id' },
].map(({ name, by }) => ({
  by,
  point: statement(
    `imaging-moves.point-${name}`,
    `update ${name} set person_id = $2 where person_id = $1 and ${by} = any($3::bigint[]) returning person_id`,
  ),
}));

const HOLD_STUDY = statement(
  'imaging-moves.hold-study',
  'select study_id from studies where person_id = $1 and study_id = $2 for update',
);
const HOLD_SERIES = statement(
  'imaging-moves.hold-series',
  `select series_id from series where person_id = $1 and study_id = $2 order by series_uid collate "C" for update`,
);
const SERIES = statement(
  'imaging-moves.series',
  'select series_id from series where person_id = $1 and study_id = $2',
);
/** Whoever read an open series where it lay before does not close it with what he read: it may have come back in between. */
const RENEW_OPEN = statement(
  'imaging-moves.renew-open',
  `update series set version = version + 1 where person_id = $1 and study_id = $2 and closed_at is null
   returning series_id`,
);
const STAYS = statement(
  'imaging-moves.stays',
  'select study_id from studies where person_id = $1 and study_id = $2 for key share',
);

/**
 * Holds a study and its series until the transaction ends: nothing comes in for it, and none of its series is closed or folded.
 * An image whose rows are not committed by then finds its study gone, and is placed anew.
 *
 * @returns keys of its series; undefined when it is not there (any more)
 */
export const holdStudy = async (
  session: Session,
  { personId, studyId }: LinkedStudy,
): Promise<readonly string[] | undefined> => {
  // Series first and by UID, as whoever lets images in: two transactions never wait for each other.
  const held = await session.run<{ series_id: string }>(HOLD_SERIES, [personId, studyId]);
  const [study] = await session.run<{ study_id: string }>(HOLD_STUDY, [personId, studyId]);
  if (!study) return undefined;
  const series = await session.run<{ series_id: string }>(SERIES, [personId, studyId]);
  // Held now, it might be held already by somebody who waits for the study.
  if (series.length !== held.length) throw new SeriesAdded();
  return held.map(({ series_id }) => series_id);
};

/** Keeps a study where it is until the transaction ends. @throws StudyMoved when it is not there any more */
export const keepStudyThere = async (session: Session, { personId, studyId }: LinkedStudy): Promise<void> => {
  if ((await session.run(STAYS, [personId, studyId])).length === 0) throw new StudyMoved();
};

/**
 * Moves a study, held by `holdStudy`, from one record of the person index to another: rows alone. Nothing that was stored of
 * its images names a person, so no object is read or written.
 */
export const moveStudy = async (
  session: Session,
  { personId, studyId }: LinkedStudy,
  series: readonly string[],
  to: string,
): Promise<void> => {
  const keysOf = { study_id: [studyId], series_id: series };
  for (const { by, copy, remove } of MOVES) {
    await session.run(copy, [personId, to, keysOf[by]]);
    await session.run(remove, [personId, keysOf[by]]);
  }
  for (const { by, point } of POINTERS)
    await session.run(point, [personId, to, keysOf[by as 'study_id' | 'series_id']]);
  await session.run(RENEW_OPEN, [to, studyId]);
};
