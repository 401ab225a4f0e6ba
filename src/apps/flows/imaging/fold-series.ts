import { isObjectLost } from '../../../adapters/objects/lost-object.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import {
  coldSeries,
  dropRows,
  holdClosedSeries,
  keepHot,
} from '../../../adapters/postgres/imaging-folding.ts';
import {
  instancesOfSeries,
  type SeriesReading,
  studyHeads,
} from '../../../adapters/postgres/imaging-reading.ts';
import {
  joinedInstances,
  type ManifestEntry,
  type SeriesManifest,
  unlistedRows,
} from '../../../imaging/index.ts';
import { eachApart } from '../../../kernel/each-apart.ts';
import { DAY_MS, type Instant, instant } from '../../../kernel/instant.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { putJson } from './json-objects.ts';
import { readManifest } from './series-contents.ts';

/** How long rows of a closed series are kept: devices send again, and ask whether they may delete, within days. */
export const HOT_MS = 7 * DAY_MS;
const AT_ONCE = 20;

/** What became of a series that was to be folded. */
export type Folding =
  | { readonly kind: 'folded'; readonly rows: number }
  /** An image came in meanwhile, or another process was quicker. */
  | { readonly kind: 'changed' }
  /**
   * Its manifest cannot be read, or does not list a row: the rows stay for another hot time. `huren objects verify` names the
   * object.
   */
  | { readonly kind: 'refused' };

const isWhole = ({ format, instances }: SeriesManifest): boolean =>
  format === 2 && instances.every(({ sender, receivedAt }) => sender !== null && receivedAt !== null);

/** The manifest that says all that the rows say: the one there is, or one made anew where that was written before it did. */
const tellingManifest = async (
  { images }: ImagingDependencies,
  series: SeriesReading & { readonly manifest: string },
  manifest: SeriesManifest,
  rows: readonly ManifestEntry[],
): Promise<string> => {
  if (isWhole(manifest)) return series.manifest;
  const made: SeriesManifest = { format: 2, instances: joinedInstances(rows, manifest.instances) };
  return putJson(images, JSON.stringify(made));
};

/**
 * Drops the rows of a closed series: from then on its manifest is the only list. The manifest is read from its object, row by
 * row compared, in the transaction that drops them; a crash leaves either the rows or the manifest that lists them all.
 */
export const foldSeries = async (
  dependencies: ImagingDependencies,
  series: SeriesReading,
): Promise<Folding> => {
  const { database, clock } = dependencies;
  const { manifest: object } = series;
  const refuse = async (session: Session): Promise<Folding> => {
    await keepHot(session, series, clock());
    return { kind: 'refused' };
  };
  const head = (await studyHeads(database, [series])).get(series.studyId);
  if (object === null || !head) return refuse(database);
  let manifest: SeriesManifest;
  try {
    manifest = await readManifest(dependencies, object);
  } catch (error) {
    if (!isObjectLost(error)) throw error;
    return refuse(database);
  }
  const telling = await tellingManifest(
    dependencies,
    { ...series, manifest: object },
    manifest,
    await instancesOfSeries(database, series),
  );
  return database.transaction(async (session): Promise<Folding> => {
    if (!(await holdClosedSeries(session, series))) return { kind: 'changed' };
    if (unlistedRows(await instancesOfSeries(session, series), manifest) > 0) return refuse(session);
    const rows = await dropRows(session, series, {
      institutionKey: head.institutionKey,
      sopInstanceUids: manifest.instances.map(({ sopInstanceUid }) => sopInstanceUid),
      manifest: telling,
      at: clock(),
    });
    return { kind: 'folded', rows };
  });
};

/** Folds series that were closed before a moment. Tells what became of each that was looked at: none, when there is nothing more. */
export const foldColdSeries = async (
  dependencies: ImagingDependencies,
  hotSince: Instant = instant(dependencies.clock() - HOT_MS),
): Promise<readonly Folding[]> =>
  eachApart(await coldSeries(dependencies.database, hotSince, AT_ONCE), (series) =>
    foldSeries(dependencies, series),
  );
