import {
  type IncomingPatient,
  NATIONAL_NUMBERS,
  type PersonIdentifierType,
  recordIssuer,
  type Sex,
  type StatedIdentifier,
} from '../../person/index.ts';
import { identifierType, looksLikeChineseId, recordSpaceOf } from './identifier-types.ts';
import type { ParsedMessage, Segment } from './parse.ts';
import { joinName, type Reading } from './reading.ts';

const SEXES: Readonly<Record<string, Sex>> = {
  M: 'male',
  MALE: 'male',
  '1': 'male',
  男: 'male',
  男性: 'male',
  F: 'female',
  FEMALE: 'female',
  '2': 'female',
  女: 'female',
  女性: 'female',
  '9': 'not-stated',
  未说明: 'not-stated',
  '': 'not-stated',
};

/**
 * Who gave the number. National documents: `CN`. Numbers of the sender's own hospital: its institution code, also
 * when CX-4 repeats the sender's own name. Any other authority is kept apart under the institution, unless the
 * sender's dialect says which issuer it means: two systems that call themselves HIS are not one.
 */
const issuerOf = (
  type: PersonIdentifierType,
  typeCode: string,
  authority: string,
  country: string,
  own: ReadonlySet<string>,
  reading: Reading,
): string => {
  const { institution, dialect } = reading.defaults;
  if (NATIONAL_NUMBERS.has(type)) return 'CN';
  if (type === 'passport') return country;
  const named = dialect.authorities?.[authority];
  if (named !== undefined) return named;
  const counted = type === 'medical-record' ? recordSpaceOf(typeCode) : undefined;
  const space =
    type === 'other'
      ? `${institution}/${typeCode || 'untyped'}`
      : counted === undefined
        ? institution
        : recordIssuer(institution, counted);
  return authority === '' || own.has(authority) ? space : `${space}/${authority}`;
};

interface Identifiers {
  readonly person: readonly StatedIdentifier[];
  readonly visits: readonly string[];
}

/** Names by which the sender calls itself in MSH-3 and MSH-4. */
const ownNames = (message: ParsedMessage, reading: Reading): ReadonlySet<string> => {
  const { header } = message;
  return new Set([
    reading.defaults.institution,
    header.sub(header.raw(3), 1, 1),
    header.sub(header.raw(4), 1, 1),
    header.sub(header.raw(4), 1, 2),
  ]);
};

/** Reads the CX repetitions of one field. */
const readIdentifiers = (
  segment: Segment,
  field: number,
  untyped: PersonIdentifierType,
  own: ReadonlySet<string>,
  reading: Reading,
): Identifiers => {
  const person: StatedIdentifier[] = [];
  const visits: string[] = [];
  for (const repetition of segment.repetitions(field)) {
    const number = segment.componentOf(repetition, 1).trim();
    if (number === '') continue;
    const authority = segment.sub(repetition, 4, 1) || segment.sub(repetition, 4, 2);
    const typeCode = segment.componentOf(repetition, 5).trim();
    const local = reading.defaults.dialect.identifierTypes?.[typeCode.toUpperCase()];
    const found = local ?? identifierType(typeCode, number, authority);
    if (found === 'visit') visits.push(number);
    else {
      const type = found === 'untyped' ? untyped : found;
      const country = segment.sub(repetition, 9, 1) || (/^[A-Z]{2,3}$/.test(authority) ? authority : '');
      const space = typeCode || `${segment.name}-${field}`;
      person.push({ type, issuer: issuerOf(type, space, authority, country, own, reading), number });
    }
  }
  return { person, visits };
};

/** XPN: the ideographic form before others, then the legal name, then the first. The characters stay as they are. */
const readName = (pid: Segment): string | null => {
  const names = pid.repetitions(5);
  const chosen =
    names.find((name) => pid.componentOf(name, 8) === 'I') ??
    names.find((name) => pid.componentOf(name, 7) === 'L' && pid.componentOf(name, 1) !== '') ??
    names[0];
  if (chosen === undefined) return null;
  const name = joinName(pid.sub(chosen, 1, 1), pid.componentOf(chosen, 2), pid.componentOf(chosen, 3));
  return name.trim() === '' ? null : name;
};

/** XTN: the number as written (component 1), else unformatted (12), else from country, area and local parts. */
const readPhones = (pid: Segment): readonly string[] => {
  const numbers = [...pid.repetitions(13), ...pid.repetitions(14)].map((phone) => {
    const part = (index: number) => pid.componentOf(phone, index).trim();
    return part(1) || part(12) || [part(5), part(6), part(7)].filter((piece) => piece !== '').join('');
  });
  return [...new Set(numbers.filter((number) => number !== ''))];
};

