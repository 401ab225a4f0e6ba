import type { ManifestInstance } from '../../imaging/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { type Session, statement } from './database.ts';
import { hold } from './image-holds.ts';
import {
  keepHot,
  keyAsListed,
  type ListedInstance,
  listedInstances,
  type ListedReading,
  mayBeFolded,
} from './imaging-folding.ts';
import { StudyMoved } from './imaging-moves.ts';
import type { InstitutionKey } from './registry.ts';

/** An instance whose object is durable, ready for its row: as a manifest will list it, and what is known of its series. */
export interface ArrivedInstance extends Omit<ManifestInstance, 'frameRanges'> {
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly sender: string;
  readonly receivedAt: Instant;
  readonly modality: string | null;
  readonly seriesNumber: number | null;
  readonly seriesDescription: string | null;
  readonly bodyPart: string | null;
  readonly laterality: string | null;
  readonly announcedCount: number | null;
}

/** A study by its place in the database. */
export interface StudyPlace {
  readonly personId: string;
  readonly studyId: string;
  /** Hash of the patient as the first header stated him. */
  readonly patientHash: string;
}

/** What became of an instance: kept and shown, there already, or kept and not shown. */
export type ArrivalOutcome = 'stored' | 'known' | 'other-content' | 'other-series';

const PLACE = statement(
  'imaging.study-place',
  `select s.person_id, s.study_id, s.patient_hash from studies s
   where s.person_id = (select k.person_id from study_keys k where k.study_uid = $1 and k.institution_id = $2)
     and s.study_uid = $1 and s.institution_id = $2`,
);
const FIND_SERIES = statement(
  'imaging.find-series',
  'select series_id from series where person_id = $1 and study_id = $2 and series_uid = $3',
);
const ADD_SERIES = statement(
  'imaging.add-series',
  `insert into series (person_id, study_id, series_uid, modality, series_number, description, body_part, laterality,
     instance_count, bytes, version, first_at, last_at, sender)
   values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, $9, $9, $10)
   on conflict (person_id, study_id, series_uid) do nothing returning series_id`,
);
const CLAIM_UIDS = statement(
  'imaging.claim-uids',
  `insert into instance_keys (sop_uid, institution_id, content, sop_class_uid, person_id, series_id, received_at)
   select k.sop_uid, $1::bigint, k.content, k.sop_class_uid, $2::bigint, k.series_id, $7::timestamptz
   from unnest($3::text[], $4::text[], $5::text[], $6::bigint[]) as k(sop_uid, content, sop_class_uid, series_id)
   on conflict (sop_uid, institution_id) do nothing returning sop_uid`,
);
const UID_HOLDERS = statement(
  'imaging.uid-holders',
  'select sop_uid, content, series_id from instance_keys where sop_uid = any($1::text[]) and institution_id = $2',
);
/**
 * Adds rows of instances that were not there and counts them, in one statement: each of its own costs the database and the program
 * as much as the work in it. Series are held by UID and before the study, as everybody does, so that two transactions never wait
 * for each other. Those that are added to are open, whatever the snapshot says.
 */
