import { HL7_FAULTS, type Hl7Code } from './faults.ts';

/** `AE`: an error in the content, worth sending again once mended. `AR`: never acceptable as it stands. */
export type RefusalClass = 'AE' | 'AR';

/** Why a message is not taken, with the place in it. Holds no patient data. */
export interface Hl7Refusal {
  readonly code: Hl7Code;
  /** See `place.ts`; empty when the whole message is meant. */
  readonly place: string;
  /** Counts, offsets, code values; never a name or a number of a person. Empty when there is nothing to add. */
  readonly detail: string;
  readonly zh: string;
  readonly en: string;
  readonly class: RefusalClass;
}

const REJECTED_FOR_EVER: ReadonlySet<Hl7Code> = new Set<Hl7Code>([
  'HL7_EMPTY',
  'HL7_MSH_MISSING',
  'HL7_DELIMITERS_INVALID',
  'HL7_SEVERAL_MESSAGES',
  'HL7_CONTROL_ID_MISSING',
  'HL7_VERSION_UNSUPPORTED',
  'HL7_CHARSET_UNSUPPORTED',
  'HL7_NOT_A_PATIENT_SPECIMEN',
  'MLLP_NO_START_BLOCK',
  'MLLP_FRAME_TOO_LARGE',
]);

/** Makes the refusal of one code. */
export const refusal = (code: Hl7Code, place = '', detail = ''): Hl7Refusal => ({
  code,
  place,
  detail,
  zh: HL7_FAULTS[code].zh,
  en: HL7_FAULTS[code].en,
  class: REJECTED_FOR_EVER.has(code) ? 'AR' : 'AE',
});
