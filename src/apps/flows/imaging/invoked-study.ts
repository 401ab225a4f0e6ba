import { matchOfStudy } from '../../../adapters/postgres/imaging-matches.ts';
import {
  ANY_STUDY,
  searchStudies,
  studiesByUid,
  type StudyReading,
} from '../../../adapters/postgres/imaging-reading.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { ClientActor } from '../../server/flows-port.ts';
import type { InvokedStudy } from '../../server/routes/passed-viewing-port.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { visibleStudy } from './study-reader.ts';

/** Studies under one number; more are looked at by nobody. */
const NUMBERED_MAX = 50;

const numbered = async (
  { database, snapshots }: ImagingDependencies,
  { institution }: ClientActor,
  { studyUid, accession }: InvokedStudy,
): Promise<readonly StudyReading[]> => {
  const own = (await snapshots.current()).registry.institutionKey(institution);
  if (studyUid !== undefined) {
    const studies = await studiesByUid(database, studyUid);
    const ours = studies.filter(({ institutionKey }) => institutionKey === own);
    return ours.length > 0 ? ours : studies;
  }
  if (accession === undefined || own === undefined) return [];
  return searchStudies(
    database,
    { institutionKey: own },
    { ...ANY_STUDY, accession },
    { limit: NUMBERED_MAX },
  );
};

/** Whether a study is nobody's for now: it waits on the worklist, or was found to be none of the candidates'. */
const isNobodys = async ({ database }: ImagingDependencies, study: StudyReading): Promise<boolean> => {
  const match = await matchOfStudy(database, study);
  return match !== undefined && match.isApart && match.state !== 'given';
};

/**
 * The study that a client's system asks to open for a doctor, by UID (the own institution's before another's) or by an accession
 * number of its own. The doctor has one patient before him: a number that two patients' studies carry opens neither, and a study that
 * is nobody's for now is not opened as his.
 *
 * @returns STUDY_UNKNOWN, STUDY_OF_TWO_PEOPLE
 */
export const invokedStudy = async (
  dependencies: ImagingDependencies,
  actor: ClientActor,
  wanted: InvokedStudy,
): Promise<Result<StudyReading, Fault>> => {
  const found = await numbered(dependencies, actor, wanted);
  const placed: StudyReading[] = [];
  for (const study of found) if (!(await isNobodys(dependencies, study))) placed.push(study);
  const seen = await Promise.all(placed.map((study) => visibleStudy(dependencies, study, actor)));
  const visible = seen.filter((one) => one !== null).map(({ study }) => study);
  const [first] = visible;
  if (!first) return fail(imagingFault('STUDY_UNKNOWN'));
  // Of its own numbers those that are hidden count as well: what is meant may be the one that is not shown.
  const meant = wanted.studyUid === undefined ? placed : visible;
  const { members } = await clusterOf(dependencies.database, first.personId);
  const isOne = meant.every(({ personId }) => members.some((member) => member.personId === personId));
  return isOne ? ok(first) : fail(imagingFault('STUDY_OF_TWO_PEOPLE'));
};
