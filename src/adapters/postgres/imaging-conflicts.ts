import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import type { ArrivedInstance } from './imaging-arrivals.ts';
import type { KeptAside } from './imaging-quarantine.ts';
import type { InstitutionKey } from './registry.ts';

/** An instance that contradicts what is shown, with what was shown when it came. */
export interface HeldConflict {
  readonly conflictId: string;
  readonly sopInstanceUid: string;
  /** Object of what came first; empty for an instance of another patient, of which there was none. */
  readonly keptContent: string;
  readonly otherContent: string;
  readonly sender: string;
  readonly foundAt: Instant;
  readonly state: 'open' | 'kept-first' | 'taken';
}

interface ConflictRow {
  readonly conflict_id: string;
  readonly sop_uid: string;
  readonly kept_content: string;
  readonly other_content: string;
  readonly sender: string;
  readonly found_at: Instant;
  readonly state: HeldConflict['state'];
}

const OF_HOLD = statement(
  'imaging-conflicts.of-hold',
  `select conflict_id, sop_uid, kept_content, other_content, sender, found_at, state from imaging_conflicts
   where person_id = $1 and hold_public_id = $2 order by conflict_id limit $3`,
);
const SET_STATE = statement(
  'imaging-conflicts.set-state',
  `update imaging_conflicts set state = $3, resolved_at = $4, resolved_by = $5
   where person_id = $1 and hold_public_id = $2 returning conflict_id`,
);
const HIDDEN = statement(
  'imaging-conflicts.hidden',
  `select other_content from imaging_conflicts
   where person_id = $1 and study_id = $2 and reason = 'two-patients' and state <> 'taken'`,
);

/** The instances of a case in the order in which they came. */
export const conflictsOfHold = async (
  session: Session,
  personId: string,
  hold: PublicId,
  limit: number,
): Promise<readonly HeldConflict[]> =>
  (await session.run<ConflictRow>(OF_HOLD, [personId, hold, limit])).map((row) => ({
    conflictId: row.conflict_id,
    sopInstanceUid: row.sop_uid,
    keptContent: row.kept_content,
    otherContent: row.other_content,
    sender: row.sender,
    foundAt: row.found_at,
    state: row.state,
  }));

/** Marks all instances of a case. */
export const setConflictStates = async (
  session: Session,
  personId: string,
  hold: PublicId,
  to: { readonly state: HeldConflict['state']; readonly by: string; readonly at: Instant },
): Promise<void> => {
  const isOpen = to.state === 'open';
  await session.run(SET_STATE, [
    personId,
    hold,
    to.state,
    isOpen ? null : isoInstant(to.at),
    isOpen ? null : to.by,
  ]);
};

/** Objects that came for a study and are of another patient, as far as nobody said that they are not. */
export const hiddenContents = async (
  session: Session,
  study: { readonly personId: string; readonly studyId: string },
): Promise<ReadonlySet<string>> =>
  new Set(
    (await session.run<{ other_content: string }>(HIDDEN, [study.personId, study.studyId])).map(
      (row) => row.other_content,
    ),
  );

