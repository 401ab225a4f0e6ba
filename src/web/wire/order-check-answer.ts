import { z } from 'zod';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';

/** An institution as every answer names it. */
export const institutionShape = z.strictObject({
  code: z.string(),
  nameZh: z.string(),
  shortNameZh: z.string(),
  nameEn: z.string(),
  /** Tier and grade as printed, e.g. 三级甲等. */
  tierZh: z.string(),
});

const gradeShape = z.enum(['excluded', 'view-only', 'not-covered', 'may-consider', 'must-consider']);

/** Where a report or one of its lines stands. */
export const standingShape = z.enum([
  'preliminary',
  'final',
  'corrected',
  'cancelled',
  'withdrawn',
  'entered-in-error',
  'not-obtained',
]);

const itemNameShape = z.strictObject({ code: z.string(), nameZh: z.string(), nameEn: z.string() });

/** What the laboratory says about a value, with its direction where it states one. */
export const PRINTED_FLAGS = [
  'normal',
  'abnormal',
  'high',
  'low',
  'positive',
  'critical',
  'critical-high',
  'critical-low',
] as const;

/** A value as the laboratory printed it. The flag is a word, never a colour. */
const printedValueShape = z.strictObject({
  text: z.string(),
  unit: z.string(),
  referenceText: z.string(),
  flag: z.enum(PRINTED_FLAGS).nullable(),
});

/** A mark on a decision: a report it relied on was corrected, withdrawn or found or reported to be another person's. */
const checkMarkShape = z.strictObject({
  report: publicIdShape,
  reportVersion: z.int(),
  kind: z.enum([
    'corrected',
    'withdrawn',
    'reinstated',
    'other-person',
    'disputed',
    'upheld',
    'other-item',
    'other-images',
  ]),
  /** True when a recognition rested on that report. */
  relied: z.boolean(),
  markedAt: momentShape,
});

/** What headers state of the images of one study, for whoever weighs them. Null and empty: not stated. */
const studyDescriptionShape = z.strictObject({
  modalities: z.array(z.string()),
  instances: z.int(),
  /** Images that gaps show to be missing. */
  missing: z.int(),
  /** True where the study has slices: then a thickness that nobody states is one that is missed. */
  hasSlices: z.boolean(),
  /** True where every series of slices says where its slices lie: only then can it be told that none lacks between them. */
  arePlacesKnown: z.boolean(),
  /** Millimetres, the thinnest first. */
  thicknessesMm: z.array(z.number()),
  /** The smaller edge in pixels: of slices of the coarsest series, of other images of the finest. */
  matrix: z.int().nullable(),
  /** Each with the thicknesses of its own slices. */
  phases: z.array(
    z.strictObject({
      phase: z.enum(['plain', 'arterial', 'venous', 'delayed', 'enhanced']),
      thicknessesMm: z.array(z.number()),
    }),
  ),
  views: z.array(z.enum(['frontal', 'lateral', 'oblique', 'cranio-caudal', 'mediolateral-oblique'])),
  sequences: z.array(z.enum(['t1', 't2', 'flair', 'dwi', 'swi', 'angio'])),
  /** Convolution kernels as the device names them. */
  kernels: z.array(z.string()),
  /** Leads of an electrocardiogram. */
  leads: z.int().nullable(),
  devices: z.array(z.strictObject({ manufacturer: z.string().nullable(), modelName: z.string().nullable() })),
  ctdiVolMGy: z.number().nullable(),
  /** Dose-length product, mGy·cm. */
  doseLengthMGyCm: z.number().nullable(),
  /** Dose-area product, dGy·cm². */
  areaDoseProductDGyCm2: z.number().nullable(),
  /** Null: compressed so that something may have been lost, and nobody says whether. */
  isLossy: z.boolean().nullable(),
  lossyRatio: z.number().nullable(),
});

/** What headers state of the images of one study. */
export type StudyDescriptionAnswer = z.output<typeof studyDescriptionShape>;

/** How far the original images of an examination have come. On the way (上传中) is never the same as missing. */
export const imagesShape = z.strictObject({
  /** `incomplete`: announced images have not come for a day. */
  state: z.enum(['receiving', 'incomplete', 'complete']),
  received: z.int(),
  /** Documents and localisers that came; only where they are all that came. */
  documents: z.int().optional(),
  /** Images that the sender announced; null where it announced none. */
  announced: z.int().nullable(),
  /** Present while somebody says that the report is another person's: they open for the institution that issued it alone. */
  closed: z.literal(true).optional(),
  /** Of each study whose headers were read; only where a report or a study is read whole, and its images are open. */
  studies: z.array(studyDescriptionShape).optional(),
});

