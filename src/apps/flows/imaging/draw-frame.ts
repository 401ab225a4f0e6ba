import type { Drawing } from '../../../adapters/dicom/render-frame.ts';
import type { ManifestInstance } from '../../../imaging/index.ts';
import { fail, type Result } from '../../../kernel/result.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { readFrame, readStoredHeader, withFrames, withInstance } from './instance-bytes.ts';

/**
 * Draws one frame of a stored instance.
 *
 * @returns `no-frame` where there is none of that number, or it cannot be told from its neighbours; else the renderer's reason
 */
export const drawFrame = async (
  dependencies: ImagingDependencies,
  stored: ManifestInstance,
  frame: number,
  assumedCharset: string | null,
  drawing: Drawing,
): Promise<Result<Uint8Array, string>> => {
  const found = await withInstance(dependencies, stored, async (open) => {
    const instance = await withFrames(stored, open);
    const bytes = await readFrame(instance, open, frame);
    const wishes = { display: frame };
    const read = bytes && (await readStoredHeader(dependencies, instance, open, assumedCharset, wishes));
    if (!bytes || !read?.ok) return null;
    const { header, display } = read.value;
    return { bytes, pixels: header.pixels, ...(display ? { display } : {}) };
  });
  return found
    ? dependencies.renderer.draw({
        frame: found.bytes,
        transferSyntaxUid: stored.transferSyntaxUid,
        pixels: found.pixels,
        ...(found.display ? { display: found.display } : {}),
        drawing,
      })
    : fail('no-frame');
};
