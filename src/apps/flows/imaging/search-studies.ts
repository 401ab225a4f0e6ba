import { dateRange, likePattern } from '../../../adapters/dicomweb/search-query.ts';
import {
  searchStudies,
  type SeriesReading,
  seriesOfStudy,
  type StudyFilter,
  type StudyReading,
} from '../../../adapters/postgres/imaging-reading.ts';
import { recordHolders } from '../../../adapters/postgres/imaging-studies.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import type { HeaderPatient, ManifestInstance } from '../../../imaging/index.ts';
import { someAtATime } from '../../../kernel/some-at-a-time.ts';
import { isUuid, type PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { RECORD_SPACES, recordIssuer } from '../../../person/index.ts';
import type { DicomWebMatches, DicomWebSearch } from '../../server/routes/dicom-web-port.ts';
import { auditOf } from '../dependencies.ts';
import { ownAudit, ownReader } from '../own-data/own-reader.ts';
import { mayReach } from '../reach.ts';
import { correctedAttributes, type DataSetJson } from './corrected-json.ts';
import { patientOf } from './header-patient.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { patientModules } from './patient-module.ts';
import type { ContentsCache } from './series-contents.ts';
import { type ImageReader, personsFor, type StudyDoor } from './study-reader.ts';
import { studySieve } from './study-sieve.ts';

/** An attribute of the DICOM JSON model; empty without a value. */
const attribute = (
  vr: string,
  ...values: readonly (string | number | object | null)[]
): DataSetJson[string] => {
  const known = values.filter((value) => value !== null && value !== '');
  return known.length === 0 ? { vr } : { vr, Value: known };
};

const nameValue = ({ name }: HeaderPatient): object | null => {
  if (name === null) return null;
  const groups = {
    ...(name.alphabetic === null ? {} : { Alphabetic: name.alphabetic }),
    ...(name.ideographic === null ? {} : { Ideographic: name.ideographic }),
    ...(name.phonetic === null ? {} : { Phonetic: name.phonetic }),
  };
  return Object.keys(groups).length === 0 ? null : groups;
};

/** A study as a search answers it (PS3.18 table 10.6.3-3). */
export const studyJson = (study: StudyReading, patient: HeaderPatient): DataSetJson => ({
  '00080005': attribute('CS', 'ISO_IR 192'),
  '00080020': attribute('DA', study.studyDate),
  '00080030': attribute('TM', study.studyTime),
  '00080050': attribute('SH', study.accession),
  '00080056': attribute('CS', study.farBytes > 0 ? 'NEARLINE' : 'ONLINE'),
  '00080061': attribute('CS', ...study.modalities),
  '00081030': attribute('LO', study.description),
  '00081190': attribute('UR', `/dicom-web/studies/${study.studyUid}`),
  '00100010': attribute('PN', nameValue(patient)),
  '00100020': attribute('LO', patient.patientId),
  '00100021': attribute('LO', patient.issuerOfPatientId),
  '00100030': attribute('DA', patient.birthDate),
  '00100040': attribute('CS', patient.sex),
  '0020000D': attribute('UI', study.studyUid),
  '00201206': attribute('IS', study.seriesCount),
  '00201208': attribute('IS', study.instanceCount),
});

/** Persons looked up beside each other for one answer. */
const PERSONS_AT_A_TIME = 8;

/** Studies as a search answers them. @param isCurrent whether the person index says whose they are, not the stored headers */
export const studiesSaid = async (
  dependencies: ImagingDependencies,
  studies: readonly StudyReading[],
  isCurrent: boolean,
): Promise<readonly { readonly json: DataSetJson; readonly isCorrected: boolean }[]> => {
  const stored = (study: StudyReading) => studyJson(study, patientOf(dependencies, study));
  if (!isCurrent) return studies.map((study) => ({ json: stored(study), isCorrected: false }));
  const { registry } = await dependencies.snapshots.current();
  const correctionOf = patientModules(dependencies);
  return someAtATime(studies, PERSONS_AT_A_TIME, async (study) => {
    const institution = registry.institutionCode(study.institutionKey);
    return correctedAttributes(stored(study), institution ? await correctionOf(study, institution) : null);
  });
};

/** Instance Availability (PS3.3 C.4.23.1.1): what is far is recalled first. */
const availabilityOf = (tier: SeriesReading['tier']): string => (tier === 'far' ? 'NEARLINE' : 'ONLINE');

/** A series as a search answers it (PS3.18 table 10.6.3-4). */
export const seriesJson = (studyUid: string, series: SeriesReading): object => ({
  '00080005': attribute('CS', 'ISO_IR 192'),
  '00080056': attribute('CS', availabilityOf(series.tier)),
  '00080060': attribute('CS', series.modality),
  '0008103E': attribute('LO', series.description),
  '00081190': attribute('UR', `/dicom-web/studies/${studyUid}/series/${series.seriesUid}`),
  '00180015': attribute('CS', series.bodyPart),
  '0020000D': attribute('UI', studyUid),
  '0020000E': attribute('UI', series.seriesUid),
  '00200011': attribute('IS', series.seriesNumber),
  '00200060': attribute('CS', series.laterality),
  '00201209': attribute('IS', series.instanceCount),
});

/** An instance as a search answers it (PS3.18 table 10.6.3-5). */
export const instanceJson = (
  studyUid: string,
  { seriesUid, tier }: Pick<SeriesReading, 'seriesUid' | 'tier'>,
  instance: ManifestInstance,
): object => ({
  '00080005': attribute('CS', 'ISO_IR 192'),
  '00080016': attribute('UI', instance.sopClassUid),
  '00080018': attribute('UI', instance.sopInstanceUid),
  '00080056': attribute('CS', availabilityOf(tier)),
  '00081190': attribute(
    'UR',
    `/dicom-web/studies/${studyUid}/series/${seriesUid}/instances/${instance.sopInstanceUid}`,
  ),
  '00083002': attribute('UI', instance.transferSyntaxUid),
  '0020000D': attribute('UI', studyUid),
  '0020000E': attribute('UI', seriesUid),
  '00200013': attribute('IS', instance.instanceNumber),
  '00280008': attribute('IS', instance.frames),
  '00280010': attribute('US', instance.rows),
  '00280011': attribute('US', instance.columns),
});

const STUDY_MATCHED = new Set([
  '00080020',
  '00080050',
  '00080061',
  '00081030',
  '00100010',
  '00100020',
  '0020000D',
]);
const SERIES_MATCHED = new Set(['00080060', '0020000E', '00200011', '0008103E', '00180015']);
const INSTANCE_MATCHED = new Set(['00080016', '00080018', '00200013']);

/** A name as the person index has it: without delimiters; a pattern without wildcards matches from its beginning. */
const namePattern = (text: string): string => likePattern(text.replaceAll('^', '').replaceAll('=', ''));

/** Filters of a study search by the attributes that are to match. */
export const filterOf = (matching: DicomWebSearch['matching']): StudyFilter => {
  const first = (tag: string): string | null => matching.get(tag)?.[0] ?? null;
  const dates = dateRange(first('00080020') ?? '-');
  const description = first('00081030');
  const name = first('00100010');
  return {
    studyUids: matching.get('0020000D') ?? null,
    accession: first('00080050'),
    fromDate: dates.from,
    toDate: dates.to,
    modalities: matching.get('00080061')?.flatMap((each) => each.split(/[\\,]/)) ?? null,
    description: description === null ? null : likePattern(description),
    patientName: name === null ? null : namePattern(name),
  };
};

const page = <Value>(found: readonly Value[], limit: number) => ({
  shown: found.slice(0, limit),
  hasMore: found.length > limit,
});

/** Persons behind a patient number of the institution that asks. */
export const holdersOf = async (
  { database, keys }: ImagingDependencies,
  institution: InstitutionCode,
  number: string,
): Promise<readonly string[]> =>
  (
    await recordHolders(
      database,
      keys,
      [institution, ...RECORD_SPACES.map((space) => recordIssuer(institution, space))].map((issuer) => ({
        type: 'medical-record' as const,
        issuer,
        number,
      })),
    )
  ).map(({ personId }) => personId);

interface Found {
  readonly studies: readonly StudyReading[];
  readonly hasMore: boolean;
}

const NONE: Found = { studies: [], hasMore: false };

/** Studies looked at in one go: more than anybody has, for a second statement would tell of what is hidden. */
const LOOKED_AT = 1_000;

/**
 * One page of the studies of persons that are shown. What is not shown is left out before anything is counted: a page that
 * came short, or a word that there is more, would tell of it.
 */
const pageOfShown = async (
  { database }: ImagingDependencies,
  persons: readonly string[],
  { matching, limit, offset }: DicomWebSearch,
  shownOf: (found: readonly StudyReading[]) => Promise<readonly StudyReading[]>,
): Promise<Found> => {
  const filter = filterOf(matching);
  const shown: StudyReading[] = [];
  for (let from = 0; shown.length <= offset + limit; from += LOOKED_AT) {
    const found = await searchStudies(database, { persons }, filter, { limit: LOOKED_AT, offset: from });
    shown.push(...(await shownOf(found)));
    if (found.length < LOOKED_AT) break;
  }
  return { studies: shown.slice(offset, offset + limit), hasMore: shown.length > offset + limit };
};

/** Studies of a person, of all institutions, as far as the reader may see each. */
const ofPersons = async (
  dependencies: ImagingDependencies,
  { actor }: ImageReader,
  persons: readonly string[],
  search: DicomWebSearch,
): Promise<Found> => {
  if (persons.length === 0) return NONE;
  const sieve = await studySieve(dependencies, actor, persons);
  return pageOfShown(dependencies, persons, search, async (found) =>
    (await sieve(found)).map(({ study }) => study),
  );
};

/** What an institution sent itself. */
const ofInstitution = async (
  dependencies: ImagingDependencies,
  institution: InstitutionCode,
  search: DicomWebSearch,
): Promise<Found> => {
  const { registry } = await dependencies.snapshots.current();
  const institutionKey = registry.institutionKey(institution);
  if (institutionKey === undefined) return NONE;
  const number = search.matching.get('00100020')?.[0];
  if (number !== undefined) {
    const persons = await holdersOf(dependencies, institution, number);
    if (persons.length === 0) return NONE;
    return pageOfShown(dependencies, persons, search, async (found) =>
      found.filter((study) => study.institutionKey === institutionKey),
    );
  }
  const { limit, offset } = search;
  const found = await searchStudies(dependencies.database, { institutionKey }, filterOf(search.matching), {
    limit: limit + 1,
    offset,
  });
  const { shown, hasMore } = page(found, limit);
  return { studies: shown, hasMore };
};

const findStudies = async (
  dependencies: ImagingDependencies,
  reader: ImageReader,
  search: DicomWebSearch,
): Promise<Found> => {
  const { actor } = reader;
  const person = search.person !== null && isUuid(search.person) ? search.person : null;
  if (search.person !== null && person === null) return NONE;
  const persons = await personsFor(dependencies, actor, person);
  if (persons !== null) return ofPersons(dependencies, reader, persons, search);
  if (actor.kind === 'patient' || actor.institution === null) return NONE;
  const own = { kind: 'record', institution: actor.institution, check: null } as const;
  return mayReach(actor, 'image:read', own) ? ofInstitution(dependencies, actor.institution, search) : NONE;
};

const keepSearch = async (
  dependencies: ImagingDependencies,
  { actor, origin }: ImageReader,
  person: DicomWebSearch['person'],
  studies: readonly StudyReading[],
): Promise<void> => {
  if (studies.length === 0) return;
  const { database, clock, snapshots } = dependencies;
  const at = clock();
  const act = { action: 'studies.search', resource: 'studies', outcome: 'disclosed' };
  const persons = new Set(studies.map(({ personId }) => personId));
  if (actor.kind === 'patient') {
    const own = await ownReader(dependencies, actor, (person as PublicId | null) ?? actor.person);
    const audit = ownAudit(dependencies, own, origin, act);
    await keepAudit(database, [...persons][0] as string, at, audit);
    return;
  }
  const { registry } = await snapshots.current();
  const institutionKey = (actor.institution && registry.institutionKey(actor.institution)) ?? null;
  await database.transaction(async (session) => {
    for (const personId of persons)
      await keepAudit(
        session,
        personId,
        at,
        auditOf(dependencies, actor, origin, { ...act, basis: 'record', institutionKey }),
      );
  });
};

const unmatchedOf = ({ matching, level }: DicomWebSearch): readonly string[] =>
  [...matching.keys()].filter(
    (tag) =>
      !STUDY_MATCHED.has(tag) &&
      !(level !== 'study' && SERIES_MATCHED.has(tag)) &&
      !(level === 'instance' && INSTANCE_MATCHED.has(tag)),
  );

/**
 * Whether a text is as a pattern with `*` and `?` says, going back at most to the last star: a pattern of many stars from a
 * stranger costs no more than the product of both lengths, where a regular expression would take for ever.
 */
const isLike = (pattern: string, text: string): boolean => {
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

/** Whether a series has what is asked for. */
export const seriesMatches = (matching: DicomWebSearch['matching'], series: SeriesReading): boolean =>
  wildcardMatches(matching.get('00080060'), series.modality) &&
  wildcardMatches(matching.get('0020000E'), series.seriesUid) &&
  wildcardMatches(matching.get('00200011'), series.seriesNumber) &&
  wildcardMatches(matching.get('0008103E'), series.description) &&
  wildcardMatches(matching.get('00180015'), series.bodyPart);

/** Searches by QIDO-RS (PS3.18 §10.6). What the reader may not see is not there. */
export const searchFlow =
  (dependencies: ImagingDependencies, door: StudyDoor, contents: ContentsCache) =>
  async (reader: ImageReader, search: DicomWebSearch): Promise<DicomWebMatches> => {
    const { limit, offset } = search;
    const unmatched = unmatchedOf(search);
    if (search.level === 'study') {
      const { studies, hasMore } = await findStudies(dependencies, reader, search);
      await keepSearch(dependencies, reader, search.person, studies);
      const said = await studiesSaid(dependencies, studies, search.patientModule === 'current');
      return {
        matches: said.map(({ json }) => json),
        hasMore,
        unmatched,
        isCorrected: said.some(({ isCorrected }) => isCorrected),
      };
    }
    const { study } = await door.open(reader, search.study as string);
    const all = (await seriesOfStudy(dependencies.database, study)).filter(
      (series) =>
        (search.series === null || series.seriesUid === search.series) &&
        seriesMatches(search.matching, series),
    );
    if (search.level === 'series') {
      const found = all.slice(offset, offset + limit + 1);
      const { shown, hasMore } = page(found, limit);
      const matches = shown.map((series) => seriesJson(study.studyUid, series));
      return { matches, hasMore, unmatched, isCorrected: false };
    }
    const found: object[] = [];
    let skipped = 0;
    for (const series of all)
      for (const instance of (await contents.of(series)).instances) {
        const isWanted =
          wildcardMatches(search.matching.get('00080016'), instance.sopClassUid) &&
          wildcardMatches(search.matching.get('00080018'), instance.sopInstanceUid) &&
          wildcardMatches(search.matching.get('00200013'), instance.instanceNumber);
        if (!isWanted || skipped++ < offset) continue;
        if (found.length > limit) break;
        found.push(instanceJson(study.studyUid, series, instance));
      }
    const { shown, hasMore } = page(found, limit);
    return { matches: shown, hasMore, unmatched, isCorrected: false };
  };
