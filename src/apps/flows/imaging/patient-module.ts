import { attributeSaying } from '../../../adapters/dicom/corrected-attribute.ts';
import type { CorrectedAttribute, HeaderCorrection } from '../../../adapters/dicom/corrected-head.ts';
import type { StudyReading } from '../../../adapters/postgres/imaging-reading.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import { type PersonRecord, readPersonRecords } from '../../../adapters/postgres/person-records.ts';
import type { HeaderPatient } from '../../../imaging/index.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { nameForm, normaliseNumber, RECORD_SPACES, recordIssuer, type Sex } from '../../../person/index.ts';
import { certainMembers } from '../own-data/own-reader.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { patientOf } from './header-patient.ts';

/** Modifying System, and issuer of the numbers by which the person index itself knows somebody. */
const SYSTEM = 'HUREN';
const SEXES: Readonly<Record<Sex, string>> = { male: 'M', female: 'F', unknown: '', 'not-stated': '' };

/** Whom a study is of now: the record that describes the person, and their number where the study was made. */
interface Described {
  readonly record: PersonRecord & { readonly name: string };
  /** null: the institution has no number for this person. */
  readonly number: { readonly issuer: string; readonly number: string } | null;
}

/**
 * The record that counts: of the institution that made the study, the one last described (after a merge the number that
 * stayed in use); where that institution has none, the last described of any. Records taken for the same person only by
 * likeness do not count.
 */
const describedBy = (records: readonly PersonRecord[], institution: InstitutionCode): Described | null => {
  const issuers = [institution, ...RECORD_SPACES.map((space) => recordIssuer(institution, space))];
  const named = records.filter((record): record is Described['record'] => record.name !== null);
  for (const record of named) {
    const number = record.recordNumbers.find(({ issuer }) => issuers.includes(issuer as InstitutionCode));
    if (number) return { record, number };
  }
  const [first] = named;
  return first ? { record: first, number: null } : null;
};

const isSameName = ({ name }: HeaderPatient, known: string): boolean =>
  [name?.ideographic, name?.alphabetic].some(
    (group) => group && nameForm(group.replaceAll('^', ' ')) === nameForm(known),
  );

/** A name in the group for its script: the other ones are not known, and nobody is given a transcription we made up. */
const nameValue = (name: string): string => (/\p{Script=Han}/u.test(name) ? `=${name}` : name);

/** Attributes that must say something else than the study's headers do. */
const differing = (stated: HeaderPatient, { record, number }: Described): readonly CorrectedAttribute[] => {
  const attributes: CorrectedAttribute[] = [];
  const set = (tag: string, vr: CorrectedAttribute['vr'], value: string) =>
    attributes.push(attributeSaying(tag, vr, value));
  const isKnownNumber =
    stated.patientId !== null &&
    record.recordNumbers.some((one) => one.number === normaliseNumber(stated.patientId as string));
  const isNamed = isSameName(stated, record.name);
  if (!isNamed) set('00100010', 'PN', nameValue(record.name));
  if (!isKnownNumber) {
    set('00100020', 'LO', number?.number ?? record.publicId);
    set('00100021', 'LO', number?.issuer ?? SYSTEM);
  }
  // What the index does not know stays, unless it would be somebody else's.
  const isSomebodyElse = !isNamed || !isKnownNumber;
  const birthDate = record.birthDate?.replaceAll('-', '') ?? (isSomebodyElse ? '' : null);
  if (birthDate !== null && birthDate !== (stated.birthDate ?? '')) set('00100030', 'DA', birthDate);
  const sex = SEXES[record.sex] || (isSomebodyElse ? '' : null);
  if (sex !== null && sex !== (stated.sex ?? '')) set('00100040', 'CS', sex);
  return attributes;
};

/** `20261126021500+0000`. */
const dicomMoment = (at: Instant): string => `${isoInstant(at).replace(/\D/g, '').slice(0, 14)}+0000`;

/**
 * What the headers of a study are to say of its patient, as the person index has it now: after a merge, after records were
 * parted, after a study was given to the right person. Stored bytes are never touched.
 *
 * @returns null where they say it already, or the index knows nobody by name
 */
export const patientModuleOf = (
  dependencies: ImagingDependencies,
  study: StudyReading,
  institution: InstitutionCode,
): Promise<HeaderCorrection | null> => patientModules(dependencies)(study, institution);

/** The same for the studies of one answer: each person is looked up once. */
export const patientModules = (
  dependencies: ImagingDependencies,
): ((study: StudyReading, institution: InstitutionCode) => Promise<HeaderCorrection | null>) => {
  const { database, keys, clock } = dependencies;
  const recordsOf = new Map<string, Promise<readonly PersonRecord[]>>();
  const lookedUp = async (personId: string): Promise<readonly PersonRecord[]> =>
    readPersonRecords(database, keys, certainMembers(await clusterOf(database, personId)));
  return async (study, institution) => {
    const records = recordsOf.get(study.personId) ?? lookedUp(study.personId);
    recordsOf.set(study.personId, records);
    const described = describedBy(await records, institution);
    if (!described) return null;
    const attributes = differing(patientOf(dependencies, study), described);
    return attributes.length === 0
      ? null
      : { attributes, system: SYSTEM, source: institution, at: dicomMoment(clock()) };
  };
};
