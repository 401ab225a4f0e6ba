import { z } from 'zod';
import { institutionShape, PRINTED_FLAGS, standingShape } from './order-check-answer.ts';
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

const changeShape = z.strictObject({
  /** In the item's unit, against the value before it on the same curve. */
  difference: z.number(),
  percent: z.number().nullable(),
  /** The reference change value in per cent; null: not known, so nothing is claimed. */
  referenceChangePercent: z.number().nullable(),
  /** True when the difference is more than variation explains; null when that cannot be said. */
  exceeds: z.boolean().nullable(),
});

/** One value of an item. */
const pointShape = z.strictObject({
  /** Place in `reports`. */
  report: z.int(),
  ordinal: z.int(),
  /** As printed, never a number read anew. */
  text: z.string(),
  unit: z.string(),
  referenceText: z.string(),
  flag: z.enum(PRINTED_FLAGS).nullable(),
  standing: standingShape,
  /** The value that an earlier version of the report had, where it was another. */
  previous: z.string().nullable(),
  localName: z.string(),
  /** Method class in words, where the report lets it be known. */
  method: z.string().nullable(),
  specimen: bilingualShape.nullable(),
  pointOfCare: z.boolean(),
  /** Place in `institutions`, where another than the reporting one did the analysis. */
  performer: z.int().nullable(),
  /** HR marks held for this item at the moment of collection. */
  marks: z.array(z.string()),
  /** In the item's unit; null when that cannot be done with certainty. */
  value: z.number().nullable(),
  converted: z.boolean(),
  comparator: z.string().nullable(),
  /** Limits that this laboratory printed, in the item's unit. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** A line may join two values of the item only where both name the same curve. */
  curve: z.int().nullable(),
  finding: z.enum(CURVE_FINDINGS),
  change: changeShape.nullable(),
});

/** Answer of `GET /api/persons/{id}/results`. */
export const resultHistoryShape = z.strictObject({
  person: publicIdShape,
  at: momentShape,
  /** False: there are older results than those listed. */
  complete: z.boolean(),
  disclosure: z.strictObject({ basis: z.string(), text: bilingualShape }),
  institutions: z.array(institutionShape.extend({ own: z.boolean() })),
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
      /** `weak`: linked to this person for reading only; whose it is has not been established. */
      identity: z.enum(['same-record', 'strong', 'weak']),
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
/** A section of laboratory items. */
export type HistorySection = ResultHistory['sections'][number];
/** One laboratory item with its values. */
export type HistoryItem = HistorySection['items'][number];
/** One value. */
export type HistoryPoint = HistoryItem['points'][number];
/** One examination. */
export type HistoryExamination = ResultHistory['examinations'][number];