const SERIES_ID = statement(
  'imaging-conflicts.series-id',
  'select series_id from series where person_id = $1 and study_id = $2 and series_uid = $3',
);
const SHOW = statement(
  'imaging-conflicts.show',
  `insert into instances (person_id, series_id, sop_uid, sop_class_uid, transfer_syntax_uid, instance_number, content, size,
     rows, columns, frames, pixel_offset, pixel_length, frame_bytes, sender, received_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
   on conflict (person_id, series_id, sop_uid) do update set
     sop_class_uid = excluded.sop_class_uid, transfer_syntax_uid = excluded.transfer_syntax_uid,
     instance_number = excluded.instance_number, content = excluded.content, size = excluded.size, rows = excluded.rows,
     columns = excluded.columns, frames = excluded.frames, pixel_offset = excluded.pixel_offset,
     pixel_length = excluded.pixel_length, frame_bytes = excluded.frame_bytes, sender = excluded.sender,
     received_at = excluded.received_at
   returning series_id`,
);
const KEY = statement(
  'imaging-conflicts.key',
  `insert into instance_keys (sop_uid, institution_id, content, sop_class_uid, person_id, series_id, received_at)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict (sop_uid, institution_id) do update set content = excluded.content, sop_class_uid = excluded.sop_class_uid
   returning sop_uid`,
);
const HIDE = statement(
  'imaging-conflicts.hide',
  'delete from instances where person_id = $1 and series_id = $2 and sop_uid = $3 returning size',
);
const FORGET_KEY = statement(
  'imaging-conflicts.forget-key',
  'delete from instance_keys where sop_uid = $1 and institution_id = $2 and content = $3 returning sop_uid',
);
const REOPEN_SERIES = statement(
  'imaging-conflicts.reopen-series',
  `update series set instance_count = instance_count + $3, bytes = bytes + $4, last_at = greatest(last_at, $5::timestamptz),
     closed_at = null, hot_since = null
   where person_id = $1 and series_id = $2 returning instance_count`,
);
const DROP_EMPTY_SERIES = statement(
  'imaging-conflicts.drop-empty-series',
  'delete from series where person_id = $1 and series_id = $2 and instance_count = 0 returning series_id',
);
const RECOUNT_STUDY = statement(
  'imaging-conflicts.recount-study',
  `update studies set
     instance_count = (select coalesce(sum(c.instance_count), 0) from series c where c.person_id = $1 and c.study_id = $2),
     bytes = (select coalesce(sum(c.bytes), 0) from series c where c.person_id = $1 and c.study_id = $2),
     series_count = (select count(*) from series c where c.person_id = $1 and c.study_id = $2),
     open_series = (select count(*) from series c where c.person_id = $1 and c.study_id = $2 and c.closed_at is null),
     proved_at = null
   where person_id = $1 and study_id = $2 returning study_id`,
);

/** A series by its place. */
export interface SeriesPlace {
  readonly personId: string;
  readonly studyId: string;
  readonly seriesId: string;
}

/** The series of a study by its UID; undefined while there is none. */
export const seriesPlace = async (
  session: Session,
  study: { readonly personId: string; readonly studyId: string },
  seriesUid: string,
): Promise<SeriesPlace | undefined> => {
  const { personId, studyId } = study;
  const [row] = await session.run<{ series_id: string }>(SERIES_ID, [personId, studyId, seriesUid]);
  return row && { personId, studyId, seriesId: row.series_id };
};

/** Shows this content in the place of another of the same UID. The series is open afterwards. */
export const showInstead = async (
  session: Session,
  institution: InstitutionKey,
  { personId, studyId, seriesId }: SeriesPlace,
  instance: ArrivedInstance,
  /** Size of what is shown no longer. */
  sizeBefore: number,
  at: Instant,
): Promise<void> => {
  const receivedAt = isoInstant(instance.receivedAt);
  await session.run(SHOW, [
    personId,
    seriesId,
    instance.sopInstanceUid,
    instance.sopClassUid,
    instance.transferSyntaxUid,
    instance.instanceNumber,
    instance.content,
    instance.size,
    instance.rows,
    instance.columns,
    instance.frames,
    instance.pixelOffset,
    instance.pixelLength,
    instance.frameBytes,
    instance.sender,
    receivedAt,
  ]);
  await session.run(KEY, [
    instance.sopInstanceUid,
    institution,
    instance.content,
    instance.sopClassUid,
    personId,
    seriesId,
    receivedAt,
  ]);
  await session.run(REOPEN_SERIES, [personId, seriesId, 0, instance.size - sizeBefore, isoInstant(at)]);
  await session.run(RECOUNT_STUDY, [personId, studyId]);
};

/** Shows an instance no longer. Its object stays. The series is open afterwards; one that is empty then is gone. */
export const hideAgain = async (
  session: Session,
  institution: InstitutionKey,
  { personId, studyId, seriesId }: SeriesPlace,
  instance: Pick<ArrivedInstance, 'sopInstanceUid' | 'content' | 'size'>,
  at: Instant,
): Promise<void> => {
  await session.run(HIDE, [personId, seriesId, instance.sopInstanceUid]);
  await session.run(FORGET_KEY, [instance.sopInstanceUid, institution, instance.content]);
  await session.run(REOPEN_SERIES, [personId, seriesId, -1, -instance.size, isoInstant(at)]);
  await session.run(DROP_EMPTY_SERIES, [personId, seriesId]);
  await session.run(RECOUNT_STUDY, [personId, studyId]);
};

