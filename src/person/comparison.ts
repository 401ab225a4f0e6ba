import type { Sex } from './incoming-patient.ts';
import {
  identifierSource,
  oneSlipApart,
  type IdentifierSource,
  type PersonIdentifier,
} from './identifiers.ts';
import { compareNames, type NameAgreement } from './names.ts';
import { lifelongNumber, type PersonProfile } from './profile.ts';

/** How two birth dates stand: `swapped` is the same date with day and month exchanged. */
export type BirthDateAgreement = 'agrees' | 'swapped' | 'differs' | 'unknown';

/** What two source records say about each other, before any rule judges it. */
export interface Comparison {
  /** Lifelong numbers: `slip` when one fails its check and is one keystroke from the other. */
  readonly lifelong: 'agrees' | 'slip' | 'differs' | 'unknown';
  /** Two valid numbers one keystroke apart: twins registered together. */
  readonly neighbouringNumbers: boolean;
  /** Independent sources of which an identifier agrees. */
  readonly agreeingSources: ReadonlySet<IdentifierSource>;
  readonly name: NameAgreement;
  readonly birthDate: BirthDateAgreement;
  readonly sex: 'agrees' | 'conflicts' | 'unknown';
  readonly phone: boolean;
  readonly address: boolean;
  /** The same mother stated, or one record is the newborn stand-in of the other's mother's name and number. */
  readonly mother: boolean;
  readonly birthOrder: 'agrees' | 'differs' | 'unknown';
  readonly multipleBirth: boolean;
  readonly anonymous: boolean;
  /** How many of the two carry a newborn's stand-in name. */
  readonly newborns: 0 | 1 | 2;
}

/** What a rule saw, as codes that a person reviewing the pair can read in any language. */
export type EvidenceCode =
  | 'national-id-agrees'
  | 'national-id-slip'
  | 'national-id-differs'
  | 'national-id-neighbouring'
  | `${Exclude<IdentifierSource, 'resident-document'>}-agrees`
  | 'health-card-agrees'
  | 'name-agrees'
  | 'name-similar'
  | 'name-differs'
  | 'birth-date-agrees'
  | 'birth-date-swapped'
  | 'birth-date-differs'
  | 'sex-conflicts'
  | 'phone-agrees'
  | 'address-agrees'
  | 'mother-agrees'
  | 'birth-order-differs'
  | 'multiple-birth'
  | 'newborn'
  | 'anonymous';

/** A phone held by more different people than this says nothing: a family's, a village doctor's, a counter's. */
export const PHONE_HOLDERS_MAXIMUM = 5;

const ADDRESS_MINIMUM = 8;

/** Compares two birth dates as stated; a year or month alone can only differ, never agree. */
export const compareBirthDates = (left: string | null, right: string | null): BirthDateAgreement => {
  if (left === null || right === null) return 'unknown';
  if (left === right) return left.length === 10 ? 'agrees' : 'unknown';
  if (left.length < 10 || right.length < 10)
    return left.startsWith(right) || right.startsWith(left) ? 'unknown' : 'differs';
  const swapped = `${left.slice(0, 5)}${left.slice(8)}-${left.slice(5, 7)}`;
  return swapped === right ? 'swapped' : 'differs';
};

/** Compares two sexes; only male and female can conflict. */
export const compareSexes = (left: Sex, right: Sex): Comparison['sex'] => {
  const told = (sex: Sex) => sex === 'male' || sex === 'female';
  if (!told(left) || !told(right)) return 'unknown';
  return left === right ? 'agrees' : 'conflicts';
};

const addressesAgree = (left: string | null, right: string | null): boolean => {
  if (left === null || right === null) return false;
  const [shorter, longer] = left.length < right.length ? [left, right] : [right, left];
  return shorter.length >= ADDRESS_MINIMUM && /\d/.test(shorter) && longer.endsWith(shorter);
};

const agree = (left: PersonIdentifier, right: PersonIdentifier): boolean =>
  left.valid &&
  right.valid &&
  left.number === right.number &&
  left.type === right.type &&
  left.issuer === right.issuer;

