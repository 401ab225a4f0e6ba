import { z } from 'zod';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';

/** One answer of a doctor as a client is told of it: by callback, by form, by polling and by message to the frame's parent. */
export const checkAnswerEventShape = z.strictObject({
  /** Names the answer for ever; the same answer delivered twice has the same id. */
  id: publicIdShape,
  check: publicIdShape,
  /** Place among the answers to the check, from 1. */
  sequence: z.int(),
  requestNumber: z.string().nullable().describe('申请单号, as the check or its launch named it'),
  encounterNumber: z.string().nullable().describe('就诊流水号'),
  line: z.int(),
  /** Local code of what was ordered on that line. */
  code: z.string(),
  name: z.string(),
  /** `recognise`: cancel the order of this line. `re-examine`: go on with it. `undo`: the answer `undoes` no longer counts. */
  decision: z.enum(['recognise', 're-examine', 'undo']),
  undoes: publicIdShape.nullable(),
  /** False once it was undone. */
  stands: z.boolean(),
  reason: z.enum(['N1', 'N2', 'N3', 'N4', 'N5', 'N6']).nullable(),
  reasonText: bilingualShape.nullable(),
  localReason: z.string().nullable(),
  subReasons: z.array(z.string()),
  text: z.string().nullable(),
  /** The earlier results that were recognised. */
  results: z.array(z.strictObject({ report: publicIdShape, reportVersion: z.int(), ordinal: z.int() })),
  /** Ready sentence for the record. Only for recognition. */
  recordText: bilingualShape.nullable(),
  /** 工号. */
  doctor: z.string().nullable(),
  answeredAt: momentShape,
});

/** One answer of a doctor. */
export type CheckAnswerEvent = z.output<typeof checkAnswerEventShape>;

/** Answer of `GET /api/order-checks/{id}/answers`: every answer in the order in which it was given. */
export const checkAnswersShape = z.strictObject({
  check: publicIdShape,
  answers: z.array(checkAnswerEventShape),
});

/** All answers to one check. */
export type CheckAnswers = z.output<typeof checkAnswersShape>;
