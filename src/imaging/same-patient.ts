import { compareSexes, isOneNameWritten, type Sex, type WrittenPerson } from '../person/index.ts';
import type { HeaderPatient } from './instance.ts';

/** 男 and 女 are what devices write that were set up in Chinese. */
const SEXES: Readonly<Record<string, Sex>> = { M: 'male', F: 'female', 男: 'male', 女: 'female' };

const sexOf = ({ sex }: HeaderPatient): Sex => SEXES[sex?.trim().toUpperCase() ?? ''] ?? 'unknown';

/** Digits of a birth date: `1980.05.14` is how it was written before DICOM (PS3.5 §6.2). Nothing but zeros states none. */
const birthDateOf = ({ birthDate }: HeaderPatient): string =>
  birthDate?.replace(/\D/g, '').replace(/^0+$/, '') ?? '';

/** A year or month alone differs from no day in it. */
const areBirthDatesApart = (one: string, other: string): boolean =>
  !one.startsWith(other) && !other.startsWith(one);

const HAN = /\p{Script=Han}/u;

const groupsOf = ({ name }: HeaderPatient): readonly (string | null)[] =>
  name === null ? [] : [name.alphabetic, name.ideographic, name.phonetic];

/**
 * Whether two issuers of a number are two number spaces. One that is not named is the sender's own (`HeaderPatient`), and so is
 * whatever the sender names that is no other institution; two that are both named and differ are two.
 */
const areIssuersApart = (
  one: string | null,
  other: string | null,
  isAnotherInstitution: (issuer: string) => boolean,
): boolean => {
  if (one === other) return false;
  if (one !== null && other !== null) return true;
  return isAnotherInstitution((one ?? other) as string);
};

/**
 * Whether headers of one study state two patients. With one number of one issuer they do where birth dates or sexes contradict, or
 * names differ by more than their writing: a device's worklist row taken for the next patient looks like that. What is not stated
 * contradicts nothing, but for the number: without one on either side there is only name and birth date, which must be the same.
 *
 * @param isAnotherInstitution whether an issuer is an institution, and not the sending one
 */
export const areTwoPatients = (
  one: HeaderPatient,
  other: HeaderPatient,
  isAnotherInstitution: (issuer: string) => boolean,
): boolean => {
  if (one.patientId !== other.patientId) return true;
  if (compareSexes(sexOf(one), sexOf(other)) === 'conflicts') return true;
  const [born, otherBorn] = [birthDateOf(one), birthDateOf(other)];
  if (one.patientId === null)
    return born !== otherBorn || groupsOf(one).join('=') !== groupsOf(other).join('=');
  return (
    !isOneNameWritten(groupsOf(one), groupsOf(other)) ||
    areBirthDatesApart(born, otherBorn) ||
    areIssuersApart(one.issuerOfPatientId, other.issuerOfPatientId, isAnotherInstitution)
  );
};

/** Digits of a date, and how many of them tell year, month and day. */
const DATE = /^((?:1[89]|2\d)\d{2})(?:(\d{2})(\d{2})?)?$/;

/** The patient of a header as the person index compares him. A birth date of other digits than year, month and day is none. */
export const writtenPatient = (patient: HeaderPatient): WrittenPerson => ({
  names: groupsOf(patient),
  birthDate: DATE.exec(birthDateOf(patient))?.slice(1).filter(Boolean).join('-') ?? null,
  sex: sexOf(patient),
});

/** A name that stands in the first group in characters, as many devices send it. */
const charactersOf = (group: string | null): string | null =>
  group !== null && HAN.test(group) ? group : null;

/**
 * What two headers of one patient state together: what the first leaves open is the second's. So a third is held against all that
 * was said before, and not only against a first one that said little.
 */
export const statedTogether = (one: HeaderPatient, other: HeaderPatient): HeaderPatient => ({
  patientId: one.patientId,
  issuerOfPatientId: one.issuerOfPatientId ?? other.issuerOfPatientId,
  name:
    one.name === null || other.name === null
      ? (one.name ?? other.name)
      : {
          alphabetic: one.name.alphabetic ?? other.name.alphabetic,
          ideographic: one.name.ideographic ?? other.name.ideographic ?? charactersOf(other.name.alphabetic),
          phonetic: one.name.phonetic ?? other.name.phonetic,
        },
  birthDate: birthDateOf(other).length > birthDateOf(one).length ? other.birthDate : one.birthDate,
  sex: sexOf(one) === 'unknown' && sexOf(other) !== 'unknown' ? other.sex : one.sex,
});
