import { type HoldAnswer, type HoldReason, type HoldState, isOfStudy } from '../../imaging/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** What a case is about, when its first instance comes or one more. */
export interface HeldArrival {
  /** Of the case, if this opens one. */
  readonly publicId: string;
  readonly institutionKey: string;
  readonly reason: HoldReason;
  /** Codes alone, nothing of the patient. */
  readonly detail: string;
  /** null for what is of no study. */
  readonly study: { readonly personId: string; readonly studyId: string } | null;
  readonly sender: string;
  readonly at: Instant;
}

const HOLD = statement(
  'image-holds.hold',
  `insert into image_holds (public_id, institution_id, reason, detail, subject, person_id, study_id, sender, instances,
     opened_at, last_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
   on conflict (institution_id, reason, subject) where state = 'open' do update set
     instances = image_holds.instances + excluded.instances, last_at = excluded.last_at
   returning public_id`,
);

/** Opens a case, or adds to the open one about the same. A whole study adds no instance. @returns id of the case */
export const hold = async (session: Session, held: HeldArrival): Promise<PublicId> => {
  const { study, reason, detail } = held;
  const [row] = await session.run<{ public_id: PublicId }>(HOLD, [
    held.publicId,
    held.institutionKey,
    reason,
    detail,
    study ? study.studyId : `${held.sender}|${detail}`,
    study?.personId ?? null,
    study?.studyId ?? null,
    held.sender,
    isOfStudy(reason) ? 0 : 1,
    isoInstant(held.at),
  ]);
  return (row as { public_id: PublicId }).public_id;
};

/** A case as it lies in the database. */
export interface ImageHold {
  readonly publicId: PublicId;
  readonly institutionKey: string;
  readonly reason: HoldReason;
  readonly detail: string;
  readonly personId: string | null;
  readonly studyId: string | null;
  readonly sender: string;
  readonly instances: number;
  readonly openedAt: Instant;
  readonly lastAt: Instant;
  readonly state: HoldState;
}

interface HoldRow {
  readonly public_id: PublicId;
  readonly institution_id: string;
  readonly reason: HoldReason;
  readonly detail: string;
  readonly person_id: string | null;
  readonly study_id: string | null;
  readonly sender: string;
  readonly instances: number;
  readonly opened_at: Instant;
  readonly last_at: Instant;
  readonly state: HoldState;
}

const COLUMNS = `public_id, institution_id, reason, detail, person_id, study_id, sender, instances, opened_at, last_at, state`;

const holdOf = (row: HoldRow): ImageHold => ({
  publicId: row.public_id,
  institutionKey: row.institution_id,
  reason: row.reason,
  detail: row.detail,
  personId: row.person_id,
  studyId: row.study_id,
  sender: row.sender,
  instances: row.instances,
  openedAt: row.opened_at,
  lastAt: row.last_at,
  state: row.state,
});

const LIST = statement(
  'image-holds.list',
  `select ${COLUMNS} from image_holds where institution_id = $1
   order by (state in ('open', 'reopened')) desc, last_at desc, hold_id desc limit $2`,
);
const BY_ID = statement('image-holds.by-id', `select ${COLUMNS} from image_holds where public_id = $1`);
const WAITING_OF_STUDY = statement(
  'image-holds.waiting-of-study',
  `select ${COLUMNS} from image_holds
   where institution_id = $1 and reason = $2 and study_id = $3 and state in ('open', 'reopened', 'answered')
   order by hold_id desc limit 1`,
);
const SET_STATE = statement(
  'image-holds.set-state',
  'update image_holds set state = $2 where public_id = $1 and state = $3 and instances = $4 returning hold_id',
);
const ADD_STEP = statement(
  'image-holds.add-step',
  `insert into image_hold_steps (hold_public_id, place, step, note, instances, actor, taken_at)
   select $1, coalesce(max(place), 0) + 1, $2, $3, $4, $5, $6 from image_hold_steps where hold_public_id = $1`,
);
const STEPS = statement(
  'image-holds.steps',
  `select step, note, instances, actor, taken_at from image_hold_steps where hold_public_id = $1 order by place`,
);

/** An institution's cases: what waits first, then what was answered lately. */
export const listHolds = async (
  session: Session,
  institutionKey: string,
  limit: number,
): Promise<readonly ImageHold[]> => (await session.run<HoldRow>(LIST, [institutionKey, limit])).map(holdOf);

/** One case. */
export const holdByPublicId = async (session: Session, id: PublicId): Promise<ImageHold | undefined> => {
  const [row] = await session.run<HoldRow>(BY_ID, [id]);
  return row && holdOf(row);
};

/** The latest case of this reason about a study that is not settled. */
export const holdOfStudy = async (
  session: Session,
  of: { readonly institutionKey: string; readonly reason: HoldReason; readonly studyId: string },
): Promise<ImageHold | undefined> => {
  const [row] = await session.run<HoldRow>(WAITING_OF_STUDY, [of.institutionKey, of.reason, of.studyId]);
  return row && holdOf(row);
};

/** What was done about a case. */
export interface HoldStep {
  readonly step: HoldAnswer | 'undo' | 'settled';
  readonly note: string;
  readonly instances: number;
  readonly actor: string;
  readonly takenAt: Instant;
}

/**
 * Moves a case on, and keeps by what.
 *
 * @returns false when it moved on since it was read: somebody answered it, or more came
 */
export const moveHold = async (
  session: Session,
  hold: ImageHold,
  state: HoldState,
  step: HoldStep,
): Promise<boolean> => {
  const { publicId } = hold;
  const [moved] = await session.run(SET_STATE, [publicId, state, hold.state, hold.instances]);
  if (!moved) return false;
  await session.run(ADD_STEP, [
    publicId,
    step.step,
    step.note,
    step.instances,
    step.actor,
    isoInstant(step.takenAt),
  ]);
  return true;
};

interface StepRow {
  readonly step: HoldStep['step'];
  readonly note: string;
  readonly instances: number;
  readonly actor: string;
  readonly taken_at: Instant;
}

/** The course of a case. */
export const stepsOfHold = async (session: Session, id: PublicId): Promise<readonly HoldStep[]> =>
  (await session.run<StepRow>(STEPS, [id])).map(({ taken_at: takenAt, ...step }) => ({ ...step, takenAt }));
