import { Fault } from '../../kernel/fault.ts';
import type { ContentHash, ImageObjects, OpenObject } from './image-objects.ts';

/** Two stores of the same objects: what is opened often lies near, what is not may lie far alone. */
export interface ImageTiers {
  readonly near: ImageObjects;
  /** null where there is one tier. */
  readonly far: ImageObjects | null;
}

const isMissing = (error: unknown): boolean => error instanceof Fault && error.code === 'OBJECT_MISSING';

/**
 * Both tiers as one store: written near, read near and where it is not there, far. Whether somebody should be made to wait
 * for a far one is for the caller to know; the bytes are the same.
 */
export const tieredImages = ({ near, far }: ImageTiers): ImageObjects => {
  if (far === null) return near;
  const nearest = async <Value>(read: (tier: ImageObjects) => Promise<Value>): Promise<Value> => {
    try {
      return await read(near);
    } catch (error) {
      if (!isMissing(error)) throw error;
      return read(far);
    }
  };
  const open = (content: ContentHash): Promise<OpenObject> => nearest((tier) => tier.open(content));
  return {
    ...near,
    open,
    part: (content, offset, length) => nearest((tier) => tier.part(content, offset, length)),
    async get(content) {
      const object = await open(content);
      try {
        return await object.read(0, object.size);
      } finally {
        await object.close();
      }
    },
    async remove(content) {
      await near.remove(content);
      await far.remove(content);
    },
    async close() {
      await near.close();
      await far.close();
    },
    sweep: async (before) => (await near.sweep(before)) + (await far.sweep(before)),
  };
};
