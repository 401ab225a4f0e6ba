import type { FhirInstance, FhirStudy } from '../../../adapters/fhir/imaging-study.ts';
import { isObjectLost } from '../../../adapters/objects/lost-object.ts';
import { type SeriesReading, shownSeriesOfStudy } from '../../../adapters/postgres/imaging-reading.ts';
import type { InstanceHeader } from '../../../imaging/index.ts';
import type { ImagingDependencies } from '../imaging/imaging-work.ts';
import { getJson } from '../imaging/json-objects.ts';
import { contentsCache } from '../imaging/series-contents.ts';
import type { VisibleStudy } from '../imaging/study-reader.ts';
import { fhirSeries, fhirStudy } from './person-studies.ts';

/** What the contents of studies are read from. */
export type ContentDependencies = Pick<ImagingDependencies, 'database' | 'images'>;

/** Headers of more instances than this are not gone through for a title: they would keep others waiting. */
const TITLED_MAX = 500;

/** Image Type of each instance of a closed series, by UID. */
const titlesOf = async (
  { images }: ContentDependencies,
  { closedAt, headers, instanceCount }: SeriesReading,
): Promise<ReadonlyMap<string, string>> => {
  if (closedAt === null || headers === null || instanceCount > TITLED_MAX) return new Map();
  // Without titles it is the same study.
  const read = await getJson<readonly InstanceHeader[]>(images, headers).catch((error: unknown) => {
    if (isObjectLost(error)) return [];
    throw error;
  });
  return new Map(
    read.map(({ sopInstanceUid, acquisition: { imageType } }) => [sopInstanceUid, imageType.join('\\')]),
  );
};

/**
 * Reads of what a study consists, as DICOMweb shows it at this moment: what was set aside, hidden or replaced is not there.
 *
 * @returns the study with all its instances
 */
export const studyContents = (
  dependencies: ContentDependencies,
): ((visible: VisibleStudy) => Promise<FhirStudy>) => {
  const contents = contentsCache(dependencies);
  return async (visible) => {
    const series = await shownSeriesOfStudy(dependencies.database, visible.study);
    const told = await Promise.all(
      series.map(async (each) => {
        const [{ instances }, titles] = await Promise.all([contents.of(each), titlesOf(dependencies, each)]);
        const listed = instances.map(
          ({ sopInstanceUid, sopClassUid, instanceNumber }): FhirInstance => ({
            uid: sopInstanceUid,
            sopClassUid,
            number: instanceNumber,
            title: titles.get(sopInstanceUid) || null,
          }),
        );
        return { ...fhirSeries(each), instances: listed.length, listed };
      }),
    );
    const instances = told.reduce((sum, { listed }) => sum + listed.length, 0);
    return { ...fhirStudy(visible, told), instances };
  };
};
