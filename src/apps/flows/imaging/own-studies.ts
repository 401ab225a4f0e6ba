import { ANY_STUDY, searchStudies, type StudyReading } from '../../../adapters/postgres/imaging-reading.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import type { StudyFacts } from '../../../imaging/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { ImagesAnswer } from '../../../web/wire/order-check-answer.ts';
import type { OwnStudies } from '../../../web/wire/own-data.ts';
import type { CallOrigin, PatientActor } from '../../server/flows-port.ts';
import { ownAudit, ownReader } from '../own-data/own-reader.ts';
import { institutionAnswer } from '../present.ts';
import { describedStudy, imagesAnswer } from '../results/present-images.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { studyTitle } from './study-reader.ts';
import { studySieve } from './study-sieve.ts';
import { studiedAt } from './study-time.ts';

const STUDIES_MAX = 200;

/** How far the images of a study have come, and what their headers state, without any report. */
export const imagesOfStudy = (study: StudyReading, at: Instant): ImagesAnswer => {
  const facts = study.facts === null ? null : (JSON.parse(study.facts) as StudyFacts);
  const { instanceCount: received, announcedCount: announced, lastAt } = study;
  const counted = { received, announced, isOpen: study.openSeries > 0, lastAt };
  const answer = imagesAnswer({ ...counted, studies: [{ received, announced, facts }] }, false, at);
  return { ...(answer as ImagesAnswer), ...(facts === null ? {} : { studies: [describedStudy(facts)] }) };
};

/**
 * Studies of a patient, or of somebody for whom the patient acts, beside which no report lies: what has a report is listed by that.
 * Leaves a row in the access log.
 *
 * @throws PERSON_NOT_FOUND for everybody for whom the patient does not act
 */
export const unreportedStudies = async (
  dependencies: ImagingDependencies,
  actor: PatientActor,
  person: PublicId | undefined,
  origin: CallOrigin,
): Promise<OwnStudies> => {
  const { database, snapshots, clock } = dependencies;
  const reader = await ownReader(dependencies, actor, person);
  const at = clock();
  const [all, sieve, { snapshot }] = await Promise.all([
    searchStudies(database, { persons: reader.members }, ANY_STUDY, { limit: STUDIES_MAX, offset: 0 }),
    studySieve(dependencies, actor, reader.members),
    snapshots.current(),
  ]);
  const rules = snapshot.rulesAt(at);
  const shown = await sieve(all.filter(({ report }) => report === null));
  await database.transaction((session) =>
    keepAudit(
      session,
      reader.personId,
      at,
      ownAudit(dependencies, reader, origin, {
        action: 'own-studies.read',
        resource: `person/${reader.person}/studies`,
        outcome: 'disclosed',
      }),
    ),
  );
  return {
    studies: shown.map(({ study, institution }) => ({
      id: study.publicId,
      institutionZh: institutionAnswer(rules, institution).nameZh,
      studiedAt: studiedAt(study),
      title: studyTitle(study),
      instances: study.instanceCount,
      images: imagesOfStudy(study, at),
    })),
  };
};
