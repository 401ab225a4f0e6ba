import openJph from '@cornerstonejs/codec-openjph/wasmjs';
import wasm from '@cornerstonejs/codec-openjph/wasm?url';

/** What decodes a frame of HTJ2K in the page itself: the first one only, for which starting a worker takes longer. */
export const firstDecoder = async (): Promise<(encoded: Uint8Array) => Uint8Array> => {
  const { HTJ2KDecoder } = await openJph({ locateFile: () => wasm });
  return (encoded) => {
    const decoder = new HTJ2KDecoder();
    try {
      decoder.getEncodedBuffer(encoded.length).set(encoded);
      decoder.decode();
      return new Uint8Array(decoder.getDecodedBuffer());
    } finally {
      decoder.delete();
    }
  };
};