/** How far the images of an examination have come. */
export type ImagesAnswer = z.output<typeof imagesShape>;

/** One earlier result offered (or listed) for one ordered line. */
const candidateShape = z.strictObject({
  report: publicIdShape,
  ordinal: z.int(),
  reportVersion: z.int(),
  item: itemNameShape,
  grade: gradeShape,
  zone: z.strictObject({ code: z.string(), nameZh: z.string(), nameEn: z.string() }).nullable(),
  /** A result of the ordering doctor's own institution: 本院近期已检, never counted as recognition. */
  own: z.boolean(),
  standing: standingShape,
  value: printedValueShape.nullable(),
  /** 检查所见 and 诊断意见 of an examination. Recognition covers the examination, not the opinion. */
  examination: z.strictObject({ findings: z.string(), impression: z.string() }).nullable(),
  /** Its original images at the moment of the check; null where none are known. */
  images: imagesShape.nullable(),
  institution: institutionShape,
  /** Who did the analysis where that is another institution (sent-out test). */
  performer: institutionShape.nullable(),
  collectedAt: momentShape.nullable(),
  collectedPrecision: z.enum(['day', 'minute']).nullable(),
  reportedAt: momentShape.nullable(),
  /** Measurement method in Chinese, where the report states one that is understood. */
  method: z.string().nullable(),
  /** The HR mark with its scope as printed, e.g. 川渝HR. */
  mark: z.string().nullable(),
  /** When the verdict would change by the mere passing of time. */
  until: momentShape.nullable(),
  reasons: z.array(bilingualShape),
  /** True when the doctor may recognise it. */
  recognisable: z.boolean(),
  disclosure: z.strictObject({ basis: z.string(), text: bilingualShape }),
});

const responseStateShape = z.strictObject({
  id: publicIdShape,
  line: z.int(),
  kind: z.enum(['recognise', 're-examine', 'undo']),
  report: publicIdShape.nullable(),
  ordinal: z.int().nullable(),
  reason: z.enum(['N1', 'N2', 'N3', 'N4', 'N5', 'N6']).nullable(),
  localReason: z.string().nullable(),
  subReasons: z.array(z.string()),
  text: z.string().nullable(),
  doctor: z.string().nullable(),
  respondedAt: momentShape,
  /** `fulfilled` once the ordering system confirmed the cancellation of the order. */
  state: z.enum(['recorded', 'fulfilled', 'undone']),
  /** Ready sentence for the record: item, value, institution, time and report version. Only for recognition. */
  recordText: bilingualShape.nullable(),
});

const lineShape = z.strictObject({
  line: z.int(),
  code: z.string(),
  name: z.string(),
  item: itemNameShape.nullable(),
  /** Best that was found for the line. `not-checked` is never `nothing-found`. */
  outcome: z.enum([
    'must-consider',
    'may-consider',
    'view-only',
    'not-covered',
    'own-institution',
    'silent',
    'nothing-found',
    'consent-needed',
    'not-disclosed',
    'unmapped',
    'not-checked',
  ]),
  /** True when the doctor is to be asked about this line now. */
  interrupts: z.boolean(),
  /** Why the doctor is not asked although there is something: the class of the encounter, or an answer given before. */
  quiet: z.enum(['encounter-class', 'answered']).nullable(),
  /** Why the line could not be checked, or why it is silent. */
  notice: bilingualShape.nullable(),
  panel: z
    .strictObject({
      nameZh: z.string(),
      covered: z.int().describe('Required members with a result that may stand in, or an own recent one'),
      mayConsider: z
        .int()
        .describe('Of the covered members those whose result is only for reference (may-consider)'),
      total: z.int(),
      /** Required members that nothing stands in for. */
      missing: z.array(
        z.strictObject({
          item: itemNameShape,
          single: z.string().nullable().describe('Local code to order it alone'),
          grade: gradeShape
            .nullable()
            .describe(
              'Of the result that is shown for it to read, which cannot stand in; null: there is none',
            ),
        }),
      ),
      advice: z.enum(['all-covered', 'order-missing-alone', 'repeat-whole']),
    })
    .nullable(),
  candidates: z.array(candidateShape),
  /**
   * Like results of other institutions that may be read once the patient has agreed: item, date and institution, no value
   * and no conclusion.
   */
  existing: z.array(
    z.strictObject({
      item: itemNameShape,
      institution: institutionShape,
      collectedAt: momentShape.nullable(),
      collectedPrecision: z.enum(['day', 'minute']).nullable(),
      text: bilingualShape,
    }),
  ),
  /** Reasons for examining again; empty where no earlier result is shown. */
  offeredReasons: z.array(
    z.strictObject({
      code: z.enum(['N1', 'N2', 'N3', 'N4', 'N5', 'N6']),
      text: bilingualShape,
      textMinimum: z.int(),
      suggested: z.boolean(),
    }),
  ),
  /** Machine-found sub-reasons (O1 window passed, O2 side …), offered pre-filled. */
  /** `opensTicket`: the result's institution is told of what was found, when the doctor names it. */
  offeredSubReasons: z.array(
    z.strictObject({ code: z.string(), text: bilingualShape, opensTicket: z.boolean() }),
  ),
  reasonRequired: z.boolean(),
  recordText: bilingualShape
    .nullable()
    .describe(
      'Ready sentence for the record once the line is recognised as offered: item, value, institution, day and report version; null where nothing is offered for recognition',
    ),
  response: responseStateShape.nullable(),
});

