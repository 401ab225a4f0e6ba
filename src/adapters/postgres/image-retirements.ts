import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import { forgetFolded } from './imaging-folding.ts';

/** A study that a retirement is about. */
export interface RetiringStudy {
  readonly personId: string;
  readonly studyId: string;
  readonly studyPublicId: PublicId;
  readonly studyUid: string;
  /** First day on which the law does not ask for it any more, by which row, counted from which day; `YYYY-MM-DD`. */
  readonly retainUntil: string;
  readonly rule: string;
  readonly countedFrom: string;
  readonly instances: number;
  readonly bytes: number;
  readonly removedAt: Instant | null;
  readonly leftReason: string | null;
}

/** A retirement of images: who asked, who decided, and how far it is. */
export interface ImageRetirement {
  readonly id: PublicId;
  readonly institutionKey: string;
  readonly reason: string;
  readonly state: 'requested' | 'refused' | 'approved' | 'done';
  readonly requestedBy: string;
  readonly decidedBy: string | null;
  readonly studies: readonly RetiringStudy[];
}

const CANDIDATES = statement(
  'image-retirements.candidates',
  `select s.person_id, s.study_id, s.public_id, s.study_uid, s.instance_count, s.bytes, s.accession, s.first_at, s.study_date
   from studies s where s.institution_id = $1 and s.study_id > $2 and s.open_series = 0 order by s.study_id limit $3`,
);
const CONTACTS = statement(
  'image-retirements.contacts',
  `select greatest(
     (select max(last_at) from studies where person_id = any($1::bigint[]) and institution_id = $2),
     (select max(stated_at) from reports where person_id = any($1::bigint[]) and institution_id = $2),
     (select max(checked_at) from order_checks where person_id = any($1::bigint[]) and institution_id = $2)) as last_at,
     (select max(study_date) from studies where person_id = any($1::bigint[]) and institution_id = $2) as last_date`,
);
const CLASS = statement(
  'image-retirements.encounter-class',
  `select encounter_class from order_checks
   where person_id = any($1::bigint[]) and institution_id = $2 and request_number = $3 order by check_id desc limit 1`,
);
const ADD = statement(
  'image-retirements.add',
  `insert into image_retirements (public_id, institution_id, reason, state, requested_by, requested_at)
   values ($1, $2, $3, 'requested', $4, $5) returning retirement_id`,
);
const ADD_STUDIES = statement(
  'image-retirements.add-studies',
  `insert into image_retirement_studies (retirement_id, person_id, study_id, study_public_id, study_uid, retain_until, rule,
     counted_from, instances, bytes)
   select $1::bigint, t.* from unnest($2::bigint[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
     $9::integer[], $10::bigint[]) as t`,
);
const READ = statement(
  'image-retirements.read',
  `select retirement_id, public_id, institution_id, reason, state, requested_by, decided_by from image_retirements
   where public_id = $1`,
);
const LOCK = statement(
  'image-retirements.lock',
  `select retirement_id, public_id, institution_id, reason, state, requested_by, decided_by from image_retirements
   where public_id = $1 for update`,
);
const LIST = statement(
  'image-retirements.list',
  'select public_id from image_retirements order by retirement_id desc limit 100',
);
const STUDIES = statement(
  'image-retirements.studies',
  `select person_id, study_id, study_public_id, study_uid, retain_until, rule, counted_from, instances, bytes, removed_at,
     left_reason
   from image_retirement_studies where retirement_id = $1 order by study_id`,
);
const DECIDE = statement(
  'image-retirements.decide',
  `update image_retirements set state = $2, decided_by = $3, decided_at = $4 where public_id = $1 and state = 'requested'
   returning public_id`,
);
const DONE = statement(
  'image-retirements.done',
  `update image_retirements set state = 'done', done_at = $2 where public_id = $1 and state = 'approved'`,
);
const MARK_STUDY = statement(
  'image-retirements.mark-study',
  `update image_retirement_studies set removed_at = $4, left_reason = $5
   where retirement_id = (select retirement_id from image_retirements where public_id = $1) and person_id = $2 and study_id = $3`,
);

interface HeadRow {
  readonly retirement_id: string;
  readonly public_id: PublicId;
  readonly institution_id: string;
  readonly reason: string;
  readonly state: ImageRetirement['state'];
  readonly requested_by: string;
  readonly decided_by: string | null;
}

/** A study that may be past its retention. */
export interface RetirementCandidate {
  readonly personId: string;
  readonly studyId: string;
  readonly publicId: PublicId;
  readonly studyUid: string;
  readonly instances: number;
  readonly bytes: number;
  readonly accession: string | null;
  readonly firstAt: Instant;
  /** `YYYYMMDD`, as stated. */
  readonly studyDate: string | null;
}

