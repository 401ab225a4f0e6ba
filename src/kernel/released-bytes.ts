/**
 * Gives the memory of a buffer back at once. Buffers lie outside the heap, but their size counts with the garbage collector:
 * half a megabyte of them for each image calls it every twenty images, for more work than everything else an image costs.
 *
 * Only for bytes that nobody reads any more: whoever still has a view of them sees it become empty. Bytes that are a part of
 * a larger buffer are left alone.
 */
export const releaseBytes = (bytes: Uint8Array): void => {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength && bytes.byteLength > 0)
    buffer.transfer(0);
};
