import { z } from 'zod';
import { momentShape, publicIdShape } from './order-check-request.ts';
import { freeTextShape, photoShape } from './photo.ts';

const written = (maximum: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maximum)
    .regex(/^[^\p{Cc}]*$/u);

/** Body of `POST /api/persons/{id}/patient-supplied` (multipart/form-data): paper or film that the patient brought. */
export const patientSuppliedRequestShape = z.strictObject({
  institution: written(100).describe('The institution as written on the paper'),
  item: written(100).describe('The examination or test as written on the paper'),
  itemCode: written(64).optional().describe('Item of the catalogue; places it beside others in lists'),
  examinedOn: z.iso.date().optional().describe('Day of the examination or collection, where one is written'),
  value: freeTextShape(1_000).optional().describe('Value or conclusion as written'),
  note: freeTextShape(500).optional(),
  photo: photoShape,
});

/** What a patient brought, as the flows receive it. */
export type PatientSuppliedRequest = z.output<typeof patientSuppliedRequestShape>;

/** One paper or film of a patient: always labelled, never recognised. */
export const patientSuppliedAnswerShape = z.strictObject({
  id: publicIdShape,
  person: publicIdShape,
  /** 患者自带、未核验 */
  labelZh: z.string(),
  institution: z.string(),
  item: z.string(),
  itemCode: z.string().nullable(),
  examinedOn: z.string().nullable(),
  value: z.string().nullable(),
  note: z.string().nullable(),
  recordedBy: z.strictObject({ institutionZh: z.string(), doctor: z.string().nullable() }),
  recordedAt: momentShape,
  photo: z.strictObject({
    mediaType: z.enum(['image/jpeg', 'image/png', 'application/pdf']),
    size: z.int(),
    /** Path of the photo under the platform's own address. */
    path: z.string(),
  }),
});

/** What a patient brought, on the wire. */
export type PatientSuppliedAnswer = z.output<typeof patientSuppliedAnswerShape>;

/** Answer of `GET /api/persons/{id}/patient-supplied`, the newest examination first. */
export const patientSuppliedListShape = z.strictObject({ supplied: z.array(patientSuppliedAnswerShape) });

/** Everything that a patient brought. */
export type PatientSuppliedList = z.output<typeof patientSuppliedListShape>;