const ADD_INSTANCES = statement(
  'imaging.add-instances',
  `with arrived as (
     select * from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::text[], $9::bigint[],
       $10::integer[], $11::integer[], $12::integer[], $13::bigint[], $14::bigint[], $15::bigint[], $16::text[])
       as i(series_id, sop_uid, sop_class_uid, transfer_syntax_uid, instance_number, content, size, rows, columns, frames,
         pixel_offset, pixel_length, frame_bytes, sender)
   ), added as (
     insert into instances (person_id, series_id, sop_uid, sop_class_uid, transfer_syntax_uid, instance_number, content, size,
       rows, columns, frames, pixel_offset, pixel_length, frame_bytes, sender, received_at)
     select $1::bigint, i.series_id, i.sop_uid, i.sop_class_uid, i.transfer_syntax_uid, i.instance_number, i.content, i.size,
       i.rows, i.columns, i.frames, i.pixel_offset, i.pixel_length, i.frame_bytes, i.sender, $17::timestamptz
     from arrived i
     on conflict (person_id, series_id, sop_uid) do nothing
   ), held as (
     select series_id from series where person_id = $1 and series_id = any($3::bigint[]) order by series_uid collate "C"
     for update
   ), grown as (
     update series s set instance_count = s.instance_count + g.instances, bytes = s.bytes + g.bytes, last_at = $17,
       closed_at = null, hot_since = null
     from (select series_id, count(*) as instances, sum(size)::bigint as bytes from arrived group by series_id) g,
       held h
     where s.person_id = $1 and s.series_id = g.series_id and h.series_id = g.series_id
     returning s.series_id
   )
   update studies set instance_count = instance_count + $18, bytes = bytes + $19, last_at = $17, proved_at = null,
     series_count = c.series, open_series = c.open,
     modalities = case when modalities @> $20::text[] then modalities
       else array(select distinct m from unnest(modalities || $20::text[]) as m order by m) end,
     announced_count = greatest(announced_count, $21::integer)
   from (select count(*) as series, count(*) filter (where closed_at is null or series_id = any($3::bigint[])) as open,
           (select count(*) from grown) as grown
         from series where person_id = $1 and study_id = $2) as c
   where person_id = $1 and study_id = $2 and c.grown = $22 returning study_id`,
);
const ADD_CONFLICT = statement(
  'imaging.add-conflict',
  `insert into imaging_conflicts (person_id, public_id, institution_id, study_id, reason, sop_uid, kept_content, other_content,
     sender, found_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   on conflict (person_id, sop_uid, other_content) do nothing returning conflict_id`,
);
const HOLD_CONFLICT = statement(
  'imaging.hold-conflict',
  `update imaging_conflicts set hold_public_id = $3 where person_id = $1 and conflict_id = $2 returning conflict_id`,
);

/** Where a study of an institution lies; undefined while there is none. */
export const findStudyPlace = async (
  session: Session,
  institution: InstitutionKey,
  studyUid: string,
): Promise<StudyPlace | undefined> => {
  const [row] = await session.run<{ person_id: string; study_id: string; patient_hash: string }>(PLACE, [
    studyUid,
    institution,
  ]);
  return row && { personId: row.person_id, studyId: row.study_id, patientHash: row.patient_hash };
};

/** Keeps beside what is there an instance that contradicts it. It is not shown, and a case asks its sender's institution. */
export const keepConflict = async (
  session: Session,
  place: Pick<StudyPlace, 'personId' | 'studyId'>,
  conflict: {
    readonly publicId: string;
    readonly institution: InstitutionKey;
    readonly reason: 'other-content' | 'other-series' | 'two-patients';
    readonly sopInstanceUid: string;
    readonly keptContent: string;
    readonly otherContent: string;
    readonly sender: string;
    readonly foundAt: Instant;
  },
): Promise<void> => {
  const [added] = await session.run<{ conflict_id: string }>(ADD_CONFLICT, [
    place.personId,
    conflict.publicId,
    conflict.institution,
    place.studyId,
    conflict.reason,
    conflict.sopInstanceUid,
    conflict.keptContent,
    conflict.otherContent,
    conflict.sender,
    isoInstant(conflict.foundAt),
  ]);
  if (!added) return;
  const held = await hold(session, {
    publicId: conflict.publicId,
    institutionKey: conflict.institution,
    reason: conflict.reason,
    detail: '',
    study: place,
    sender: conflict.sender,
    at: conflict.foundAt,
  });
  await session.run(HOLD_CONFLICT, [place.personId, added.conflict_id, held]);
};

const bySeries = (instances: readonly ArrivedInstance[]): ReadonlyMap<string, readonly ArrivedInstance[]> =>
  Map.groupBy(instances, ({ seriesUid }) => seriesUid);

/** Keys of series that this process has met, by study and UID: they never change. */
export type KnownSeries = Map<string, string>;

const KNOWN_SERIES_MAX = 10_000;

/**
 * Keys of the series of these instances; those that are not there are added. One that is there is read and not held: series are
 * held after UIDs were claimed, by everybody, so that two transactions never wait for each other.
 */
const seriesIds = async (
  session: Session,
  place: StudyPlace,
  instances: readonly ArrivedInstance[],
  known: KnownSeries,
  moment: string,
): Promise<ReadonlyMap<string, string>> => {
  const ids = new Map<string, string>();
  // In one order by everybody, so that two transactions never wait for each other.
  for (const [uid, [first]] of [...bySeries(instances)].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const met = known.get(`${place.studyId}|${uid}`);
    if (met !== undefined) {
      ids.set(uid, met);
      continue;
    }
    const { modality, seriesNumber, seriesDescription, bodyPart, laterality, sender } =
      first as ArrivedInstance;
    const find = () => session.run<{ series_id: string }>(FIND_SERIES, [place.personId, place.studyId, uid]);
    const add = () =>
      session.run<{ series_id: string }>(ADD_SERIES, [
        place.personId,
        place.studyId,
        uid,
        modality,
        seriesNumber,
        seriesDescription,
        bodyPart,
        laterality,
        moment,
        sender,
      ]);
    // Whoever added it meanwhile has committed it when our own adding comes back with nothing.
    let [row] = await find();
    if (!row) [row] = await add();
    if (!row) [row] = await find();
    ids.set(uid, (row as { series_id: string }).series_id);
  }
  return ids;
};

