import type { Session } from '../../../adapters/postgres/database.ts';
import { seriesOfStudy, studyByPublicId } from '../../../adapters/postgres/imaging-reading.ts';
import { keepKeyImages, readKeyImages } from '../../../adapters/postgres/key-images.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { KeyImage } from '../../../web/wire/key-image.ts';
import type { StudyViewing } from '../../server/routes/study-view-port.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { studyAudit, visibleStudy } from './study-reader.ts';

/** The pictures of a study that a reader marked, the earliest first. @param reader name of the account */
export const markedImages = async (
  session: Session,
  study: { readonly personId: string; readonly studyId: string },
  reader: string,
): Promise<KeyImage[]> => JSON.parse((await readKeyImages(session, study, reader)) ?? '[]') as KeyImage[];

/**
 * Keeps what a reader marked of a study. Whoever may see the study may mark it; nobody else sees the marks, and nothing of the study
 * changes. Marks and the row of the log are one commit.
 */
export const imageMarking =
  (dependencies: ImagingDependencies): StudyViewing['mark'] =>
  async (actor, id, { images }, origin) => {
    const { database, clock } = dependencies;
    const study = await studyByPublicId(database, id);
    const visible = study && (await visibleStudy(dependencies, study, actor));
    if (!study || !visible) return fail(imagingFault('STUDY_UNKNOWN'));
    const series = new Set((await seriesOfStudy(database, study)).map(({ seriesUid }) => seriesUid));
    const kept = images.filter(({ seriesUid }) => series.has(seriesUid));
    const audit = await studyAudit(dependencies, { actor, origin }, visible, {
      action: 'study.mark',
      resource: `study/${id}`,
      outcome: 'recorded',
    });
    const at = clock();
    await database.transaction(async (session) => {
      await keepKeyImages(session, study, actor.name, kept.length === 0 ? null : JSON.stringify(kept), at);
      await keepAudit(session, study.personId, at, audit);
    });
    return ok({ images: kept });
  };
