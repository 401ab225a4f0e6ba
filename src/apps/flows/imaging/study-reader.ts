import { openStudyOnce } from '../../../adapters/postgres/imaging-openings.ts';
import type { TrafficWay } from '../../../adapters/postgres/image-figures.ts';
import { type StudyReading, studiesByUid } from '../../../adapters/postgres/imaging-reading.ts';
import type { AuditRecord } from '../../../adapters/postgres/order-checks.ts';
import { clusterOf, lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import type { ReportReading } from '../../../adapters/postgres/report-reading.ts';
import { representationsBy } from '../../../adapters/postgres/representations.ts';
import type { ConsentState } from '../../../consent/index.ts';
import { Fault } from '../../../kernel/fault.ts';
import { type Clock, HOUR_MS } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { isActing } from '../../../person/index.ts';
import { CONSENT_NOT_RECORDED, basisText, type Rules } from '../../../recognition/index.ts';
import type { Actor, CallOrigin, PatientActor } from '../../server/flows-port.ts';
import { careBasisOf } from '../care.ts';
import { consentOfPerson } from '../consent/consent-state.ts';
import { auditOf, emergencyDoctor, type FlowDependencies } from '../dependencies.ts';
import { certainMembers, lineReaderOf, ownAudit, type OwnReader, ownReader } from '../own-data/own-reader.ts';
import { mayReach } from '../reach.ts';
import { lineDisclosure, type LineReader } from '../results/line-disclosure.ts';
import { findVisibleReport, judgeReport, type ReportJudging } from '../results/read-report.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';

/** Who looks at images: staff, an institution's system, or a patient. */
export interface ImageReader {
  readonly actor: Actor | PatientActor;
  readonly origin: CallOrigin;
}

/** A study that a reader may see, and on what. */
export interface VisibleStudy {
  readonly study: StudyReading;
  readonly institution: InstitutionCode;
  readonly basis: string;
}

/** A study that a door opened. */
export interface OpenedStudy extends VisibleStudy {
  /** To whom its bytes go: the institution itself, another one, the patient or whom the patient shows it. */
  readonly way: Exclude<TrafficWay, 'received'>;
}

/** Source of a study whose institution no list names. */
export const UNKNOWN_SOURCE = 'UNKNOWN' as InstitutionCode;

/** On what a study is shown; null: it is not. */
type Grounds = { readonly basis: string } | null;

/** How a study is called where only a report would know better. */
export const studyTitle = ({ description, modalities }: StudyReading): string =>
  description ?? (modalities.length > 0 ? modalities.join(' ') : '影像检查');

/** What a reader is shown of a study by itself: as of a report without lines. */
const judgeAlone = (
  study: StudyReading,
  institution: InstitutionCode,
  reader: LineReader,
  consent: ConsentState,
  rules: Rules,
): Grounds => {
  const words = studyTitle(study);
  const shown = lineDisclosure(
    { items: [], localName: words, title: words, performer: institution, reporter: institution },
    reader,
    consent,
    rules,
  );
  return shown.level === 'content' ? { basis: basisText([shown], reader, consent, rules) } : null;
};

/**
 * What a reader is shown of a study: as much as its report shows, by itself where it has none. Of a report that is not shown
 * whole, or that somebody says is another person's, no image is.
 *
 * @param reports that were read, by public id; without its own it is not shown
 */
export const judgeStudy = (
  study: StudyReading,
  institution: InstitutionCode,
  reports: ReadonlyMap<PublicId, ReportReading>,
  judging: ReportJudging,
): Grounds => {
  if (study.report === null) {
    const { reader, consent, ruling, at } = judging;
    return judgeAlone(study, institution, reader, consent, ruling.snapshot.rulesAt(at));
  }
  const reading = reports.get(study.report);
  const found = reading && judgeReport(reading, judging);
  return typeof found === 'object' && found.showsImages ? { basis: found.basisText } : null;
};

const shownAlone = async (
  { database, snapshots, clock }: FlowDependencies,
  study: StudyReading,
  institution: InstitutionCode,
  reader: LineReader,
): Promise<Grounds> => {
  const at = clock();
  const { registry, snapshot } = await snapshots.current();
  const consent =
    reader.institution === null
      ? CONSENT_NOT_RECORDED
      : await consentOfPerson(database, study.personId, registry, at, reader.doctor ?? null);
  return judgeAlone(study, institution, reader, consent, snapshot.rulesAt(at));
};

/** As much as its report shows, where it has one, and no image where that opens none (`VisibleReport.showsImages`). */
const shownWithReport = async (
  dependencies: FlowDependencies,
  study: StudyReading,
  institution: InstitutionCode,
  reader: LineReader,
): Promise<Grounds> => {
  if (study.report === null) return shownAlone(dependencies, study, institution, reader);
  try {
    const found = await findVisibleReport(dependencies, reader, study.report, dependencies.clock());
    return found?.showsImages ? { basis: found.basisText } : null;
  } catch (error) {
    // That there is something is told where results are listed, not where pixels are asked for.
    if (error instanceof Fault && error.status < 500) return null;
    throw error;
  }
};

/** A study for a reader whose right to its person is settled: what consent, its report and the class of its words let through. */
export const shownStudy = async (
  dependencies: FlowDependencies,
  study: StudyReading,
  reader: LineReader,
): Promise<Omit<VisibleStudy, 'basis'> | null> => {
  const { registry } = await dependencies.snapshots.current();
  const institution = registry.institutionCode(study.institutionKey) ?? UNKNOWN_SOURCE;
  const shown = await shownWithReport(dependencies, study, institution, reader);
  return shown && { study, institution };
};

/** As whom a patient reads one of these records: the patient's own, or of somebody for whom the patient acts. */
export const ownReaders = async (
  dependencies: ImagingDependencies,
  actor: PatientActor,
  persons: readonly string[],
): Promise<OwnReader | undefined> => {
  const { database, clock } = dependencies;
  const isAmong = (members: readonly string[]): boolean => members.some((each) => persons.includes(each));
  const self = await ownReader(dependencies, actor);
  if (isAmong(self.members)) return self;
  const at = clock();
  for (const acting of await representationsBy(database, self.members)) {
    if (!isActing(acting, at)) continue;
    const person = await lookupPersonByPublicId(database, acting.person);
    if (person && isAmong(certainMembers(person))) return ownReader(dependencies, actor, acting.person);
  }
  return undefined;
};

const shownToPatient = async (
  dependencies: ImagingDependencies,
  study: StudyReading,
  institution: InstitutionCode,
  actor: PatientActor,
): Promise<Grounds> => {
  const own = await ownReaders(dependencies, actor, [study.personId]);
  if (!own) return null;
  const shown = await shownWithReport(dependencies, study, institution, lineReaderOf(own, 'shown'));
  return shown && { basis: own.basis };
};

const shownToActor = async (
  dependencies: ImagingDependencies,
  study: StudyReading,
  institution: InstitutionCode,
  actor: Actor,
): Promise<Grounds> => {
  const { database, snapshots, clock } = dependencies;
  const own = { kind: 'record', institution, check: null } as const;
  if (!mayReach(actor, 'image:read', own)) {
    const ruling = await snapshots.current();
    const { members } = await clusterOf(database, study.personId);
    const persons = members.map(({ personId }) => personId);
    const basis = await careBasisOf(database, actor.institution, persons, ruling, clock());
    if (!mayReach(actor, 'image:read', { kind: 'care', basis })) return null;
  }
  return shownWithReport(dependencies, study, institution, {
    institution: actor.institution,
    doctor: emergencyDoctor(actor),
  });
};

/**
 * What an institution is shown now of a study that was opened for one of its doctors: care was looked at when it was opened,
 * and may not have ended within the half hour; consent and the standing of the report may.
 */
export const stillShownTo = async (
  dependencies: ImagingDependencies,
  study: StudyReading,
  reader: InstitutionCode,
): Promise<boolean> => (await shownStudy(dependencies, study, { institution: reader })) !== null;

/** Whether a reader may see a study, by the rules of its report, of care and of consent. */
export const visibleStudy = async (
  dependencies: ImagingDependencies,
  study: StudyReading,
  actor: Actor | PatientActor,
): Promise<VisibleStudy | null> => {
  const { registry } = await dependencies.snapshots.current();
  const institution = registry.institutionCode(study.institutionKey) ?? UNKNOWN_SOURCE;
  const grounds =
    actor.kind === 'patient'
      ? await shownToPatient(dependencies, study, institution, actor)
      : await shownToActor(dependencies, study, institution, actor);
  return grounds && { study, institution, ...grounds };
};

/** One opening is what somebody does with a study within an hour: the page, its pictures, and coming back to it. */
export const openingKeyOf = ({ actor }: { readonly actor: { readonly name: string } }, at: number): string =>
  `${actor.name}|${Math.floor(at / HOUR_MS)}`;

const institutionKeyOf = async (
  { snapshots }: ImagingDependencies,
  institution: InstitutionCode | null,
): Promise<string | null> =>
  institution === null ? null : ((await snapshots.current()).registry.institutionKey(institution) ?? null);

/** The row of the access log for what a reader does with a study. @throws STUDY_UNKNOWN where it is a patient's no longer */
export const studyAudit = async (
  dependencies: ImagingDependencies,
  { actor, origin }: ImageReader,
  { study, basis }: VisibleStudy,
  act: Pick<AuditRecord, 'action' | 'resource' | 'outcome'>,
): Promise<AuditRecord> => {
  if (actor.kind === 'patient') {
    const own = await ownReaders(dependencies, actor, [study.personId]);
    if (!own) throw imagingFault('STUDY_UNKNOWN');
    return ownAudit(dependencies, own, origin, act);
  }
  return auditOf(dependencies, actor, origin, {
    ...act,
    basis,
    institutionKey: await institutionKeyOf(dependencies, actor.institution),
  });
};

/** Writes into the access log that a study was opened, once for each opening. */
export const keepOpening = async (
  dependencies: ImagingDependencies,
  reader: ImageReader,
  visible: VisibleStudy,
): Promise<void> => {
  const { study } = visible;
  const at = dependencies.clock();
  const act = { action: 'study.read', resource: `study/${study.publicId}`, outcome: 'disclosed' };
  const audit = await studyAudit(dependencies, reader, visible, act);
  await openStudyOnce(dependencies.database, study, openingKeyOf(reader, at), audit, at);
};

/** How long what was decided counts for the frames that follow: shutting somebody out takes this long to reach them. */
const DECISION_AGE_MAX_MS = 5_000;
const DECISIONS_MAX = 2_000;

/** Opens studies for readers of a kind. */
export interface StudyDoor<Reader = ImageReader> {
  /**
   * The study of this UID that the reader may see; of several institutions' the own one first. Kept in the access log once
   * for each opening.
   *
   * @throws STUDY_UNKNOWN, also for one that is not for this reader
   */
  open(reader: Reader, studyUid: string): Promise<OpenedStudy>;
}

/**
 * A door that decides anew after some seconds.
 *
 * @param keyOf tells readers apart for whom it may be decided differently
 */
export const rememberingDoor = <Reader>(
  clock: Clock,
  decide: StudyDoor<Reader>['open'],
  keyOf: (reader: Reader) => string,
): StudyDoor<Reader> => {
  const decided = new Map<string, { readonly until: number; readonly visible: Promise<OpenedStudy> }>();
  return {
    open(reader, studyUid) {
      const at = clock();
      const key = `${keyOf(reader)}|${studyUid}`;
      const known = decided.get(key);
      if (known && known.until > at) return known.visible;
      if (decided.size >= DECISIONS_MAX) decided.delete(decided.keys().next().value as string);
      const visible = decide(reader, studyUid);
      decided.set(key, { until: at + DECISION_AGE_MAX_MS, visible });
      visible.catch(() => decided.delete(key));
      return visible;
    },
  };
};

/** The door for staff, systems and patients. */
export const studyDoor = (dependencies: ImagingDependencies): StudyDoor => {
  const decide = async (reader: ImageReader, studyUid: string): Promise<OpenedStudy> => {
    const { actor } = reader;
    const studies = await studiesByUid(dependencies.database, studyUid);
    const seen = await Promise.all(studies.map((study) => visibleStudy(dependencies, study, actor)));
    const visible = seen.filter((one) => one !== null);
    const own = actor.kind === 'patient' ? null : actor.institution;
    const found = visible.find(({ institution }) => institution === own) ?? visible[0];
    if (!found) throw imagingFault('STUDY_UNKNOWN');
    await keepOpening(dependencies, reader, found);
    const way = actor.kind === 'patient' ? 'patient' : found.institution === own ? 'own' : 'elsewhere';
    return { ...found, way };
  };
  return rememberingDoor(dependencies.clock, decide, ({ actor }) => actor.name);
};

/** Persons whose studies a reader asks for: the reader's own, or those of the person named. */
export const personsFor = async (
  dependencies: ImagingDependencies,
  actor: Actor | PatientActor,
  person: PublicId | null,
): Promise<readonly string[] | null> => {
  if (actor.kind === 'patient') return (await ownReader(dependencies, actor, person ?? actor.person)).members;
  if (person === null) return null;
  const found = await lookupPersonByPublicId(dependencies.database, person);
  return found ? found.members.map(({ personId }) => personId) : [];
};
