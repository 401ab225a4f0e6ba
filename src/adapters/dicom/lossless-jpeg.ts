import type { DecodedFrame } from './codecs.ts';

/** JPEG processes 14 (PS3.5 §A.4.1, annex 10.2): with any predictor, and with the first one only. */
export const LOSSLESS_JPEG: ReadonlySet<string> = new Set([
  '1.2.840.10008.1.2.4.57',
  '1.2.840.10008.1.2.4.70',
]);

const SOF_LOSSLESS = 0xc3;
const START_OF_SCAN = 0xda;
/** Bytes of a frame header up to the number of its components (ITU-T T.81 §B.2.2). */
const FRAME_HEADER_BYTES = 10;
/** More than any detector has: the decoder takes as much memory as the code stream asks for. */
const SAMPLES_MAX = 300_000_000;

/** Bits of a sample and samples of the frame, by the frame header of a lossless process. @throws where there is none */
const frameHeader = (encoded: Uint8Array): { readonly precision: number; readonly samples: number } => {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  // Behind the two bytes that every JPEG begins with: segments, each with its marker and its length.
  for (let at = 2; at + FRAME_HEADER_BYTES <= encoded.length; ) {
    const marker = encoded[at + 1];
    if (encoded[at] !== 0xff || marker === START_OF_SCAN) break;
    if (marker === 0xff) at += 1;
    else if (marker === SOF_LOSSLESS) {
      const samples = view.getUint16(at + 5) * view.getUint16(at + 7) * view.getUint8(at + 9);
      return { precision: view.getUint8(at + 4), samples };
    } else at += 2 + view.getUint16(at + 2);
  }
  throw new RangeError('no lossless JPEG');
};

/** Decodes a frame of lossless JPEG; colours come out as they were coded. Throws whatever the decoder throws at a frame that is none. */
export const decodeLosslessJpeg = async (encoded: Uint8Array): Promise<DecodedFrame> => {
  const { Decoder } = await import('@cornerstonejs/jpeg-lossless-decoder-js');
  const { precision, samples: announced } = frameHeader(encoded);
  if (announced > SAMPLES_MAX) throw new RangeError('too large');
  // A copy, because the decoder takes whole buffers.
  const own = Uint8Array.from(encoded);
  const decoder = new Decoder();
  const samples = decoder.decode(own.buffer, 0, own.length, precision <= 8 ? 1 : 2);
  const { dimX, dimY, numComp } = decoder.frame;
  if (samples.length !== announced) throw new RangeError('not whole');
  return {
    bytes: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
    width: dimX,
    height: dimY,
    bitsPerSample: precision,
    componentCount: numComp,
    isSigned: false,
  };
};
