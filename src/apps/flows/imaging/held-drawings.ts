import type { Drawing } from '../../../adapters/dicom/render-frame.ts';
import type { ImageObjects } from '../../../adapters/objects/image-objects.ts';
import type { ManifestInstance } from '../../../imaging/index.ts';
import type { Result } from '../../../kernel/result.ts';
import { drawFrame } from './draw-frame.ts';
import type { ImagingDependencies } from './imaging-work.ts';

type Drawn = Promise<Result<Uint8Array, string>>;

/** Pictures held, some fifty kilobytes each. */
const HELD_MAX = 32;

/** One memory for each store: what a page begins to draw is asked for a moment later through whichever door. */
const heldOf = new WeakMap<ImageObjects, Map<string, Drawn>>();

/** Draws like `drawFrame`; the same picture that is being drawn, or was drawn lately, is not drawn again. */
export const drawHeld = (
  dependencies: ImagingDependencies,
  instance: ManifestInstance,
  frame: number,
  assumedCharset: string | null,
  drawing: Drawing,
): Drawn => {
  const { images } = dependencies;
  const held = heldOf.get(images) ?? new Map<string, Drawn>();
  heldOf.set(images, held);
  const { mediaType, quality, widthMax, heightMax, isEnlarged = false, region = null, window } = drawing;
  const how = [mediaType, quality, widthMax, heightMax, isEnlarged, region, window];
  const key = JSON.stringify([instance.content, frame, how]);
  const known = held.get(key);
  if (known) return known;
  if (held.size >= HELD_MAX) held.delete(held.keys().next().value as string);
  const drawn = drawFrame(dependencies, instance, frame, assumedCharset, drawing);
  held.set(key, drawn);
  drawn.then(
    (result) => result.ok || held.delete(key),
    () => held.delete(key),
  );
  return drawn;
};
