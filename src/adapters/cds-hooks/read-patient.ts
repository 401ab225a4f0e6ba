import type { Sex } from '../../person/index.ts';
import type { CdsRegistration } from '../postgres/cds-clients.ts';
import { codingsOf, elementOf, elementsOf, type FhirElement, wordsOf } from './fhir-reading.ts';

/** Identifier system of the citizen number, by its OID of WS/T 364. */
const CITIZEN_NUMBER = 'urn:oid:2.16.156.10011.1.3';
/** HL7's passport systems end in the country that issued it. */
const PASSPORT = /^http:\/\/hl7\.org\/fhir\/sid\/passport-([A-Z]{3})$/;
const IDENTIFIERS_MAX = 16;
const NUMBER_CHARACTERS_MAX = 64;
const NAME_CHARACTERS_MAX = 100;

/** A patient as a FHIR Patient states it, in the words of an order check. */
export interface StatedPatient {
  readonly identifiers: readonly {
    readonly type: 'national-id' | 'passport' | 'medical-record';
    readonly issuer?: string;
    readonly number: string;
  }[];
  readonly outpatientNumber: string | null;
  readonly inpatientNumber: string | null;
  readonly name: string | null;
  readonly sex: Sex;
  /** `YYYY-MM-DD`; null where a part of it is missing. */
  readonly birthDate: string | null;
}

type Numbered = StatedPatient['identifiers'][number];

/** What an identifier is by its system, or by its type (HL7 table 0203) where that is unmistakable. */
const identifierOf = (
  identifier: FhirElement,
  number: string,
  recordSystem: string | null,
): Numbered | null => {
  const system = wordsOf(identifier['system']) ?? null;
  if (system !== null && system === recordSystem) return { type: 'medical-record', number };
  const country = PASSPORT.exec(system ?? '')?.[1];
  if (country) return { type: 'passport', issuer: country, number };
  const isCitizenNumber =
    system === CITIZEN_NUMBER ||
    codingsOf(elementOf(identifier['type'])).some(({ code }) => code === 'NNCHN');
  return isCitizenNumber ? { type: 'national-id', number } : null;
};

const nameIn = (name: FhirElement): string | undefined => {
  const text = wordsOf(name['text']);
  if (text !== undefined) return text;
  const family = wordsOf(name['family']) ?? '';
  const given = Array.isArray(name['given']) ? name['given'].flatMap((part) => wordsOf(part) ?? []) : [];
  const parts = [family, ...given];
  // A Chinese name is written family name first and without spaces; any other as its language has it.
  return wordsOf(/\p{Script=Han}/u.test(parts.join('')) ? parts.join('') : [...given, family].join(' '));
};

const nameOf = (patient: FhirElement): string | null => {
  const names = elementsOf(patient['name']).filter(({ use }) => use !== 'old');
  const official = names.find(({ use }) => use === 'official') ?? names[0];
  const name = official && nameIn(official);
  return name !== undefined && name.length <= NAME_CHARACTERS_MAX ? name : null;
};

const SEXES: Readonly<Record<string, Sex>> = { male: 'male', female: 'female', unknown: 'unknown' };

/**
 * Reads a FHIR Patient. Identifiers of systems nobody registered are left out: a record number of an unknown space
 * could be another patient's.
 */
export const readPatient = (
  patient: FhirElement,
  { recordSystem, outpatientSystem, inpatientSystem }: CdsRegistration,
): StatedPatient => {
  const identifiers: Numbered[] = [];
  let outpatientNumber: string | null = null;
  let inpatientNumber: string | null = null;
  for (const identifier of elementsOf(patient['identifier'])) {
    const number = wordsOf(identifier['value']);
    const system = wordsOf(identifier['system']);
    if (number === undefined || number.length > NUMBER_CHARACTERS_MAX || identifier['use'] === 'old')
      continue;
    if (system !== undefined && system === outpatientSystem) outpatientNumber = number;
    else if (system !== undefined && system === inpatientSystem) inpatientNumber = number;
    else {
      const read = identifierOf(identifier, number, recordSystem);
      if (read && identifiers.length < IDENTIFIERS_MAX) identifiers.push(read);
    }
  }
  const birthDate = wordsOf(patient['birthDate']);
  return {
    identifiers,
    outpatientNumber,
    inpatientNumber,
    name: nameOf(patient),
    sex: SEXES[wordsOf(patient['gender']) ?? ''] ?? 'unknown',
    birthDate: birthDate !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(birthDate) ? birthDate : null,
  };
};

/** 工号 of a FHIR Practitioner under the hospital's registered system; null where it states none. */
export const readStaffNumber = (
  practitioner: FhirElement,
  { staffSystem }: CdsRegistration,
): string | null => {
  if (staffSystem === null) return null;
  const own = elementsOf(practitioner['identifier']).find(({ system }) => wordsOf(system) === staffSystem);
  return wordsOf(own?.['value']) ?? null;
};
