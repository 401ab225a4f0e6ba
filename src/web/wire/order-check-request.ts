import { z } from 'zod';
import type { EncounterClass, OrderPurpose } from '../../recognition/index.ts';
import { informedShape } from './informed.ts';

/** A bilingual text on the wire: Chinese for every screen, English for integrators. */
export const bilingualShape = z.strictObject({ zh: z.string(), en: z.string() });

/** A public id on the wire (UUID, lower case). */
export const publicIdShape = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  .describe('Opaque public id (UUID, lower case)');

/** A moment on the wire: ISO 8601 with offset. */
export const momentShape = z.iso.datetime({ offset: true });

/** A line of text that a person or a system typed: trimmed, no control characters. */
const lineText = (maximum: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maximum)
    .regex(/^[^\p{Cc}]*$/u);

const ENCOUNTER_WORDS = {
  门诊: 'outpatient',
  急诊: 'emergency',
  住院: 'inpatient',
  体检: 'health-check',
  outpatient: 'outpatient',
  emergency: 'emergency',
  inpatient: 'inpatient',
  'health-check': 'health-check',
} as const satisfies Record<string, EncounterClass>;

const PURPOSE_WORDS = {
  诊疗: 'diagnosis',
  术前: 'pre-operative',
  输血前: 'pre-transfusion',
  司法鉴定: 'forensic',
  伤残病退鉴定: 'disability-assessment',
  动态监测: 'serial-monitoring',
  筛查: 'screening',
  diagnosis: 'diagnosis',
  'pre-operative': 'pre-operative',
  'pre-transfusion': 'pre-transfusion',
  forensic: 'forensic',
  'disability-assessment': 'disability-assessment',
  'serial-monitoring': 'serial-monitoring',
  screening: 'screening',
} as const satisfies Record<string, OrderPurpose>;

const wordsOf = <Table extends Record<string, string>>(table: Table) =>
  z
    .enum(Object.keys(table) as [keyof Table & string, ...(keyof Table & string)[]])
    .transform((word): Table[keyof Table] => table[word as keyof Table]);

/** 门诊, 急诊, 住院 or 体检, in Chinese as a HIS has it or in our own words. */
const encounterClassShape = wordsOf(ENCOUNTER_WORDS);

/** Why the doctor orders, in Chinese or in our own words. */
export const orderPurposeShape = wordsOf(PURPOSE_WORDS);

const identifierTypes = [
  'national-id',
  'passport',
  'hk-macao-permit',
  'taiwan-permit',
  'residence-permit-hmt',
  'foreign-permanent-residence',
  'military-id',
  'insurance-number',
  'health-card-index',
  'medical-record',
  'other',
] as const;

const patientShape = z
  .strictObject({
    person: publicIdShape.optional().describe('A person found before by POST /api/person-searches'),
    identifiers: z
      .array(
        z
          .strictObject({
            type: z.enum(identifierTypes),
            issuer: lineText(64)
              .optional()
              .describe(
                'Absent: CN for national documents, the calling institution for medical-record. A passport names the country',
              ),
            number: lineText(64),
          })
          .refine(({ type, issuer }) => type !== 'passport' || issuer !== undefined, {
            path: ['issuer'],
            message: 'a passport needs the country that issued it',
          }),
      )
      .max(16)
      .default([]),
    name: lineText(100).optional(),
    sex: z.enum(['male', 'female', 'unknown', 'not-stated']).optional(),
    birthDate: z.iso.date().optional(),
  })
  .refine((patient) => patient.person !== undefined || patient.identifiers.length > 0, {
    path: ['identifiers'],
    message: 'person or at least one identifier',
  });

const encounterShape = z.strictObject({
  class: encounterClassShape,
  number: lineText(64).optional().describe('就诊流水号'),
  outpatientNumber: lineText(64).optional().describe('门诊号'),
  inpatientNumber: lineText(64).optional().describe('住院号'),
  insuranceNumber: lineText(64).optional().describe('医保就诊编号'),
});

const itemShape = z.strictObject({
  line: z.int().min(1).max(999),
  code: lineText(64).describe('The local code of the calling institution'),
  name: lineText(200).optional(),
  insuranceCode: lineText(64).optional().describe('医保服务项目编码'),
  item: lineText(32)
    .optional()
    .describe('Item code of the catalogue, where the caller knows it; it outweighs the local code'),
  purpose: orderPurposeShape.optional().describe('Where it differs from that of the order'),
  side: z.enum(['left', 'right', 'both']).optional(),
  specimen: lineText(64).optional(),
  replacesOf: lineText(64).optional().describe('Number of an order that this one replaces'),
});

