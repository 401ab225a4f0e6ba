/** A picture that is being loaded. */
interface Waiting {
  readonly imageId: string;
  /** Its bytes are decoded: what is left is done in one go, and takes no waiting. */
  isDecoded: boolean;
  reject(error: unknown): void;
}

const waiting = new Set<Waiting>();
/** Longer than what is left of a picture whose bytes are decoded. */
const GRACE_MS = 500;

/** Tells that the bytes of a picture are decoded. */
export const noteDecoded = (imageId: string): void => {
  for (const each of waiting) if (each.imageId === imageId) each.isDecoded = true;
};

/**
 * A picture, or why there is none. The loader forgets its promise where something throws behind the decoder: a palette that is
 * not there, a photometric interpretation that it does not know, too few values. Nobody catches that, and the picture would be
 * loading for ever. It is told to whichever pictures were decoded by then and never came.
 */
export const orStuck = <Image>(imageId: string, loading: Promise<Image>): Promise<Image> =>
  new Promise((resolve, reject) => {
    const own: Waiting = { imageId, isDecoded: false, reject };
    waiting.add(own);
    loading.then(resolve, reject).finally(() => waiting.delete(own));
  });

/** Listens for what nobody caught. Once, when the loader has started. */
export const watchDecoding = (window: Pick<Window, 'addEventListener' | 'setTimeout'>): void =>
  window.addEventListener('unhandledrejection', (event) => {
    const stuck = [...waiting].filter(({ isDecoded }) => isDecoded);
    if (stuck.length === 0) return;
    // It is somebody's now.
    event.preventDefault();
    window.setTimeout(() => {
      for (const each of stuck) if (waiting.delete(each)) each.reject(event.reason);
    }, GRACE_MS);
  });
