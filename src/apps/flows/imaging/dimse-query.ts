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
import {
  seriesOfStudy,
  type StudyReading,
  searchStudies,
} from '../../../adapters/postgres/imaging-reading.ts';
import { studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import type { ManifestInstance } from '../../../imaging/index.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { agentNamed } from '../dependencies.ts';
import type { EntityDirectory } from './dimse-doors.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { outgoingInstance } from './outgoing-instance.ts';
import { countedPieces } from './traffic.ts';
import { patientModuleOf } from './patient-module.ts';
import {
  filterOf,
  holdersOf,
  instanceJson,
  seriesJson,
  seriesMatches,
  studiesSaid,
  wildcardMatches,
} from './search-studies.ts';
import { contentsCache } from './series-contents.ts';

/** What one answer may list; whoever wants more asks more narrowly. */
const STUDIES_MAX = 500;

/** Studies of the requester's own institution: a workstation is let in as its institution and no further. */
const ownStudies = async (
  dependencies: ImagingDependencies,
  { institution }: Requester,
  matching: ReadonlyMap<string, readonly string[]>,
): Promise<readonly StudyReading[]> => {
  const { registry } = await dependencies.snapshots.current();
  const institutionKey = registry.institutionKey(institution);
  if (institutionKey === undefined) return [];
  const number = matching.get('00100020')?.[0];
  const persons =
    number === undefined || /[*?]/.test(number)
      ? undefined
      : await holdersOf(dependencies, institution, number);
  if (persons?.length === 0) return [];
  const found = await searchStudies(
    dependencies.database,
    persons ? { persons } : { institutionKey },
    filterOf(matching),
    { limit: STUDIES_MAX, offset: 0 },
  );
  return found.filter((study) => study.institutionKey === institutionKey);
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

/** UID lists come with backslashes, several modalities too; every other key is one text. */
const matchingOf = ({ matching }: FindRequest): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...matching].map(([tag, text]) => [
      tag,
      ['0020000D', '0020000E', '00080018', '00080061'].includes(tag) ? text.split('\\') : [text],
    ]),
  );

/** Answers C-FIND over the same searches as QIDO-RS, with the patient as images go out to the same application entity. */
export const studyFinder = (
  dependencies: ImagingDependencies,
  entities: Pick<EntityDirectory, 'correctsPatient'>,
): StudyFinder => {
  const contents = contentsCache(dependencies);
  return {
    async *find(request) {
      const matching = matchingOf(request);
      const studies = await ownStudies(dependencies, request.requester, matching);
      await keepDeviceAudit(dependencies, request.requester, studies, {
        action: 'studies.search',
        resourceOf: () => 'studies',
      });
      const patients = new Set<string>();
      // A list is to name the patient as what is fetched from it will.
      const { institution, callingAeTitle } = request.requester;
      const corrects = await entities.correctsPatient(institution, callingAeTitle);
      const said = await studiesSaid(dependencies, studies, corrects);
      for (const [index, study] of studies.entries()) {
        const ofStudy = said[index]?.json as DicomJson;
        if (request.level === 'STUDY') {
          yield ofStudy;
          continue;
        }
        if (request.level === 'PATIENT') {
          const number = JSON.stringify(ofStudy['00100020']);
          if (!patients.has(number)) yield ofStudy;
          patients.add(number);
          continue;
        }
        for (const series of await seriesOfStudy(dependencies.database, study)) {
          if (!seriesMatches(matching, series)) continue;
          const ofSeries = { ...ofStudy, ...seriesJson(study.studyUid, series) } as DicomJson;
          if (request.level === 'SERIES') {
            yield ofSeries;
            continue;
          }
          for (const instance of (await contents.of(series)).instances)
            if (wildcardMatches(matching.get('00080018'), instance.sopInstanceUid))
              yield {
                ...ofSeries,
                ...instanceJson(study.studyUid, series, instance),
              } as DicomJson;
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
    return { ...reference, open: () => countedPieces(outgoing.dataSet(), tell) };
  } catch (error) {
    // Neither can one whose object is gone: its neighbours leave all the same.
    if (!(error instanceof Fault)) throw error;
    return { ...reference, isRefused: true, open: () => Readable.from([]) };
  }
};

const isWanted = (uids: readonly string[], uid: string): boolean => uids.length === 0 || uids.includes(uid);

/** Opens instances for C-MOVE and C-GET: those of the requester's own institution, as their receiver is registered for. */
export const instanceSource = (
  dependencies: ImagingDependencies,
  entities: Pick<EntityDirectory, 'correctsPatient'> = { correctsPatient: async () => false },
): InstanceSource => {
  const contents = contentsCache(dependencies);
  return {
    async select(request: RetrieveRequest): Promise<readonly StoredInstance[]> {
      const { requester, studyInstanceUids, patientId } = request;
      const matching = new Map<string, readonly string[]>([
        ...(patientId === null ? [] : [['00100020', [patientId]] as const]),
        ...(studyInstanceUids.length === 0 ? [] : [['0020000D', studyInstanceUids] as const]),
      ]);
      // Without a key of its level nothing is meant, least of all everything.
      if (matching.size === 0) return [];
      const studies = await ownStudies(dependencies, requester, matching);
      const { institution } = requester;
      const corrects = await entities.correctsPatient(institution, request.destinationAeTitle);
      const selected: StoredInstance[] = [];
      for (const study of studies) {
        const how = await leaving(dependencies, study, corrects, institution);
        for (const series of await seriesOfStudy(dependencies.database, study)) {
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
