import { z } from 'zod';
import { imagesShape, personSummaryShape, reportAnswerShape } from './order-check-answer.ts';
import { momentShape, publicIdShape } from './order-check-request.ts';
import { resultHistoryShape } from './result-history.ts';

/** `person` of every route of one's own data: the signed-in patient where absent, else somebody they act for. */
export const ownPersonQuery = z.strictObject({
  person: publicIdShape.optional().describe('Whom the patient acts for; absent: the patient'),
});

/** The same with the second tap: results of restricted classes are not sent until they are asked for. */
export const ownResultsQuery = ownPersonQuery.extend({ restricted: z.literal('shown').optional() });

const relationShape = z.enum(['parent', 'guardian', 'child', 'spouse', 'sibling', 'other']);

const evidenceShape = z.enum([
  'household-register',
  'birth-certificate',
  'guardianship-papers',
  'marriage-certificate',
  'written-authorisation',
  'said-in-person',
]);

/** A relation in force, seen from one of its two ends. */
const representationShape = z.strictObject({
  id: publicIdShape,
  /** The other end: whom I act for, or who acts for me. */
  person: personSummaryShape,
  /** What the one who acts is to the one acted for. */
  relation: relationShape,
  evidence: evidenceShape,
  restricted: z.boolean(),
  recordedAt: momentShape,
  /** First moment at which it no longer holds. */
  endsAt: momentShape,
});

/** Answer of `GET /api/own`: who is signed in, and for whom they may act. */
export const ownAccountShape = z.strictObject({
  person: personSummaryShape,
  actingFor: z.array(representationShape),
  /** Who may act for me. */
  representedBy: z.array(representationShape),
  drill: z.boolean(),
  /** What the sign-out form must carry. */
  formToken: z.string(),
  /** How long a shared report waits to be opened, and how often it may be. */
  share: z.strictObject({ minutes: z.int(), openings: z.int() }),
});

/** Answer of `GET /api/own/results`. */
export const ownResultsShape = z.strictObject({
  history: resultHistoryShape,
  /** `hidden`: there are results of restricted classes, sent when asked for. `none` also where nobody else may know. */
  restricted: z.enum(['none', 'hidden', 'shown']),
});

/** Answer of `GET /api/own/studies`: images beside which no report lies. */
export const ownStudiesShape = z.strictObject({
  studies: z.array(
    z.strictObject({
      id: publicIdShape,
      institutionZh: z.string(),
      /** On the institution's own clock, `2026-11-18 09:15`; null where headers state none. */
      studiedAt: z.string().nullable(),
      title: z.string(),
      instances: z.int(),
      images: imagesShape,
    }),
  ),
});

/** Answer of `GET /api/own/reports/{id}`. */
export const ownReportShape = reportAnswerShape;

const noticeLineShape = z.strictObject({ labelZh: z.string(), textZh: z.string() });

/** Answer of `GET /api/own/repeats`: why something was done again. */
export const ownRepeatsShape = z.strictObject({
  repeats: z.array(
    z.strictObject({
      id: publicIdShape,
      itemZh: z.string(),
      institutionZh: z.string(),
      departmentZh: z.string().nullable(),
      decidedAt: momentShape,
      /** In words of a primary school. */
      plainZh: z.array(z.string()),
      /** The situation in the words of the rule. */
      reasonZh: z.string().nullable(),
      purposeZh: z.string().nullable(),
      necessityZh: z.string().nullable(),
      /** The instrument and list that the reason comes from. */
      basisZh: z.string(),
      prior: z.array(
        z.strictObject({
          itemZh: z.string(),
          institutionZh: z.string(),
          atText: z.string(),
          valueZh: z.string(),
        }),
      ),
      /** The paper that was given out, as it was said. */
      notice: z
        .strictObject({ titleZh: z.string(), madeAt: momentShape, lines: z.array(noticeLineShape) })
        .nullable(),
    }),
  ),
});

const reportShareRequestShape = z.strictObject({
  report: publicIdShape,
  person: publicIdShape.optional(),
  masked: z.boolean().describe('The name down to its first character, no birth date, no numbers'),
  restricted: z.boolean().default(false).describe('Lines of restricted classes too'),
  downloads: z
    .boolean()
    .default(false)
    .describe('Whether its images may be downloaded; never where the name is left out'),
});

/** Images carry the name in their headers, and often in their pixels: there is no study with the name left out. */
const studyShareRequestShape = z.strictObject({
  study: publicIdShape.describe(
    'One beside which no report lies; a report that comes later is not shown with it',
  ),
  person: publicIdShape.optional(),
  downloads: z.boolean().default(false).describe('Whether its images may be downloaded'),
});

/** Body of `POST /api/own/shares`: a report, or a study without one. */
export const shareRequestShape = z.union([reportShareRequestShape, studyShareRequestShape]);

const shareShape = z.strictObject({
  id: publicIdShape,
  /** What is shared: a report, or a study by itself. */
  report: publicIdShape.nullable(),
  study: publicIdShape.nullable(),
  /** Of a study: whether a report has come since, which the share does not show. */
  reportCame: z.boolean(),
  titleZh: z.string(),
  institutionZh: z.string(),
  masked: z.boolean(),
  downloads: z.boolean(),
  madeAt: momentShape,
  expiresAt: momentShape,
  openingsMax: z.int(),
  openings: z.array(
    z.strictObject({
      at: momentShape,
      /** As whoever opened it said; nobody has checked it. null: not said. */
      name: z.string().nullable(),
      /** Hospital and department, likewise. */
      place: z.string().nullable(),
      /** From which network, not from which machine; null where that is not known. */
      network: z.string().nullable(),
    }),
  ),
  /** `ended`: of a study that is no longer where it was when it was shared, or no longer this person's to show. */
  state: z.enum(['open', 'used', 'expired', 'revoked', 'ended']),
  /** Whether taking it back still closes something: the code, or what somebody opened by it. */
  canRevoke: z.boolean(),
});

/** Answer of `POST /api/own/shares`: the address is told this once. */
export const shareMadeShape = z.strictObject({
  share: shareShape,
  url: z.string(),
  /** The address as a QR code: path data over a square of `size` modules. */
  qr: z.strictObject({ size: z.int(), path: z.string() }),
});

/** Answer of `GET /api/own/shares`. */
export const ownSharesShape = z.strictObject({ shares: z.array(shareShape) });

/** Answer where something was done and there is nothing to tell. */
export const doneShape = z.strictObject({ done: z.literal(true) });

/** Who is signed in. */
export type OwnAccount = z.output<typeof ownAccountShape>;
/** A relation in force. */
export type OwnRepresentation = z.output<typeof representationShape>;
/** One's own results. */
export type OwnResults = z.output<typeof ownResultsShape>;
/** One's own images without a report. */
export type OwnStudies = z.output<typeof ownStudiesShape>;
/** One of one's own reports. */
export type OwnReport = z.output<typeof ownReportShape>;
/** Why something was done again. */
export type OwnRepeats = z.output<typeof ownRepeatsShape>;
/** A report as it is asked to be shared. */
export type ReportShareRequest = z.output<typeof reportShareRequestShape>;
/** A study without a report as it is asked to be shared. */
export type StudyShareRequest = z.output<typeof studyShareRequestShape>;
/** What is asked to be shared. */
export type ShareRequest = z.output<typeof shareRequestShape>;
/** A share just made. */
export type ShareMade = z.output<typeof shareMadeShape>;
/** A share as its maker sees it. */
export type OwnShare = z.output<typeof shareShape>;
/** Shares of a person. */
export type OwnShares = z.output<typeof ownSharesShape>;
