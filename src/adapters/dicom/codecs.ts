import { createRequire } from 'node:module';

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
  setProgressive(progressive: boolean): void;
  encode(): void;
  delete(): void;
}

type Module = Record<string, new () => Decoder & JpegEncoder>;

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
export const hasCodec = (transferSyntaxUid: string): boolean => DECODERS[transferSyntaxUid] !== undefined;

/**
 * Decodes one frame. Throws whatever the codec throws at a frame that is none.
 */
export const decodeFrame = async (encoded: Uint8Array, transferSyntaxUid: string): Promise<DecodedFrame> => {
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

/** Encodes grey (1 component) or RGB (3) of 8 bits as JPEG. @param quality 1 to 100 */
export const encodeJpeg = async (
  samples: Uint8Array,
  picture: { readonly width: number; readonly height: number; readonly componentCount: 1 | 3 },
  quality: number,
): Promise<Uint8Array> => {
  const encoder = new ((await moduleOf(TURBO))['JPEGEncoder'] as Module[string])();
  try {
    encoder.getDecodedBuffer({ ...picture, bitsPerSample: 8, isSigned: false }).set(samples);
    encoder.setQuality(quality);
    encoder.setProgressive(false);
    encoder.encode();
    return Uint8Array.from(encoder.getEncodedBuffer());
  } finally {
    encoder.delete();
  }
};
