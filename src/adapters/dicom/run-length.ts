/**
 * Decodes a frame of RLE Lossless (PS3.5 annex G): segments of PackBits, one for each byte of each sample, most significant
 * first.
 *
 * @returns samples interleaved by pixel, little endian; undefined for a frame that is none
 */
export const decodeRunLength = (
  frame: Uint8Array,
  pixels: number,
  bytesPerSample: number,
  samplesPerPixel: number,
): Uint8Array | undefined => {
  const wanted = bytesPerSample * samplesPerPixel;
  if (frame.length < 64) return undefined;
  const head = new DataView(frame.buffer, frame.byteOffset, 64);
  if (head.getUint32(0, true) !== wanted || wanted > 15) return undefined;
  const decoded = new Uint8Array(pixels * wanted);
  for (let segment = 0; segment < wanted; segment++) {
    const from = head.getUint32(4 + segment * 4, true);
    const end = segment + 1 < wanted ? head.getUint32(8 + segment * 4, true) : frame.length;
    const sample = Math.floor(segment / bytesPerSample);
    const byte = bytesPerSample - 1 - (segment % bytesPerSample);
    let at = from;
    let target = sample * bytesPerSample + byte;
    while (at < end && target < decoded.length) {
      const count = ((frame[at] as number) << 24) >> 24;
      at += 1;
      if (count === -128) continue;
      const isRun = count < 0;
      const length = isRun ? 1 - count : count + 1;
      for (let index = 0; index < length && target < decoded.length; index++, target += wanted)
        decoded[target] = frame[isRun ? at : at + index] ?? 0;
      at += isRun ? 1 : length;
    }
  }
  return decoded;
};
