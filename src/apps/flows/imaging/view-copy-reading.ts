import type { ContentHash } from '../../../adapters/objects/image-objects.ts';
import { isObjectLost } from '../../../adapters/objects/lost-object.ts';
import type { SeriesReading } from '../../../adapters/postgres/imaging-reading.ts';
import {
  forgetViewCopy,
  viewCopyOf,
  type ViewCopyRow,
} from '../../../adapters/postgres/imaging-view-copies.ts';
import {
  type CopiedInstance,
  copiedFrames,
  type ManifestInstance,
  type ViewCopyIndex,
} from '../../../imaging/index.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { getJson } from './json-objects.ts';

/** Reads view copies. */
export interface ViewCopies {
  /**
   * Frames of an instance from the copy of its series.
   *
   * @param frames counted from 1
   * @returns each in pieces; null where there is no copy of them (yet), or none that can be read: then the original is there
   */
  frames(
    series: SeriesReading,
    instance: ManifestInstance,
    frames: readonly number[],
  ): Promise<readonly (readonly Uint8Array[])[] | null>;
}

type CopiedByUid = ReadonlyMap<string, CopiedInstance>;

const ROW_AGE_MAX_MS = 5_000;
const ROWS_MAX = 2_000;
const INDEXES_MAX = 200;
/** What is read of a copy for one answer; more is answered from the original, piece by piece. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** Reads the index of a view copy. */
export const readViewCopyIndex = (
  { images }: Pick<ImagingDependencies, 'images'>,
  index: string,
): Promise<ViewCopyIndex> => getJson(images, index);

/** Holds what is being looked at. A copy that is missing or damaged is forgotten, so that it is made again. */
export const viewCopies = (dependencies: ImagingDependencies): ViewCopies => {
  const { database, images, clock } = dependencies;
  const rows = new Map<string, { readonly until: number; readonly row: Promise<ViewCopyRow | undefined> }>();
  const indexes = new Map<string, Promise<CopiedByUid>>();

  const rowOf = (series: SeriesReading): Promise<ViewCopyRow | undefined> => {
    const at = clock();
    const known = rows.get(series.seriesId);
    if (known && known.until > at) return known.row;
    if (rows.size >= ROWS_MAX) rows.delete(rows.keys().next().value as string);
    const row = viewCopyOf(database, series);
    rows.set(series.seriesId, { until: at + ROW_AGE_MAX_MS, row });
    row.catch(() => rows.delete(series.seriesId));
    return row;
  };
  const indexOf = (index: string): Promise<CopiedByUid> => {
    const known = indexes.get(index);
    if (known) return known;
    if (indexes.size >= INDEXES_MAX) indexes.delete(indexes.keys().next().value as string);
    const reading = readViewCopyIndex(dependencies, index).then(
      ({ copied }) => new Map(copied.map((one) => [one.sopInstanceUid, one])),
    );
    indexes.set(index, reading);
    reading.catch(() => indexes.delete(index));
    return reading;
  };
  const readFrames = async (
    objects: NonNullable<ViewCopyRow['objects']>,
    instance: ManifestInstance,
    frames: readonly number[],
  ): Promise<readonly (readonly Uint8Array[])[] | null> => {
    const copied = (await indexOf(objects.index)).get(instance.sopInstanceUid);
    const ranges = copiedFrames(copied, instance, frames);
    if (!ranges || ranges.reduce((sum, [, length]) => sum + length, 0) > ANSWER_BYTES_MAX) return null;
    const content = objects.frames as ContentHash;
    const [only] = ranges.length === 1 ? ranges : [];
    if (only) return [await images.part(content, ...only)];
    const object = await images.open(content);
    try {
      return await Promise.all(ranges.map(async ([offset, length]) => [await object.read(offset, length)]));
    } finally {
      await object.close();
    }
  };
  return {
    async frames(series, instance, frames) {
      const row = await rowOf(series);
      if (!row?.objects) return null;
      try {
        return await readFrames(row.objects, instance, frames);
      } catch (error) {
        if (!isObjectLost(error)) throw error;
        rows.delete(series.seriesId);
        await database.transaction((session) => forgetViewCopy(session, series));
        return null;
      }
    },
  };
};