/** Remembers keys of series whose transaction is committed. */
export const rememberSeries = (
  known: KnownSeries,
  studyId: string,
  ids: ReadonlyMap<string, string>,
): void => {
  for (const [uid, id] of ids) {
    if (known.size >= KNOWN_SERIES_MAX) known.clear();
    known.set(`${studyId}|${uid}`, id);
  }
};

/** What became of instances, in their order, and the keys of their series. */
export interface StoredArrivals {
  readonly outcomes: readonly { readonly outcome: ArrivalOutcome; readonly keptContent: string }[];
  readonly seriesIds: ReadonlyMap<string, string>;
}

const uidsOf = (instances: readonly ArrivedInstance[]): readonly string[] =>
  instances.map(({ sopInstanceUid }) => sopInstanceUid);

/** Claims the UIDs of instances; tells those that were nobody's. In one order, so that two transactions never wait for each other. */
const claimUids = async (
  session: Session,
  institution: InstitutionKey,
  place: StudyPlace,
  instances: readonly ArrivedInstance[],
  seriesIdOf: (instance: ArrivedInstance) => string,
  at: Instant,
): Promise<readonly string[]> => {
  const sorted = instances.toSorted((one, other) => (one.sopInstanceUid < other.sopInstanceUid ? -1 : 1));
  const rows = await session.run<{ sop_uid: string }>(CLAIM_UIDS, [
    institution,
    place.personId,
    sorted.map((one) => one.sopInstanceUid),
    sorted.map((one) => one.content),
    sorted.map((one) => one.sopClassUid),
    sorted.map(seriesIdOf),
    isoInstant(at),
  ]);
  return rows.map((row) => row.sop_uid);
};

/** Adds rows of instances that were not there and counts them. @throws StudyMoved */
const addRows = async (
  session: Session,
  place: StudyPlace,
  fresh: readonly ArrivedInstance[],
  seriesIdOf: (instance: ArrivedInstance) => string,
  at: Instant,
): Promise<void> => {
  const column = <Value>(of: (instance: ArrivedInstance) => Value): Value[] => fresh.map(of);
  const grown = await session.run(ADD_INSTANCES, [
    place.personId,
    place.studyId,
    column(seriesIdOf),
    column((one) => one.sopInstanceUid),
    column((one) => one.sopClassUid),
    column((one) => one.transferSyntaxUid),
    column((one) => one.instanceNumber),
    column((one) => one.content),
    column((one) => one.size),
    column((one) => one.rows),
    column((one) => one.columns),
    column((one) => one.frames),
    column((one) => one.pixelOffset),
    column((one) => one.pixelLength),
    column((one) => one.frameBytes),
    column((one) => one.sender),
    isoInstant(at),
    fresh.length,
    fresh.reduce((sum, { size }) => sum + size, 0),
    [...new Set(fresh.map(({ modality }) => modality).filter((one) => one !== null))],
    Math.max(0, ...fresh.map(({ announcedCount }) => announcedCount ?? 0)) || null,
    new Set(fresh.map(seriesIdOf)).size,
  ]);
  if (grown.length === 0) throw new StudyMoved();
};

/** The key of an instance that came again after its series was folded is kept once more, with what the manifest says. */
const claimAsListed = async (
  session: Session,
  institution: InstitutionKey,
  claimed: readonly (ListedInstance & { readonly sopInstanceUid: string })[],
  at: Instant,
): Promise<void> => {
  for (const one of claimed) await keyAsListed(session, institution, one);
  for (const series of new Map(claimed.map((one) => [one.seriesId, one])).values())
    await keepHot(session, series, at);
};

const outcomeOf = (
  instance: ArrivedInstance,
  seriesId: string,
  holder: { readonly content: string; readonly seriesId: string } | undefined,
): StoredArrivals['outcomes'][number] => {
  if (!holder || holder.content === instance.content)
    return { outcome: 'known', keptContent: instance.content };
  return {
    outcome: holder.seriesId === seriesId ? 'other-content' : 'other-series',
    keptContent: holder.content,
  };
};

