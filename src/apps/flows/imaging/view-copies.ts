import { setTimeout as delay } from 'node:timers/promises';
import type { FrameCopier } from '../../../adapters/dicom/frame-copier.ts';
import type { ContentHash, ObjectWriter } from '../../../adapters/objects/image-objects.ts';
import { isObjectLost } from '../../../adapters/objects/lost-object.ts';
import {
  imagesArriving,
  keepViewCopy,
  type SeriesToCopy,
  viewCopyOf,
} from '../../../adapters/postgres/imaging-view-copies.ts';
import {
  type CopiedInstance,
  frameCount,
  type HeaderPixels,
  type InstanceHeader,
  type ManifestInstance,
  type NoCopyReason,
  VIEW_COPY_SYNTAX,
  type ViewCopyIndex,
  whyNotTried,
} from '../../../imaging/index.ts';
import { instant } from '../../../kernel/instant.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { readFrame, withInstance } from './instance-bytes.ts';
import { getJson, putJson } from './json-objects.ts';
import { readManifest } from './series-contents.ts';

/** What making view copies works with. */
export interface CopyingDependencies extends ImagingDependencies {
  readonly copier: FrameCopier;
}

/** Images that came this lately mean that more are on their way. */
const ARRIVING_MS = 2_000;
const LOOK_AGAIN_MS = 500;
/** Where images never cease to come, a frame is copied all the same after this many looks. */
const LOOKS_MAX = 4;

/** Waits while images come in: receiving goes before everything. */
const letReceivingGoFirst = async (
  { database, clock }: ImagingDependencies,
  signal: AbortSignal | undefined,
): Promise<void> => {
  for (let look = 0; look < LOOKS_MAX && !signal?.aborted; look++) {
    if (!(await imagesArriving(database, instant(clock() - ARRIVING_MS)))) return;
    await delay(LOOK_AGAIN_MS, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
};

const pixelsByUid = async (
  { images }: ImagingDependencies,
  headers: string | null,
): Promise<ReadonlyMap<string, HeaderPixels>> => {
  if (headers === null) return new Map();
  const read = await getJson<readonly InstanceHeader[]>(images, headers);
  return new Map(read.map(({ sopInstanceUid, pixels }) => [sopInstanceUid, pixels]));
};

/** The packed object while it is written. */
interface Packed {
  readonly writer: ObjectWriter;
  size: number;
}

/** Copies every frame of an instance into the packed object; the reason where one of them cannot be. */
const copyInstance = async (
  dependencies: CopyingDependencies,
  packed: Packed,
  instance: ManifestInstance,
  pixels: HeaderPixels,
  signal: AbortSignal | undefined,
): Promise<CopiedInstance | NoCopyReason> =>
  withInstance(dependencies, instance, async (open) => {
    const frames: (readonly [number, number])[] = [];
    for (let number = 1; number <= frameCount(instance) && !signal?.aborted; number++) {
      await letReceivingGoFirst(dependencies, signal);
      const frame = await readFrame(instance, open, number);
      if (!frame) return 'malformed';
      const { transferSyntaxUid } = instance;
      const copy = await dependencies.copier.copy({ frame, transferSyntaxUid, pixels });
      if (!copy.ok) return copy.reason;
      await packed.writer.write(copy.value);
      frames.push([packed.size, copy.value.length]);
      packed.size += copy.value.length;
    }
    return { sopInstanceUid: instance.sopInstanceUid, content: instance.content, frames };
  }).catch((error: unknown) => {
    if (isObjectLost(error)) return 'unreadable' as const;
    throw error;
  });

const packFrames = async (
  dependencies: CopyingDependencies,
  series: SeriesToCopy,
  packed: Packed,
  signal: AbortSignal | undefined,
): Promise<ViewCopyIndex> => {
  const { instances } = await readManifest(dependencies, series.manifest);
  const pixelsOf = await pixelsByUid(dependencies, series.headers);
  const copied: CopiedInstance[] = [];
  const left: { sopInstanceUid: string; reason: NoCopyReason }[] = [];
  for (const instance of instances) {
    if (signal?.aborted) break;
    const { sopInstanceUid } = instance;
    const pixels = pixelsOf.get(sopInstanceUid);
    const outcome =
      whyNotTried(instance, pixels) ??
      (await copyInstance(dependencies, packed, instance, pixels as HeaderPixels, signal));
    if (typeof outcome === 'string') left.push({ sopInstanceUid, reason: outcome });
    else copied.push(outcome);
  }
  return { format: 1, transferSyntaxUid: VIEW_COPY_SYNTAX, copied, left };
};

/** Removes what an earlier copy of the series left behind: first the objects, so that a crash leaves none without a row. */
const removeEarlier = async (
  { database, images }: ImagingDependencies,
  series: SeriesToCopy,
): Promise<void> => {
  const earlier = await viewCopyOf(database, series);
  if (!earlier?.objects) return;
  await images.remove(earlier.objects.frames as ContentHash);
  await images.remove(earlier.objects.index as ContentHash);
};

/** How the copying of a series ended. */
export type CopyOutcome = 'copied' | 'left-as-it-is' | 'overtaken' | 'stopped';

/**
 * Makes the view copy of a closed series: each frame encoded, decoded again and compared, all of them in one object with an
 * index beside it. What cannot be copied is looked at as it came, and the index says why. Done again it makes the same
 * bytes, so a crash at any point leaves nothing that the next turn does not find or write over.
 */
export const copyOneSeries = async (
  dependencies: CopyingDependencies,
  series: SeriesToCopy,
  signal?: AbortSignal,
): Promise<CopyOutcome> => {
  const { database, images, clock } = dependencies;
  await removeEarlier(dependencies, series);
  const writer = await images.begin();
  // A series' own object, even where another has the same pixels: removing one copy takes nothing from the other.
  const mark = Buffer.from(`view copy|${series.personId}|${series.seriesId}|${series.manifest}\n`, 'utf8');
  const packed: Packed = { writer, size: mark.length };
  let index: ViewCopyIndex;
  try {
    await writer.write(mark);
    index = await packFrames(dependencies, series, packed, signal);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const isNothing = index.copied.length === 0;
  if (isNothing || signal?.aborted) await writer.abort();
  if (signal?.aborted) return 'stopped';
  const objects = isNothing
    ? null
    : {
        frames: (await writer.finish()).content,
        index: await putJson(images, JSON.stringify(index)),
      };
  const isKept = await database.transaction((session) =>
    keepViewCopy(session, series, {
      objects,
      bytes: isNothing ? 0 : packed.size,
      copied: index.copied.length,
      left: index.left.length,
      leftReason: index.left[0]?.reason ?? null,
      at: clock(),
    }),
  );
  if (isKept) return isNothing ? 'left-as-it-is' : 'copied';
  if (objects) await Promise.all([images.remove(objects.frames), images.remove(objects.index)]);
  return 'overtaken';
};
