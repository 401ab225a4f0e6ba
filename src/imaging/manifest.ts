import type { Instant } from '../kernel/instant.ts';
import type { SopInstanceUid } from './uids.ts';

/** Where the bytes of one frame lie in an object: one range, or several that belong together. */
export type FrameRanges = readonly (readonly [offset: number, length: number])[];

/** One instance as a manifest lists it. */
export interface ManifestInstance {
  readonly sopInstanceUid: SopInstanceUid;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly instanceNumber: number | null;
  /** SHA-256 of its object. */
  readonly content: string;
  readonly size: number;
  readonly rows: number | null;
  readonly columns: number | null;
  /** As the header says; null: one, if there are pixels. */
  readonly frames: number | null;
  /** Where the value of the pixel data begins in the object; null where there is none. */
  readonly pixelOffset: number | null;
  /** Length of native pixel data; -1: encapsulated. */
  readonly pixelLength: number | null;
  /** Bytes of one native frame; null where the header does not say it plainly, or pixels are encapsulated. */
  readonly frameBytes: number | null;
  /** For encapsulated pixels: where each frame lies; null where they cannot be told apart or nobody has looked yet. */
  readonly frameRanges: readonly FrameRanges[] | null;
}

/** An instance with how it came; null where a manifest was written that did not say it yet (format 1). */
export interface ManifestEntry extends ManifestInstance {
  /** Who sent it, for the institution's eyes. */
  readonly sender: string | null;
  readonly receivedAt: Instant | null;
}

/** All instances of a closed series: what the rows said that are dropped when it is no longer hot. */
export interface SeriesManifest {
  readonly format: 1 | 2;
  readonly instances: readonly ManifestEntry[];
}

/** Reads a manifest of either format. */
export const manifestOf = (
  read: Omit<SeriesManifest, 'instances'> & {
    readonly instances: readonly (ManifestInstance & Partial<ManifestEntry>)[];
  },
): SeriesManifest => ({
  format: read.format,
  instances: read.instances.map((instance) => ({ ...instance, ...arrivalOf(instance) })),
});

const arrivalOf = ({
  sender = null,
  receivedAt = null,
}: Partial<ManifestEntry>): Pick<ManifestEntry, 'sender' | 'receivedAt'> => ({ sender, receivedAt });

/**
 * Rows and manifest of one series together. What both know is the same content: how it came is said by its row, where its
 * frames lie by the manifest.
 */
export const joinedInstances = (
  rows: readonly ManifestEntry[],
  listed: readonly ManifestEntry[],
): readonly ManifestEntry[] => {
  if (listed.length === 0) return rows;
  const byUid = new Map(listed.map((entry) => [entry.sopInstanceUid, entry]));
  for (const row of rows) {
    const entry = byUid.get(row.sopInstanceUid);
    byUid.set(row.sopInstanceUid, {
      ...row,
      frameRanges: entry?.content === row.content ? entry.frameRanges : row.frameRanges,
    });
  }
  return inOrder([...byUid.values()]);
};

/** Rows that a manifest does not list with the same content: while there are any, no row may go. */
export const unlistedRows = (
  rows: readonly Pick<ManifestInstance, 'sopInstanceUid' | 'content'>[],
  { instances }: SeriesManifest,
): number => {
  const contents = new Map(instances.map(({ sopInstanceUid, content }) => [sopInstanceUid, content]));
  return rows.filter(({ sopInstanceUid, content }) => contents.get(sopInstanceUid) !== content).length;
};

/** Frames that an instance has. */
export const frameCount = ({
  frames,
  pixelOffset,
}: Pick<ManifestInstance, 'frames' | 'pixelOffset'>): number =>
  pixelOffset === null ? 0 : Math.max(1, frames ?? 1);

/**
 * Where a frame lies.
 *
 * @param frame counted from 1
 * @returns null for one that is not there, or cannot be told from its neighbours
 */
export const rangesOfFrame = (instance: ManifestInstance, frame: number): FrameRanges | null => {
  if (!Number.isInteger(frame) || frame < 1 || frame > frameCount(instance)) return null;
  if (instance.frameRanges) return instance.frameRanges[frame - 1] ?? null;
  const { pixelOffset, frameBytes } = instance;
  return pixelOffset === null || frameBytes === null
    ? null
    : [[pixelOffset + (frame - 1) * frameBytes, frameBytes]];
};

/** Instances in the order in which a reader scrolls: by number, then by UID. */
export const inOrder = <Instance extends Pick<ManifestInstance, 'instanceNumber' | 'sopInstanceUid'>>(
  instances: readonly Instance[],
): Instance[] =>
  instances.toSorted(
    (one, other) =>
      (one.instanceNumber ?? Number.MAX_SAFE_INTEGER) - (other.instanceNumber ?? Number.MAX_SAFE_INTEGER) ||
      (one.sopInstanceUid < other.sopInstanceUid ? -1 : 1),
  );
