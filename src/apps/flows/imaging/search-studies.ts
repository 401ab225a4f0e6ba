import { hasWildcard } from '../../../adapters/dicomweb/search-query.ts';
import {
  searchStudies,
  type SeriesReading,
  shownSeriesOfStudy,
  type StudyReading,
} from '../../../adapters/postgres/imaging-reading.ts';
import { recordHolders } from '../../../adapters/postgres/imaging-studies.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import type { ManifestInstance, NameGroups } from '../../../imaging/index.ts';
import { someAtATime } from '../../../kernel/some-at-a-time.ts';
import { isUuid, type PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { RECORD_SPACES, recordIssuer } from '../../../person/index.ts';
import type { DicomWebMatches, DicomWebSearch } from '../../server/routes/dicom-web-port.ts';
import { auditOf } from '../dependencies.ts';
import { ownAudit, ownReader } from '../own-data/own-reader.ts';
import { mayReach } from '../reach.ts';
import { correctedAttributes, type DataSetJson } from './corrected-json.ts';
import { statementOf } from './header-patient.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { patientModules } from './patient-module.ts';
import type { ContentsCache } from './series-contents.ts';
import {
  filterOf,
  instanceMatches,
  seriesMatches,
  statedKeysOf,
  statedMatches,
  unmatchedOf,
} from './study-keys.ts';
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

const nameValue = (name: NameGroups | null): object | null => {
  if (name === null) return null;
  const groups = {
    ...(name.alphabetic === null ? {} : { Alphabetic: name.alphabetic }),
    ...(name.ideographic === null ? {} : { Ideographic: name.ideographic }),
    ...(name.phonetic === null ? {} : { Phonetic: name.phonetic }),
  };
  return Object.keys(groups).length === 0 ? null : groups;
};

/** A study as a search answers it (PS3.18 table 10.6.3-3). */
export const studyJson = (
  study: StudyReading,
  { patient, request }: ReturnType<typeof statementOf>,
): DataSetJson => ({
  '00080005': attribute('CS', 'ISO_IR 192'),
  '00080020': attribute('DA', study.studyDate),
  '00080030': attribute('TM', study.studyTime),
  '00080050': attribute('SH', study.accession),
  '00080056': attribute('CS', study.farBytes > 0 ? 'NEARLINE' : 'ONLINE'),
  '00080061': attribute('CS', ...study.modalities),
  '00080090': attribute('PN', nameValue(request.referringPhysician)),
  '00081030': attribute('LO', study.description),
  '00081190': attribute('UR', `/dicom-web/studies/${study.studyUid}`),
  '00100010': attribute('PN', nameValue(patient.name)),
  '00100020': attribute('LO', patient.patientId),
  '00100021': attribute('LO', patient.issuerOfPatientId),
  '00100030': attribute('DA', patient.birthDate),
  '00100040': attribute('CS', patient.sex),
  '0020000D': attribute('UI', study.studyUid),
  '00200010': attribute('SH', request.studyId),
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
  const stored = (study: StudyReading) => studyJson(study, statementOf(dependencies, study));
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

/** Whose studies are searched. */
export type SearchedStudies = Parameters<typeof searchStudies>[1];

/**
 * Studies that match, newest first, page by page as they are found; each page is behind the last study of the one before, so
 * that what comes in meanwhile moves nothing. What only the sealed header says is matched here.
 */
export const matchingStudies = async function* (
  dependencies: ImagingDependencies,
  of: SearchedStudies,
  matching: DicomWebSearch['matching'],
): AsyncGenerator<readonly StudyReading[], void, void> {
  const filter = filterOf(matching);
  const stated = statedKeysOf(matching);
  let after: StudyReading | undefined;
  for (;;) {
    const found = await searchStudies(dependencies.database, of, filter, { limit: LOOKED_AT, after });
    yield stated === null
      ? found
      : found.filter((study) => statedMatches(stated, statementOf(dependencies, study), study.personName));
    if (found.length < LOOKED_AT) return;
    after = found.at(-1);
  }
};

/**
 * One page of the studies that are shown. What is not shown is left out before anything is counted: a page that
 * came short, or a word that there is more, would tell of it.
 */
const pageOfShown = async (
  pages: AsyncIterable<readonly StudyReading[]>,
  { limit, offset }: DicomWebSearch,
  shownOf: (found: readonly StudyReading[]) => Promise<readonly StudyReading[]>,
): Promise<Found> => {
  const shown: StudyReading[] = [];
  for await (const found of pages) {
    shown.push(...(await shownOf(found)));
    if (shown.length > offset + limit) break;
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
  return pageOfShown(matchingStudies(dependencies, { persons }, search.matching), search, async (found) =>
    (await sieve(found)).map(({ study }) => study),
  );
};

/**
 * Where the studies of an institution that match are to be looked for: with a patient number, among the persons who have it.
 *
 * @returns null where nobody has the number
 */
export const searchedOf = async (
  dependencies: ImagingDependencies,
  institution: InstitutionCode,
  institutionKey: string,
  matching: DicomWebSearch['matching'],
): Promise<{ readonly of: SearchedStudies; readonly matching: DicomWebSearch['matching'] } | null> => {
  const number = matching.get('00100020')?.[0];
  if (number === undefined || hasWildcard(number)) return { of: { institutionKey }, matching };
  const persons = await holdersOf(dependencies, institution, number);
  // A person may have several numbers in one institution, and is found by each.
  const others = new Map([...matching].filter(([tag]) => tag !== '00100020'));
  return persons.length === 0 ? null : { of: { persons }, matching: others };
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
  const searched = await searchedOf(dependencies, institution, institutionKey, search.matching);
  if (searched === null) return NONE;
  if ('institutionKey' in searched.of && statedKeysOf(search.matching) === null) {
    const { limit, offset } = search;
    const at = { limit: limit + 1, offset };
    const found = await searchStudies(dependencies.database, searched.of, filterOf(search.matching), at);
    const { shown, hasMore } = page(found, limit);
    return { studies: shown, hasMore };
  }
  const pages = matchingStudies(dependencies, searched.of, searched.matching);
  return pageOfShown(pages, search, async (found) =>
    found.filter((study) => study.institutionKey === institutionKey),
  );
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
    const all = (await shownSeriesOfStudy(dependencies.database, study)).filter(
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
        if (!instanceMatches(search.matching, instance) || skipped++ < offset) continue;
        if (found.length > limit) break;
        found.push(instanceJson(study.studyUid, series, instance));
      }
    const { shown, hasMore } = page(found, limit);
    return { matches: shown, hasMore, unmatched, isCorrected: false };
  };
