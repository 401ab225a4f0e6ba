import { createRequire } from 'node:module';
import { decodeLosslessJpeg, LOSSLESS_JPEG } from './lossless-jpeg.ts';

/** A decoded frame: samples interleaved by pixel, in as many bytes as its bits need. */
export interface DecodedFrame {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
}

interface FrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned?: boolean;
}

interface Decoder {
  getEncodedBuffer(size: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  getFrameInfo(): FrameInfo;
  delete(): void;
}

interface JpegEncoder {
  getDecodedBuffer(frame: FrameInfo & { readonly isSigned: boolean }): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  setQuality(quality: number): void;
  setSubSampling(sampling: number): void;
  encode(): void;
  delete(): void;
}

/** Of HTJ2K, reversible unless it is told otherwise. */
interface Htj2kEncoder {
  getDecodedBuffer(
    frame: FrameInfo & { readonly isSigned: boolean; readonly isUsingColorTransform: boolean },
  ): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  setDecompositions(levels: number): void;
  setProgressionOrder(order: number): void;
  setTLMMarker(wanted: boolean): void;
  setTilePartDivisionsAtResolutions(wanted: boolean): void;
  encode(): void;
  delete(): void;
}

type Module = Record<string, new () => Decoder & JpegEncoder & Htj2kEncoder>;

const load = createRequire(import.meta.url);
const modules = new Map<string, Promise<Module>>();

/** WASM of a codec, loaded when it is first needed. */
const moduleOf = (name: string): Promise<Module> => {
  const known = modules.get(name);
  if (known) return known;
  const loading = (load(`@cornerstonejs/${name}`) as () => Promise<Module>)();
  modules.set(name, loading);
  return loading;
};

const TURBO = 'codec-libjpeg-turbo-8bit/wasmjs';

/** Codec and class by transfer syntax (PS3.5 §A.4). */
const DECODERS: Readonly<Record<string, readonly [module: string, decoder: string]>> = {
  '1.2.840.10008.1.2.4.50': [TURBO, 'JPEGDecoder'],
  '1.2.840.10008.1.2.4.80': ['codec-charls/wasmjs', 'JpegLSDecoder'],
  '1.2.840.10008.1.2.4.81': ['codec-charls/wasmjs', 'JpegLSDecoder'],
  '1.2.840.10008.1.2.4.90': ['codec-openjpeg/wasmjs', 'J2KDecoder'],
  '1.2.840.10008.1.2.4.91': ['codec-openjpeg/wasmjs', 'J2KDecoder'],
  '1.2.840.10008.1.2.4.201': ['codec-openjph/wasmjs', 'HTJ2KDecoder'],
  '1.2.840.10008.1.2.4.202': ['codec-openjph/wasmjs', 'HTJ2KDecoder'],
  '1.2.840.10008.1.2.4.203': ['codec-openjph/wasmjs', 'HTJ2KDecoder'],
};

/** Whether frames of this syntax are decoded by a codec. */
export const hasCodec = (transferSyntaxUid: string): boolean =>
  DECODERS[transferSyntaxUid] !== undefined || LOSSLESS_JPEG.has(transferSyntaxUid);

/**
 * Decodes one frame. Throws whatever the codec throws at a frame that is none.
 */
export const decodeFrame = async (encoded: Uint8Array, transferSyntaxUid: string): Promise<DecodedFrame> => {
  if (LOSSLESS_JPEG.has(transferSyntaxUid)) return decodeLosslessJpeg(encoded);
  const [module, name] = DECODERS[transferSyntaxUid] as readonly [string, string];
  const decoder = new ((await moduleOf(module))[name] as Module[string])();
  try {
    decoder.getEncodedBuffer(encoded.length).set(encoded);
    decoder.decode();
    const { width, height, bitsPerSample, componentCount, isSigned } = decoder.getFrameInfo();
    return {
      // A copy: what the codec shows is its own memory.
      bytes: Uint8Array.from(decoder.getDecodedBuffer() as unknown as Uint8Array),
      width,
      height,
      bitsPerSample,
      componentCount,
      isSigned: isSigned ?? false,
    };
  } finally {
    decoder.delete();
  }
};

/** Resolution, position, component, layer: the value of setProgressionOrder. */
const RPCL = 2;
/** What the standard asks of the smallest resolution (PS3.5 §10.18): no side is longer. */
const BASE_SIDE_MAX = 64;
const USUAL_LEVELS = 5;

/**
 * Encodes a frame as HTJ2K without loss, the smaller resolutions first, each in a part of its own whose length stands in
 * front (PS3.5 §10.18). The encoder takes 8 bits unsigned, and 16 bits of one component only; whoever calls proves the result.
 */
export const encodeHtj2k = async (frame: DecodedFrame): Promise<Uint8Array> => {
  const { bytes, width, height, bitsPerSample, componentCount, isSigned } = frame;
  const encoder = new ((await moduleOf('codec-openjph/wasmjs'))['HTJ2KEncoder'] as Module[string])();
  try {
    const isUsingColorTransform = componentCount === 3;
    encoder
      .getDecodedBuffer({ width, height, bitsPerSample, componentCount, isSigned, isUsingColorTransform })
      .set(bytes);
    const levels = Math.ceil(Math.log2(Math.max(width, height) / BASE_SIDE_MAX));
    encoder.setDecompositions(Math.max(USUAL_LEVELS, levels));
    encoder.setProgressionOrder(RPCL);
    encoder.setTLMMarker(true);
    encoder.setTilePartDivisionsAtResolutions(true);
    encoder.encode();
    return new Uint8Array(encoder.getEncodedBuffer());
  } finally {
    encoder.delete();
  }
};

/** Values of the encoder's setSubSampling. */
const GREY = 3;
const HALVED = 2;
const QUALITY_MAX = 95;
/** A picture has a head of some 600 bytes, however small it is. */
const SIDE_MIN = 32;

/** The same picture with each pixel repeated until no side is shorter than `SIDE_MIN`. */
const notTiny = (
  samples: Uint8Array,
  picture: Raster,
): { readonly samples: Uint8Array; readonly picture: Raster } => {
  const { width, height, componentCount } = picture;
  const factor = Math.ceil(SIDE_MIN / Math.min(width, height));
  if (factor <= 1) return { samples, picture };
  const large = { width: width * factor, height: height * factor, componentCount };
  const repeated = new Uint8Array(large.width * large.height * componentCount);
  for (let y = 0, target = 0; y < large.height; y++)
    for (let x = 0; x < large.width; x++)
      for (let component = 0; component < componentCount; component++)
        repeated[target++] = samples[
          (Math.floor(y / factor) * width + Math.floor(x / factor)) * componentCount + component
        ] as number;
  return { samples: repeated, picture: large };
};

/** Size of a picture, and whether it is grey (1) or RGB (3). */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly componentCount: 1 | 3;
}

/**
 * Encodes 8-bit samples as JPEG. The encoder reserves as many bytes for its output as its input has and writes on beyond
 * them, so grey goes in as RGB and comes out as grey, colour is halved, and quality is bounded: then the output is always the
 * smaller.
 *
 * @param quality 1 to 100
 */
export const encodeJpeg = async (samples: Uint8Array, of: Raster, quality: number): Promise<Uint8Array> => {
  const { samples: drawn, picture } = notTiny(samples, of);
  const encoder = new ((await moduleOf(TURBO))['JPEGEncoder'] as Module[string])();
  const buffer = encoder.getDecodedBuffer({
    ...picture,
    componentCount: 3,
    bitsPerSample: 8,
    isSigned: false,
  });
  if (picture.componentCount === 3) buffer.set(drawn);
  else for (let at = 0; at < drawn.length; at++) buffer.fill(drawn[at] as number, at * 3, at * 3 + 3);
  encoder.setQuality(Math.min(quality, QUALITY_MAX));
  encoder.setSubSampling(picture.componentCount === 3 ? HALVED : GREY);
  encoder.encode();
  const encoded = Uint8Array.from(encoder.getEncodedBuffer());
  encoder.delete();
  return encoded;
};
