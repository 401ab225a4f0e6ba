import { isUid } from '../../imaging/index.ts';
import { dicomWebFault } from './faults.ts';

/** A search as its address states it. Tags are eight hex digits in upper case. */
export interface SearchQuery {
  readonly matching: ReadonlyMap<string, readonly string[]>;
  readonly limit: number;
  readonly offset: number;
  readonly person: string | null;
}

/** Attributes by keyword that a search may name (PS3.18 table 10.6.1-5), of all levels. */
const TAGS: Readonly<Record<string, string>> = {
  StudyDate: '00080020',
  StudyTime: '00080030',
  AccessionNumber: '00080050',
  ModalitiesInStudy: '00080061',
  ReferringPhysicianName: '00080090',
  StudyDescription: '00081030',
  PatientName: '00100010',
  PatientID: '00100020',
  IssuerOfPatientID: '00100021',
  PatientBirthDate: '00100030',
  PatientSex: '00100040',
  StudyInstanceUID: '0020000D',
  StudyID: '00200010',
  Modality: '00080060',
  SeriesInstanceUID: '0020000E',
  SeriesNumber: '00200011',
  SeriesDescription: '0008103E',
  BodyPartExamined: '00180015',
  PerformedProcedureStepStartDate: '00400244',
  PerformedProcedureStepStartTime: '00400245',
  SOPClassUID: '00080016',
  SOPInstanceUID: '00080018',
  InstanceNumber: '00200013',
};

const UIDS = new Set(['0020000D', '0020000E', '00080018', '00080016']);
const DATES = new Set(['00080020', '00100030', '00400244']);
const TIMES = new Set(['00080030', '00400245']);
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 500;
const OFFSET_MAX = 100_000;
const VALUE_CHARACTERS_MAX = 256;

const tagOf = (name: string): string => {
  const [first = ''] = name.split('.');
  if (/^[0-9a-fA-F]{8}$/.test(first)) return first.toUpperCase();
  const tag = TAGS[first];
  if (!tag) throw dicomWebFault('SEARCH_INVALID', { place: `query.${name.slice(0, 64)}` });
  return tag;
};

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string');

const wholeNumber = (name: string, value: unknown, fallback: number, maximum: number): number => {
  const [text] = listOf(value);
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw dicomWebFault('SEARCH_INVALID', { place: `query.${name}` });
  return Math.min(Number(text), maximum);
};

/** Where a page begins. Unlike a limit it is never moved: that would be another page than the one asked for. */
const offsetOf = (value: unknown): number => {
  const offset = wholeNumber('offset', value, 0, Number.POSITIVE_INFINITY);
  if (offset > OFFSET_MAX) throw dicomWebFault('SEARCH_INVALID', { place: 'query.offset' });
  return offset;
};

/** A time of day or a range of them, as TM matching writes it; ends may be open. */
const isTimes = (text: string): boolean => {
  const { from, to } = timeRange(text);
  const isTime = (time: string | null) =>
    time === null || /^([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?$/.test(time);
  return (from !== null || to !== null) && isTime(from) && isTime(to);
};

// No text of DICOM has any but the escape of its character sets, and a database takes no NUL.
const hasControl = (text: string): boolean =>
  [...text].some((character) => character < ' ' || character === '\u007f');

/** A day or a range of days, as DA matching writes it; ends may be open. */
const isDates = (text: string): boolean => {
  const [, from = '', to = ''] = /^(\d{8})?-?(\d{8})?$/.exec(text) ?? [];
  return (from !== '' || to !== '') && (from === '' || to === '' || from <= to);
};

const checked = (tag: string, name: string, values: readonly string[]): readonly string[] => {
  const wrong = () => dicomWebFault('SEARCH_INVALID', { place: `query.${name}` });
  if (values.some((value) => value.length > VALUE_CHARACTERS_MAX || hasControl(value))) throw wrong();
  if (UIDS.has(tag)) {
    const uids = values.flatMap((value) => value.split(/[,\\]/)).filter((value) => value !== '');
    if (!uids.every(isUid)) throw wrong();
    return uids;
  }
  if (DATES.has(tag) && !values.every(isDates)) throw wrong();
  if (TIMES.has(tag) && !values.every(isTimes)) throw wrong();
  return values;
};

/**
 * Reads the query of a search. `includefield` is taken and changes nothing: what is known is answered anyway, as the standard
 * allows. Fuzzy matching is not done.
 *
 * @throws SEARCH_INVALID for a name that is no attribute, or a value that cannot be one
 */
export const readSearch = (query: Readonly<Record<string, unknown>>): SearchQuery => {
  const matching = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(query)) {
    if (name === 'limit' || name === 'offset' || name === 'person') continue;
    if (name === 'includefield') {
      for (const field of listOf(value).flatMap((each) => each.split(',')))
        if (field !== 'all') includedTag(field);
      continue;
    }
    if (name === 'fuzzymatching') {
      if (!listOf(value).every((each) => each === 'true' || each === 'false'))
        throw dicomWebFault('SEARCH_INVALID', { place: 'query.fuzzymatching' });
      continue;
    }
    const values = listOf(value).filter((each) => !isUniversal(each));
    // An empty value asks for the attribute, and matches anything, as a star does.
    if (values.length > 0) {
      const tag = tagOf(name);
      matching.set(tag, checked(tag, name, values));
    }
  }
  const [person = null] = listOf(query['person']);
  return {
    matching,
    limit: wholeNumber('limit', query['limit'], LIMIT_DEFAULT, LIMIT_MAX),
    offset: offsetOf(query['offset']),
    person,
  };
};

/** A field to include: a tag, or any keyword; only its form is checked, for there are thousands. */
const includedTag = (field: string): void => {
  if (!/^([0-9a-fA-F]{8}|[A-Z][A-Za-z0-9]{1,63})(\.|$)/.test(field))
    throw dicomWebFault('SEARCH_INVALID', { place: 'query.includefield' });
};

/** A DICOM wildcard text as pattern of SQL `like`. */
export const likePattern = (text: string): string =>
  text
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');

/** Whether a text is a pattern (PS3.4 §C.2.2.2.4). */
export const hasWildcard = (text: string): boolean => /[*?]/.test(text);

/** Whether a text matches anything: nothing but stars (PS3.4 §C.2.2.2.4). */
export const isUniversal = (text: string): boolean => /^\**$/.test(text);

/** First and last value of a match; either end may be open. */
interface ValueRange {
  readonly from: string | null;
  readonly to: string | null;
}

const rangeOf = (text: string): ValueRange => {
  const at = text.indexOf('-');
  if (at < 0) return { from: text, to: text };
  return { from: text.slice(0, at) || null, to: text.slice(at + 1) || null };
};

/** First and last day of a date match; the old form `2026.11.26` is a day, too (PS3.5 §6.2). */
export const dateRange = (text: string): ValueRange => rangeOf(text.replaceAll('.', ''));

/** Every digit that a time leaves out, at its last. */
const LAST_TIME = '235959.999999';

/** First and last time of a time match: `10` is the whole hour, `1000` the whole minute (PS3.4 §C.2.2.2.5). */
export const timeRange = (text: string): ValueRange => {
  const { from, to } = rangeOf(text.replaceAll(':', ''));
  return { from, to: to === null ? null : to + LAST_TIME.slice(to.length) };
};
