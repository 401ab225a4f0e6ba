import type { StudyReading } from '../../../adapters/postgres/imaging-reading.ts';
import type { HeaderPatient } from '../../../imaging/index.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { patientContext } from './place-study.ts';

/** What the headers of a study state of its patient. */
export const patientOf = ({ keys }: Pick<ImagingDependencies, 'keys'>, study: StudyReading): HeaderPatient =>
  JSON.parse(
    Buffer.from(
      keys.open({ keyId: study.patientKeyId, bytes: study.patientCipher }, patientContext(study.studyUid)),
    ).toString('utf8'),
  ) as HeaderPatient;
