import type { DicomJson, DicomJsonAttribute } from './ports.ts';

/** Tags of identifiers (PS3.4 annexes C and J), as the DICOM JSON model writes them. */
export const TAG = {
  specificCharacterSet: '00080005',
  sopInstanceUid: '00080018',
  queryRetrieveLevel: '00080052',
  queryRetrieveView: '00080053',
  retrieveAeTitle: '00080054',
  instanceAvailability: '00080056',
  failedSopInstanceUids: '00080058',
  timezoneOffset: '00080201',
  referencedSopClassUid: '00081150',
  referencedSopInstanceUid: '00081155',
  transactionUid: '00081195',
  failureReason: '00081197',
  failedSopSequence: '00081198',
  referencedSopSequence: '00081199',
  patientId: '00100020',
  studyInstanceUid: '0020000D',
  seriesInstanceUid: '0020000E',
} as const;

/** A value as text: the three groups of a name joined as they are on the wire. */
const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return '';
  const { Alphabetic = '', Ideographic = '', Phonetic = '' } = value as Record<string, string>;
  return [Alphabetic, Ideographic, Phonetic].join('=').replace(/=+$/, '');
};

/** Values of an attribute as text; empty where it has none. */
export const textsOf = (attribute: DicomJsonAttribute | undefined): readonly string[] =>
  (attribute?.Value ?? []).map(textOf);

/** The one text of a key; empty where it has none. */
export const keyText = (identifier: DicomJson, tag: string): string => textsOf(identifier[tag]).join('\\');

/** The UIDs of a key: one, or a list to match. */
export const uidsOf = (identifier: DicomJson, tag: string): readonly string[] =>
  textsOf(identifier[tag]).filter((uid) => uid !== '');

/** Items of a sequence. */
export const itemsOf = (attribute: DicomJsonAttribute | undefined): readonly DicomJson[] =>
  (attribute?.vr === 'SQ' ? (attribute.Value ?? []) : []) as readonly DicomJson[];