const compareLifelong = (left: PersonProfile, right: PersonProfile): Comparison['lifelong'] => {
  const leftNumber = lifelongNumber(left);
  const rightNumber = lifelongNumber(right);
  if (leftNumber && rightNumber) return leftNumber.number === rightNumber.number ? 'agrees' : 'differs';
  const sound = leftNumber ?? rightNumber;
  if (!sound) return 'unknown';
  const broken = (leftNumber ? right : left).identifiers.filter(
    ({ type, valid }) => type === 'national-id' && !valid,
  );
  return broken.some(({ number }) => oneSlipApart(number, sound.number)) ? 'slip' : 'unknown';
};

const mothersAgree = (left: PersonProfile, right: PersonProfile): boolean =>
  left.motherIdentifiers.some((one) => right.motherIdentifiers.some((other) => agree(one, other)));

/**
 * Compares two source records field by field.
 *
 * @param sharedPhones numbers held by more than {@link PHONE_HOLDERS_MAXIMUM} different people: no evidence
 */
export const compareProfiles = (
  left: PersonProfile,
  right: PersonProfile,
  sharedPhones: ReadonlySet<string>,
): Comparison => {
  const agreeingSources = new Set<IdentifierSource>();
  for (const one of left.identifiers)
    for (const other of right.identifiers)
      if (agree(one, other)) agreeingSources.add(identifierSource(one.type));
  const lifelong = compareLifelong(left, right);
  const leftNumber = lifelongNumber(left)?.number;
  const rightNumber = lifelongNumber(right)?.number;
  return {
    lifelong,
    neighbouringNumbers: lifelong === 'differs' && oneSlipApart(leftNumber as string, rightNumber as string),
    agreeingSources,
    name: compareNames(left.name, right.name),
    birthDate: compareBirthDates(left.birthDate, right.birthDate),
    sex: compareSexes(left.sex, right.sex),
    phone: left.phones.some((phone) => !sharedPhones.has(phone) && right.phones.includes(phone)),
    address: addressesAgree(left.address, right.address),
    mother: mothersAgree(left, right),
    birthOrder:
      left.birthOrder === null || right.birthOrder === null
        ? 'unknown'
        : left.birthOrder === right.birthOrder
          ? 'agrees'
          : 'differs',
    multipleBirth:
      left.multipleBirth || right.multipleBirth || (left.birthOrder ?? 1) > 1 || (right.birthOrder ?? 1) > 1,
    anonymous: left.name.kind === 'anonymous' || right.name.kind === 'anonymous',
    newborns: (Number(left.name.kind === 'newborn') + Number(right.name.kind === 'newborn')) as 0 | 1 | 2,
  };
};

/** The comparison as evidence codes, in a fixed order. */
export const evidenceOf = (comparison: Comparison): EvidenceCode[] => {
  const codes: EvidenceCode[] = [];
  const note = (holds: boolean, code: EvidenceCode) => {
    if (holds) codes.push(code);
  };
  note(comparison.lifelong === 'agrees', 'national-id-agrees');
  note(comparison.lifelong === 'slip', 'national-id-slip');
  note(comparison.lifelong === 'differs', 'national-id-differs');
  note(comparison.neighbouringNumbers, 'national-id-neighbouring');
  for (const source of comparison.agreeingSources) {
    if (source !== 'resident-document') codes.push(`${source}-agrees`);
    else if (comparison.lifelong !== 'agrees') codes.push('health-card-agrees');
  }
  note(comparison.name === 'agrees', 'name-agrees');
  note(comparison.name === 'similar', 'name-similar');
  note(comparison.name === 'differs', 'name-differs');
  note(comparison.birthDate === 'agrees', 'birth-date-agrees');
  note(comparison.birthDate === 'swapped', 'birth-date-swapped');
  note(comparison.birthDate === 'differs', 'birth-date-differs');
  note(comparison.sex === 'conflicts', 'sex-conflicts');
  note(comparison.phone, 'phone-agrees');
  note(comparison.address, 'address-agrees');
  note(comparison.mother, 'mother-agrees');
  note(comparison.birthOrder === 'differs', 'birth-order-differs');
  note(comparison.multipleBirth, 'multiple-birth');
  note(comparison.newborns > 0, 'newborn');
  note(comparison.anonymous, 'anonymous');
  return codes;
};
