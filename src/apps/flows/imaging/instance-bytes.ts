import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { indexFrames } from '../../../adapters/dicom/frame-index.ts';
import { isDocumentClass } from '../../../adapters/dicom/data-set.ts';
import type {
  DataSetHead,
  HeaderProblem,
  HeaderWishes,
  ReadInstance,
} from '../../../adapters/dicom/header-reader.ts';
import { encodingOf } from '../../../adapters/dicom/transfer-syntax.ts';
import { writeMeta } from '../../../adapters/dicom/write-part10.ts';
import type { ContentHash, OpenObject } from '../../../adapters/objects/image-objects.ts';
import { frameCount, type ManifestInstance, rangesOfFrame } from '../../../imaging/index.ts';
import { fail, type Result } from '../../../kernel/result.ts';
import type { ImagingDependencies } from './imaging-work.ts';

/** An object of an instance, open, with the place of its data set. */
export interface OpenInstance {
  readonly object: OpenObject;
  readonly dataSetOffset: number;
}

/** Reads while an object is open, and closes it. */
export const withInstance = async <Value>(
  { images }: Pick<ImagingDependencies, 'images'>,
  instance: ManifestInstance,
  work: (open: OpenInstance) => Promise<Value>,
): Promise<Value> => {
  const object = await images.open(instance.content as ContentHash);
  try {
    // What stands in front is ours, and always the same for the same instance.
    return await work({ object, dataSetOffset: writeMeta(instance).length });
  } finally {
    await object.close();
  }
};

const HEAD_BYTES = 128 * 1024;
const HEADER_BYTES_MAX = 16 * 1024 * 1024;

/** How long the header of an instance is, its pixels' own tag and length included; null where nobody has told. */
const headerBytesOf = (instance: ManifestInstance): number | null => {
  const { pixelOffset, transferSyntaxUid } = instance;
  if (pixelOffset === null || encodingOf(transferSyntaxUid).deflated) return null;
  const length = pixelOffset - writeMeta(instance).length;
  return length > 0 && length <= HEAD_BYTES ? length : null;
};

/**
 * Reads the header of a stored instance that is wanted for nothing else, and not a byte of its pixels: of a slice some four
 * kilobytes, in one reading.
 */
export const readHeaderAlone = async (
  dependencies: Pick<ImagingDependencies, 'headers' | 'images'>,
  instance: ManifestInstance,
  assumedCharset: string | null,
  wishes: HeaderWishes,
): Promise<Result<ReadInstance, HeaderProblem>> => {
  const { headers, images } = dependencies;
  const { transferSyntaxUid, sopClassUid } = instance;
  const length = headerBytesOf(instance);
  if (length !== null) {
    const pieces = await images.part(instance.content as ContentHash, writeMeta(instance).length, length);
    // Without the rest of the stretch that it was read in: what is handed to a thread is copied with all memory behind it.
    const head = new Uint8Array(Buffer.concat(pieces));
    const of = { head, isWhole: false, transferSyntaxUid, sopClassUid, assumedCharset };
    const read = await headers.read(of, wishes);
    if (read.ok || read.reason !== 'truncated') return read;
  }
  return withInstance(dependencies, instance, (open) =>
    readStoredHeader(dependencies, instance, open, assumedCharset, wishes),
  );
};

const DOCUMENT = '00420011';
/** Of the length of a value, before it: always the last four bytes, whichever way the data set is encoded, for a document's class. */
const LENGTH_BYTES = 4;

/**
 * The head of an instance that wraps a document with what stands behind the document, and none of the document: its length is
 * said to be zero. So metadata tell everything and a document of gigabytes is held by nobody.
 *
 * @returns null where nothing stands behind it, or nobody can tell where it ends
 */
