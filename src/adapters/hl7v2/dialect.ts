import { z } from 'zod';
import { PERSON_IDENTIFIER_TYPES } from '../../person/index.ts';

/** Where a value stands: segment, field and perhaps component, e.g. `OBR-20.1`, `ZRE-3`. */
const fieldPath = z.string().regex(/^[A-Z][A-Z0-9]{2}-\d{1,3}(\.\d{1,2})?$/);

const personIdentifierType = z.enum(PERSON_IDENTIFIER_TYPES);

/**
 * Habits of one sender that the standard does not settle, kept as data with the sender. Every setting may be left
 * out; what is left out is read by the standard and by the usual places that the README of this folder lists.
 */
export const hl7DialectSchema = z.strictObject({
  /** The sender writes something untrue in MSH-18: its default character set counts. */
  ignoreDeclaredCharset: z.boolean().optional(),
  /** CX-4 authorities by name or OID, and the issuer they stand for. */
  authorities: z.record(z.string(), z.string()).optional(),
  /** Local identifier type codes (CX-5), in capitals. */
  identifierTypes: z.record(z.string(), personIdentifierType).optional(),
  /** What an identifier in PID-3 without type code is. Default: `medical-record`. */
  untypedIdentifier: personIdentifierType.optional(),
  /** Local patient class codes (PV1-2). */
  encounterClasses: z
    .record(z.string(), z.enum(['outpatient', 'emergency', 'inpatient', 'health-check']))
    .optional(),
  /** Words for its campuses (院区), and the campus code each stands for. A code or name of the directory needs no entry. */
  campuses: z.record(z.string(), z.string()).optional(),
  /**
   * What a second message under one report number is: the whole report again (`snapshot`, the default, so that another
   * value is a correction and a line left out is withdrawn), or a further part of it (`increment`, for laboratories that
   * send a message per result).
   */
  resultMode: z.enum(['snapshot', 'increment']).optional(),
  /** What its reports are when OBR-24 does not say. */
  reportKind: z.enum(['laboratory', 'imaging', 'electrocardiogram', 'other']).optional(),
  /**
   * How an order message is answered: by a plain acknowledgement (the default), or by its application answer (ORR, ORL,
   * ORG) with what the order check found. That answer discloses results: only for a sender whose connection is its own.
   */
  orderAnswer: z.enum(['acknowledgement', 'application']).optional(),
  /** Code of the system client under which the card named in such an answer opens. Absent: no card is named. */
  cardClient: z.string().optional(),
  /** Places of its own for values of a report. The segment is looked for in the report's own group first. */
  fields: z
    .strictObject({
      reportNumber: fieldPath.optional(),
      replaces: fieldPath.optional(),
      collectedAt: fieldPath.optional(),
      receivedAt: fieldPath.optional(),
      reportedAt: fieldPath.optional(),
      verifiedAt: fieldPath.optional(),
      reporter: fieldPath.optional(),
      verifier: fieldPath.optional(),
      performer: fieldPath.optional(),
      barcode: fieldPath.optional(),
      specimen: fieldPath.optional(),
      /** Text such as 空腹, 餐后2小时, POCT. */
      collectionCondition: fieldPath.optional(),
      reagent: fieldPath.optional(),
      instrument: fieldPath.optional(),
      bodyPart: fieldPath.optional(),
      studyUid: fieldPath.optional(),
      encounterNumber: fieldPath.optional(),
      /** The campus that performed. Never PV1-3 unless the sender says so: that is where the patient is. */
      campus: fieldPath.optional(),
    })
    .optional(),
});

/** See `hl7DialectSchema`. */
export type Hl7Dialect = z.infer<typeof hl7DialectSchema>;

/** Names of the values that a sender may keep in places of its own. */
export type DialectField = keyof NonNullable<Hl7Dialect['fields']>;
