import type { KeyRing, Sealed } from '../../../adapters/keys/key-ring.ts';
import type { StudyReading } from '../../../adapters/postgres/imaging-reading.ts';
import type { HeaderPatient } from '../../../imaging/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { ImagingDependencies } from './imaging-work.ts';

/** Context under which the patient of a study is sealed. */
const patientContext = (studyUid: string): string => `study-patient|${studyUid}`;

/** The patient that a header states, as one text. */
export const patientText = (patient: HeaderPatient): string =>
  canonicalJson({ ...patient, name: patient.name && { ...patient.name } });

/** Seals the patient of a study. */
export const sealedPatient = (
  keys: Pick<KeyRing, 'seal'>,
  studyUid: string,
  patient: HeaderPatient,
): Sealed => keys.seal(Buffer.from(JSON.stringify(patient), 'utf8'), patientContext(studyUid));

/** The patient of a study as it was sealed. */
export const unsealedPatient = (
  keys: Pick<KeyRing, 'open'>,
  { studyUid, patient }: { readonly studyUid: string; readonly patient: Sealed },
): HeaderPatient =>
  JSON.parse(Buffer.from(keys.open(patient, patientContext(studyUid))).toString('utf8')) as HeaderPatient;

/** What the headers of a study state of its patient. */
export const patientOf = ({ keys }: Pick<ImagingDependencies, 'keys'>, study: StudyReading): HeaderPatient =>
  unsealedPatient(keys, {
    studyUid: study.studyUid,
    patient: { keyId: study.patientKeyId, bytes: study.patientCipher },
  });
