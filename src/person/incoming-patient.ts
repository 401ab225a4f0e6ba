import type { StatedTime } from '../kernel/instant.ts';

/**
 * Kinds of person identifiers. Identity = (type, issuer, number), never the number alone. `medical-record` covers
 * every number an institution gives a patient (门诊号, 住院号, 病历号, 就诊卡号); its issuer is the institution.
 */
export const PERSON_IDENTIFIER_TYPES = [
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

/** One of `PERSON_IDENTIFIER_TYPES`. */
export type PersonIdentifierType = (typeof PERSON_IDENTIFIER_TYPES)[number];

/**
 * Number spaces of one institution that are counted apart: outpatient (门诊号) and inpatient (住院号) numbers may be the
 * same digits for two people, so each has an issuer of its own under the institution.
 */
export type RecordSpace = 'outpatient' | 'inpatient';

/** The spaces there are. */
export const RECORD_SPACES: readonly RecordSpace[] = ['outpatient', 'inpatient'];

/** Issuer of the numbers of one space of an institution. */
export const recordIssuer = (institution: string, space: RecordSpace): string => `${institution}/${space}`;

/** An identifier as a message or a caller stated it. */
export interface StatedIdentifier {
  readonly type: PersonIdentifierType;
  /** Institution code for numbers an institution gives; `CN` for national documents; country code for passports. */
  readonly issuer: string;
  readonly number: string;
}

/** Sex by GB/T 2261.1 in words: 1 male, 2 female, 0 unknown, 9 not stated. */
export type Sex = 'male' | 'female' | 'unknown' | 'not-stated';

/** A person as one message or caller describes them; neutral between protocols. */
export interface IncomingPatient {
  readonly identifiers: readonly StatedIdentifier[];
  /** Exactly the characters received, rare ones and four-byte GB18030 included. */
  readonly name: string | null;
  readonly sex: Sex;
  readonly birthDate: StatedTime | null;
  readonly phones: readonly string[];
  readonly address: string | null;
  /** Mother's identifiers, for newborns (PID-21): a relation, never the child's own identifier. */
  readonly motherIdentifiers: readonly StatedIdentifier[];
  readonly birthOrder: number | null;
  readonly multipleBirth: boolean;
  readonly deceased: boolean;
}
