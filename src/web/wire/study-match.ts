import { z } from 'zod';
import { personSummaryShape } from './order-check-answer.ts';
import { momentShape, publicIdShape } from './order-check-request.ts';

/** Why a study waits. */
const matchReasonShape = z.enum([
  'no-patient-id',
  'patient-contradicts',
  'number-of-another-institution',
  'number-of-two-people',
  'report-of-another-person',
  'not-this-patient',
  'two-patients',
]);

const studyMatchShape = z.strictObject({
  id: publicIdShape,
  study: publicIdShape,
  reason: matchReasonShape,
  /** With `patient-contradicts`: the fields in which the headers speak of somebody else than the holder of the number. */
  contradicted: z.array(z.enum(['name', 'birth-date', 'sex'])),
  state: z.enum(['open', 'given', 'apart']),
  /** Whether it can be given to a candidate; else it is for the person index to settle. */
  canGive: z.boolean(),
  foundAt: momentShape,
  /** As the headers state the patient. */
  stated: z.strictObject({
    name: z.string().nullable(),
    birthDate: z.string().nullable(),
    sex: z.string().nullable(),
    hasPatientId: z.boolean(),
  }),
  description: z.string().nullable(),
  modalities: z.array(z.string()),
  studiedAt: z.string().nullable(),
  instances: z.int(),
  candidates: z.array(personSummaryShape),
  /** To whom it was given. */
  chosen: publicIdShape.nullable(),
  /** The case (`GET /api/image-holds/{id}`) at which it is answered instead; null where it is answered here. */
  hold: publicIdShape.nullable(),
  /** Whether it was taken from a person: then undoing puts it back there. */
  wasPlaced: z.boolean(),
});

/** Answer of `GET /api/study-matches`. */
export const studyMatchListShape = z.strictObject({ matches: z.array(studyMatchShape) });

/** The worklist of studies that belong to nobody for now. */
export type StudyMatchList = z.output<typeof studyMatchListShape>;
/** A study that lies under a person, as the institution that sent it may say that it is not that person's. */
const placedStudyShape = studyMatchShape
  .pick({ study: true, stated: true, description: true, modalities: true, studiedAt: true, instances: true })
  .extend({
    /** Under whom it lies. */
    person: personSummaryShape,
    /** Images still come in: they go where the study goes. */
    coming: z.boolean(),
  });

/** Body of `POST /api/study-matches/placed`: 检查号 or study UID. */
export const placedStudyQueryShape = z.strictObject({ number: z.string().trim().min(1).max(64) });

/** Answer of `POST /api/study-matches/placed`. */
export const placedStudyListShape = z.strictObject({ studies: z.array(placedStudyShape) });

/** Studies found by number that lie under a person. */
export type PlacedStudyList = z.output<typeof placedStudyListShape>;

/** One entry of it. */
export type StudyMatchAnswer = StudyMatchList['matches'][number];

/** Body of `POST /api/study-matches/{id}/decisions`. */
export const studyMatchDecisionShape = z.union([
  z.strictObject({ kind: z.literal('give'), person: publicIdShape }),
  z.strictObject({ kind: z.literal('apart') }),
  z.strictObject({ kind: z.literal('undo') }),
]);
