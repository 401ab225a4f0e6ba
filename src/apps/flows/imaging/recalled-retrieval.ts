import { seriesOfStudy, type StudyReading } from '../../../adapters/postgres/imaging-reading.ts';
import type { DicomWebAddress, DicomWebRetrieval } from '../../server/routes/dicom-web-port.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import type { StudyDoor } from './study-reader.ts';
import { recallOf } from './tiers.ts';

/**
 * Sees to it that the pixels of a study can be read.
 *
 * @param seriesUid null: of all its series
 * @throws IMAGES_BEING_RECALLED where they lie in the far tier; asking for them is what calls them back
 */
export const requireNear = async (
  dependencies: Pick<ImagingDependencies, 'database' | 'clock'>,
  study: StudyReading,
  seriesUid: string | null,
): Promise<void> => {
  if (study.farBytes === 0) return;
  const series = await seriesOfStudy(dependencies.database, study);
  const isFar = series.some(
    (each) => each.tier === 'far' && (seriesUid === null || each.seriesUid === seriesUid),
  );
  if (!isFar) return;
  const recall = await recallOf(dependencies, study);
  if (recall) throw imagingFault('IMAGES_BEING_RECALLED', { detail: `${recall.done}/${recall.total}` });
};

/**
 * The same retrieval, where what lies in the far tier is recalled first: whoever asks for its pixels is told to come back, with how
 * many images are near again. What was made of series (metadata, pictures that stand for them) never left.
 */
export const recalledRetrieval = <Reader>(
  dependencies: Pick<ImagingDependencies, 'database' | 'clock'>,
  door: StudyDoor<Reader>,
  retrieval: DicomWebRetrieval<Reader>,
): DicomWebRetrieval<Reader> => {
  /** @throws IMAGES_BEING_RECALLED */
  const near = async (reader: Reader, address: DicomWebAddress): Promise<void> => {
    const { study } = await door.open(reader, address.study);
    await requireNear(dependencies, study, address.series);
  };
  return {
    thumbnail: (reader, address) => retrieval.thumbnail(reader, address),
    async metadata(reader, address) {
      if (address.instance !== null) await near(reader, address);
      return retrieval.metadata(reader, address);
    },
    async instances(reader, address) {
      await near(reader, address);
      return retrieval.instances(reader, address);
    },
    async frames(reader, address, frames, copy) {
      await near(reader, address);
      return retrieval.frames(reader, address, frames, copy);
    },
    async bulkData(reader, address, path) {
      await near(reader, address);
      return retrieval.bulkData(reader, address, path);
    },
    async video(reader, address) {
      await near(reader, address);
      return retrieval.video(reader, address);
    },
    async pictures(reader, address, frames, request) {
      await near(reader, address);
      return retrieval.pictures(reader, address, frames, request);
    },
    async picture(reader, address, frame, request) {
      await near(reader, address);
      return retrieval.picture(reader, address, frame, request);
    },
  };
};
