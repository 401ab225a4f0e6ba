import type { CareBasis } from '../../../access/index.ts';
import type { StudyReading } from '../../../adapters/postgres/imaging-reading.ts';
import { readDisputedReports } from '../../../adapters/postgres/corrections.ts';
import { readReportsByPublicId } from '../../../adapters/postgres/report-reading.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { Actor, PatientActor } from '../../server/flows-port.ts';
import { careBasisOf } from '../care.ts';
import { consentOfRecords } from '../consent/consent-state.ts';
import { emergencyDoctor } from '../dependencies.ts';
import { lineReaderOf } from '../own-data/own-reader.ts';
import { mayReach } from '../reach.ts';
import type { LineReader } from '../results/line-disclosure.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { judgeStudy, ownReaders, UNKNOWN_SOURCE, type VisibleStudy } from './study-reader.ts';

/** Who looks through the studies of one person, and on what the person's data are opened to them. */
interface StudiesJudging {
  readonly reader: LineReader;
  readonly care: CareBasis | null;
  /** Whether the right reaches a study, before consent is asked. */
  readonly reaches: (study: StudyReading, institution: InstitutionCode) => boolean;
  /** Stands in the log instead of the basis of consent; null: that one. */
  readonly basis: string | null;
}

const judgingAsPatient = async (
  dependencies: ImagingDependencies,
  actor: PatientActor,
  persons: readonly string[],
): Promise<StudiesJudging> => {
  const own = await ownReaders(dependencies, actor, persons);
  if (!own) throw imagingFault('STUDY_UNKNOWN');
  return {
    reader: lineReaderOf(own, 'shown'),
    care: null,
    reaches: ({ personId }) => own.members.includes(personId),
    basis: own.basis,
  };
};

const judgingAsActor = async (
  { database, snapshots, clock }: ImagingDependencies,
  actor: Actor,
  persons: readonly string[],
): Promise<StudiesJudging> => {
  const care = await careBasisOf(database, actor.institution, persons, await snapshots.current(), clock());
  const isTreated = mayReach(actor, 'image:read', { kind: 'care', basis: care });
  return {
    reader: { institution: actor.institution, doctor: emergencyDoctor(actor) },
    care,
    reaches: (_study, institution) =>
      isTreated || mayReach(actor, 'image:read', { kind: 'record', institution, check: null }),
    basis: null,
  };
};

/** Of the studies of one person those that somebody may see. */
export type StudySieve = (studies: readonly StudyReading[]) => Promise<readonly VisibleStudy[]>;

/**
 * Looks through the studies of one person. However many there are and whatever becomes of them, the same is asked: what
 * may not be told must not be told by the time it takes.
 *
 * @param persons the person's records
 */
export const studySieve = async (
  dependencies: ImagingDependencies,
  actor: Actor | PatientActor,
  persons: readonly string[],
): Promise<StudySieve> => {
  const { database, snapshots, clock } = dependencies;
  const at = clock();
  const judging =
    actor.kind === 'patient'
      ? await judgingAsPatient(dependencies, actor, persons)
      : await judgingAsActor(dependencies, actor, persons);
  const ruling = await snapshots.current();
  const { registry } = ruling;
  const { reader, care } = judging;
  const [consent, disputed] = await Promise.all([
    consentOfRecords(database, persons, registry, at, reader.doctor ?? null),
    readDisputedReports(database, persons),
  ]);
  return async (studies) => {
    const reached = studies
      .map((study) => ({
        study,
        institution: registry.institutionCode(study.institutionKey) ?? UNKNOWN_SOURCE,
      }))
      .filter(({ study, institution }) => judging.reaches(study, institution));
    const reports = await readReportsByPublicId(
      database,
      persons,
      reached.flatMap(({ study: { report } }) => (report === null ? [] : [report])),
    );
    return reached.flatMap(({ study, institution }) => {
      const grounds = judgeStudy(study, institution, reports, {
        reader,
        consent,
        care,
        disputed,
        ruling,
        at,
      });
      return grounds ? [{ study, institution, basis: judging.basis ?? grounds.basis }] : [];
    });
  };
};