const interventionKinds = [
  'transfusion',
  'infusion',
  'antibiotic',
  'surgery',
  'chemotherapy',
  'contrast',
  'any-treatment',
] as const;

/** Body of `POST /api/order-checks`: what a Chinese HIS has when a doctor is about to order. */
export const orderCheckRequestShape = z
  .strictObject({
    patient: patientShape,
    encounter: encounterShape,
    request: z.strictObject({ number: lineText(64).optional().describe('申请单号') }).optional(),
    doctor: z
      .strictObject({ staffNumber: lineText(32).describe('工号'), name: lineText(100).optional() })
      .optional(),
    department: z.strictObject({ code: lineText(64).optional(), name: lineText(100).optional() }).optional(),
    campus: lineText(64).optional(),
    diagnoses: z
      .array(z.strictObject({ code: lineText(32), text: lineText(200).optional() }))
      .max(30)
      .default([]),
    purpose: orderPurposeShape.default('diagnosis'),
    serialMonitoring: z
      .boolean()
      .default(false)
      .describe('True when the order belongs to ordered serial monitoring'),
    interventions: z
      .array(z.strictObject({ kind: z.enum(interventionKinds), at: momentShape }))
      .max(100)
      .optional()
      .describe('Absent: unknown. An empty array: known that there were none'),
    items: z.array(itemShape).min(1).max(100),
  })
  .refine((body) => new Set(body.items.map(({ line }) => line)).size === body.items.length, {
    path: ['items'],
    message: 'every line number once',
  });

/** An order check as the flows receive it: words of a HIS already turned into ours. */
export type OrderCheckRequest = z.output<typeof orderCheckRequestShape>;

/** Body of `POST /api/order-checks/{id}/responses`: the doctor's answer to one line. */
export const checkResponseRequestShape = z
  .strictObject({
    line: z.int().min(1).max(999),
    kind: z.enum(['recognise', 're-examine', 'undo']),
    report: publicIdShape
      .optional()
      .describe('recognise: which report, with its ordinal. Absent: every offered result of the line'),
    ordinal: z.int().min(1).optional().describe('recognise: which observation of the report'),
    reason: z
      .enum(['N1', 'N2', 'N3', 'N4', 'N5', 'N6'])
      .optional()
      .describe('re-examine: national situation'),
    localReason: lineText(64).optional().describe('Local code; mapped to the national situation'),
    subReasons: z.array(lineText(16)).max(16).default([]),
    text: z
      .string()
      .trim()
      .max(500)
      .regex(/^(?:[\t\r\n]|[^\p{Cc}])*$/u)
      .optional()
      .describe('N6 needs at least ten characters'),
    informed: z
      .union([z.boolean(), informedShape])
      .optional()
      .describe(
        'Who was told of purpose and necessity of the repeat; true: somebody was. A notice is made with the answer then',
      ),
  })
  .refine(({ report, ordinal }) => (report === undefined) === (ordinal === undefined), {
    path: ['ordinal'],
    message: 'report and ordinal together, or neither',
  });

/** The doctor's answer as the flows receive it. */
export type CheckResponseRequest = z.output<typeof checkResponseRequestShape>;

/** Body of `POST /api/order-checks/{id}/fulfilments`: the ordering system confirms that it cancelled the order. */
export const fulfilmentRequestShape = z.strictObject({
  line: z.int().min(1).max(999),
  orderNumber: lineText(64).optional(),
  cancelledAt: momentShape,
});

/** A fulfilment as the flows receive it. */
export type FulfilmentRequest = z.output<typeof fulfilmentRequestShape>;

/** Body of `POST /api/person-searches`. A search by POST, because a URL must hold no personal data. */
export const personSearchRequestShape = z.strictObject({
  by: z.enum(['national-id', 'record-number', 'name']),
  text: lineText(100),
  birthDate: z.iso.date().optional().describe('Narrows a search by name'),
  encounter: lineText(64)
    .optional()
    .describe(
      'Number of the visit. By name it is needed before anything of the person can be opened that the institution has not ordered itself',
    ),
});

/** A person search as the flows receive it. */
export type PersonSearchRequest = z.output<typeof personSearchRequestShape>;
