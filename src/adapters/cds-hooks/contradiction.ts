import type { CdsRegistration } from '../postgres/cds-clients.ts';
import { elementOf, elementsOf, type FhirElement, readReference, wordsOf } from './fhir-reading.ts';

/** Whom the call is about, and under which bases his FHIR id is his. */
export interface ExpectedPatient {
  readonly patientId: string;
  readonly bases: readonly string[];
}

/** Bases under which the ids of a call hold: the server it names and the registered one. */
export const basesOf = (
  fhirServer: string | null | undefined,
  { fhirBase }: CdsRegistration,
): readonly string[] =>
  [fhirServer, fhirBase].flatMap((base) =>
    base === null || base === undefined ? [] : [base.replace(/\/+$/, '')],
  );

/** True when the Patient is another than the one the call is about. */
export const isOtherPatient = (patient: FhirElement, { patientId }: ExpectedPatient): boolean =>
  wordsOf(patient['id']) !== patientId;

/**
 * True when a resource says that it is about somebody else: another Patient, the same id on another server, a group, or
 * a number that is none of the patient's. What says nothing of its subject is taken for the patient of the call.
 *
 * @param patient the patient's resource, for a subject that is named by number only
 */
export const isOfOtherPatient = (
  resource: FhirElement,
  { patientId, bases }: ExpectedPatient,
  patient: FhirElement | undefined,
): boolean => {
  const stated = resource['subject'];
  if (stated === undefined || stated === null) return false;
  const subject = elementOf(stated);
  if (!subject) return true;
  if (subject['reference'] !== undefined) {
    const reference = readReference(subject['reference']);
    if (reference?.type !== 'Patient' || reference.id !== patientId) return true;
    return reference.base !== null && bases.length > 0 && !bases.includes(reference.base);
  }
  const number = elementOf(subject['identifier']);
  if (!number) return false;
  return !elementsOf(patient?.['identifier']).some(
    ({ system, value }) =>
      wordsOf(value) !== undefined &&
      wordsOf(value) === wordsOf(number['value']) &&
      wordsOf(system) === wordsOf(number['system']),
  );
};
