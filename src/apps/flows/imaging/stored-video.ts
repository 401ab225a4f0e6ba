import { indexStream } from '../../../adapters/dicom/frame-index.ts';
import type { FrameRanges, ManifestInstance } from '../../../imaging/index.ts';
import type { StoredPart } from '../../server/routes/dicom-web-port.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { withInstance } from './instance-bytes.ts';
import { objectPieces } from './outgoing-instance.ts';

/** Streams held in memory by where they lie: a browser asks for a video in many ranges. */
const STREAMS_MAX = 500;

/** The box with which every MP4 begins (ISO/IEC 14496-12 §4.3), behind the four bytes of its length. */
const isMp4 = (start: Uint8Array): boolean => Buffer.from(start).toString('latin1', 4, 8) === 'ftyp';

/** Part of a stream as ranges of its object. */
const partOf = (stream: FrameRanges, from: number, length: number): FrameRanges => {
  const wanted: (readonly [number, number])[] = [];
  let at = 0;
  for (const [offset, bytes] of stream) {
    const start = Math.max(from, at);
    const end = Math.min(from + length, at + bytes);
    if (start < end) wanted.push([offset + start - at, end - start]);
    at += bytes;
  }
  return wanted;
};

/**
 * Finds videos that a browser can take as they are: encapsulated streams in an MP4 container. Nothing is transcoded, so a
 * transport stream, a bare code stream or MPEG-2 is none; whether the browser has the codec is for the browser to say.
 *
 * @returns null for an instance that holds no such video
 */
export const storedVideos = (
  dependencies: ImagingDependencies,
): ((instance: ManifestInstance, location: string) => Promise<StoredPart | null>) => {
  const known = new Map<string, Promise<FrameRanges | null>>();
  const look = (instance: ManifestInstance, pixelOffset: number): Promise<FrameRanges | null> =>
    withInstance(dependencies, instance, async ({ object }) => {
      const stream = await indexStream(object, pixelOffset);
      const [first] = stream ?? [];
      return first && first[1] >= 8 && isMp4(await object.read(first[0], 8)) ? stream : null;
    });
  return async (instance, location) => {
    const { content, pixelLength, pixelOffset } = instance;
    if (pixelLength !== -1 || pixelOffset === null) return null;
    const found = known.get(content) ?? look(instance, pixelOffset);
    if (!known.has(content)) {
      if (known.size >= STREAMS_MAX) known.delete(known.keys().next().value as string);
      known.set(content, found);
      found.catch(() => known.delete(content));
    }
    const stream = await found;
    if (!stream) return null;
    const all = stream.reduce((sum, [, bytes]) => sum + bytes, 0);
    return {
      mediaType: 'video/mp4',
      location,
      content,
      length: all,
      async *pieces(from = 0, length = all - from) {
        for (const [offset, bytes] of partOf(stream, from, length))
          yield* objectPieces(dependencies, content, offset, bytes);
      },
    };
  };
};
