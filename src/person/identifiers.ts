import { expandNationalId15, nationalIdProblem } from '../kernel/check-digits.ts';
import type { PersonIdentifierType, StatedIdentifier } from './incoming-patient.ts';

/** An identifier prepared for comparison and storage. Identity is (type, issuer, number). */
export interface PersonIdentifier {
  readonly type: PersonIdentifierType;
  /** Institution code, `CN` for national documents, country code for passports; empty when not stated. */
  readonly issuer: string;
  /** Normalised number: half width, capitals, no spaces; an ID number of 15 digits in its 18-character form. */
  readonly number: string;
  /** False for a number that fails its check or is a placeholder: kept as stated, never compared. */
  readonly valid: boolean;
}

/**
 * Identifiers that say the same thing count once. A health card index is made of the ID number, so it belongs to the
 * document it was made of.
 */
export type IdentifierSource =
  | 'resident-document'
  | 'passport'
  | 'permit'
  | 'military'
  | 'insurance'
  | 'record'
  | 'other';

const SOURCES: Readonly<Record<PersonIdentifierType, IdentifierSource>> = {
  'national-id': 'resident-document',
  'residence-permit-hmt': 'resident-document',
  'foreign-permanent-residence': 'resident-document',
  'health-card-index': 'resident-document',
  passport: 'passport',
  'hk-macao-permit': 'permit',
  'taiwan-permit': 'permit',
  'military-id': 'military',
  'insurance-number': 'insurance',
  'medical-record': 'record',
  other: 'other',
};

/** Which independent source an identifier comes from. */
export const identifierSource = (type: PersonIdentifierType): IdentifierSource => SOURCES[type];

/** From the one that names a person best to the one that does so least; keys senders that state no record number. */
export const KEY_STRENGTH: readonly PersonIdentifierType[] = [
  'national-id',
  'residence-permit-hmt',
  'foreign-permanent-residence',
  'military-id',
  'passport',
  'hk-macao-permit',
  'taiwan-permit',
  'health-card-index',
  'insurance-number',
  'other',
];

const ISSUED_BY_CHINA: ReadonlySet<PersonIdentifierType> = new Set([
  'national-id',
  'residence-permit-hmt',
  'foreign-permanent-residence',
  'military-id',
  'hk-macao-permit',
  'taiwan-permit',
]);

/** Types whose numbers are unique in the whole country: where nobody says who gave one, it was the country. */
export const NATIONAL_NUMBERS: ReadonlySet<PersonIdentifierType> = new Set([
  ...ISSUED_BY_CHINA,
  'insurance-number',
  'health-card-index',
]);

const RESIDENT_DOCUMENTS: ReadonlySet<PersonIdentifierType> = new Set([
  'national-id',
  'residence-permit-hmt',
  'foreign-permanent-residence',
]);

/** What clerks type where there is no number. */
const NO_NUMBER = /^(?:0+|无|不详|未知|N\/?A|NULL|NONE)$/u;
/** What they type where a document's number should stand; an institution may well have a record number 1111. */
const NO_DOCUMENT = /^(?:(.)\1*|0123456789|123456789\d*)$/u;

/** Half width, capitals, without spaces and dashes. */
export const normaliseNumber = (number: string): string =>
  number
    .normalize('NFKC')
    .replace(/[\s\p{Pd}]/gu, '')
    .toUpperCase();

/** The 18-character number, or undefined when it fails its check. `*` in the last place is how some systems write X. */
const residentNumber = (number: string): string | undefined => {
  const withX = number.replace(/^(\d{17})\*$/, '$1X');
  if (nationalIdProblem(withX) !== null) return undefined;
  return expandNationalId15(withX) ?? undefined;
};

/** 18-character numbers beginning 81, 82, 83 are residence permits, beginning 9 foreigners' permanent residence. */
const residentType = (number: string): PersonIdentifierType => {
  if (/^8[123]/.test(number)) return 'residence-permit-hmt';
  return number.startsWith('9') ? 'foreign-permanent-residence' : 'national-id';
};

