import openJph from '@cornerstonejs/codec-openjph/wasmjs';
import wasm from '@cornerstonejs/codec-openjph/wasm?url';

/** Decodes a frame of HTJ2K in the page itself: the first one only, for which starting a worker takes longer. */
export const decode = async (encoded: Uint8Array): Promise<Uint8Array> => {
  const { HTJ2KDecoder } = await openJph({ locateFile: () => wasm });
  const decoder = new HTJ2KDecoder();
  try {
    decoder.getEncodedBuffer(encoded.length).set(encoded);
    decoder.decode();
    return new Uint8Array(decoder.getDecodedBuffer());
  } finally {
    decoder.delete();
  }
};
