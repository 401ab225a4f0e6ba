import type { IncomingAdmissionMessage } from '../../person/index.ts';
import type { Hl7Header } from './header.ts';
import type { ParsedMessage } from './parse.ts';
import type { Reading } from './reading.ts';
import { readMergedIdentifiers, readPatient } from './read-patient.ts';

/** The trigger events of ADT that are read: registration, update and merge of patients. */
export const ADMISSION_EVENTS: readonly string[] = ['A01', 'A04', 'A08', 'A28', 'A31', 'A40'];

/**
 * Reads ADT A01, A04, A08, A28, A31 and A40 (HL7 v2 chapter 3). A merge names one survivor (PID) and one record that
 * goes out of use (MRG); several merges in one message are refused, since one of them could fail alone.
 */
export const readAdmissionMessage = (
  message: ParsedMessage,
  header: Hl7Header,
  reading: Reading,
): IncomingAdmissionMessage => {
  const { patient } = readPatient(message, reading);
  const merges = message.segments.filter((segment) => segment.name === 'MRG');
  const [merge] = merges;
  const isMerge = header.event === 'A40';
  const mergedIdentifiers = isMerge && merge ? readMergedIdentifiers(message, merge, reading) : [];
  if (isMerge && (merges.length !== 1 || mergedIdentifiers.length === 0)) {
    reading.refuse('HL7_MERGE_INCOMPLETE', merges[1]?.place ?? 'MRG[1]-1');
  }
  return {
    kind: 'admission',
    event: header.event as IncomingAdmissionMessage['event'],
    patient,
    mergedIdentifiers,
    sentAt: header.sentAt,
  };
};