/** Closed studies of an institution in the order of their keys, a page at a time. */
export const retirementCandidates = async (
  session: Session,
  institutionKey: string,
  after: string,
  limit: number,
): Promise<readonly RetirementCandidate[]> => {
  const rows = await session.run<{
    person_id: string;
    study_id: string;
    public_id: PublicId;
    study_uid: string;
    instance_count: number;
    bytes: string;
    accession: string | null;
    first_at: Instant;
    study_date: string | null;
  }>(CANDIDATES, [institutionKey, after, limit]);
  return rows.map((row) => ({
    personId: row.person_id,
    studyId: row.study_id,
    publicId: row.public_id,
    studyUid: row.study_uid,
    instances: row.instance_count,
    bytes: Number(row.bytes),
    accession: row.accession,
    firstAt: row.first_at,
    studyDate: row.study_date,
  }));
};

/** When an institution last had to do with a person, as far as anything here says it. */
export const lastContactOf = async (
  session: Session,
  persons: readonly string[],
  institutionKey: string,
): Promise<{ readonly at: Instant | null; readonly studyDate: string | null }> => {
  const [row] = await session.run<{ last_at: Instant | null; last_date: string | null }>(CONTACTS, [
    persons,
    institutionKey,
  ]);
  return { at: row?.last_at ?? null, studyDate: row?.last_date ?? null };
};

/** Class of the encounter in which something was ordered under a number; null where nobody said it. */
export const encounterClassOf = async (
  session: Session,
  persons: readonly string[],
  institutionKey: string,
  requestNumber: string,
): Promise<string | null> => {
  const [row] = await session.run<{ encounter_class: string | null }>(CLASS, [
    persons,
    institutionKey,
    requestNumber,
  ]);
  return row?.encounter_class ?? null;
};

/** Keeps a request with the studies it is about. */
export const keepImageRetirement = async (
  session: Session,
  asked: Pick<ImageRetirement, 'id' | 'institutionKey' | 'reason' | 'requestedBy' | 'studies'>,
  at: Instant,
): Promise<void> => {
  const { studies } = asked;
  const [row] = await session.run<{ retirement_id: string }>(ADD, [
    asked.id,
    asked.institutionKey,
    asked.reason,
    asked.requestedBy,
    isoInstant(at),
  ]);
  await session.run(ADD_STUDIES, [
    (row as { retirement_id: string }).retirement_id,
    studies.map(({ personId }) => personId),
    studies.map(({ studyId }) => studyId),
    studies.map(({ studyPublicId }) => studyPublicId),
    studies.map(({ studyUid }) => studyUid),
    studies.map(({ retainUntil }) => retainUntil),
    studies.map(({ rule }) => rule),
    studies.map(({ countedFrom }) => countedFrom),
    studies.map(({ instances }) => instances),
    studies.map(({ bytes }) => bytes),
  ]);
};

const withStudies = async (
  session: Session,
  row: HeadRow | undefined,
): Promise<ImageRetirement | undefined> => {
  if (!row) return undefined;
  const studies = await session.run<{
    person_id: string;
    study_id: string;
    study_public_id: PublicId;
    study_uid: string;
    retain_until: string;
    rule: string;
    counted_from: string;
    instances: number;
    bytes: string;
    removed_at: Instant | null;
    left_reason: string | null;
  }>(STUDIES, [row.retirement_id]);
  return {
    id: row.public_id,
    institutionKey: row.institution_id,
    reason: row.reason,
    state: row.state,
    requestedBy: row.requested_by,
    decidedBy: row.decided_by,
    studies: studies.map((study) => ({
      personId: study.person_id,
      studyId: study.study_id,
      studyPublicId: study.study_public_id,
      studyUid: study.study_uid,
      retainUntil: study.retain_until,
      rule: study.rule,
      countedFrom: study.counted_from,
      instances: study.instances,
      bytes: Number(study.bytes),
      removedAt: study.removed_at,
      leftReason: study.left_reason,
    })),
  };
};

/** One retirement; undefined where there is none. @param isLocked held until the transaction ends */
export const readImageRetirement = async (
  session: Session,
  id: PublicId,
  isLocked = false,
): Promise<ImageRetirement | undefined> => {
  const [row] = await session.run<HeadRow>(isLocked ? LOCK : READ, [id]);
  return withStudies(session, row);
};

/** The latest retirements, newest first. */
export const listImageRetirements = async (session: Session): Promise<readonly ImageRetirement[]> => {
  const ids = await session.run<{ public_id: PublicId }>(LIST);
  const read = await Promise.all(ids.map((row) => readImageRetirement(session, row.public_id)));
  return read.filter((one) => one !== undefined);
};

/** @returns false where it was decided already */
export const decideImageRetirement = async (
  session: Session,
  id: PublicId,
  decision: { readonly state: 'approved' | 'refused'; readonly by: string; readonly at: Instant },
): Promise<boolean> =>
  (await session.run(DECIDE, [id, decision.state, decision.by, isoInstant(decision.at)])).length === 1;

