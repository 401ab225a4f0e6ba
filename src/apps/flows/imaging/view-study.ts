import {
  ANY_STUDY,
  searchStudies,
  studiesOfReport,
  studyByPublicId,
  type StudyReading,
} from '../../../adapters/postgres/imaging-reading.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import { Fault } from '../../../kernel/fault.ts';
import { imageArrival, type StudyFacts } from '../../../imaging/index.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { Rules } from '../../../recognition/index.ts';
import type { ReportAnswer } from '../../../web/wire/order-check-answer.ts';
import type { PriorStudy, ViewedStudy } from '../../../web/wire/viewed-study.ts';
import type { PatientActor, StaffActor } from '../../server/flows-port.ts';
import type { StudyViewing } from '../../server/routes/study-view-port.ts';
import { emergencyDoctor } from '../dependencies.ts';
import { personAnswer } from '../people.ts';
import { institutionAnswer } from '../present.ts';
import type { LineReader } from '../results/line-disclosure.ts';
import { describedStudy } from '../results/present-images.ts';
import { findVisibleReport, presentReport } from '../results/read-report.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { imageMarking, markedImages } from './marked-images.ts';
import { unreportedStudies } from './own-studies.ts';
import { openedSeries } from './series-opening.ts';
import { recallOf } from './tiers.ts';
import { keepOpening, type VisibleStudy, visibleStudy } from './study-reader.ts';
import { studySieve } from './study-sieve.ts';
import { studiedAt } from './study-time.ts';

/** Earlier studies offered beside one. */
const PRIORS_MAX = 50;

/** What headers state of a study, where they were read. */
export const describedStudies = ({ facts }: StudyReading): Pick<ViewedStudy, 'studies'> =>
  facts === null ? {} : { studies: [describedStudy(JSON.parse(facts) as StudyFacts)] };

/** How far the images of a study have come. */
export const arrivalOf = (study: StudyReading, at: Instant): ViewedStudy['state'] =>
  imageArrival(
    {
      received: study.instanceCount,
      announced: study.announcedCount,
      isOpen: study.openSeries > 0,
      lastAt: study.lastAt,
    },
    at,
  );

/** Parts of the body that descriptions name in one character: enough to tell a chest from a knee. */
const PART = /头|颅|脑|颈|胸|肺|心|腹|肝|肾|盆|脊|椎|肩|肘|腕|髋|膝|踝|足|乳/;

/** Whether two studies are of the same kind and part, so that they are looked at beside each other. */
const isComparable = (one: StudyReading, other: StudyReading): boolean => {
  const part = PART.exec(one.description ?? '')?.[0];
  return (
    one.modalities.some((modality) => other.modalities.includes(modality)) &&
    part !== undefined &&
    (other.description ?? '').includes(part)
  );
};

const institutionOf = (
  { institution }: VisibleStudy,
  actor: StaffActor | PatientActor,
  rules: Rules,
): ViewedStudy['institution'] => {
  const { nameZh, nameEn } = institutionAnswer(rules, institution);
  return { nameZh, nameEn, own: actor.kind === 'staff' && actor.institution === institution };
};

const lineReaderFor = (actor: StaffActor | PatientActor): LineReader =>
  actor.kind === 'patient'
    ? { institution: null, asksForRestricted: true }
    : { institution: actor.institution, doctor: emergencyDoctor(actor), author: actor.name };

/** The report beside the images; null where there is none, or none for this reader. */
const reportOf = async (
  dependencies: ImagingDependencies,
  { study }: VisibleStudy,
  actor: StaffActor | PatientActor,
): Promise<ReportAnswer | null> => {
  if (study.report === null) return null;
  const at = dependencies.clock();
  try {
    const found = await findVisibleReport(dependencies, lineReaderFor(actor), study.report, at);
    return found ? await presentReport(dependencies.database, found, found.basis, at) : null;
  } catch (error) {
    if (error instanceof Fault && error.status < 500) return null;
    throw error;
  }
};

