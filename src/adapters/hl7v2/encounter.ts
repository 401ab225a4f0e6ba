import type { IncomingReportMessage } from '../../result/index.ts';
import type { ParsedMessage } from './parse.ts';
import { firstText, type Reading } from './reading.ts';

type EncounterClass = NonNullable<IncomingReportMessage['encounterClass']>;

/** HL7 table 0004 and the words that Chinese systems write. Digits differ between hospitals: those need a dialect. */
const CLASSES: Readonly<Record<string, EncounterClass>> = {
  O: 'outpatient',
  R: 'outpatient',
  E: 'emergency',
  I: 'inpatient',
  P: 'inpatient',
  B: 'inpatient',
  门诊: 'outpatient',
  急诊: 'emergency',
  住院: 'inpatient',
  体检: 'health-check',
  TJ: 'health-check',
};

/** The visit that a message belongs to. */
export interface Encounter {
  readonly encounterNumber: string | null;
  readonly encounterClass: EncounterClass | null;
  /** Department or point of care of the visit (PV1-3.1). */
  readonly department: string | null;
}

/** PV1, with PID-18 and visit numbers found among the patient's identifiers as the older places of the number. */
export const readEncounter = (
  message: ParsedMessage,
  visitNumbers: readonly string[],
  reading: Reading,
): Encounter => {
  const visit = message.segments.find((segment) => segment.name === 'PV1');
  const pid = message.segments.find((segment) => segment.name === 'PID');
  const stated = visit?.get(2).trim().toUpperCase() ?? '';
  return {
    encounterNumber: firstText(
      reading.ownField('encounterNumber', message.segments)?.text ?? '',
      visit?.get(19) ?? '',
      ...visitNumbers,
      pid?.get(18) ?? '',
    ),
    encounterClass: reading.defaults.dialect.encounterClasses?.[stated] ?? CLASSES[stated] ?? null,
    department: firstText(visit?.get(3) ?? ''),
  };
};
