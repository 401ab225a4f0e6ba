import type { ImageObjects } from '../../../adapters/objects/image-objects.ts';
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

interface HeldManifest {
  readonly contents: Promise<SeriesContents>;
  /** 0 while it is read. */
  instances: number;
}

type ManifestReading = (manifest: string) => Promise<SeriesContents>;

const readContents =
  (images: ImageObjects): ManifestReading =>
  async (manifest) =>
    contentsOf((await readManifest({ images }, manifest)).instances);

/** Reads manifests of one store and holds those that were looked at last. */
const heldManifests = (images: ImageObjects): ManifestReading => {
  const readOne = readContents(images);
  const held = new Map<string, HeldManifest>();
  let count = 0;
  const drop = (manifest: string, { instances }: HeldManifest): void => {
    held.delete(manifest);
    count -= instances;
  };
  const hold = (manifest: string, read: HeldManifest, { instances }: SeriesContents): void => {
    // Dropped before it was read.
    if (held.get(manifest) !== read) return;
    read.instances = instances.length;
    count += instances.length;
    for (const [oldest, each] of held) {
      if (count <= INSTANCES_MAX || each === read) break;
      drop(oldest, each);
    }
  };
  return (manifest) => {
    let found = held.get(manifest);
    if (found) {
      // Looked at again: the last to be dropped.
      held.delete(manifest);
      held.set(manifest, found);
      return found.contents;
    }
    const contents = readOne(manifest);
    found = { contents, instances: 0 };
    held.set(manifest, found);
    const read = found;
    contents.then(
      (listed) => hold(manifest, read, listed),
      () => {
        if (held.get(manifest) === read) drop(manifest, read);
      },
    );
    return contents;
  };
};

/** One memory for each store, through whichever door its series are looked at. */
const manifestsOf = new WeakMap<ImageObjects, ManifestReading>();

/**
 * A closed series is read from its manifest; an open one from its rows, each time, beside what the manifest of an earlier
 * closing lists: after folding there are no rows of that.
 */
const contentsBy = (database: ImagingDependencies['database'], listed: ManifestReading): ContentsCache => ({
  listed,
  async of(series) {
    const { manifest, closedAt } = series;
    if (manifest !== null && closedAt !== null) return listed(manifest);
    const rows = await instancesOfSeries(database, series);
    if (manifest === null || series.foldedAt === null) return contentsOf(rows);
    const { instances } = await listed(manifest);
    return contentsOf(joinedInstances(rows, shownOf(instances, await hiddenContents(database, series))));
  },
});

/** What is being looked at, by people and systems: manifests are held. */
export const contentsCache = ({
  database,
  images,
}: Pick<ImagingDependencies, 'database' | 'images'>): ContentsCache => {
  const listed = manifestsOf.get(images) ?? heldManifests(images);
  manifestsOf.set(images, listed);
  return contentsBy(database, listed);
};

/** What is gone through once, series by series: that must not push out of memory what people look at. */
export const contentsAfresh = ({
  database,
  images,
}: Pick<ImagingDependencies, 'database' | 'images'>): ContentsCache =>
  contentsBy(database, readContents(images));
