import { z } from 'zod';
import { CORRECTION_KINDS, CORRECTION_STATES, REMEDIES, TICKET_STEPS } from '../../correction/index.ts';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';
import { freeTextShape, photoShape } from './photo.ts';

const kindShape = z.enum(CORRECTION_KINDS);
const stateShape = z.enum(CORRECTION_STATES);

const ordinalShape = z.coerce
  .number()
  .int()
  .min(1)
  .optional()
  .describe('Which value of the report. Absent: the report as a whole');

/** Body of `POST /api/corrections`: an error in a report or in one of its values (A10). */
export const correctionRequestShape = z.strictObject({
  report: publicIdShape,
  ordinal: ordinalShape,
  kind: kindShape.describe(
    'wrong-person takes the whole report out of every decision at once, until its source answers',
  ),
  text: freeTextShape(1_000).default('').describe('In the reporter’s own words; needed for `other`'),
  photo: photoShape.optional(),
});

/** An error as the flows receive it. */
export type CorrectionRequest = z.output<typeof correctionRequestShape>;

/** A report as the desk of its own institution names it: by its number as printed. */
export const reportNumberShape = z.strictObject({
  reportNumber: z.string().trim().min(1).max(200).describe('Number of the report as printed (报告单号)'),
});

/** How whoever stands at the desk relates to the patient: the patient, a guardian, somebody of the family. */
export const RELATIONS = ['self', 'guardian', 'family'] as const;

/** Body of `POST /api/corrections-on-behalf`: what a registrar takes down for a patient, from the paper in their hand. */
export const correctionOnBehalfShape = z.strictObject({
  institution: z.string().min(1).max(128).describe('Code of the institution that issued the report'),
  reportNumber: z.string().trim().min(1).max(200).describe('Number of the report as printed (报告单号)'),
  nationalId: z
    .string()
    .trim()
    .min(15)
    .max(18)
    .describe('Number of the patient’s identity card: only the patient’s own report is found by it'),
  relation: z.enum(RELATIONS),
  kind: kindShape,
  text: freeTextShape(1_000).default(''),
  photo: photoShape.optional(),
});

/** What a registrar took down. */
export type CorrectionOnBehalf = z.output<typeof correctionOnBehalfShape>;

/** Body of `POST /api/corrections/{id}/steps`: one step of a ticket. */
export const correctionStepShape = z.strictObject({
  step: z.enum(TICKET_STEPS).exclude(['submit', 'amendment']),
  seen: z.coerce
    .number()
    .int()
    .min(1)
    .describe('`place` of the last step that the caller has read; refused when another has been taken since'),
  text: freeTextShape(1_000).default(''),
  reason: z.string().max(128).optional().describe('Code of the reason of 不成立, for `refuse`'),
  remedy: z.enum(REMEDIES).optional().describe('By what the error was put right, for `correct`'),
  record: publicIdShape
    .optional()
    .describe('For remedy `parted`: the record that turns out to be somebody else’s, of `linkedRecords`'),
});

/** A step as the flows receive it. */
export type CorrectionStepRequest = z.output<typeof correctionStepShape>;

const stepShape = z.strictObject({
  /** From 1. */
  place: z.int(),
  step: z.enum(TICKET_STEPS),
  /** Where the ticket stands after it. */
  state: stateShape,
  at: momentShape,
  /** Whose act it was. */
  by: z.enum(['reporter', 'source', 'platform']),
  text: z.string(),
  reason: bilingualShape.nullable(),
  remedy: z.enum(REMEDIES).nullable(),
  /** Version of the report that answers, or that came in. */
  reportVersion: z.int().nullable(),
});

/** One ticket, as the reporter and the source see it. Names no patient. */
export const correctionAnswerShape = z.strictObject({
  id: publicIdShape,
  /** Number to write down and read out. */
  ticket: z.string(),
  report: publicIdShape,
  /** Number and title of the report at its institution. */
  reportNumber: z.string(),
  title: z.string(),
  /** Version that the ticket is about, and the one that there is now. */
  reportVersion: z.int(),
  currentVersion: z.int(),
  ordinal: z.int().nullable(),
  institution: z.strictObject({ code: z.string(), nameZh: z.string() }),
  reportedBy: z.strictObject({
    party: z.enum(['staff', 'client', 'patient']),
    institutionZh: z.string().nullable(),
    doctor: z.string().nullable(),
    /** For whom a registrar sent it: who stood at the desk. */
    onBehalf: z.enum(RELATIONS).nullable(),
  }),
  kind: kindShape,
  text: z.string(),
  hasPhoto: z.boolean(),
  /** True while the report decides nothing because of this ticket. */
  disputed: z.boolean(),
  state: stateShape,
  submittedAt: momentShape,
  /** What the source institution owes next; null once it has answered, or where no deadline was published. */
  due: z
    .strictObject({
      what: z.enum(['accept', 'answer']),
      by: momentShape,
      overdue: z.boolean(),
      workingHours: z
        .number()
        .min(0)
        .describe('Hours of the office that are left; where it is overdue, that have passed since'),
      yearsWithoutHolidays: z
        .array(z.int())
        .describe(
          'Years of which the calendar knew no holidays when the deadline was fixed: weekends alone were left out',
        ),
    })
    .nullable(),
  /** A version that came in since and may be the answer; the desk says so with `correct`. */
  offeredVersion: z.int().nullable(),
  /** Something happened that the caller has not seen yet. */
  unseen: z.boolean(),
  /** Every step, the first first. */
  history: z.array(stepShape),
  /** Steps that the caller may take now. */
  steps: z.array(z.enum(TICKET_STEPS)),
});

