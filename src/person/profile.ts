import type { IncomingPatient, Sex } from './incoming-patient.ts';
import {
  birthDateOfNumber,
  isLifelongNumber,
  normaliseIdentifier,
  normalisePhone,
  type PersonIdentifier,
} from './identifiers.ts';
import { type ComparableName, comparableName } from './names.ts';
import type { StatedTime } from '../kernel/instant.ts';

/** What the rules compare: one source record, prepared. Built from a message or from the stored record alike. */
export interface PersonProfile {
  readonly name: ComparableName;
  readonly sex: Sex;
  /** `YYYY-MM-DD`, or as much of it as was stated; null when nothing or a placeholder was. */
  readonly birthDate: string | null;
  /** The person's own identifiers, also those that fail their check. */
  readonly identifiers: readonly PersonIdentifier[];
  readonly phones: readonly string[];
  /** Comparison form of the address. */
  readonly address: string | null;
  readonly motherIdentifiers: readonly PersonIdentifier[];
  readonly birthOrder: number | null;
  readonly multipleBirth: boolean;
}

/** The one lifelong number (national ID or residence permit) of a record; undefined without one. */
export const lifelongNumber = (profile: PersonProfile): PersonIdentifier | undefined =>
  profile.identifiers.find(isLifelongNumber);

const PLACEHOLDER_BIRTH_DATES = new Set(['1900-01-01', '1111-11-11', '1800-01-01']);

/**
 * A stated birth date as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, by its characters: a birth date is a day on the calendar,
 * no moment in any zone.
 */
export const birthDateText = (stated: StatedTime | null): string | null => {
  const digits = stated?.text.replaceAll('-', '') ?? '';
  const match = /^(\d{4})(\d{2})?(\d{2})?/.exec(digits);
  if (!match) return null;
  return match.slice(1).filter(Boolean).join('-');
};

/** The same, without what clerks enter for an unknown date. */
export const comparableBirthDate = (text: string | null): string | null =>
  text === null || PLACEHOLDER_BIRTH_DATES.has(text) ? null : text;

/** Comparison form of an address: half width, without spaces and punctuation. */
export const addressForm = (address: string | null): string | null => {
  const form =
    address
      ?.normalize('NFKC')
      .replace(/[\s\p{P}]/gu, '')
      .toUpperCase() ?? '';
  return form === '' ? null : form;
};

const distinct = (identifiers: readonly (PersonIdentifier | undefined)[]): PersonIdentifier[] => {
  const byIdentity = new Map<string, PersonIdentifier>();
  for (const identifier of identifiers)
    if (identifier)
      byIdentity.set(`${identifier.type}|${identifier.issuer}|${identifier.number}`, identifier);
  return [...byIdentity.values()];
};

/**
 * Prepares a patient as stated. A newborn registered under a stand-in name often carries the mother's ID number in the
 * child's field: a number whose birth date is not the child's is the mother's, a relation and not an identifier.
 */
export const personProfile = (patient: IncomingPatient): PersonProfile => {
  const name = comparableName(patient.name);
  const birthDate = comparableBirthDate(birthDateText(patient.birthDate));
  const stated = distinct(patient.identifiers.map(normaliseIdentifier));
  const isMothers = (identifier: PersonIdentifier) =>
    name.kind === 'newborn' &&
    isLifelongNumber(identifier) &&
    birthDateOfNumber(identifier.number) !== birthDate;
  return {
    name,
    sex: patient.sex,
    birthDate,
    identifiers: stated.filter((identifier) => !isMothers(identifier)),
    phones: [...new Set(patient.phones.map(normalisePhone).filter((phone) => phone !== undefined))],
    address: addressForm(patient.address),
    motherIdentifiers: distinct([
      ...patient.motherIdentifiers.map(normaliseIdentifier),
      ...stated.filter(isMothers),
    ]),
    birthOrder: patient.birthOrder,
    multipleBirth: patient.multipleBirth,
  };
};