/** Answer of `POST /api/order-checks` and `GET /api/order-checks/{id}`. */
export const orderCheckAnswerShape = z.strictObject({
  id: publicIdShape,
  checkedAt: momentShape,
  snapshot: z.string(),
  status: z.enum(['checked', 'not-checked']),
  /** Why nothing was checked (patient not established …), or a general remark. */
  notice: bilingualShape.nullable(),
  person: publicIdShape.nullable(),
  encounterClass: z.enum(['outpatient', 'emergency', 'inpatient', 'health-check']),
  /** False: show quietly, do not interrupt (emergency, ordered serial monitoring, nothing to say). */
  interrupt: z.boolean(),
  title: bilingualShape,
  /** True when any list behind it is demonstration data (演练). */
  drill: z.boolean(),
  lines: z.array(lineShape),
  marks: z.array(checkMarkShape),
});

/** An order check as the flows answer it. */
export type OrderCheckAnswer = z.output<typeof orderCheckAnswerShape>;

/** Answer of `POST /api/order-checks`: the check, and where its card can be opened. */
export const calledCheckAnswerShape = orderCheckAnswerShape.extend({
  cardUrl: z
    .string()
    .nullable()
    .describe('Address of the card for the doctor named in the call; null where there is none to open'),
});
/** One line of an order check. */
export type OrderCheckLine = OrderCheckAnswer['lines'][number];
/** One earlier result for one line. */
export type OrderCheckCandidate = OrderCheckLine['candidates'][number];

/** Answer of `POST /api/order-checks/{id}/responses`. */
export const checkResponseAnswerShape = z.strictObject({
  check: publicIdShape,
  response: responseStateShape,
  /** True when the same Idempotency-Key had been answered before; nothing was written again. */
  repeated: z.boolean(),
  /** The notice to the patient that was made with this answer; null where none was. */
  notice: publicIdShape.nullable(),
});

/** A recorded answer of the doctor. */
export type CheckResponseAnswer = z.output<typeof checkResponseAnswerShape>;

/** Answer of `GET /api/order-checks/{id}/responses`: what has been answered so far, without any result. */
export const checkResponsesAnswerShape = z.strictObject({
  check: publicIdShape,
  /** Every line that asks for an answer has one. */
  complete: z.boolean(),
  lines: z.array(
    z.strictObject({
      line: z.int(),
      code: z.string(),
      /** The line asks for an answer. */
      awaited: z.boolean(),
      response: responseStateShape.nullable(),
    }),
  ),
});

/** The doctor's answers so far. */
export type CheckResponsesAnswer = z.output<typeof checkResponsesAnswerShape>;

/** Answer of `POST /api/order-checks/{id}/fulfilments`. */
export const fulfilmentAnswerShape = z.strictObject({
  check: publicIdShape,
  line: z.int(),
  state: z.literal('fulfilled'),
  fulfilledAt: momentShape,
});

/** A recorded fulfilment. */
export type FulfilmentAnswer = z.output<typeof fulfilmentAnswerShape>;

/** One condition checked, with the data it used and what it rests on. */
const explainedCheckShape = z.strictObject({
  check: z.string(),
  name: bilingualShape,
  outcome: z.enum(['pass', 'fail', 'unknown', 'assumed-by-policy']),
  finding: z.string(),
  text: bilingualShape,
  data: z.array(
    z.strictObject({
      name: z.string(),
      text: z.string().describe('As it is kept: codes and moments'),
      words: bilingualShape.nullable().describe('In words; null where it was not known'),
    }),
  ),
  citation: bilingualShape.nullable(),
  sources: z
    .array(z.strictObject({ text: bilingualShape, row: z.string().nullable() }))
    .describe('What the citation is made of: each list or instrument, and the row of a list'),
});

