import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { isReversible } from '../../../adapters/dicom/native-frame.ts';
import { encodingOf } from '../../../adapters/dicom/transfer-syntax.ts';
import { writeMeta } from '../../../adapters/dicom/write-part10.ts';
import { PLAIN_SYNTAX } from '../../../adapters/dicomweb/accept.ts';
import { entityTag } from '../../../adapters/dicomweb/entity-tag.ts';
import type { ContentHash } from '../../../adapters/objects/image-objects.ts';
import { type SeriesReading, shownSeriesOfStudy } from '../../../adapters/postgres/imaging-reading.ts';
import { studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import {
  frameBytesOf,
  type ManifestInstance,
  rangesOfFrame,
  representativeFrame,
} from '../../../imaging/index.ts';
import type {
  DicomWebAddress,
  DicomWebRetrieval,
  Picture,
  PictureRequest,
  StoredMetadata,
  StoredPart,
} from '../../server/routes/dicom-web-port.ts';
import { describeInstances, instanceAddress } from './close-series.ts';
import { allPictures, pictureOf } from './all-pictures.ts';
import { drawHeld } from './held-drawings.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { readFrame, readStoredHeader, withFramePlaces, withInstance } from './instance-bytes.ts';
import { fromPlace, objectPieces } from './outgoing-instance.ts';
import type { ContentsCache } from './series-contents.ts';
import { seriesTag, seriesVersion } from './series-version.ts';
import { storedVideos } from './stored-video.ts';
import type { OpenedStudy, StudyDoor, VisibleStudy } from './study-reader.ts';
import { viewCopies } from './view-copy-reading.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

const storedRange = (
  dependencies: ImagingDependencies,
  content: string,
  range: { readonly from: number; readonly length: number },
  as: { readonly mediaType: string; readonly location: string },
): StoredPart => ({
  ...as,
  content,
  length: range.length,
  pieces: (from = 0, length = range.length - from) =>
    objectPieces(dependencies, content, range.from + from, Math.min(length, range.length - from)),
});

const lengthOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, { length }) => sum + length, 0);

const held = (
  bytes: readonly Uint8Array[],
  content: string,
  as: { readonly mediaType: string; readonly location: string },
): StoredPart => {
  const all = lengthOf(bytes);
  return {
    ...as,
    content,
    length: all,
    pieces: (from = 0, length = all - from) => fromPlace(bytes, from, length),
    whole: async () => bytes,
  };
};

/** Larger pictures are read piece by piece, so that others have their turn in between. */
const AT_ONCE_BYTES_MAX = 4 * 1024 * 1024;

/** One picture that is stored in one piece. It is read when it is sent: whoever knows it already is told so without. */
const storedPicture = (
  dependencies: ImagingDependencies,
  content: string,
  range: { readonly from: number; readonly length: number },
  as: { readonly mediaType: string; readonly location: string },
): StoredPart => {
  const stored = storedRange(dependencies, content, range, as);
  if (range.length > AT_ONCE_BYTES_MAX) return stored;
  const { from, length } = range;
  const read = async (): Promise<readonly Uint8Array[]> => {
    const pieces = await dependencies.images.part(content as ContentHash, from, length);
    if (lengthOf(pieces) !== length) throw new RangeError('an object is shorter than its manifest says');
    return pieces;
  };
  // However often an answer has it.
  let reading: ReturnType<typeof read> | undefined;
  return {
    ...stored,
    whole() {
      reading ??= read();
      return reading;
    },
  };
};

/** An instance with the series and study it is of. */
export interface Located {
  readonly visible: OpenedStudy;
  readonly series: SeriesReading;
  readonly instance: ManifestInstance;
}

/** Finds what an address of DICOMweb means to a reader. */
export interface InstanceLocator<Reader> {
  /** @throws STUDY_UNKNOWN */
  located(reader: Reader, address: DicomWebAddress): Promise<readonly Located[]>;
}

/** What is decoded for one answer is held in memory. */
const PLAIN_BYTES_MAX = 256 * 1024 * 1024;

const SERIES_AGE_MAX_MS = 1_000;
const STUDIES_MAX = 500;

/** Series of studies that are being looked at, read again after a second. */
const seriesCache = ({ database, clock }: ImagingDependencies) => {
  const known = new Map<
    string,
    { readonly until: number; readonly series: Promise<readonly SeriesReading[]> }
  >();
  return ({ study }: VisibleStudy): Promise<readonly SeriesReading[]> => {
    const at = clock();
    const found = known.get(study.studyId);
    if (found && found.until > at) return found.series;
    if (known.size >= STUDIES_MAX) known.delete(known.keys().next().value as string);
    const series = shownSeriesOfStudy(database, study);
    known.set(study.studyId, { until: at + SERIES_AGE_MAX_MS, series });
    series.catch(() => known.delete(study.studyId));
    return series;
  };
};

