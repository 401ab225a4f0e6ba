import type { EncounterClass } from '../../recognition/index.ts';
import { elementOf, type FhirElement, wordsOf } from './fhir-reading.ts';

/** HL7 v3 ActEncounterCode, which FHIR R4 uses for the class of an encounter. */
const CLASSES: Readonly<Record<string, EncounterClass>> = {
  AMB: 'outpatient',
  VR: 'outpatient',
  HH: 'outpatient',
  EMER: 'emergency',
  IMP: 'inpatient',
  ACUTE: 'inpatient',
  NONAC: 'inpatient',
  OBSENC: 'inpatient',
  PRENC: 'inpatient',
  SS: 'inpatient',
  门诊: 'outpatient',
  急诊: 'emergency',
  住院: 'inpatient',
  体检: 'health-check',
};

/** The class of a FHIR Encounter by code or by the Chinese word; null where it says nothing that we know. */
export const readEncounterClass = (encounter: FhirElement): EncounterClass | null => {
  const coding = elementOf(encounter['class']);
  const words = [wordsOf(coding?.['code']), wordsOf(coding?.['display'])];
  return words.map((word) => CLASSES[word ?? '']).find((known) => known !== undefined) ?? null;
};