/** One earlier result that was weighed for an ordered line. */
const explainedCandidateShape = z.strictObject({
  part: z.int().describe('Place in `parts` of the ordered item it was weighed for, from 0'),
  report: publicIdShape,
  ordinal: z.int(),
  reportVersion: z.int(),
  item: itemNameShape,
  chosen: z.boolean().describe('The result that carries what is said of its item'),
  shown: z.boolean().describe('The check shows it to the doctor'),
  value: printedValueShape.nullable().describe('null of an examination, and where the result is excluded'),
  impression: z.string().nullable().describe('诊断意见 of an examination; null where the result is excluded'),
  institution: institutionShape,
  collectedAt: momentShape.nullable(),
  collectedPrecision: z.enum(['day', 'minute']).nullable(),
  grade: gradeShape,
  gradeText: bilingualShape,
  row: z.string().describe('The row of the fold that decided'),
  rowText: bilingualShape,
  zoneText: bilingualShape.nullable(),
  /** When the verdict would change by the mere passing of time, and that in words; null when never. */
  until: momentShape.nullable(),
  untilText: bilingualShape.nullable(),
  /** What would have made it a result to recognise; null where nothing is missing or it could never be one. */
  missing: z
    .strictObject({
      heading: bilingualShape,
      conditions: z.array(
        z.strictObject({ check: z.string(), outcome: z.enum(['fail', 'unknown']), text: bilingualShape }),
      ),
      remainder: bilingualShape.nullable(),
    })
    .nullable(),
  checks: z.array(explainedCheckShape),
});

/** Answer of `GET /api/order-checks/{id}/explanation`: every check with its data and citation. */
export const explanationShape = z.strictObject({
  id: publicIdShape,
  checkedAt: momentShape,
  evaluator: z.int(),
  snapshot: z.string(),
  lines: z.array(
    z.strictObject({
      line: z.int(),
      name: z.string(),
      outcomeText: bilingualShape,
      panelText: bilingualShape.nullable(),
      quietText: bilingualShape.nullable(),
      parts: z
        .array(z.strictObject({ item: itemNameShape, outcomeText: bilingualShape }))
        .describe('The items that the line orders, with what was found for each'),
      candidates: z.array(explainedCandidateShape),
    }),
  ),
});

/** The explanation of a decision. */
export type Explanation = z.output<typeof explanationShape>;

/** Answer of `POST /api/order-checks/{id}/replay`. */
export const replayAnswerShape = z.strictObject({
  id: publicIdShape,
  outcome: z.enum(['same', 'different', 'facts-erased']),
  evaluator: z.int(),
  snapshot: z.string(),
  /** SHA-256 of the verdicts as stored and as replayed. */
  storedHash: z.string(),
  replayedHash: z.string().nullable(),
});

/** Outcome of a replay. */
export type ReplayAnswer = z.output<typeof replayAnswerShape>;

/**
 * A consultation opinion (会诊意见) beside a report: of another institution than the report's. One that was withdrawn keeps
 * its place and is no opinion any more; whoever reads for no institution learns of it only that it was withdrawn.
 */
export const opinionShape = z.strictObject({
  id: publicIdShape,
  institution: institutionShape,
  /** null with the text. */
  doctor: z.string().nullable(),
  /** null of a withdrawn one where the reader is of no institution: the patient, the holder of a share. */
  text: z.string().nullable(),
  /** Version of the report that was read. */
  reportVersion: z.int(),
  statedAt: momentShape,
  /** null while the opinion stands. */
  withdrawal: z
    .strictObject({
      withdrawnAt: momentShape,
      /** The doctor who withdrew it, and why; null where the text is. */
      by: z.string().nullable(),
      reason: z.string().nullable(),
    })
    .nullable(),
  /** True of an opinion of the reader's own that stands. */
  mayWithdraw: z.boolean(),
});

/** A consultation opinion beside a report. */
export type OpinionAnswer = z.output<typeof opinionShape>;