/** Metadata made on demand, of series that are open and of whole studies. */
const METADATA_HELD = 16;

/** Retrieves by WADO-RS (PS3.18 §10.4). */
export const retrieveFlows = <Reader>(
  dependencies: ImagingDependencies,
  door: StudyDoor<Reader>,
  contents: ContentsCache,
): DicomWebRetrieval<Reader> & InstanceLocator<Reader> => {
  const seriesOf = seriesCache(dependencies);
  const copies = viewCopies(dependencies);
  const videoOf = storedVideos(dependencies);
  const made = new Map<string, Promise<Uint8Array>>();
  const frameIndexes = new Map<string, Promise<ManifestInstance>>();

  const once = (key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const known = made.get(key);
    if (known) return known;
    if (made.size >= METADATA_HELD) made.delete(made.keys().next().value as string);
    const making = make();
    made.set(key, making);
    making.catch(() => made.delete(key));
    return making;
  };
  /** Frames of an open series' instance are looked for when they are first asked for. */
  const indexed = (instance: ManifestInstance): Promise<ManifestInstance> => {
    if (instance.pixelLength !== -1 || instance.frameRanges) return Promise.resolve(instance);
    const known = frameIndexes.get(instance.content);
    if (known) return known;
    if (frameIndexes.size >= 1_000) frameIndexes.delete(frameIndexes.keys().next().value as string);
    const finding = withFramePlaces(dependencies, instance);
    frameIndexes.set(instance.content, finding);
    finding.catch(() => frameIndexes.delete(instance.content));
    return finding;
  };

  /** What is addressed, and nothing when it is not there. @throws STUDY_UNKNOWN */
  const openSeries = async (reader: Reader, address: DicomWebAddress) => {
    const visible = await door.open(reader, address.study);
    const all = await seriesOf(visible);
    const wanted =
      address.series === null ? all : all.filter(({ seriesUid }) => seriesUid === address.series);
    if (wanted.length === 0) throw imagingFault('STUDY_UNKNOWN');
    return { visible, series: wanted };
  };
  const locate = async (reader: Reader, address: DicomWebAddress): Promise<Located> => {
    const { visible, series } = await openSeries(reader, address);
    for (const each of series) {
      const instance = (await contents.of(each)).byUid.get(address.instance ?? '');
      if (instance) return { visible, series: each, instance };
    }
    throw imagingFault('STUDY_UNKNOWN');
  };
  /** All instances that are addressed. */
  const located = async (reader: Reader, address: DicomWebAddress): Promise<readonly Located[]> => {
    if (address.instance !== null) return [await locate(reader, address)];
    const { visible, series } = await openSeries(reader, address);
    const found: Located[] = [];
    for (const each of series)
      for (const instance of (await contents.of(each)).instances)
        found.push({ visible, series: each, instance });
    return found;
  };
  const locationOf = ({ visible, series, instance }: Located): string =>
    instanceAddress(visible.study.studyUid, series.seriesUid, instance.sopInstanceUid);

  const etagOf = (series: readonly SeriesReading[]): string => entityTag(...series.map(seriesTag));
  /** Of several series there is no one version. */
  const versionOf = ([first, ...others]: readonly SeriesReading[]): string | null =>
    first && others.length === 0 ? seriesVersion(first) : null;

  const metadataOfSeries = async (studyUid: string, series: SeriesReading): Promise<Uint8Array> => {
    if (series.closedAt !== null && series.metadata !== null)
      return dependencies.images.get(series.metadata as ContentHash);
    return once(`series|${etagOf([series])}`, async () => {
      const { charsetDerived } = await studyUidOf(dependencies.database, series);
      const { instances } = await contents.of(series);
      const described = await describeInstances(dependencies, instances, charsetDerived, (instance) =>
        instanceAddress(studyUid, series.seriesUid, instance.sopInstanceUid),
      );
      return compress(`[${described.map(({ metadata }) => metadata).join(',')}]`);
    });
  };
  const metadataOfAll = (studyUid: string, series: readonly SeriesReading[]): Promise<Uint8Array> =>
    once(`study|${etagOf(series)}`, async () => {
      const arrays = await Promise.all(
        series.map(async (each) =>
          (await decompress(await metadataOfSeries(studyUid, each))).toString('utf8').slice(1, -1),
        ),
      );
      return compress(`[${arrays.filter((text) => text !== '').join(',')}]`, { level: 1 });
    });

  const metadata = async (reader: Reader, address: DicomWebAddress): Promise<StoredMetadata> => {
    if (address.instance !== null) {
      const located = await locate(reader, address);
      const { visible, series, instance } = located;
      const { charsetDerived } = await studyUidOf(dependencies.database, series);
      const [described] = await describeInstances(dependencies, [instance], charsetDerived, () =>
        locationOf(located),
      );
      if (!described) throw imagingFault('STUDY_UNKNOWN');
      return {
        gzip: await compress(`[${described.metadata}]`),
        etag: entityTag(visible.study.studyUid, instance.content),
        version: seriesVersion(series),
      };
    }
    const { visible, series } = await openSeries(reader, address);
    const [first] = series as [SeriesReading, ...SeriesReading[]];
    const { studyUid } = visible.study;
    return {
      gzip:
        series.length === 1 ? await metadataOfSeries(studyUid, first) : await metadataOfAll(studyUid, series),
      etag: etagOf(series),
      version: versionOf(series),
    };
  };

  const draw = async (located: Located, frame: number, request: PictureRequest): Promise<Picture> => {
    const instance = await indexed(located.instance);
    const { charsetDerived } = await studyUidOf(dependencies.database, located.series);
    const drawn = await drawHeld(dependencies, instance, frame, charsetDerived, request);
    return {
      mediaType: request.mediaType,
      bytes: pictureOf(drawn),
      etag: entityTag(instance.content, frame, JSON.stringify(request)),
      version: seriesVersion(located.series),
    };
  };
  /** The picture that stands for series: of the one with most instances, the middle one. */
  const representative = async (visible: OpenedStudy, series: readonly SeriesReading[]) => {
    for (const each of series.toSorted((one, other) => other.instanceCount - one.instanceCount)) {
      const shown = representativeFrame((await contents.of(each)).instances);
      if (shown) return { located: { visible, series: each, instance: shown.instance }, frame: shown.frame };
    }
    throw imagingFault('FRAME_UNKNOWN');
  };
  const picture: DicomWebRetrieval<Reader>['picture'] = async (reader, address, frame, request) => {
    if (address.instance !== null) return draw(await locate(reader, address), frame ?? 1, request);
    const { visible, series } = await openSeries(reader, address);
    const shown = await representative(visible, series);
    return { ...(await draw(shown.located, shown.frame, request)), version: versionOf(series) };
  };

  /** Frames as they are stored. */
  const framesOf = async (
    instance: ManifestInstance,
    wanted: ReadonlySet<number>,
    asOf: (frame: number) => { readonly mediaType: string; readonly location: string },
  ): Promise<ReadonlyMap<number, StoredPart>> => {
    const made = new Map<number, StoredPart>();
    const isStored = !encodingOf(instance.transferSyntaxUid).deflated;
    for (const frame of wanted) {
      const [range, ...more] = rangesOfFrame(instance, frame) ?? [];
      if (!range || more.length > 0 || !isStored) continue;
      const [from, length] = range;
      const there = { from, length: Math.max(0, Math.min(length, instance.size - from)) };
      made.set(frame, storedPicture(dependencies, instance.content, there, asOf(frame)));
    }
    const [only] = made.size === 1 && wanted.size === 1 ? made.values() : [];
    if (only?.whole) return made;
    // What is sent while it is read is seen to be there before: in the middle of an answer nothing can be told.
    await withInstance(dependencies, instance, async (open) => {
      for (const frame of wanted) {
        if (made.has(frame)) continue;
        const bytes = (await readFrame(instance, open, frame)) as Uint8Array;
        // A copy, where the bytes are a part of everything that was inflated.
        made.set(frame, held([isStored ? bytes : Buffer.from(bytes)], instance.content, asOf(frame)));
      }
    });
    return made;
  };

  /** Frames as uncompressed words: their stored bytes where these are that already, else decoded, all of them or none. */
  const plainFrames = async (
    { visible, series }: Located,
    instance: ManifestInstance,
    frames: readonly number[],
    stored: readonly StoredPart[],
  ): Promise<readonly StoredPart[] | null> => {
    const { transferSyntaxUid, content } = instance;
    const mediaType = `application/octet-stream; transfer-syntax=${PLAIN_SYNTAX}`;
    const { encapsulated, bigEndian } = encodingOf(transferSyntaxUid);
    if (!encapsulated && !bigEndian) return stored.map((part) => ({ ...part, mediaType }));
    if (!isReversible(transferSyntaxUid) || instance.size > PLAIN_BYTES_MAX) return null;
    const { charsetDerived } = await studyUidOf(dependencies.database, series);
    const decoded = await withInstance(dependencies, instance, async (open) => {
      const read = await readStoredHeader(dependencies, instance, open, charsetDerived);
      if (!read.ok || frameBytesOf(read.value.header.pixels) * frames.length > PLAIN_BYTES_MAX) return null;
      const { pixels } = read.value.header;
      const made: Uint8Array[] = [];
      for (const frame of frames) {
        const bytes = (await readFrame(instance, open, frame)) as Uint8Array;
        const plain = await dependencies.renderer.decode({ frame: bytes, transferSyntaxUid, pixels });
        if (!plain.ok) return null;
        made.push(plain.value);
      }
      return made;
    });
    return (
      decoded?.map((bytes, at) =>
        held([bytes], content, {
          mediaType,
          location: `${locationOf({ visible, series, instance })}/frames/${frames[at]}`,
        }),
      ) ?? null
    );
  };

  return {
    metadata,
    picture,
    async pictures(reader, address, frames, request) {
      const found = await located(reader, address);
      return allPictures(dependencies, found, frames, request, {
        indexed,
        locationOf,
        version: versionOf([...new Set(found.map(({ series }) => series))]),
      });
    },
    async video(reader, address) {
      const located = await locate(reader, address);
      const video = await videoOf(located.instance, `${locationOf(located)}/rendered`);
      if (!video) throw imagingFault('VIDEO_NOT_PLAYABLE');
      return video;
    },
    instances: async (reader, address) =>
      (await located(reader, address)).map((one) =>
        storedRange(
          dependencies,
          one.instance.content,
          { from: 0, length: one.instance.size },
          {
            mediaType: `application/dicom; transfer-syntax=${one.instance.transferSyntaxUid}`,
            location: locationOf(one),
          },
        ),
      ),
    located,
    async frames(reader, address, frames, copy) {
      const located = await locate(reader, address);
      const locationOfFrame = (frame: number) => `${locationOf(located)}/frames/${frame}`;
      const copied = copy && (await copies.frames(located.series, located.instance, frames));
      if (copied) {
        const mediaType = `${copy.type}; transfer-syntax=${copy.transferSyntax}`;
        return {
          transferSyntaxUid: copy.transferSyntax,
          copyOf: located.instance.transferSyntaxUid,
          version: seriesVersion(located.series),
          // Whoever asks for the copy has named its syntax.
          plain: async () => null,
          frames: copied.map((bytes, at) =>
            held(bytes, located.instance.content, {
              mediaType,
              location: locationOfFrame(frames[at] as number),
            }),
          ),
        };
      }
      const instance = await indexed(located.instance);
      const { transferSyntaxUid } = instance;
      if (frames.some((frame) => !rangesOfFrame(instance, frame))) throw imagingFault('FRAME_UNKNOWN');
      const mediaType = `application/octet-stream; transfer-syntax=${transferSyntaxUid}`;
      const made = await framesOf(instance, new Set(frames), (frame) => ({
        mediaType,
        location: locationOfFrame(frame),
      }));
      const parts = frames.map((frame) => made.get(frame) as StoredPart);
      return {
        transferSyntaxUid,
        frames: parts,
        copyOf: null,
        version: seriesVersion(located.series),
        plain: () => plainFrames(located, instance, frames, parts),
      };
    },
    async bulkData(reader, address, path) {
      const located = await locate(reader, address);
      const { instance } = located;
      const as = {
        mediaType: `application/octet-stream; transfer-syntax=${instance.transferSyntaxUid}`,
        location: `${locationOf(located)}/bulkdata/${path}`,
      };
      if (path === '7FE00010' && instance.pixelOffset !== null && (instance.pixelLength ?? -1) >= 0)
        return storedRange(
          dependencies,
          instance.content,
          { from: instance.pixelOffset, length: instance.pixelLength as number },
          as,
        );
      const value = await withInstance(dependencies, instance, async (open) => {
        const read = await readStoredHeader(dependencies, instance, open, null, { path });
        return read.ok ? read.value.value : null;
      });
      if (!value) throw imagingFault('BULK_DATA_UNKNOWN');
      const from = writeMeta(instance).length + value.offset;
      return storedRange(dependencies, instance.content, { from, length: value.length }, as);
    },
    async thumbnail(reader, address) {
      const wanted: PictureRequest = {
        mediaType: 'image/jpeg',
        quality: 80,
        widthMax: 256,
        heightMax: 256,
        window: null,
      };
      if (address.instance === null) {
        const { series } = await openSeries(reader, address);
        const [largest] = series.toSorted((one, other) => other.instanceCount - one.instanceCount);
        if (largest?.thumbnail && largest.closedAt !== null)
          return {
            mediaType: 'image/jpeg',
            bytes: await dependencies.images.get(largest.thumbnail as ContentHash),
            etag: entityTag(largest.thumbnail),
            version: versionOf(series),
          };
      }
      return picture(reader, address, null, wanted);
    },
  };
};
