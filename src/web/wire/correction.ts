import { z } from 'zod';
import type { CorrectionKind, CorrectionState } from '../../correction/index.ts';
import { momentShape, publicIdShape } from './order-check-request.ts';
import { freeTextShape, photoShape } from './photo.ts';

const kindShape = z.enum([
  'wrong-person',
  'wrong-value',
  'wrong-unit',
  'image-missing',
  'quality',
  'other',
] as const satisfies readonly CorrectionKind[]);

const stateShape = z.enum([
  'submitted',
  'accepted',
  'verifying',
  'corrected',
  'unfounded',
  'followed-up',
] as const satisfies readonly CorrectionState[]);

/** Body of `POST /api/corrections`: an error in a report or in one of its values (A10). */
export const correctionRequestShape = z.strictObject({
  report: publicIdShape,
  ordinal: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Which value of the report. Absent: the report as a whole'),
  kind: kindShape.describe(
    'wrong-person takes the whole report out of every decision at once, until its source answers',
  ),
  text: freeTextShape(1_000).default('').describe('In the reporter’s own words; needed for `other`'),
  photo: photoShape.optional(),
});

/** An error as the flows receive it. */
export type CorrectionRequest = z.output<typeof correctionRequestShape>;

/** One ticket, as the reporter and the source see it. Names no patient. */
export const correctionAnswerShape = z.strictObject({
  id: publicIdShape,
  /** Number to write down and read out. */
  ticket: z.string(),
  report: publicIdShape,
  /** Number and title of the report at its institution. */
  reportNumber: z.string(),
  title: z.string(),
  reportVersion: z.int(),
  ordinal: z.int().nullable(),
  institution: z.strictObject({ code: z.string(), nameZh: z.string() }),
  reportedBy: z.strictObject({ institutionZh: z.string().nullable(), doctor: z.string().nullable() }),
  kind: kindShape,
  text: z.string(),
  hasPhoto: z.boolean(),
  /** True while the report decides nothing because of this ticket. */
  disputed: z.boolean(),
  state: stateShape,
  submittedAt: momentShape,
  /** Every state with its moment, the first first. */
  history: z.array(z.strictObject({ state: stateShape, at: momentShape })),
});

/** A ticket on the wire. */
export type CorrectionAnswer = z.output<typeof correctionAnswerShape>;

/** Answer of `GET /api/corrections` and `GET /api/correction-desk`: tickets, the newest first. */
export const correctionListShape = z.strictObject({
  corrections: z.array(correctionAnswerShape),
  /** True when there are older ones that are not listed. */
  truncated: z.boolean(),
});

/** Tickets on the wire. */
export type CorrectionList = z.output<typeof correctionListShape>;