/** A ticket on the wire. */
export type CorrectionAnswer = z.output<typeof correctionAnswerShape>;

/** Answer of `GET /api/corrections`: tickets, the newest first. */
export const correctionListShape = z.strictObject({
  corrections: z.array(correctionAnswerShape),
  /** True when there are older ones that are not listed. */
  truncated: z.boolean(),
});

/** Tickets on the wire. */
export type CorrectionList = z.output<typeof correctionListShape>;

/** Query of `GET /api/correction-desk`. */
export const deskQueryShape = z.strictObject({
  state: z.enum(['open', 'all', ...CORRECTION_STATES]).default('open'),
  kind: z.union([z.literal('').transform(() => undefined), kindShape]).optional(),
  overdue: z.enum(['yes']).optional(),
});

/** Which tickets of a desk are asked for. */
export type DeskQuery = z.output<typeof deskQueryShape>;

/** Answer of `GET /api/correction-desk`: what waits first, by when it is due. */
export const correctionDeskShape = correctionListShape.extend({
  /** As of this moment. */
  at: momentShape,
  /** Years whose holidays and worked weekends the clock knows, and the notices that set them. */
  holidayYears: z.array(z.strictObject({ year: z.int(), titleZh: z.string() })),
  counts: z.strictObject({
    open: z.int(),
    overdue: z.int(),
    states: z.record(z.enum(CORRECTION_STATES), z.int()),
  }),
});

/** A desk's tickets on the wire. */
export type CorrectionDesk = z.output<typeof correctionDeskShape>;

const sameness = z.enum(['same', 'different', 'not-stated']);

const gradeShape = z.string().nullable();

/** A decision that weighed the disputed report, as the source's desk and the decision's own doctor see it. */
const affectedDecisionShape = z.strictObject({
  check: publicIdShape,
  institution: z.strictObject({ code: z.string(), nameZh: z.string() }),
  department: z.string().nullable(),
  doctor: z.string().nullable(),
  checkedAt: momentShape,
  answer: z.enum(['recognise', 're-examine', 'none']),
  /** The doctor is told by a mark on the decision. */
  told: z.boolean(),
  /** The decision decided once more with the corrected facts; null: not yet, or not to be. */
  review: z
    .strictObject({
      reviewedAt: momentShape,
      reportVersion: z.int(),
      lines: z.array(
        z.strictObject({
          line: z.int(),
          name: z.string(),
          outcomeBefore: z.string(),
          outcomeAfter: z.string(),
          results: z.array(
            z.strictObject({
              ordinal: z.int(),
              itemZh: z.string(),
              /** Grade of the verdict in words; null: not weighed. */
              before: gradeShape,
              after: gradeShape,
              /** Whether the verdict is another. */
              changed: z.boolean(),
              /** The value as reported, with its unit, then and now; null: not weighed, or taken back. */
              valueBefore: z.string().nullable(),
              valueAfter: z.string().nullable(),
            }),
          ),
        }),
      ),
    })
    .nullable(),
});

/** A decision beside its re-evaluation, on the wire. */
export type AffectedDecision = z.output<typeof affectedDecisionShape>;

/** Answer of `GET /api/correction-desk/{id}`: a ticket with what its answer touches. */
export const correctionCaseShape = z.strictObject({
  correction: correctionAnswerShape,
  decisions: z.array(affectedDecisionShape),
  /** True when there are more decisions than are listed. */
  decisionsTruncated: z.boolean(),
  /** Of a report said to be another person's: other records that are held to be this patient's. Compared, not shown. */
  linkedRecords: z.array(
    z.strictObject({
      record: publicIdShape,
      institutionZh: z.string(),
      grade: z.string(),
      name: sameness,
      sex: sameness,
      birthDate: sameness,
      nationalId: sameness,
    }),
  ),
  /** Published reasons of 不成立. */
  unfoundedReasons: z.array(z.strictObject({ code: z.string(), text: bilingualShape })),
  /** Remedies that end this kind of error. */
  remedies: z.array(z.enum(REMEDIES)),
});

/** A ticket with what its answer touches, on the wire. */
export type CorrectionCase = z.output<typeof correctionCaseShape>;

/** Answer of `GET /api/order-checks/{id}/reviews`: re-evaluations of one decision. */
export const decisionReviewsShape = z.strictObject({ reviews: z.array(affectedDecisionShape) });

/** Re-evaluations of one decision, on the wire. */
export type DecisionReviews = z.output<typeof decisionReviewsShape>;
