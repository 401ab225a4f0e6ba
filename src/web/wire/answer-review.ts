import { z } from 'zod';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';

/** Query of the reviews of answers. */
export const answerReviewQueryShape = z.strictObject({
  since: momentShape.optional().describe('Answers given since this moment; absent: of the last thirty days'),
});

/** What is asked of a review of answers. */
export type AnswerReviewQuery = z.output<typeof answerReviewQueryShape>;

const itemShape = z.strictObject({ code: z.string(), nameZh: z.string(), nameEn: z.string() });

/** A recognition whose order the ordering system has not confirmed as cancelled. */
const openRecognitionShape = z.strictObject({
  check: publicIdShape,
  line: z.int(),
  /** The institution's own code of what was ordered. */
  code: z.string(),
  person: publicIdShape,
  item: itemShape,
  /** The report that was recognised. */
  report: publicIdShape,
  doctor: z.string().nullable(),
  department: z.string().nullable(),
  orderNumber: z.string().nullable(),
  recognisedAt: momentShape,
  standsUntil: momentShape.nullable(),
});

/** Answer of `GET /api/recognised-yet-executed`. */
export const executedAnswerShape = z.strictObject({
  since: momentShape,
  /** True when there are more than are listed. */
  truncated: z.boolean(),
  recognitions: z.array(
    openRecognitionShape.extend({
      execution: z.strictObject({
        evidence: z.enum(['order-status', 'same-order', 'same-item']),
        text: bilingualShape,
        institution: z.strictObject({ code: z.string(), nameZh: z.string(), nameEn: z.string() }),
        at: momentShape.nullable(),
        report: publicIdShape.nullable(),
      }),
    }),
  ),
});

/** Recognised orders that were executed all the same. */
export type ExecutedAnswer = z.output<typeof executedAnswerShape>;

/** Answer of `GET /api/recognised-not-yet-fulfilled`. */
export const waitingAnswerShape = z.strictObject({
  since: momentShape,
  truncated: z.boolean(),
  recognitions: z.array(openRecognitionShape),
});

/** Recognised orders that wait for the ordering system's word. */
export type WaitingAnswer = z.output<typeof waitingAnswerShape>;

/** Answer of `GET /api/repeats`: by item, what doctors examined again though a result was on offer. */
export const repeatsAnswerShape = z.strictObject({
  since: momentShape,
  items: z.array(
    z.strictObject({
      item: itemShape,
      repeats: z.int(),
      /** None of the situations N1 to N5: N6, or no reason. */
      avoidable: z.int(),
      reasons: z.array(
        z.strictObject({
          reason: z.enum(['N1', 'N2', 'N3', 'N4', 'N5', 'N6']).nullable(),
          answers: z.int(),
        }),
      ),
    }),
  ),
});

/** Repeats by item. */
export type RepeatsAnswer = z.output<typeof repeatsAnswerShape>;
