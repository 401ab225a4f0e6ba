import { frameCount, type ManifestInstance } from './manifest.ts';

/** Modalities whose images are the slices of a volume: nothing is seen at its ends. */
const VOLUMES: readonly string[] = ['CT', 'MR', 'PT', 'NM'];

/**
 * The instance with which a series opens, told without any header: of a volume the middle one by number, of everything else the
 * first.
 *
 * @param instances in their order
 * @returns null where headers decide: of an instance of many frames it matters whether they move
 */
export const openingInstance = <Instance extends Pick<ManifestInstance, 'frames' | 'pixelOffset'>>(
  instances: readonly Instance[],
  modality: string | null,
): Instance | null => {
  const drawable = instances.filter(({ pixelOffset }) => pixelOffset !== null);
  if (drawable.some((each) => frameCount(each) > 1)) return null;
  const isVolume = modality !== null && VOLUMES.includes(modality);
  return drawable[isVolume ? Math.floor(drawable.length / 2) : 0] ?? null;
};

/** Transfer syntaxes of MPEG-2, MPEG-4 and HEVC streams (PS3.5 §8.2.5 to §8.2.8): nothing here draws a frame of one. */
const VIDEO_SYNTAX = /^1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?$/;

/**
 * The picture that stands for a series: the middle one by number, in the middle of its frames. A video stands for a series only
 * where there is nothing else.
 *
 * @param instances in their order
 * @returns null where nothing has pixels
 */
export const representativeFrame = <
  Instance extends Pick<ManifestInstance, 'frames' | 'pixelOffset' | 'transferSyntaxUid'>,
>(
  instances: readonly Instance[],
): { readonly instance: Instance; readonly frame: number } | null => {
  const withPixels = instances.filter(({ pixelOffset }) => pixelOffset !== null);
  const still = withPixels.filter(({ transferSyntaxUid }) => !VIDEO_SYNTAX.test(transferSyntaxUid));
  const shown = still.length > 0 ? still : withPixels;
  const instance = shown[Math.floor(shown.length / 2)];
  return instance ? { instance, frame: Math.ceil(frameCount(instance) / 2) } : null;
};
