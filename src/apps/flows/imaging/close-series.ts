import { withComment } from '../../../adapters/dicom/jpeg-comment.ts';
import type { Drawing } from '../../../adapters/dicom/render-frame.ts';
import { isObjectLost } from '../../../adapters/objects/lost-object.ts';
import {
  closeSeries,
  quietSeries,
  seriesOfStudy,
  type SeriesReading,
} from '../../../adapters/postgres/imaging-reading.ts';
import { studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import {
  FACTS_READING,
  HEADER_READING,
  type InstanceHeader,
  type ManifestInstance,
  representativeFrame,
  type SeriesManifest,
  studyFacts,
} from '../../../imaging/index.ts';
import { eachApart } from '../../../kernel/each-apart.ts';
import { type Instant, instant } from '../../../kernel/instant.ts';
import { someAtATime } from '../../../kernel/some-at-a-time.ts';
import { drawFrame } from './draw-frame.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { readHeaderAlone, withFramePlaces } from './instance-bytes.ts';
import { getJson, putJson } from './json-objects.ts';
import { allInstances } from './series-contents.ts';
import { noteSide } from './study-side.ts';

/** How long nothing must come in before a series is taken to be whole. */
export const QUIET_MS = 45_000;
const AT_ONCE = 20;
const READERS = 8;

/** The picture that stands for a series. */
const THUMBNAIL: Drawing = {
  mediaType: 'image/jpeg',
  quality: 80,
  widthMax: 256,
  heightMax: 256,
  window: null,
};

/** Address of an instance as `BulkDataURI` begins. */
export const instanceAddress = (studyUid: string, seriesUid: string, sopInstanceUid: string): string =>
  `/dicom-web/studies/${studyUid}/series/${seriesUid}/instances/${sopInstanceUid}`;

/** An instance with what its header says. */
export interface DescribedInstance {
  readonly instance: ManifestInstance;
  readonly header: InstanceHeader;
  /** DICOM JSON as text. */
  readonly metadata: string;
}

/** An object that is gone or altered keeps nobody from the rest of its series; `huren objects verify` names it. */
const leftOut = (error: unknown): undefined => {
  if (isObjectLost(error)) return undefined;
  throw error;
};

/** Reads the headers of stored instances, some at a time. What cannot be read any more is left out of the metadata. */
export const describeInstances = async (
  dependencies: ImagingDependencies,
  instances: readonly ManifestInstance[],
  assumedCharset: string | null,
  addressOf: (instance: ManifestInstance) => string,
): Promise<readonly DescribedInstance[]> => {
  const read = async (instance: ManifestInstance): Promise<DescribedInstance | undefined> => {
    const wishes = { bulk: addressOf(instance) };
    const read = await readHeaderAlone(dependencies, instance, assumedCharset, wishes);
    if (!read.ok) return undefined;
    const { header, metadata } = read.value;
    return { instance: await withFramePlaces(dependencies, instance), header, metadata: metadata ?? '{}' };
  };
  const describe = (instance: ManifestInstance) => read(instance).catch(leftOut);
  const described = await someAtATime(instances, READERS, describe);
  return described.filter((one) => one !== undefined);
};

/** Pictures that are tried before a series is left without one: it may have thousands that cannot be drawn. */
const TRIED_MAX = 3;

const thumbnailOf = async (
  dependencies: ImagingDependencies,
  described: readonly DescribedInstance[],
): Promise<Uint8Array | null> => {
  const left = new Set(described.map(({ instance }) => instance));
  for (let tried = 0; tried < TRIED_MAX; tried++) {
    const shown = representativeFrame([...left]);
    if (!shown) return null;
    const { instance, frame } = shown;
    const drawn = await drawFrame(dependencies, instance, frame, null, THUMBNAIL);
    if (drawn.ok) return drawn.value;
    left.delete(instance);
  }
  return null;
};

/** Storage classes of structured reports and of waveforms, the first part of them. */
const REPORTS_AND_WAVEFORMS = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(88|9)\./;
/** Projections whose view is coded. */
const CODED_VIEWS: ReadonlySet<string | null> = new Set(['DX', 'MG']);

/** A code with other letters than plain ones: before reading 3 Chinese ones were misread. */
const NOT_PLAIN = /[^\x20-\x7e]/;

const hasMisreadCode = ({ anatomy }: InstanceHeader): boolean =>
  [anatomy.bodyPartExamined, anatomy.laterality, anatomy.imageLaterality, anatomy.viewPosition].some(
    (code) => code !== null && NOT_PLAIN.test(code),
  );

/** True of a header that was kept before all was read that it can state: frames, doses, leads, codes of views, codes in Chinese. */
const lacksReading = (header: InstanceHeader): boolean => {
  const { reading = 1, pixels, sopClassUid, modality } = header;
  const isRicher =
    (pixels.numberOfFrames ?? 1) > 1 || REPORTS_AND_WAVEFORMS.test(sopClassUid) || CODED_VIEWS.has(modality);
  return (reading < 2 && isRicher) || (reading < HEADER_READING && hasMisreadCode(header));
};

/**
 * The headers of a closed series as they were kept; those that an older program read in part are read again, unless their images are
 * far: then they are read when these come back.
 *
 * @returns null where none were kept
 * @throws OBJECT_MISSING, OBJECT_DAMAGED
 */
export const keptHeaders = async (
  dependencies: ImagingDependencies,
  series: SeriesReading,
): Promise<readonly InstanceHeader[] | null> => {
  if (series.headers === null) return null;
  const kept = await getJson<readonly InstanceHeader[]>(dependencies.images, series.headers);
  const lacking = new Set(kept.filter(lacksReading).map(({ sopInstanceUid }) => sopInstanceUid));
  if (lacking.size === 0 || series.tier === 'far') return kept;
  const { charsetDerived } = await studyUidOf(dependencies.database, series);
  const instances = (await allInstances(dependencies, series)).filter(({ sopInstanceUid }) =>
    lacking.has(sopInstanceUid),
  );
  const read = await describeInstances(dependencies, instances, charsetDerived, () => '');
  const byUid = new Map(read.map(({ header }) => [header.sopInstanceUid, header]));
  return kept.map((header) => byUid.get(header.sopInstanceUid) ?? header);
};

/** Headers of the other closed series of the same study. */
const headersBeside = async (
  dependencies: ImagingDependencies,
  series: SeriesReading,
): Promise<readonly InstanceHeader[]> => {
  const others = (await seriesOfStudy(dependencies.database, series)).filter(
    ({ seriesId, closedAt }) => seriesId !== series.seriesId && closedAt !== null,
  );
  const read = await Promise.all(others.map((other) => keptHeaders(dependencies, other)));
  return read.flatMap((headers) => headers ?? []);
};

/**
 * Closes a series: its metadata ready to send, its manifest, a picture, its headers for the judgement of fitness.
 *
 * @returns false when an image came in meanwhile
 */
export const closeOneSeries = async (
  dependencies: ImagingDependencies,
  series: SeriesReading,
): Promise<boolean> => {
  const { database, images, clock } = dependencies;
  const { studyUid, charsetDerived } = await studyUidOf(database, series);
  const instances = await allInstances(dependencies, series);
  const described = await describeInstances(dependencies, instances, charsetDerived, (instance) =>
    instanceAddress(studyUid, series.seriesUid, instance.sopInstanceUid),
  );
  const byUid = new Map(described.map((one) => [one.instance.sopInstanceUid, one.instance]));
  const manifest: SeriesManifest = {
    format: 2,
    instances: instances.map((instance) => ({ ...instance, ...byUid.get(instance.sopInstanceUid) })),
  };
  const thumbnail = await thumbnailOf(dependencies, described);
  const facts = studyFacts([
    ...(await headersBeside(dependencies, series)),
    ...described.map(({ header }) => header),
  ]);
  const made = {
    manifest: await putJson(images, JSON.stringify(manifest)),
    metadata: await putJson(images, `[${described.map(({ metadata }) => metadata).join(',')}]`),
    headers: await putJson(images, JSON.stringify(described.map(({ header }) => header))),
    // A picture of this study's own, where another's has the same pixels: one of them can leave without the other's.
    thumbnail:
      thumbnail && (await images.put(withComment(thumbnail, `series ${studyUid} ${series.seriesUid}`))),
    instanceCount: instances.length,
    facts: JSON.stringify(facts),
    factsReading: FACTS_READING,
    at: clock(),
  };
  return database.transaction(async (session) => {
    const isClosed = await closeSeries(session, series, made);
    if (isClosed) await noteSide(dependencies, session, series);
    return isClosed;
  });
};

/** Closes what has been quiet since a moment. Tells how many series there were. */
export const closeQuietSeries = async (
  dependencies: ImagingDependencies,
  since: Instant = instant(dependencies.clock() - QUIET_MS),
): Promise<number> => {
  const quiet = await quietSeries(dependencies.database, since, AT_ONCE);
  await eachApart(quiet, (series) => closeOneSeries(dependencies, series));
  return quiet.length;
};
