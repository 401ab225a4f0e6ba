import { z } from 'zod';
import { imagesShape, institutionShape, PRINTED_FLAGS, standingShape } from './order-check-answer.ts';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';

/** Why a value stands on its curve, or on none. */
export const CURVE_FINDINGS = [
  'standardised',
  'same-method',
  'same-laboratory',
  'not-issued',
  'disputed',
  'no-number',
  'beyond-limit',
  'unit-not-understood',
  'unit-not-stated',
  'unit-not-convertible',
] as const;

/** How values of an item were got and printed; said once for all that one laboratory reports alike. */
const circumstancesShape = z.strictObject({
  localName: z.string(),
  unit: z.string(),
  referenceText: z.string(),
  /** Limits that this laboratory printed, in the item's unit. */
  low: z.number().optional(),
  high: z.number().optional(),
  /** Method class in words, where the report lets it be known. */
  method: z.string().optional(),
  /** Place in `specimens`. */
  specimen: z.int().optional(),
  pointOfCare: z.literal(true).optional(),
  /** Place in `institutions`, where another than the reporting one did the analysis. */
  performer: z.int().optional(),
  /** A line may join two values of the item only where both name the same curve and neither says `alone`. */
  curve: z.int().optional(),
  /** Why its values are joined by that curve, or by none. */
  finding: z.enum(CURVE_FINDINGS),
});

/** One value of an item. What is absent is not so. */
const pointShape = z.strictObject({
  /** Place in `reports`. */
  report: z.int(),
  ordinal: z.int(),
  /** Place in `circumstances` of the item. */
  under: z.int(),
  /** As printed, never a number read anew. */
  text: z.string(),
  flag: z.enum(PRINTED_FLAGS).optional(),
  /** Absent: final. */
  standing: standingShape.optional(),
  /** The value that an earlier version of the report had, where it was another. */
  previous: z.string().optional(),
  /** Place in `marks`: HR marks held for this item at the moment of collection. */
  marks: z.int().optional(),
  /** In the item's unit; absent when that cannot be done with certainty. */
  value: z.number().optional(),
  /** `value` is not the printed number. */
  converted: z.literal(true).optional(),
  comparator: z.string().optional(),
  /** Why this value is joined to none, though others of its circumstances may be. */
  alone: z.enum(CURVE_FINDINGS).optional(),
  /** Place in `points` of the value before it on the same curve: what a difference is read against. */
  before: z.int().optional(),
  /**
   * True when the difference to that is more than variation explains, by `referenceChange` of the item; absent when that
   * cannot be said.
   */
  exceeds: z.boolean().optional(),
});

/** Answer of `GET /api/persons/{id}/results`. */
export const resultHistoryShape = z.strictObject({
  person: publicIdShape,
  at: momentShape,
  /** False: there are older results than those listed. */
  complete: z.boolean(),
  disclosure: z.strictObject({ basis: z.string(), text: bilingualShape }),
  institutions: z.array(institutionShape.extend({ own: z.boolean() })),
  specimens: z.array(bilingualShape),
  /** Sets of HR marks (互认标识) as printed, to which the values point. */
  marks: z.array(z.array(z.string())),
  /** True while the table of biological variation is a draft: every claim of change within or beyond it says so. */
  variationIsDraft: z.boolean(),
  /** Newest first: by collection, else by receipt, else by report. */
  reports: z.array(
    z.strictObject({
      id: publicIdShape,
      kind: z.enum(['laboratory', 'imaging', 'electrocardiogram', 'other']),
      title: z.string(),
      reportNumber: z.string(),
      institution: z.int(),
      standing: standingShape,
      version: z.int(),
      /** What the list is ordered by. */
      anchorAt: momentShape,
      collectedAt: momentShape.nullable(),
      collectedPrecision: z.enum(['day', 'minute']).nullable(),
      receivedAt: momentShape.nullable(),
      reportedAt: momentShape.nullable(),
      /** Somebody says that it is another person's; 核实中, and no decision rests on it meanwhile. */
      disputed: z.boolean(),
      /** Its original images, where there are any for this reader. */
      images: imagesShape.optional(),
      /** `weak`: linked to this person for reading only; whose it is has not been established. */
      identity: z.enum(['same-record', 'strong', 'weak']),
    }),
  ),
  /**
   * Reports of other institutions of which only that they exist may be told before the patient agrees, the newest first:
   * where, when and of what, no value and no conclusion.
   */
  existing: z.array(
    z.strictObject({
      institution: z.int(),
      anchorAt: momentShape,
      anchorPrecision: z.enum(['day', 'minute']),
      items: z.array(z.strictObject({ nameZh: z.string(), nameEn: z.string() })),
    }),
  ),
  sections: z.array(
    z.strictObject({
      code: z.string(),
      name: bilingualShape,
      items: z.array(
        z.strictObject({
          /** Item code, or institution and local code of what waits for its mapping. */
          code: z.string(),
          mapped: z.boolean(),
          nameZh: z.string(),
          nameEn: z.string(),
          /** Pinyin initials of the name, for finding it by keyboard. */
          initials: z.string(),
          /** Unit of `value`, as printed by this or another laboratory. */
          unit: z.string(),
          comparability: z.enum(['A', 'B', 'C']).nullable(),
          /**
           * Per cent that a difference must exceed to be more than variation; null where it is not known, so nothing is
           * claimed.
           */
          referenceChange: z.strictObject({
            oneLaboratory: z.number().nullable(),
            betweenLaboratories: z.number().nullable(),
          }),
          circumstances: z.array(circumstancesShape),
          /** Newest first, in the order of `reports`. */
          points: z.array(pointShape),
        }),
      ),
    }),
  ),
  examinations: z.array(
    z.strictObject({
      report: z.int(),
      ordinal: z.int(),
      list: z.enum(['imaging', 'electrocardiogram', 'pathology', 'other']),
      nameZh: z.string(),
      nameEn: z.string(),
      side: z.enum(['left', 'right', 'both']).nullable(),
      standing: standingShape,
      performer: z.int().nullable(),
      marks: z.array(z.string()),
      findings: z.string().nullable(),
      impression: z.string().nullable(),
    }),
  ),
});

/** All results of a person as disclosed. */
export type ResultHistory = z.output<typeof resultHistoryShape>;
/** One report in the history. */
export type HistoryReport = ResultHistory['reports'][number];
/** One report of which only that it exists is told. */
export type HistoryExisting = ResultHistory['existing'][number];
/** One laboratory item with its values. */
export type HistoryItem = ResultHistory['sections'][number]['items'][number];
/** One value. */
export type HistoryPoint = HistoryItem['points'][number];
/** One examination. */
export type HistoryExamination = ResultHistory['examinations'][number];
