import type { Session } from '../../../adapters/postgres/database.ts';
import {
  matchOfStudy,
  noteEarlier,
  removeMatch,
  type StudyMatch,
} from '../../../adapters/postgres/imaging-matches.ts';
import { holdStudy, moveStudy } from '../../../adapters/postgres/imaging-moves.ts';
import { type StudyReading, studyByPublicId } from '../../../adapters/postgres/imaging-reading.ts';
import { linkStudy, unlinkStudy } from '../../../adapters/postgres/imaging-links.ts';
import { addMatch, recordHolders } from '../../../adapters/postgres/imaging-studies.ts';
import { resolvePerson } from '../../../adapters/postgres/person-index.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import { everLinked, markDecisions } from '../../../adapters/postgres/reports-marks.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { patientOf } from './header-patient.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { identifiersOf, ownRecord, reportHolders } from './place-study.ts';

/** Persons whose records join with a study's own once it is theirs, as far as numbers name them; never by name. */
const candidatesBeside = async (
  { keys, snapshots }: Pick<ImagingDependencies, 'keys' | 'snapshots'>,
  session: Session,
  institution: InstitutionCode,
  study: StudyReading,
  patient: ReturnType<typeof patientOf>,
): Promise<readonly string[]> => {
  const { registry } = await snapshots.current();
  const { members } = await clusterOf(session, study.personId);
  const wrong = new Set(members.map(({ personId }) => personId));
  const held = await recordHolders(
    session,
    keys,
    identifiersOf({ institution, header: { patient } }, registry),
  );
  const reported = await reportHolders(session, study.institutionKey as InstitutionKey, study);
  const named = [...held.map(({ personId }) => personId), ...reported];
  return [...new Set(named)].filter((personId) => !wrong.has(personId));
};

/** Every decision that weighed the report beside which the images lay is looked at again. */
const tellDecisions = async (
  session: Session,
  { personId, report }: NonNullable<StudyMatch['earlier']>,
  kind: 'other-images' | 'upheld',
  at: Instant,
): Promise<void> => {
  const reading = report === null ? undefined : await readReportByPublicId(session, report);
  if (!reading) return;
  const persons = await everLinked(session, personId);
  await markDecisions(session, persons, reading.publicId, reading.version, kind, at);
};

/** Whether a study on the worklist lies under a person all the same, so that it can be taken from there. */
export const maySetApart = ({ isApart, state, reason }: StudyMatch): boolean =>
  !isApart && state === 'open' && reason !== 'two-patients';

/**
 * 不是这位患者: takes a study from the person under whom it was placed. It gets a record of its own and waits on the worklist as
 * a study of nobody; the decisions that weighed its report are marked. What was stored of it is not touched, and what still comes
 * in for it follows it.
 *
 * @returns the study's own record
 * @throws STUDY_MATCH_DECIDED where it waits already
 */
export const setApart = async (
  dependencies: ImagingDependencies,
  session: Session,
  institution: InstitutionCode,
  study: StudyReading,
  at: Instant,
): Promise<string> => {
  const { keys, newPublicId } = dependencies;
  const series = await holdStudy(session, study);
  // Somebody was quicker: it lies elsewhere by now.
  if (!series) throw imagingFault('STUDY_MATCH_DECIDED');
  // After the study, as whoever lets images in.
  const entry = await matchOfStudy(session, study);
  // An entry that only says that it may lie under the wrong person is answered by this.
  if (entry && !(maySetApart(entry) && (await removeMatch(session, entry))))
    throw imagingFault('STUDY_MATCH_DECIDED');
  const candidates = await candidatesBeside(
    dependencies,
    session,
    institution,
    study,
    patientOf(dependencies, study),
  );
  const own = await resolvePerson(session, keys, ownRecord(institution, study.studyUid), {
    issuer: institution,
    at,
    basis: 'report',
    newPublicId,
    sourceRef: study.studyUid,
  });
  if (!own.ok) throw imagingFault('STUDY_MATCH_IMPOSSIBLE', { detail: own.reason.code });
  const { personId } = own.value;
  await moveStudy(session, study, series, personId);
  await unlinkStudy(session, { personId, studyPublicId: study.publicId });
  const place = { personId, studyId: study.studyId, patientHash: '' };
  await addMatch(session, place, {
    publicId: newPublicId(),
    institution: study.institutionKey as InstitutionKey,
    reason: 'not-this-patient',
    candidates,
    at,
  });
  const earlier = { personId: study.personId, report: study.report };
  await noteEarlier(session, place, earlier);
  await tellDecisions(session, earlier, 'other-images', at);
  return personId;
};

/**
 * Puts a study back under the person from whom it was taken, beside the report it had there.
 *
 * @returns the record under which it lies again
 */
export const putBack = async (
  session: Session,
  match: StudyMatch,
  earlier: NonNullable<StudyMatch['earlier']>,
  at: Instant,
): Promise<string> => {
  const study = await studyByPublicId(session, match.studyPublicId);
  const series = study && (await holdStudy(session, study));
  if (!series || !(await removeMatch(session, match))) throw imagingFault('STUDY_MATCH_DECIDED');
  await moveStudy(session, study, series, earlier.personId);
  if (earlier.report !== null)
    await linkStudy(session, { personId: earlier.personId, studyId: study.studyId }, earlier.report);
  await tellDecisions(session, earlier, 'upheld', at);
  return earlier.personId;
};
