// The decoder of HTJ2K, which comes without types: as much of it as is used here.
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  interface Htj2kDecoder {
    getEncodedBuffer(length: number): Uint8Array;
    getDecodedBuffer(): Uint8Array;
    decode(): void;
    delete(): void;
  }
  const openJph: (options: {
    readonly locateFile: (file: string) => string;
  }) => Promise<{ readonly HTJ2KDecoder: new () => Htj2kDecoder }>;
  export default openJph;
}
