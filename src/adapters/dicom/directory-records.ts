/** How the instances of a kind stand in a directory (PS3.3 F.5). */
export interface RecordKind {
  /** Directory Record Type (0004,1430). */
  readonly type: string;
  /** Tags of the attributes that such a record has beside those of every record; eight hex digits in upper case. */
  readonly keys: readonly string[];
}

const INSTANCE_NUMBER = '00200013';
const CONTENT_DATE = '00080023';
const CONTENT_TIME = '00080033';
const CONCEPT_NAME = '0040A043';

/** Keys of a PATIENT record. */
export const PATIENT_KEYS = ['00100010', '00100020', '00100021', '00100030', '00100040'];
/** Keys of a STUDY record. */
export const STUDY_KEYS = ['00080020', '00080030', '00080050', '00081030', '0020000D', '00200010'];
/** Keys of a SERIES record. */
export const SERIES_KEYS = ['00080060', '0008103E', '0020000E', '00200011'];

const IMAGE: RecordKind = { type: 'IMAGE', keys: [INSTANCE_NUMBER] };
const PRIVATE: RecordKind = { type: 'PRIVATE', keys: [INSTANCE_NUMBER] };

const STORAGE = '1.2.840.10008.5.1.4.1.1.';

/** By the SOP class, or by its beginning where that ends in a dot; the first counts. What has pixels and is not here is an image. */
const KINDS: readonly (readonly [classes: string, kind: RecordKind])[] = [
  [`${STORAGE}9.`, { type: 'WAVEFORM', keys: [INSTANCE_NUMBER, CONTENT_DATE, CONTENT_TIME] }],
  [
    `${STORAGE}88.59`,
    { type: 'KEY OBJECT DOC', keys: [INSTANCE_NUMBER, CONTENT_DATE, CONTENT_TIME, CONCEPT_NAME] },
  ],
  [
    `${STORAGE}88.`,
    {
      type: 'SR DOCUMENT',
      keys: [INSTANCE_NUMBER, CONTENT_DATE, CONTENT_TIME, '0040A491', '0040A493', CONCEPT_NAME],
    },
  ],
  [
    `${STORAGE}104.`,
    {
      type: 'ENCAP DOC',
      keys: [INSTANCE_NUMBER, CONTENT_DATE, CONTENT_TIME, '00420010', CONCEPT_NAME, '00420012'],
    },
  ],
  [
    `${STORAGE}11.`,
    {
      type: 'PRESENTATION',
      keys: [INSTANCE_NUMBER, '00700080', '00700081', '00700082', '00700083', '00700084', '00081115'],
    },
  ],
  [`${STORAGE}66`, { type: 'RAW DATA', keys: [INSTANCE_NUMBER, CONTENT_DATE, CONTENT_TIME] }],
];

/** How an instance stands in a directory, by its SOP class and whether it has pixels. */
export const recordKindOf = (sopClassUid: string, hasPixels: boolean): RecordKind =>
  KINDS.find(
    ([classes]) => sopClassUid === classes || (classes.endsWith('.') && sopClassUid.startsWith(classes)),
  )?.[1] ?? (hasPixels ? IMAGE : PRIVATE);
