import { Readable } from 'node:stream';
import type {
  DicomJson,
  FindRequest,
  InstanceSource,
  Requester,
  RetrieveRequest,
  StoredInstance,
  StudyFinder,
} from '../../../adapters/dimse/ports.ts';
import type { HeaderCorrection } from '../../../adapters/dicom/corrected-head.ts';
import { shownSeriesOfStudy, type StudyReading } from '../../../adapters/postgres/imaging-reading.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import { isUniversal } from '../../../adapters/dicomweb/search-query.ts';
import { studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import type { ManifestInstance } from '../../../imaging/index.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { agentNamed } from '../dependencies.ts';
import type { EntityDirectory } from './dimse-doors.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { outgoingInstance } from './outgoing-instance.ts';
import { plainDataSet } from './dimse-plain.ts';
import { countedPieces } from './traffic.ts';
import { patientModuleOf } from './patient-module.ts';
import {
  holdersOf,
  instanceJson,
  matchingStudies,
  searchedOf,
  seriesJson,
  studiesSaid,
} from './search-studies.ts';
import { contentsCache } from './series-contents.ts';
import { instanceMatches, type Keys, seriesMatches } from './study-keys.ts';

/** Studies of the requester's own institution, page by page: a workstation is let in as its institution and no further. */
const ownStudies = async function* (
  dependencies: ImagingDependencies,
  { institution }: Requester,
  matching: Keys,
): AsyncGenerator<readonly StudyReading[], void, void> {
  const { registry } = await dependencies.snapshots.current();
  const institutionKey = registry.institutionKey(institution);
  if (institutionKey === undefined) return;
  const searched = await searchedOf(dependencies, institution, institutionKey, matching);
  if (searched === null) return;
  for await (const found of matchingStudies(dependencies, searched.of, searched.matching))
    yield found.filter((study) => study.institutionKey === institutionKey);
};

const keepDeviceAudit = async (
  dependencies: ImagingDependencies,
  requester: Requester,
  studies: readonly StudyReading[],
  act: { readonly action: string; readonly resourceOf: (study: StudyReading) => string },
): Promise<void> => {
  if (studies.length === 0) return;
  const { database, clock, newPublicId, snapshots } = dependencies;
  const { registry } = await snapshots.current();
  const at = clock();
  const once = new Map(studies.map((study) => [`${study.personId}|${act.resourceOf(study)}`, study]));
  await database.transaction(async (session) => {
    for (const study of once.values())
      await keepAudit(session, study.personId, at, {
        publicId: newPublicId(),
        ...agentNamed(`dimse:${requester.callingAeTitle}`, 'device'),
        peer: requester.remoteAddress,
        purpose: 'treatment',
        institutionKey: registry.institutionKey(requester.institution) ?? null,
        action: act.action,
        resource: act.resourceOf(study),
        basis: 'own-institution',
        outcome: 'disclosed',
      });
  });
};

const LISTS = new Set(['0020000D', '0020000E', '00080018', '00080061']);

/**
 * UID lists come with backslashes, several modalities too; every other key is one text. What matches anything narrows nothing.
 *
 * @returns null where a key holds what no value can, so that nothing matches
 */
const matchingOf = ({ matching }: Pick<FindRequest, 'matching'>): Keys | null => {
  const keys = [...matching].filter(([, text]) => !isUniversal(text));
  return keys.some(([, text]) => text.includes('\0'))
    ? null
    : new Map(keys.map(([tag, text]) => [tag, LISTS.has(tag) ? text.split('\\') : [text]]));
};

/** Answers C-FIND over the same searches as QIDO-RS, with the patient as images go out to the same application entity. */
export const studyFinder = (
  dependencies: ImagingDependencies,
  entities: Pick<EntityDirectory, 'correctsPatient'>,
): StudyFinder => {
  const contents = contentsCache(dependencies);
  /** The series or instances of a study that match. */
  const below = async function* (
    level: 'SERIES' | 'IMAGE',
    study: StudyReading,
    ofStudy: DicomJson,
    matching: Keys,
  ): AsyncGenerator<DicomJson, void, void> {
    for (const series of await shownSeriesOfStudy(dependencies.database, study)) {
      if (!seriesMatches(matching, series)) continue;
      const ofSeries = { ...ofStudy, ...seriesJson(study.studyUid, series) } as DicomJson;
      if (level === 'SERIES') {
        yield ofSeries;
        continue;
      }
      for (const instance of (await contents.of(series)).instances)
        if (instanceMatches(matching, instance))
          yield { ...ofSeries, ...instanceJson(study.studyUid, series, instance) } as DicomJson;
    }
  };
  return {
    async *find(request) {
      const matching = matchingOf(request);
      if (matching === null) return;
      const patients = new Set<string>();
      // A list is to name the patient as what is fetched from it will.
      const { institution, callingAeTitle } = request.requester;
      const corrects = await entities.correctsPatient(institution, callingAeTitle);
      for await (const studies of ownStudies(dependencies, request.requester, matching)) {
        // Each page stands in the access log before any of it leaves.
        await keepDeviceAudit(dependencies, request.requester, studies, {
          action: 'studies.search',
          resourceOf: () => 'studies',
        });
        const said = await studiesSaid(dependencies, studies, corrects);
        for (const [index, study] of studies.entries()) {
          const ofStudy = said[index]?.json as DicomJson;
          if (request.level === 'PATIENT') {
            const number = JSON.stringify(ofStudy['00100020']);
            if (!patients.has(number)) yield ofStudy;
            patients.add(number);
          } else if (request.level === 'STUDY') yield ofStudy;
          else yield* below(request.level, study, ofStudy, matching);
        }
      }
    },
  };
};

/** What is known of a study before its instances leave. */
interface Leaving {
  readonly institutionKey: string;
  readonly charsetDerived: string | null;
  readonly correction: HeaderCorrection | null;
}

const leaving = async (
  dependencies: ImagingDependencies,
  study: StudyReading,
  corrects: boolean,
  institution: InstitutionCode,
): Promise<Leaving> =>
  corrects
    ? {
        ...(await studyUidOf(dependencies.database, study)),
        institutionKey: study.institutionKey,
        correction: await patientModuleOf(dependencies, study, institution),
      }
    : { institutionKey: study.institutionKey, charsetDerived: null, correction: null };

/** An instance as it leaves. A header that is to be corrected is tried before anything is sent. */
const storedInstance = async (
  dependencies: ImagingDependencies,
  { sopClassUid, sopInstanceUid, transferSyntaxUid, ...instance }: ManifestInstance,
  { institutionKey, charsetDerived, correction }: Leaving,
): Promise<StoredInstance> => {
  const reference = { sopClassUid, sopInstanceUid, transferSyntaxUid };
  try {
    const outgoing = await outgoingInstance(
      dependencies,
      { ...reference, ...instance },
      charsetDerived,
      correction,
    );
    const tell = (bytes: number): void => dependencies.traffic.count(institutionKey, 'own', bytes);
    return {
      ...reference,
      open: () => countedPieces(outgoing.dataSet(), tell),
      async openPlain(syntax) {
        const plain = await plainDataSet(
          dependencies,
          { ...reference, ...instance },
          charsetDerived,
          correction,
          syntax,
        );
        return plain && countedPieces(plain, tell);
      },
    };
  } catch (error) {
    // Neither can one whose object is gone: its neighbours leave all the same.
    if (!(error instanceof Fault)) throw error;
    return { ...reference, isRefused: true, open: () => Readable.from([]) };
  }
};

/** Whether a number stands for several patients: the outpatient and the inpatient space of a hospital may both have given it. */
const isOfSeveral = async (
  dependencies: ImagingDependencies,
  institution: InstitutionCode,
  patientId: string,
): Promise<boolean> => {
  const [first, ...others] = await holdersOf(dependencies, institution, patientId);
  if (first === undefined || others.length === 0) return false;
  const { members } = await clusterOf(dependencies.database, first);
  return !others.every((other) => members.some(({ personId }) => personId === other));
};

const isWanted = (uids: readonly string[], uid: string): boolean => uids.length === 0 || uids.includes(uid);

/** Opens instances for C-MOVE and C-GET: those of the requester's own institution, as their receiver is registered for. */
export const instanceSource = (
  dependencies: ImagingDependencies,
  entities: Pick<EntityDirectory, 'correctsPatient'> = { correctsPatient: async () => false },
): InstanceSource => {
  const contents = contentsCache(dependencies);
  return {
    isAmbiguous: ({ institution }, patientId) => isOfSeveral(dependencies, institution, patientId),
    async select(request: RetrieveRequest): Promise<readonly StoredInstance[]> {
      const { requester, studyInstanceUids, patientId } = request;
      const matching = new Map<string, readonly string[]>([
        ...(patientId === null ? [] : [['00100020', [patientId]] as const]),
        ...(studyInstanceUids.length === 0 ? [] : [['0020000D', studyInstanceUids] as const]),
      ]);
      // Without a key of its level nothing is meant, least of all everything.
      if (matching.size === 0) return [];
      const { institution } = requester;
      const studies: StudyReading[] = [];
      for await (const found of ownStudies(dependencies, requester, matching)) studies.push(...found);
      const corrects = await entities.correctsPatient(institution, request.destinationAeTitle);
      const selected: StoredInstance[] = [];
      for (const study of studies) {
        const how = await leaving(dependencies, study, corrects, institution);
        for (const series of await shownSeriesOfStudy(dependencies.database, study)) {
          if (!isWanted(request.seriesInstanceUids, series.seriesUid)) continue;
          for (const instance of (await contents.of(series)).instances)
            if (isWanted(request.sopInstanceUids, instance.sopInstanceUid))
              selected.push(await storedInstance(dependencies, instance, how));
        }
      }
      if (selected.length > 0)
        await keepDeviceAudit(dependencies, requester, studies, {
          action: 'study.transfer',
          resourceOf: ({ publicId }) =>
            `study/${publicId}/to/${request.destinationAeTitle}${corrects ? '/corrected' : ''}`,
        });
      return selected;
    },
  };
};
