import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ContentHash } from '../../../adapters/objects/image-objects.ts';
import { instancesOfSeries, type SeriesReading } from '../../../adapters/postgres/imaging-reading.ts';
import type { ManifestInstance, SeriesManifest } from '../../../imaging/index.ts';
import type { ImagingDependencies } from './imaging-work.ts';

const decompress = promisify(gunzip);

/** Reads a manifest object. */
export const readManifest = async (
  { images }: Pick<ImagingDependencies, 'images'>,
  manifest: string,
): Promise<SeriesManifest> =>
  JSON.parse(
    (await decompress(await images.get(manifest as ContentHash))).toString('utf8'),
  ) as SeriesManifest;

/** Instances by their UIDs, as one series has them. */
export interface SeriesContents {
  readonly instances: readonly ManifestInstance[];
  readonly byUid: ReadonlyMap<string, ManifestInstance>;
}

/** What series consist of, held in memory for those that are being looked at. */
export interface ContentsCache {
  of(series: SeriesReading): Promise<SeriesContents>;
}

/** Instances held in memory, some hundred bytes each. */
const INSTANCES_MAX = 200_000;

const contentsOf = (instances: readonly ManifestInstance[]): SeriesContents => ({
  instances,
  byUid: new Map(instances.map((instance) => [instance.sopInstanceUid, instance])),
});

/** A closed series is read from its manifest and held; an open one from its rows, each time. */
export const contentsCache = (dependencies: ImagingDependencies): ContentsCache => {
  const held = new Map<string, Promise<SeriesContents>>();
  let count = 0;
  const load = async (manifest: string): Promise<SeriesContents> => {
    const contents = contentsOf((await readManifest(dependencies, manifest)).instances);
    count += contents.instances.length;
    for (const [oldest, dropped] of held) {
      if (count <= INSTANCES_MAX || oldest === manifest) break;
      held.delete(oldest);
      count -= (await dropped).instances.length;
    }
    return contents;
  };
  return {
    async of(series) {
      const { manifest, closedAt } = series;
      if (manifest === null || closedAt === null)
        return contentsOf(await instancesOfSeries(dependencies.database, series));
      let found = held.get(manifest);
      if (found) {
        // Looked at again: the last to be dropped.
        held.delete(manifest);
      } else {
        found = load(manifest);
        found.catch(() => held.delete(manifest));
      }
      held.set(manifest, found);
      return found;
    },
  };
};
