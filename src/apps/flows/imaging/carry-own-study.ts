import { studyByPublicId } from '../../../adapters/postgres/imaging-reading.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { CarryWish, CarryingReader, SignedInCarrying } from '../../server/routes/study-carry-port.ts';
import { studyArchives } from './carry-study.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import {
  keepOpening,
  type OpenedStudy,
  studyAudit,
  type VisibleStudy,
  visibleStudy,
} from './study-reader.ts';

/** Who took a study along stands in the access log with the form it left in. */
export const carryAct = (
  { study }: Pick<VisibleStudy, 'study'>,
  { form, only, patientModule }: CarryWish,
) => {
  const how =
    form === 'pictures'
      ? only === 'all'
        ? ''
        : '/key-images'
      : patientModule === 'current'
        ? '/corrected'
        : '';
  return {
    action: 'study.download',
    resource: `study/${study.publicId}/${form}${how}`,
    outcome: 'disclosed',
  };
};

/** Taking studies along, for whoever is signed in. */
export const studyCarrying = (dependencies: ImagingDependencies): SignedInCarrying => {
  const { database, clock } = dependencies;
  const archives = studyArchives(dependencies);
  const visibleTo = async ({ actor }: CarryingReader, id: PublicId): Promise<OpenedStudy> => {
    const study = await studyByPublicId(database, id);
    const visible = study && (await visibleStudy(dependencies, study, actor));
    if (!visible) throw imagingFault('STUDY_UNKNOWN');
    const way =
      actor.kind === 'patient' ? 'patient' : actor.institution === visible.institution ? 'own' : 'elsewhere';
    return { ...visible, way };
  };
  return {
    async offer(reader, id) {
      const visible = await visibleTo(reader, id);
      await keepOpening(dependencies, reader, visible);
      return archives.offer(visible);
    },
    async carry(reader, id, wish) {
      const visible = await visibleTo(reader, id);
      const archive = await archives.make(visible, wish);
      const audit = await studyAudit(dependencies, reader, visible, carryAct(visible, wish));
      await database.transaction((session) => keepAudit(session, visible.study.personId, clock(), audit));
      return archive;
    },
  };
};