/**
 * Writes the rows of instances of one study, in the caller's transaction. Each SOP instance UID once in `instances`. One with
 * another content than is there is for the caller to keep as a conflict.
 *
 * Folded series of the institution have no rows: the manifests of those that may list one of the UIDs are asked, after the
 * claim. Whoever folds writes digests and drops keys before it lets go of the series, and a claim waits for that.
 */
export const storeArrivals = async (
  session: Session,
  institution: InstitutionKey,
  place: StudyPlace,
  instances: readonly ArrivedInstance[],
  { known, readListed }: { readonly known: KnownSeries; readonly readListed: ListedReading },
  at: Instant,
): Promise<StoredArrivals> => {
  const ids = await seriesIds(session, place, instances, known, isoInstant(at));
  const seriesIdOf = ({ seriesUid }: ArrivedInstance): string => ids.get(seriesUid) as string;
  const claimed = new Set(await claimUids(session, institution, place, instances, seriesIdOf, at));
  const others = instances.filter((one) => !claimed.has(one.sopInstanceUid));
  const held =
    others.length === 0
      ? []
      : await session.run<{ sop_uid: string; content: string; series_id: string }>(UID_HOLDERS, [
          others.map((one) => one.sopInstanceUid),
          institution,
        ]);
  // After the keys: what was folded since stands in a manifest.
  const listed = await listedInstances(session, institution, uidsOf(instances), readListed);
  const holders = new Map<string, { readonly content: string; readonly seriesId: string }>(listed);
  for (const row of held) holders.set(row.sop_uid, { content: row.content, seriesId: row.series_id });
  const fresh = instances.filter(
    ({ sopInstanceUid }) => claimed.has(sopInstanceUid) && !listed.has(sopInstanceUid),
  );
  const back = [...listed].flatMap(([sopInstanceUid, one]) =>
    claimed.has(sopInstanceUid) ? [{ ...one, sopInstanceUid }] : [],
  );
  await claimAsListed(session, institution, back, at);
  if (fresh.length > 0) await addRows(session, place, fresh, seriesIdOf, at);
  const stored = new Set(fresh);
  const outcomes = instances.map((instance): StoredArrivals['outcomes'][number] =>
    stored.has(instance)
      ? { outcome: 'stored', keptContent: instance.content }
      : outcomeOf(instance, seriesIdOf(instance), holders.get(instance.sopInstanceUid)),
  );
  return { outcomes, seriesIds: ids };
};

/** Instances were not all new, or their series not all known: `storeArrivals` finds out what they are, in a transaction of its own. */
export class NotAllNew extends Error {}

/**
 * As `storeArrivals`, for instances that are most probably new, of series that are known: all statements in one flight.
 *
 * @throws NotAllNew, and the transaction must not be committed
 */
export const storeNewArrivals = async (
  session: Session,
  institution: InstitutionKey,
  place: StudyPlace,
  instances: readonly ArrivedInstance[],
  known: KnownSeries,
  at: Instant,
): Promise<void> => {
  const seriesIdOf = ({ seriesUid }: ArrivedInstance): string => {
    const id = known.get(`${place.studyId}|${seriesUid}`);
    if (id === undefined) throw new NotAllNew();
    return id;
  };
  // Before anything is asked of the database.
  instances.forEach(seriesIdOf);
  const [claimed, isListed] = await Promise.all([
    claimUids(session, institution, place, instances, seriesIdOf, at),
    mayBeFolded(session, institution, uidsOf(instances)),
    addRows(session, place, instances, seriesIdOf, at),
  ]);
  // What a folded series lists has no key any more: a claim alone does not tell that it is new.
  if (claimed.length !== instances.length || isListed) throw new NotAllNew();
};

const CLASSES = statement(
  'imaging.classes-of-instances',
  'select sop_uid, sop_class_uid from instance_keys where sop_uid = any($1::text[]) and institution_id = $2',
);

/** SOP classes of an institution's instances that are kept, by SOP instance UID. */
export const classesOfInstances = async (
  session: Session,
  institution: InstitutionKey,
  sopInstanceUids: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const rows = await session.run<{ sop_uid: string; sop_class_uid: string }>(CLASSES, [
    sopInstanceUids,
    institution,
  ]);
  return new Map(rows.map((row) => [row.sop_uid, row.sop_class_uid]));
};
