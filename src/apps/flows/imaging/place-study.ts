import type { Session } from '../../../adapters/postgres/database.ts';
import { findStudyPlace, type StudyPlace } from '../../../adapters/postgres/imaging-arrivals.ts';
import { reportOfStudy, reportsThatState } from '../../../adapters/postgres/imaging-links.ts';
import {
  addMatch,
  addStudy,
  lockStudy,
  recordHolders,
  reportHolder,
} from '../../../adapters/postgres/imaging-studies.ts';
import { resolvePerson } from '../../../adapters/postgres/person-index.ts';
import { clusterOf, standingUnder, writtenRecords } from '../../../adapters/postgres/person-lookup.ts';
import type { InstitutionKey, Registry } from '../../../adapters/postgres/registry.ts';
import {
  type Belonging,
  belongingOf,
  type HeaderPatient,
  type InstanceHeader,
  writtenPatient,
} from '../../../imaging/index.ts';
import { type Instant, instant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import {
  type ContradictedField,
  contradictedFields,
  type IncomingPatient,
  normaliseIdentifier,
  RECORD_SPACES,
  recordIssuer,
  type Sex,
  type StatedIdentifier,
} from '../../../person/index.ts';
import { isTakenBack } from '../../../result/index.ts';
import { patientText, sealedPatient } from './header-patient.ts';
import type { ImagingDependencies } from './imaging-work.ts';

/** The first instance of a study, as far as it decides where the study belongs. */
export interface StudyArrival {
  readonly institution: InstitutionCode;
  readonly institutionKey: InstitutionKey;
  readonly header: InstanceHeader;
  readonly charsetDerived: string | null;
  /** Whether the name was read against the character set that the header names. */
  readonly charsetOverruled: boolean;
  readonly at: Instant;
}

const SEXES: Readonly<Record<string, Sex>> = { M: 'male', F: 'female' };

/**
 * Whether two headers state of the patient the very same, which nearly all images of a study do. Where they do not, `areTwoPatients`
 * weighs what they state. Studies of before carry a hash of less, under another domain: their images are weighed.
 */
export const patientHash = ({ keys }: Pick<ImagingDependencies, 'keys'>, patient: HeaderPatient): string =>
  keys.hash('study-patient.2', patientText(patient));

const HASHES_MAX = 1_000;

/** As `patientHash`, which is the same for each image of a study. */
export const patientHashes = (
  dependencies: Pick<ImagingDependencies, 'keys'>,
): ((patient: HeaderPatient) => string) => {
  const hashes = new Map<string, string>();
  return (patient) => {
    const text = patientText(patient);
    const known = hashes.get(text);
    if (known !== undefined) return known;
    const hash = patientHash(dependencies, patient);
    if (hashes.size >= HASHES_MAX) hashes.clear();
    hashes.set(text, hash);
    return hash;
  };
};

/** A name as the person index compares it: Chinese characters where there are some, without delimiters. */
const nameText = ({ name }: HeaderPatient): string | null => {
  const group = name?.ideographic ?? name?.alphabetic ?? null;
  if (group === null) return null;
  const isChinese = /\p{Script=Han}/u.test(group);
  return group.replaceAll('^', isChinese ? '' : ' ').trim() || null;
};

const incomingPatient = (patient: HeaderPatient, identifier: StatedIdentifier): IncomingPatient => ({
  identifiers: [identifier],
  name: nameText(patient),
  sex: SEXES[patient.sex ?? ''] ?? 'unknown',
  birthDate: /^\d{8}$/.test(patient.birthDate ?? '')
    ? { at: instant(0), precision: 'day', text: patient.birthDate as string }
    : null,
  phones: [],
  address: null,
  motherIdentifiers: [],
  birthOrder: null,
  multipleBirth: false,
  deceased: false,
});

/** A record in the person index that is nobody's but this study's: joined to a person by a link, parted by its removal. */
export const ownRecord = (institution: InstitutionCode, studyUid: string): IncomingPatient => ({
  ...incomingPatient(
    { patientId: null, issuerOfPatientId: null, name: null, birthDate: null, sex: null },
    { type: 'medical-record', issuer: `${institution}/study`, number: studyUid },
  ),
});

/** Who sends a patient, and what the header states of him. */
interface PatientArrival {
  readonly institution: InstitutionCode;
  readonly header: Pick<InstanceHeader, 'patient'>;
}

/** Who issued the patient number: as the header says where it names an institution, else the sending one. */
const issuerOf = ({ institution, header }: PatientArrival, registry: Registry): InstitutionCode => {
  const named = header.patient.issuerOfPatientId as InstitutionCode | null;
  return named !== null && registry.institutionKey(named) !== undefined ? named : institution;
};

/** Under which issuers a patient number may be known. */
export const identifiersOf = (arrival: PatientArrival, registry: Registry): readonly StatedIdentifier[] => {
  const { patientId } = arrival.header.patient;
  if (patientId === null) return [];
  const issuer = issuerOf(arrival, registry);
  return [issuer, ...RECORD_SPACES.map((space) => recordIssuer(issuer, space))]
    .map((each): StatedIdentifier => ({ type: 'medical-record', issuer: each, number: patientId }))
    .filter((each) => normaliseIdentifier(each)?.valid === true);
};

interface Holder {
  readonly identifier: StatedIdentifier;
  readonly personId: string;
}

/**
 * Persons of the reports that speak of a study, by its accession number or its UID; a report that was taken back speaks of
 * nothing.
 */
export const reportHolders = async (
  session: Session,
  institutionKey: InstitutionKey,
  { studyUid, accession }: { readonly studyUid: string; readonly accession: string | null },
): Promise<readonly string[]> => {
  const numbered = accession === null ? undefined : await reportHolder(session, institutionKey, accession);
  const stating = (await reportsThatState(session, institutionKey, studyUid)).filter(
    ({ standing }) => !isTakenBack(standing),
  );
  return [...new Set([...(numbered ? [numbered] : []), ...stating].map(({ personId }) => personId))];
};

/** One holder for each cluster. */
const apartHolders = async (session: Session, holders: readonly Holder[]): Promise<readonly Holder[]> => {
  const apart: Holder[] = [];
  const seen = new Set<string>();
  for (const holder of holders) {
    if (seen.has(holder.personId)) continue;
    for (const { personId } of (await clusterOf(session, holder.personId)).members) seen.add(personId);
    apart.push(holder);
  }
  return apart;
};

interface Decision {
  readonly belonging: Belonging;
  /** The number under which its person is found or made. */
  readonly identifier: StatedIdentifier | undefined;
  /** Fields in which the header speaks of somebody else than the number's holder. */
  readonly contradicted: readonly ContradictedField[];
}

const decide = async (
  session: Session,
  { keys }: ImagingDependencies,
  arrival: StudyArrival,
  registry: Registry,
): Promise<Decision> => {
  const { header, institutionKey } = arrival;
  const identifiers = identifiersOf(arrival, registry);
  const holders = await apartHolders(session, await recordHolders(session, keys, identifiers));
  const [holder] = holders;
  const identifier = holder?.identifier ?? identifiers[0];
  const standing =
    holder &&
    (await standingUnder(
      session,
      keys,
      incomingPatient(header.patient, holder.identifier),
      holder.identifier,
    ));
  const reported = await reportHolders(session, institutionKey, {
    studyUid: header.studyUid,
    accession: header.accessionNumber,
  });
  const members = holder ? (await clusterOf(session, holder.personId)).members : [];
  const contradicted = holder
    ? contradictedFields(writtenPatient(header.patient), await writtenRecords(session, holder.personId))
    : [];
  const belonging = belongingOf({
    hasPatientId: identifier !== undefined,
    holders: holders.map(({ personId }) => personId),
    isContradicted: contradicted.length > 0 || standing?.contradiction !== undefined,
    isIssuedElsewhere: issuerOf(arrival, registry) !== arrival.institution,
    // A name that was read against what its header says may stand against somebody, and speaks for nobody.
    isCorroborated: !arrival.charsetOverruled && (standing?.isCorroborated ?? false),
    reportHolders: reported,
    isSamePerson: reported.every((each) => members.some(({ personId }) => personId === each)),
  });
  return { belonging, identifier, contradicted };
};

const makeStudy = async (
  session: Session,
  dependencies: ImagingDependencies,
  arrival: StudyArrival,
  registry: Registry,
): Promise<StudyPlace> => {
  const { keys, newPublicId } = dependencies;
  const { institution, institutionKey, header, at } = arrival;
  const { belonging, identifier, contradicted } = await decide(session, dependencies, arrival, registry);
  const context = {
    issuer: institution,
    at,
    basis: 'report' as const,
    newPublicId,
    sourceRef: header.studyUid,
  };
  const stated =
    belonging.kind === 'by-number' && identifier
      ? incomingPatient(header.patient, identifier)
      : ownRecord(institution, header.studyUid);
  const resolved = await resolvePerson(session, keys, stated, context);
  // Somebody changed the index in between: then the study is nobody's for now.
  const person = resolved.ok
    ? resolved
    : await resolvePerson(session, keys, ownRecord(institution, header.studyUid), context);
  if (!person.ok) throw new Error(`no record for a study: ${person.reason.code}`);
  const { personId, members } = person.value;
  const persons = members.map((member) => member.personId);
  const isApart = belonging.kind === 'apart' || !resolved.ok;
  const report = isApart
    ? null
    : await reportOfStudy(session, persons, institutionKey, {
        studyUid: header.studyUid,
        accession: header.accessionNumber,
      });
  const place = await addStudy(session, personId, {
    publicId: newPublicId(),
    institution: institutionKey,
    studyUid: header.studyUid,
    accession: header.accessionNumber,
    report,
    description: header.descriptions.study?.slice(0, 1024) ?? null,
    // `2026.11.26` and `09:15:00` are how earlier editions wrote them (PS3.5 §6.2).
    studyDate: header.times.studyDate?.replaceAll('.', '').slice(0, 8) ?? null,
    studyTime: header.times.studyTime?.replaceAll(':', '').slice(0, 16) ?? null,
    patient: sealedPatient(keys, header.studyUid, header.patient, {
      studyId: header.studyId,
      referringPhysician: header.referringPhysician ?? null,
    }),
    patientHash: patientHash(dependencies, header.patient),
    charsetDerived: arrival.charsetDerived,
    at,
  });
  if (isApart)
    await addMatch(session, place, {
      publicId: newPublicId(),
      institution: institutionKey,
      reason: belonging.kind === 'apart' ? belonging.reason : 'patient-contradicts',
      candidates: belonging.kind === 'apart' ? belonging.candidates : [],
      contradicted,
      at,
    });
  return place;
};

/** Finds where a study lies, or makes it known under the person it belongs to. */
export const placeStudy = async (
  dependencies: ImagingDependencies,
  arrival: StudyArrival,
): Promise<StudyPlace> => {
  const { database, snapshots } = dependencies;
  const known = await findStudyPlace(database, arrival.institutionKey, arrival.header.studyUid);
  if (known) return known;
  const { registry } = await snapshots.current();
  return database.transaction(async (session) => {
    await lockStudy(session, arrival.institutionKey, arrival.header.studyUid);
    return (
      (await findStudyPlace(session, arrival.institutionKey, arrival.header.studyUid)) ??
      (await makeStudy(session, dependencies, arrival, registry))
    );
  });
};