const QUARANTINED_OF_HOLD = statement(
  'imaging-conflicts.quarantined-of-hold',
  `select public_id, sop_class_uid, sop_uid, detail, content, size, arrivals, received_at, last_received_at
   from quarantined_instances where hold_public_id = $1 order by quarantine_id limit $2`,
);
const SET_ASIDE = statement(
  'imaging-conflicts.set-aside',
  `update quarantined_instances set state = 'set-aside', resolved_at = $2, resolution = $3
   where hold_public_id = $1 and state = 'open' returning quarantine_id`,
);
const TAKE_UP_AGAIN = statement(
  'imaging-conflicts.take-up-again',
  `update quarantined_instances q set state = 'open', resolved_at = null, resolution = null
   where q.hold_public_id = $1 and q.state = 'set-aside' and not exists (
     select 1 from quarantined_instances o
     where o.institution_id = q.institution_id and o.content = q.content and o.state = 'open')
   returning quarantine_id`,
);

/** An instance that cannot be read, as far as anything is known of it. */
export interface UnreadableInstance {
  readonly publicId: PublicId;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly content: string;
  readonly size: number;
  readonly arrivals: number;
  readonly receivedAt: Instant;
  readonly lastReceivedAt: Instant;
}

interface UnreadableRow {
  readonly public_id: PublicId;
  readonly sop_class_uid: string;
  readonly sop_uid: string;
  readonly detail: string;
  readonly content: string;
  readonly size: string;
  readonly arrivals: number;
  readonly received_at: Instant;
  readonly last_received_at: Instant;
}

/** What could not be read, of one case. */
export const unreadableOfHold = async (
  session: Session,
  hold: PublicId,
  limit: number,
): Promise<readonly UnreadableInstance[]> =>
  (await session.run<UnreadableRow>(QUARANTINED_OF_HOLD, [hold, limit])).map((row) => ({
    publicId: row.public_id,
    sopClassUid: row.sop_class_uid,
    sopInstanceUid: row.sop_uid,
    transferSyntaxUid: row.detail,
    content: row.content,
    size: Number(row.size),
    arrivals: row.arrivals,
    receivedAt: row.received_at,
    lastReceivedAt: row.last_received_at,
  }));

/** Sets aside what could not be read, or takes it up again; the same bytes that came once more meanwhile wait for themselves. */
export const setUnreadableAside = async (
  session: Session,
  hold: PublicId,
  aside: { readonly by: string; readonly at: Instant } | null,
): Promise<void> => {
  if (aside) await session.run(SET_ASIDE, [hold, isoInstant(aside.at), aside.by]);
  else await session.run(TAKE_UP_AGAIN, [hold]);
};

const AFTER = statement(
  'imaging.conflicts-after',
  `select c.conflict_id, c.institution_id, c.sop_uid, c.other_content, s.public_id from imaging_conflicts c
   left join studies s on s.person_id = c.person_id and s.study_id = c.study_id
   where c.conflict_id > $1 order by c.conflict_id limit $2`,
);

/** An instance that contradicts what is there, with the study that it is beside; null once that is gone. */
export interface ConflictKept extends KeptAside {
  readonly study: PublicId | null;
}

/** All that contradicts, decided or not, in the order of its keys, a page at a time. @param after key of the last one before */
export const conflictsAfter = async (
  session: Session,
  after: string,
  limit: number,
): Promise<readonly ConflictKept[]> =>
  (
    await session.run<{
      conflict_id: string;
      institution_id: string;
      sop_uid: string;
      other_content: string;
      public_id: PublicId | null;
    }>(AFTER, [after, limit])
  ).map((row) => ({
    key: row.conflict_id,
    institutionKey: row.institution_id,
    sopInstanceUid: row.sop_uid,
    content: row.other_content,
    study: row.public_id,
  }));