const headAroundDocument = async (
  { headers }: Pick<ImagingDependencies, 'headers'>,
  of: Omit<DataSetHead, 'isWhole'>,
  { object, dataSetOffset }: OpenInstance,
): Promise<Uint8Array | null> => {
  const read = await headers.read({ ...of, isWhole: false }, { path: DOCUMENT });
  const document = read.ok ? read.value.value : null;
  if (!document) return null;
  const end = document.offset + document.length;
  const behind = object.size - dataSetOffset - end;
  if (behind <= 0 || document.offset + behind > HEADER_BYTES_MAX) return null;
  return Buffer.concat([
    of.head.subarray(0, document.offset - LENGTH_BYTES),
    new Uint8Array(LENGTH_BYTES),
    await object.read(dataSetOffset + end, behind),
  ]);
};

/** Reads the header of a stored instance, from as much of its object as it needs. */
export const readStoredHeader = async (
  { headers }: Pick<ImagingDependencies, 'headers'>,
  instance: Pick<ManifestInstance, 'transferSyntaxUid' | 'sopClassUid'>,
  open: OpenInstance,
  assumedCharset: string | null,
  wishes: HeaderWishes = {},
): Promise<Result<ReadInstance, HeaderProblem>> => {
  const { object, dataSetOffset } = open;
  const { transferSyntaxUid, sopClassUid } = instance;
  const whole = object.size - dataSetOffset;
  let read: Result<ReadInstance, HeaderProblem> = fail('truncated');
  for (const bytes of encodingOf(transferSyntaxUid).deflated ? [whole] : [HEAD_BYTES, HEADER_BYTES_MAX]) {
    const head = await object.read(dataSetOffset, Math.min(bytes, whole));
    const isWhole = head.length >= whole;
    const of = { head, transferSyntaxUid, sopClassUid, assumedCharset };
    const around =
      wishes.bulk !== undefined && !isWhole && isDocumentClass(sopClassUid)
        ? await headAroundDocument({ headers }, of, open)
        : null;
    read = await headers.read(around ? { ...of, head: around, isWhole: true } : { ...of, isWhole }, wishes);
    if (read.ok || read.reason !== 'truncated') return read;
  }
  return read;
};

/** Whether nobody has looked yet where the frames of an instance lie. */
const isUnindexed = ({ pixelLength, pixelOffset, frameRanges }: ManifestInstance): boolean =>
  pixelLength === -1 && pixelOffset !== null && !frameRanges;

/** The same instance, with the places of its frames where its pixels are encapsulated. */
export const withFrames = async (
  instance: ManifestInstance,
  { object }: OpenInstance,
): Promise<ManifestInstance> =>
  isUnindexed(instance)
    ? {
        ...instance,
        frameRanges: await indexFrames(object, instance.pixelOffset as number, frameCount(instance)),
      }
    : instance;

/** The same for an instance that nobody has opened; opened only where that is needed. */
export const withFramePlaces = async (
  dependencies: Pick<ImagingDependencies, 'images'>,
  instance: ManifestInstance,
): Promise<ManifestInstance> =>
  isUnindexed(instance)
    ? withInstance(dependencies, instance, (open) => withFrames(instance, open))
    : instance;

const inflate = promisify(inflateRaw);
const INFLATED_BYTES_MAX = 512 * 1024 * 1024;

/**
 * The bytes of one frame as stored: native samples, or one code stream.
 *
 * @returns null for a frame that is not there, or cannot be told from its neighbours
 */
export const readFrame = async (
  instance: ManifestInstance,
  open: OpenInstance,
  frame: number,
): Promise<Uint8Array | null> => {
  const ranges = rangesOfFrame(instance, frame);
  if (!ranges) return null;
  if (encodingOf(instance.transferSyntaxUid).deflated) {
    const whole = await open.object.read(open.dataSetOffset, open.object.size - open.dataSetOffset);
    const inflated = await inflate(whole, { maxOutputLength: INFLATED_BYTES_MAX });
    const [[offset, length]] = ranges as [readonly [number, number]];
    return inflated.subarray(offset, offset + length);
  }
  const parts = await Promise.all(ranges.map(([offset, length]) => open.object.read(offset, length)));
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
};
