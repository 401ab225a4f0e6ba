import { dateRange, hasWildcard, likePattern, timeRange } from '../../../adapters/dicomweb/search-query.ts';
import type { SeriesReading, StudyFilter } from '../../../adapters/postgres/imaging-reading.ts';
import type { HeaderPatient, ManifestInstance, NameGroups } from '../../../imaging/index.ts';
import type { DicomWebSearch } from '../../server/routes/dicom-web-port.ts';
import type { StudyRequest } from './header-patient.ts';

/** Keys of a query by tag, those of universal matching left out. */
export type Keys = DicomWebSearch['matching'];

const STUDY_MATCHED = new Set([
  '00080020',
  '00080030',
  '00080050',
  '00080061',
  '00080090',
  '00081030',
  '00100010',
  '00100020',
  '0020000D',
  '00200010',
]);
const SERIES_MATCHED = new Set(['00080060', '0020000E', '00200011', '0008103E', '00180015']);
const INSTANCE_MATCHED = new Set(['00080016', '00080018', '00200013']);

/** Keys of a search that narrow nothing at its level, or below a study that its address names. */
export const unmatchedOf = ({
  matching,
  level,
}: Pick<DicomWebSearch, 'matching' | 'level'>): readonly string[] =>
  [...matching.keys()].filter(
    (tag) =>
      !(level === 'study' && STUDY_MATCHED.has(tag)) &&
      !(level !== 'study' && SERIES_MATCHED.has(tag)) &&
      !(level === 'instance' && INSTANCE_MATCHED.has(tag)),
  );

/** What the database itself can match. */
export const filterOf = (matching: Keys): StudyFilter => {
  const first = (tag: string): string | null => matching.get(tag)?.[0] ?? null;
  const dates = dateRange(first('00080020') ?? '-');
  const times = timeRange(first('00080030') ?? '-');
  const accession = first('00080050');
  const isPattern = accession !== null && hasWildcard(accession);
  const description = first('00081030');
  return {
    studyUids: matching.get('0020000D') ?? null,
    accession: isPattern ? null : accession,
    accessionLike: isPattern ? likePattern(accession) : null,
    fromDate: dates.from,
    toDate: dates.to,
    fromTime: times.from,
    toTime: times.to,
    modalities: matching.get('00080061')?.flatMap((each) => each.split(/[\\,]/).map(likePattern)) ?? null,
    description: description === null ? null : likePattern(description),
  };
};

/**
 * Whether a text is as a pattern with `*` and `?` says, going back at most to the last star: a pattern of many stars from a
 * stranger costs no more than the product of both lengths, where a regular expression would take for ever.
 */
const isLike = (patternText: string, valueText: string): boolean => {
  // Characters, not halves of them: `?` stands for one.
  const [pattern, text] = [[...patternText], [...valueText]];
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length)
    if (pattern[inPattern] === '*') {
      star = inPattern++;
      starAt = at;
    } else if (pattern[inPattern] === '?' || pattern[inPattern] === text[at]) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      inPattern = star + 1;
      at = ++starAt;
    } else return false;
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
};

/** Whether a value is one of those asked for, wildcards counted; any value where none is asked for. */
export const wildcardMatches = (
  values: readonly string[] | undefined,
  value: string | number | null,
): boolean => values === undefined || values.some((each) => isLike(each, String(value ?? '')));

/**
 * A name, or a pattern of one, as names are compared: case, width and empty components at the end make no difference (PS3.5
 * §6.2.1), nor does it whether Chinese is written with a delimiter between family and given name.
 */
const comparable = (text: string): string => {
  const spaced = text.normalize('NFKC').toUpperCase().replaceAll('^', ' ').replace(/\s+/g, ' ').trim();
  return /\p{Script=Han}/u.test(spaced) ? spaced.replaceAll(' ', '') : spaced;
};

/** A person's name: as a header states it, and as the person index has it; null for who is not in it. */
export interface NamesOfPatient {
  readonly stated: NameGroups | null;
  readonly known: string | null;
}

/**
 * Whether a name is as a key says (PS3.4 §C.2.2.2): a key of one component group is looked for in every group, because nobody at
 * a keyboard names the group; of several, each must match its own.
 */
export const nameMatches = (key: string, { stated, known }: NamesOfPatient): boolean => {
  const groups = [stated?.alphabetic, stated?.ideographic, stated?.phonetic];
  const asked = key.split('=').map(comparable);
  const isOne = (pattern: string, values: readonly (string | null | undefined)[]): boolean =>
    values.some((value) => value && isLike(pattern, comparable(value)));
  const named = asked.flatMap((pattern, group) => (pattern === '' ? [] : [{ pattern, group }]));
  if (asked.length === 1) return named.every(({ pattern }) => isOne(pattern, [...groups, known]));
  return named.every(({ pattern, group }) => isOne(pattern, [groups[group], group === 1 ? known : null]));
};

/** What only the sealed header of a study can answer. */
export interface StatedKeys {
  readonly name: string | null;
  readonly patientId: string | null;
  readonly studyId: string | null;
  readonly referringPhysician: string | null;
}

/** The keys that only the sealed header of a study can answer; null where there is none of them. */
export const statedKeysOf = (matching: Keys): StatedKeys | null => {
  const first = (tag: string): string | null => matching.get(tag)?.[0] ?? null;
  const keys = {
    name: first('00100010'),
    patientId: first('00100020'),
    studyId: first('00200010'),
    referringPhysician: first('00080090'),
  };
  return Object.values(keys).every((key) => key === null) ? null : keys;
};

/** Whether what the header of a study states is as these keys say. @param known name of the patient in the person index */
export const statedMatches = (
  { name, patientId, studyId, referringPhysician }: StatedKeys,
  { patient, request }: { readonly patient: HeaderPatient; readonly request: StudyRequest },
  known: string | null,
): boolean =>
  (patientId === null || isLike(patientId, patient.patientId ?? '')) &&
  (studyId === null || isLike(studyId, request.studyId ?? '')) &&
  (referringPhysician === null ||
    nameMatches(referringPhysician, { stated: request.referringPhysician, known: null })) &&
  (name === null || nameMatches(name, { stated: patient.name, known }));

/** Whether a series has what is asked for. */
export const seriesMatches = (matching: Keys, series: SeriesReading): boolean =>
  wildcardMatches(matching.get('00080060'), series.modality) &&
  wildcardMatches(matching.get('0020000E'), series.seriesUid) &&
  numberMatches(matching.get('00200011'), series.seriesNumber) &&
  wildcardMatches(matching.get('0008103E'), series.description) &&
  wildcardMatches(matching.get('00180015'), series.bodyPart);

/** An integer string is compared as a number (PS3.4 §C.2.2.2.1): `007` is 7. */
const numberMatches = (values: readonly string[] | undefined, value: number | null): boolean =>
  values === undefined ||
  values.some((each) =>
    /^\s*[+-]?\d+\s*$/.test(each) ? Number(each) === value : wildcardMatches([each], value),
  );

/** Whether an instance has what is asked for. */
export const instanceMatches = (
  matching: Keys,
  instance: Pick<ManifestInstance, 'sopClassUid' | 'sopInstanceUid' | 'instanceNumber'>,
): boolean =>
  wildcardMatches(matching.get('00080016'), instance.sopClassUid) &&
  wildcardMatches(matching.get('00080018'), instance.sopInstanceUid) &&
  numberMatches(matching.get('00200013'), instance.instanceNumber);