const priorsOf = async (
  dependencies: ImagingDependencies,
  viewed: VisibleStudy,
  actor: StaffActor | PatientActor,
  rules: Rules,
): Promise<readonly PriorStudy[]> => {
  const { database } = dependencies;
  const { members } = await clusterOf(database, viewed.study.personId);
  const persons = members.map(({ personId }) => personId);
  const all = await searchStudies(database, { persons }, ANY_STUDY, { limit: PRIORS_MAX, offset: 0 });
  const others = all
    .filter(({ publicId }) => publicId !== viewed.study.publicId)
    .toSorted(
      (one, other) => Number(isComparable(viewed.study, other)) - Number(isComparable(viewed.study, one)),
    );
  const sieve = await studySieve(dependencies, actor, persons);
  return (await sieve(others)).map((one) => ({
    id: one.study.publicId,
    institution: institutionOf(one, actor, rules),
    studiedAt: studiedAt(one.study),
    modalities: [...one.study.modalities],
    description: one.study.description,
    comparable: isComparable(viewed.study, one.study),
  }));
};

const viewerOf = (actor: StaffActor | PatientActor): Pick<ViewedStudy['watermark'], 'viewer' | 'purpose'> =>
  actor.kind === 'patient'
    ? { viewer: '本人', purpose: '本人查看' }
    : { viewer: [actor.displayName, actor.staffNumber ?? ''].filter(Boolean).join(' '), purpose: '诊疗' };

/** Opens a study for the viewer: what it is, the report beside it, and what else may be compared with it. */
export const studyViewing = (dependencies: ImagingDependencies): StudyViewing => {
  const seriesOf = openedSeries(dependencies);
  return {
    async open(actor, id, _person, origin) {
      const { database, keys, clock, snapshots } = dependencies;
      const study = await studyByPublicId(database, id);
      const visible = study && (await visibleStudy(dependencies, study, actor));
      if (!study || !visible) return fail(imagingFault('STUDY_UNKNOWN'));
      await keepOpening(dependencies, { actor, origin }, visible);
      const at = clock();
      const { snapshot } = await snapshots.current();
      const rules = snapshot.rulesAt(at);
      const [opened, report, priors, patient, recall, keyImages] = await Promise.all([
        seriesOf(study),
        reportOf(dependencies, visible, actor),
        priorsOf(dependencies, visible, actor, rules),
        readPersonSummary(database, keys, study.personPublicId),
        recallOf(dependencies, study),
        markedImages(database, study, actor.name),
      ]);
      return ok({
        id,
        studyUid: study.studyUid,
        root: '/dicom-web',
        audience: actor.kind === 'patient' ? 'patient' : 'staff',
        patient: patient ? personAnswer(patient) : null,
        institution: institutionOf(visible, actor, rules),
        studiedAt: studiedAt(study),
        description: study.description,
        modalities: [...study.modalities],
        state: arrivalOf(study, at),
        received: study.instanceCount,
        announced: study.announcedCount,
        ...describedStudies(study),
        recall,
        ...opened,
        keyImages,
        report,
        reportHref: report && `${actor.kind === 'patient' ? '/me' : ''}/reports/${report.id}`,
        downloadHref: `/studies/${id}/download`,
        priors: [...priors],
        watermark: { ...viewerOf(actor), at: isoInstant(at) },
        drill: rules.drill,
      });
    },
    mark: imageMarking(dependencies),
    unreported: (actor, person, origin) => unreportedStudies(dependencies, actor, person, origin),
    async ofReport(actor, report) {
      const { database } = dependencies;
      const reading = await readReportByPublicId(database, report);
      if (!reading) return fail(imagingFault('STUDY_UNKNOWN'));
      const { members } = await clusterOf(database, reading.personId);
      const persons = members.map(({ personId }) => personId);
      for (const study of await studiesOfReport(database, persons, report))
        if (await visibleStudy(dependencies, study, actor)) return ok(study.publicId);
      return fail(imagingFault('STUDY_UNKNOWN'));
    },
  };
};