/** XAD: the parts from street to country in the order of the field. */
const readAddress = (pid: Segment): string | null => {
  const [address] = pid.repetitions(11);
  if (address === undefined) return null;
  const parts = [1, 2, 3, 4, 5, 6].map((index) => pid.sub(address, index, 1)).filter((part) => part !== '');
  return parts.length === 0 ? null : parts.join(' ');
};

const distinct = (identifiers: readonly StatedIdentifier[]): readonly StatedIdentifier[] => {
  const byKey = new Map(identifiers.map((one) => [`${one.type}|${one.issuer}|${one.number}`, one]));
  return [...byKey.values()];
};

/** PID-2, PID-3, PID-4 and PID-19 together. PID-2 and PID-4 are read as PID-3 only where PID-3 is empty. */
const readPersonIdentifiers = (pid: Segment, own: ReadonlySet<string>, reading: Reading): Identifiers => {
  const usual = reading.defaults.dialect.untypedIdentifier ?? 'medical-record';
  const main = readIdentifiers(pid, 3, usual, own, reading);
  const legacyDefault = main.person.length === 0 ? usual : 'other';
  const lists = [
    main,
    readIdentifiers(pid, 2, legacyDefault, own, reading),
    readIdentifiers(pid, 4, 'other', own, reading),
  ];
  const person = lists.flatMap((list) => list.person);
  // PID-19 is the social security number of the United States; Chinese systems keep the citizen number there.
  const number = pid.get(19).trim();
  if (looksLikeChineseId(number)) person.push({ type: 'national-id', issuer: 'CN', number });
  else if (number !== '') {
    person.push({ type: 'other', issuer: `${reading.defaults.institution}/PID-19`, number });
  }
  return { person: distinct(person), visits: lists.flatMap((list) => list.visits) };
};

/** The patient of a message, with the visit numbers that stood among the identifiers. */
export interface ReadPatient {
  readonly patient: IncomingPatient;
  readonly visitNumbers: readonly string[];
}

/** Nobody: what a refused message has instead of a patient. */
const NOBODY: IncomingPatient = {
  identifiers: [],
  name: null,
  sex: 'not-stated',
  birthDate: null,
  phones: [],
  address: null,
  motherIdentifiers: [],
  birthOrder: null,
  multipleBirth: false,
  deceased: false,
};

/**
 * Reads PID (HL7 v2 chapter 3). A message without a patient, or with PID segments that differ in identifiers or
 * name, is refused: a result of nobody and a result of two people are worse than none.
 */
export const readPatient = (message: ParsedMessage, reading: Reading): ReadPatient => {
  const [pid, ...others] = message.segments.filter((segment) => segment.name === 'PID');
  if (!pid) {
    reading.refuse('HL7_PATIENT_MISSING', 'PID');
    return { patient: NOBODY, visitNumbers: [] };
  }
  const own = ownNames(message, reading);
  const { person, visits } = readPersonIdentifiers(pid, own, reading);
  const name = readName(pid);
  if (person.length === 0 && name === null) reading.refuse('HL7_PATIENT_EMPTY', pid.placeOf(3));
  const differs = others.find((other) =>
    [2, 3, 4, 5, 7, 19].some((field) => other.raw(field) !== pid.raw(field)),
  );
  if (differs) reading.refuse('HL7_TWO_PATIENTS', differs.place);
  const birthOrder = pid.get(25).trim();
  const patient: IncomingPatient = {
    identifiers: person,
    name,
    sex: SEXES[pid.get(8).trim().toUpperCase()] ?? 'unknown',
    birthDate: reading.time(pid, 7),
    phones: readPhones(pid),
    address: readAddress(pid),
    motherIdentifiers: distinct(readIdentifiers(pid, 21, 'medical-record', own, reading).person),
    birthOrder: /^\d{1,2}$/.test(birthOrder) ? Number(birthOrder) : null,
    multipleBirth: pid.get(24).toUpperCase() === 'Y',
    deceased: pid.get(30).toUpperCase() === 'Y',
  };
  return { patient, visitNumbers: visits };
};

/** The identifiers that an A40 takes out of use (MRG-1, and MRG-4 of older versions). */
export const readMergedIdentifiers = (
  message: ParsedMessage,
  merge: Segment,
  reading: Reading,
): readonly StatedIdentifier[] => {
  const own = ownNames(message, reading);
  const usual = reading.defaults.dialect.untypedIdentifier ?? 'medical-record';
  return distinct([1, 4].flatMap((field) => readIdentifiers(merge, field, usual, own, reading).person));
};
