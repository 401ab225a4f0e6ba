import type { KeyRing, Sealed } from '../../../adapters/keys/key-ring.ts';
import type { StudyReading } from '../../../adapters/postgres/imaging-reading.ts';
import type { HeaderPatient, NameGroups } from '../../../imaging/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { ImagingDependencies } from './imaging-work.ts';

/** Context under which the patient of a study is sealed. */
const patientContext = (studyUid: string): string => `study-patient|${studyUid}`;

/** The patient that a header states, as one text. */
export const patientText = (patient: HeaderPatient): string =>
  canonicalJson({ ...patient, name: patient.name && { ...patient.name } });

/**
 * What the header that made a study known says of how it was asked for. The doctor's name is somebody's name and is kept as the
 * patient's is; of studies from before it was kept nothing is known.
 */
export interface StudyRequest {
  /** Study ID (0020,0010). */
  readonly studyId: string | null;
  /** Referring Physician's Name (0008,0090). */
  readonly referringPhysician: NameGroups | null;
}

/** Of a study of which nothing is known. */
const NO_REQUEST: StudyRequest = { studyId: null, referringPhysician: null };

/** What is sealed of a study's header. */
interface SealedStatement extends HeaderPatient {
  readonly request?: StudyRequest;
}

/** A sealed statement of a study. */
interface StatementOf {
  readonly studyUid: string;
  readonly patient: Sealed;
}

/** Seals what the header of a study states: the patient, and who asked for it. */
export const sealedPatient = (
  keys: Pick<KeyRing, 'seal'>,
  studyUid: string,
  patient: HeaderPatient,
  request: StudyRequest,
): Sealed => {
  const statement: SealedStatement = { ...patient, request };
  return keys.seal(Buffer.from(JSON.stringify(statement), 'utf8'), patientContext(studyUid));
};

/** What the header of a study states, as it was sealed. */
export const unsealedStatement = (
  keys: Pick<KeyRing, 'open'>,
  { studyUid, patient }: StatementOf,
): { readonly patient: HeaderPatient; readonly request: StudyRequest } => {
  const opened = Buffer.from(keys.open(patient, patientContext(studyUid))).toString('utf8');
  const { request = NO_REQUEST, ...stated } = JSON.parse(opened) as SealedStatement;
  return { patient: stated, request };
};

/** What the headers of a study state of its patient, and how it was asked for. */
export const statementOf = ({ keys }: Pick<ImagingDependencies, 'keys'>, study: StudyReading) =>
  unsealedStatement(keys, {
    studyUid: study.studyUid,
    patient: { keyId: study.patientKeyId, bytes: study.patientCipher },
  });

/** What the headers of a study state of its patient. */
export const patientOf = (
  dependencies: Pick<ImagingDependencies, 'keys'>,
  study: StudyReading,
): HeaderPatient => statementOf(dependencies, study).patient;
