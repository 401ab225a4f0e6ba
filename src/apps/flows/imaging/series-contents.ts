import { hiddenContents } from '../../../adapters/postgres/imaging-conflicts.ts';
import type { ListedReading } from '../../../adapters/postgres/imaging-folding.ts';
import { instancesOfSeries, type SeriesReading } from '../../../adapters/postgres/imaging-reading.ts';
import {
  joinedInstances,
  type ManifestEntry,
  manifestOf,
  type SeriesManifest,
} from '../../../imaging/index.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { getJson } from './json-objects.ts';

/** Reads a manifest object. */
export const readManifest = async (
  { images }: Pick<ImagingDependencies, 'images'>,
  manifest: string,
): Promise<SeriesManifest> => manifestOf(await getJson<SeriesManifest>(images, manifest));

/** Reads what manifests list while arrivals are stored. */
export const listedReading =
  (dependencies: Pick<ImagingDependencies, 'images'>): ListedReading =>
  async (manifest) => {
    const { instances } = await readManifest(dependencies, manifest);
    return new Map(instances.map((instance) => [instance.sopInstanceUid, instance]));
  };

/** Without what was said since to be of another patient. */
const shownOf = (
  instances: readonly ManifestEntry[],
  hidden: ReadonlySet<string>,
): readonly ManifestEntry[] =>
  hidden.size === 0 ? instances : instances.filter(({ content }) => !hidden.has(content));

/** Everything of a series: what its rows say, and what its manifest says that has no rows any more. */
export const allInstances = async (
  dependencies: Pick<ImagingDependencies, 'database' | 'images'>,
  series: SeriesReading,
): Promise<readonly ManifestEntry[]> => {
  const { database } = dependencies;
  const rows = await instancesOfSeries(database, series);
  if (series.manifest === null || series.foldedAt === null) return rows;
  const { instances } = await readManifest(dependencies, series.manifest);
  return joinedInstances(rows, shownOf(instances, await hiddenContents(database, series)));
};

/** Instances by their UIDs, as one series has them. */
export interface SeriesContents {
  readonly instances: readonly ManifestEntry[];
  readonly byUid: ReadonlyMap<string, ManifestEntry>;
}

/** What series consist of, held in memory for those that are being looked at. */
export interface ContentsCache {
  of(series: SeriesReading): Promise<SeriesContents>;
  /** What one manifest lists. */
  listed(manifest: string): Promise<SeriesContents>;
}

/** Instances held in memory, some hundred bytes each. */
const INSTANCES_MAX = 200_000;

const contentsOf = (instances: readonly ManifestEntry[]): SeriesContents => ({
  instances,
  byUid: new Map(instances.map((instance) => [instance.sopInstanceUid, instance])),
});

/**
 * A closed series is read from its manifest and held; an open one from its rows, each time, beside what the manifest of
 * an earlier closing lists: after folding there are no rows of that.
 */
export const contentsCache = (
  dependencies: Pick<ImagingDependencies, 'database' | 'images'>,
): ContentsCache => {
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
  const listed = (manifest: string): Promise<SeriesContents> => {
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
  };
  return {
    listed,
    async of(series) {
      const { manifest, closedAt } = series;
      if (manifest !== null && closedAt !== null) return listed(manifest);
      const { database } = dependencies;
      const rows = await instancesOfSeries(database, series);
      if (manifest === null || series.foldedAt === null) return contentsOf(rows);
      const { instances } = await listed(manifest);
      return contentsOf(joinedInstances(rows, shownOf(instances, await hiddenContents(database, series))));
    },
  };
};