/** Answer of `GET /api/reports/{id}`: the report as its institution issued it. */
export const reportAnswerShape = z.strictObject({
  id: publicIdShape,
  /** Whose report it is. */
  person: publicIdShape,
  kind: z.enum(['laboratory', 'imaging', 'electrocardiogram', 'other']),
  title: z.string(),
  standing: standingShape,
  version: z.int(),
  /** Reported as another person’s; its values decide nothing until its source has answered (核实中). */
  disputed: z.boolean(),
  reportNumber: z.string(),
  institution: institutionShape,
  specimen: z.string().nullable(),
  collectedAt: momentShape.nullable(),
  receivedAt: momentShape.nullable(),
  reportedAt: momentShape.nullable(),
  reporter: z.string().nullable(),
  verifier: z.string().nullable(),
  observations: z.array(
    z.strictObject({
      ordinal: z.int(),
      code: z.string(),
      name: z.string(),
      value: printedValueShape,
      method: z.string().nullable(),
      standing: standingShape,
    }),
  ),
  findings: z.string().nullable(),
  impression: z.string().nullable(),
  /** Opinions of other institutions' doctors; empty for those who may not see the whole report. */
  opinions: z.array(opinionShape),
  /** True of another institution's examination: a doctor who reads it may add an opinion. */
  takesOpinion: z.boolean(),
  /** Original images of it that this reader may open; null where none are known. */
  images: imagesShape.nullable(),
  orderedAt: momentShape.nullable(),
  verifiedAt: momentShape.nullable(),
  /** HR marks the performing institution held at collection for items of the report. */
  marks: z.array(z.string()),
  /** Remarks of the laboratory on the report as a whole. */
  notes: z.array(z.string()),
  /** PDF or pictures that came with the report; read at `/api/reports/{id}/attachments/{n}`. */
  attachments: z.array(z.strictObject({ n: z.int(), mediaType: z.string(), bytes: z.int() })),
  /** Every version, the newest first, with what it says otherwise than the one before. */
  versions: z.array(
    z.strictObject({
      version: z.int(),
      standing: standingShape,
      statedAt: momentShape,
      recordedAt: momentShape,
      changes: z.array(
        z.strictObject({
          ordinal: z.int().nullable(),
          name: z.string(),
          field: z.enum(['value', 'unit', 'reference', 'standing', 'line', 'findings', 'impression']),
          from: z.string().nullable(),
          to: z.string().nullable(),
        }),
      ),
    }),
  ),
  disclosure: z.strictObject({ basis: z.string(), text: bilingualShape }),
});

/** A report as disclosed. */
export type ReportAnswer = z.output<typeof reportAnswerShape>;

/** Answer of `GET /api/persons/{id}`. */
export const personSummaryShape = z.strictObject({
  person: publicIdShape,
  name: z.string().nullable(),
  sex: z.enum(['male', 'female', 'unknown', 'not-stated']),
  birthDate: z.string().nullable(),
  /** Masked in the middle: enough to tell two people apart, not to copy. */
  maskedIdentifiers: z.array(z.strictObject({ typeZh: z.string(), text: z.string() })),
});

/** One person as a search or a banner shows them. */
export type PersonSummary = z.output<typeof personSummaryShape>;

/** Answer of `POST /api/person-searches`. */
export const personSearchAnswerShape = z.strictObject({
  persons: z.array(personSummaryShape),
  /** True when more people match than are listed. */
  truncated: z.boolean(),
});

/** People found. */
export type PersonSearchAnswer = z.output<typeof personSearchAnswerShape>;

/** Answer of `GET /api/orderables`: what the caller's institution can order, by its code map and panels. */
export const orderablesAnswerShape = z.strictObject({
  institution: institutionShape,
  orderables: z.array(
    z.strictObject({
      code: z.string(),
      nameZh: z.string(),
      kind: z.enum(['item', 'panel']),
      category: z.string(),
      hasSide: z.boolean(),
      memberNamesZh: z.array(z.string()),
    }),
  ),
});

/** What an institution can order. */
export type OrderablesAnswer = z.output<typeof orderablesAnswerShape>;

/** Answer of `GET /api/marked-order-checks`: decisions of the caller that rest on a report corrected since. */
export const markedChecksAnswerShape = z.strictObject({
  checks: z.array(
    z.strictObject({
      id: publicIdShape,
      checkedAt: momentShape,
      itemNamesZh: z.array(z.string()),
      marks: z.array(checkMarkShape),
      reviewed: z
        .boolean()
        .describe('It was decided once more with what is known by now: GET /api/order-checks/{id}/reviews'),
    }),
  ),
});

/** Decisions to look at again. */
export type MarkedChecksAnswer = z.output<typeof markedChecksAnswerShape>;