const SHAPES: Partial<Readonly<Record<PersonIdentifierType, RegExp>>> = {
  passport: /^[A-Z0-9]{5,20}$/,
  'hk-macao-permit': /^[HM]\d{8}$/,
  'taiwan-permit': /^\d{8}$/,
};

const plainNumber = (type: PersonIdentifierType, number: string): string => {
  // Older cards print a two-digit issue count after the holder's number.
  if (type === 'hk-macao-permit') return number.replace(/^([HM]\d{8})\d{2}$/, '$1');
  if (type === 'taiwan-permit') return number.replace(/^(\d{8})\d{2}$/, '$1');
  return number;
};

const issuerOf = ({ type, issuer }: StatedIdentifier): string => {
  if (ISSUED_BY_CHINA.has(type)) return 'CN';
  // Institution codes are exact; country and scheme codes come in either case.
  return type === 'medical-record' ? issuer.trim() : issuer.trim().toUpperCase();
};

/**
 * Normalises one stated identifier. A resident document number is checked (GB 11643; the two residence permits have
 * the same check character) and filed under the document its first digits tell, whatever field it came in.
 *
 * @returns undefined when nothing is left of the number
 */
export const normaliseIdentifier = (stated: StatedIdentifier): PersonIdentifier | undefined => {
  const number = normaliseNumber(stated.number);
  if (number === '') return undefined;
  const issuer = issuerOf(stated);
  const placeholder =
    NO_NUMBER.test(number) || (stated.type !== 'medical-record' && NO_DOCUMENT.test(number));
  if (placeholder) return { type: stated.type, issuer, number, valid: false };
  if (RESIDENT_DOCUMENTS.has(stated.type)) {
    const resident = residentNumber(number);
    if (resident) return { type: residentType(resident), issuer, number: resident, valid: true };
    // The permanent residence card of before 2023 has three letters and twelve digits.
    const olderCard = stated.type === 'foreign-permanent-residence' && /^[A-Z]{3}\d{12}$/.test(number);
    return { type: stated.type, issuer, number, valid: olderCard };
  }
  const plain = plainNumber(stated.type, number);
  return { type: stated.type, issuer, number: plain, valid: SHAPES[stated.type]?.test(plain) ?? true };
};

/** True for the 18-character numbers of which one person has exactly one: two different ones are two people. */
export const isLifelongNumber = ({ type, number, valid }: PersonIdentifier): boolean =>
  valid && RESIDENT_DOCUMENTS.has(type) && number.length === 18;

/** `YYYY-MM-DD` as an 18-character resident number carries it. */
export const birthDateOfNumber = (number: string): string =>
  `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;

/**
 * True when two ID numbers are one slip of the keyboard apart: a character replaced, left out, added, or two
 * neighbours exchanged. Only worth asking when at least one of them fails its check: two valid numbers one digit
 * apart are twins, registered one after the other.
 */
export const oneSlipApart = (left: string, right: string): boolean => {
  if (left === right || Math.abs(left.length - right.length) > 1) return false;
  let start = 0;
  while (start < left.length && left[start] === right[start]) start++;
  let leftEnd = left.length;
  let rightEnd = right.length;
  while (leftEnd > start && rightEnd > start && left[leftEnd - 1] === right[rightEnd - 1]) {
    leftEnd--;
    rightEnd--;
  }
  const leftRest = left.slice(start, leftEnd);
  const rightRest = right.slice(start, rightEnd);
  if (leftRest.length <= 1 && rightRest.length <= 1) return true;
  return leftRest.length === 2 && rightRest.length === 2 && leftRest === `${rightRest[1]}${rightRest[0]}`;
};

/**
 * A phone number as digits, without the country prefix of China.
 *
 * @returns undefined when it is too short to name anybody or a placeholder such as 13800000000
 */
export const normalisePhone = (phone: string): string | undefined => {
  const digits = phone
    .normalize('NFKC')
    .replace(/\D/g, '')
    .replace(/^(?:00)?86(?=1\d{10}$)/, '');
  if (digits.length < 7 || /^(\d)\1*$/.test(digits) || /^1\d{2}0{8}$/.test(digits)) return undefined;
  return digits;
};
