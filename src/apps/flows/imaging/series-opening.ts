import {
  type SeriesReading,
  shownSeriesOfStudy,
  type StudyReading,
} from '../../../adapters/postgres/imaging-reading.ts';
import { studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import { openingInstance, representativeFrame } from '../../../imaging/index.ts';
import { hang, kindOf } from '../../../web/viewer/display.ts';
import type { ViewedSeries, ViewedStudy } from '../../../web/wire/viewed-study.ts';
import type { PictureRequest } from '../../server/routes/dicom-web-port.ts';
import { describeInstances, instanceAddress } from './close-series.ts';
import { drawHeld } from './held-drawings.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { contentsCache } from './series-contents.ts';
import { seriesVersion } from './series-version.ts';

/** The preview that the viewer's page asks for: drawn ahead, it is found again only while both say the same. */
export const PREVIEW: PictureRequest = {
  mediaType: 'image/jpeg',
  quality: 90,
  widthMax: 512,
  heightMax: 512,
  isEnlarged: true,
  window: null,
};

/** A header in a page; one with thousands of private values is read with all the others. */
const HEADER_CHARACTERS_MAX = 32 * 1024;

/** A series as the viewer lists it. */
const seriesAnswer = (series: SeriesReading): ViewedSeries => ({
  seriesUid: series.seriesUid,
  number: series.seriesNumber,
  modality: series.modality,
  description: series.description,
  bodyPart: series.bodyPart,
  laterality: series.laterality,
  instances: series.instanceCount,
  version: seriesVersion(series),
});

/**
 * What a study's page says of its series and of the picture that it opens with, so that the browser asks for it before it has run
 * anything and before the headers of all others are read. Its preview is being drawn from now on.
 *
 * @returns for a study its series, and the opening: null where the viewer finds the picture by itself
 */
export const openedSeries = (
  dependencies: ImagingDependencies,
): ((study: StudyReading) => Promise<Pick<ViewedStudy, 'series' | 'opening'>>) => {
  const contents = contentsCache(dependencies);
  const openingOf = async (
    { studyUid }: StudyReading,
    series: SeriesReading,
  ): Promise<ViewedStudy['opening']> => {
    const [{ instances }, { charsetDerived }] = await Promise.all([
      contents.of(series),
      studyUidOf(dependencies.database, series),
    ]);
    const shown = representativeFrame(instances);
    if (shown)
      void drawHeld(dependencies, shown.instance, shown.frame, charsetDerived, PREVIEW).catch(
        () => undefined,
      );
    const instance = openingInstance(instances, series.modality);
    if (!instance) return null;
    const { seriesUid } = series;
    const { sopInstanceUid } = instance;
    const [described] = await describeInstances(dependencies, [instance], charsetDerived, () =>
      instanceAddress(studyUid, seriesUid, sopInstanceUid),
    );
    return described && described.metadata.length <= HEADER_CHARACTERS_MAX
      ? { seriesUid, header: JSON.parse(described.metadata) as Record<string, unknown> }
      : null;
  };
  return async (study) => {
    const found = await shownSeriesOfStudy(dependencies.database, study);
    const series = found.map(seriesAnswer);
    const [uid] = hang(series, true).series;
    const first = found.find(({ seriesUid }) => seriesUid === uid);
    if (!first || first.tier === 'far' || kindOf(first) !== 'pictures') return { series, opening: null };
    // A page without it is a page all the same.
    return { series, opening: await openingOf(study, first).catch(() => null) };
  };
};