/** Says what became of one study. */
export const markRetiredStudy = async (
  session: Session,
  id: PublicId,
  study: Pick<RetiringStudy, 'personId' | 'studyId'>,
  outcome: { readonly removedAt: Instant | null; readonly leftReason: string | null },
): Promise<void> => {
  await session.run(MARK_STUDY, [
    id,
    study.personId,
    study.studyId,
    outcome.removedAt === null ? null : isoInstant(outcome.removedAt),
    outcome.leftReason,
  ]);
};

/** Every study of it was looked at. */
export const finishImageRetirement = async (session: Session, id: PublicId, at: Instant): Promise<void> => {
  await session.run(DONE, [id, isoInstant(at)]);
};

const OF_STUDY = (name: string, table: string) =>
  statement(`image-retirements.${name}`, `delete from ${table} where person_id = $1 and study_id = $2`);
const DROP_STUDY = OF_STUDY('drop-study', 'studies');
const DROP_SERIES = OF_STUDY('drop-series', 'series');
const DROP_OPENINGS = OF_STUDY('drop-openings', 'study_openings');
const DROP_KEY_IMAGES = OF_STUDY('drop-key-images', 'key_images');
const DROP_RECALLS = OF_STUDY('drop-recalls', 'study_recalls');
const DROP_MATCHES = OF_STUDY('drop-matches', 'study_matches');
const DROP_CONFLICTS = OF_STUDY('drop-conflicts', 'imaging_conflicts');
const DROP_KEY = statement(
  'image-retirements.drop-key',
  'delete from study_keys where study_uid = $1 and institution_id = $2 and person_id = $3 and study_id = $4',
);
const DROP_ACCESSION = statement(
  'image-retirements.drop-accession',
  'delete from study_accessions where accession = $1 and institution_id = $2 and study_id = $3',
);
const DROP_INSTANCES = statement(
  'image-retirements.drop-instances',
  'delete from instances where person_id = $1 and series_id = any($2::bigint[])',
);
const DROP_INSTANCE_KEYS = statement(
  'image-retirements.drop-instance-keys',
  'delete from instance_keys where sop_uid = any($1::text[]) and institution_id = $2 and series_id = any($3::bigint[])',
);
const DROP_COPIES = statement(
  'image-retirements.drop-copies',
  'delete from view_copies where person_id = $1 and series_id = any($2::bigint[])',
);
const QUARANTINED = statement(
  'image-retirements.quarantined',
  'select content from quarantined_instances where content = any($1::text[])',
);
// What an instance of another series keeps may be another study's.
const CONFLICTING = statement(
  'image-retirements.conflicting',
  `select other_content as content from imaging_conflicts where person_id = $1 and study_id = $2
   union select kept_content from imaging_conflicts
   where person_id = $1 and study_id = $2 and reason = 'other-content'`,
);

/** Takes a study out of everybody's sight, in the caller's transaction. Its series stay until their objects are gone. */
export const hideRetired = async (
  session: Session,
  institutionKey: string,
  study: Pick<RetiringStudy, 'personId' | 'studyId' | 'studyUid'>,
  accession: string | null,
): Promise<void> => {
  const { personId, studyId, studyUid } = study;
  await session.run(DROP_KEY, [studyUid, institutionKey, personId, studyId]);
  if (accession !== null) await session.run(DROP_ACCESSION, [accession, institutionKey, studyId]);
  for (const drop of [DROP_MATCHES, DROP_RECALLS, DROP_OPENINGS, DROP_KEY_IMAGES, DROP_STUDY])
    await session.run(drop, [personId, studyId]);
};

/** Drops what is left of a study whose objects are gone, in the caller's transaction. Its proofs stay. */
export const dropRetired = async (
  session: Session,
  institutionKey: string,
  study: Pick<RetiringStudy, 'personId' | 'studyId'>,
  left: { readonly seriesIds: readonly string[]; readonly sopInstanceUids: readonly string[] },
): Promise<void> => {
  const { personId, studyId } = study;
  await session.run(DROP_INSTANCE_KEYS, [left.sopInstanceUids, institutionKey, left.seriesIds]);
  await forgetFolded(session, institutionKey, left.seriesIds);
  await session.run(DROP_INSTANCES, [personId, left.seriesIds]);
  await session.run(DROP_COPIES, [personId, left.seriesIds]);
  for (const drop of [DROP_CONFLICTS, DROP_SERIES]) await session.run(drop, [personId, studyId]);
};

/** Of these objects those that also lie in quarantine. */
export const quarantinedAmong = async (
  session: Session,
  contents: readonly string[],
): Promise<ReadonlySet<string>> =>
  new Set((await session.run<{ content: string }>(QUARANTINED, [contents])).map(({ content }) => content));

/** Objects that contradict each other in a study: those that are shown, and those that are kept beside them. */
export const conflictingContents = async (
  session: Session,
  study: Pick<RetiringStudy, 'personId' | 'studyId'>,
): Promise<readonly string[]> =>
  (await session.run<{ content: string }>(CONFLICTING, [study.personId, study.studyId])).map(
    ({ content }) => content,
  );
