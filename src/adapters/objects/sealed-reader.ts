import { raiser } from '../../kernel/fault.ts';
import { releaseBytes } from '../../kernel/released-bytes.ts';
import { OBJECT_FAULTS } from './faults.ts';
import { type SealedLayout, STRETCH_BYTES, stretchContext } from './sealed-content.ts';

/** An object that is being read. */
export interface OpenObject {
  readonly size: number;
  /** Bytes from `offset` on, fewer at the end. @throws OBJECT_DAMAGED */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Where sealed bytes are read from. */
export interface SealedSource {
  /** Fills a buffer from a place on, as far as there is something. @returns how many bytes there were */
  read(into: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
}

const raise = raiser(OBJECT_FAULTS);

/** Reads any part of a sealed content: the stretches it lies in are opened, and what was altered is never given out. */
export const sealedReader = (
  source: SealedSource,
  { cipher, headBytes, size, stretches }: SealedLayout,
): OpenObject => {
  const sealedBytes = STRETCH_BYTES + cipher.overheadBytes;
  return {
    size,
    async read(offset, length) {
      const end = Math.min(offset + length, size);
      if (offset < 0 || end <= offset) return new Uint8Array();
      const first = Math.floor(offset / STRETCH_BYTES);
      const last = Math.floor((end - 1) / STRETCH_BYTES);
      const wanted = Buffer.allocUnsafeSlow((last - first + 1) * sealedBytes);
      const bytesRead = await source.read(wanted, headBytes + first * sealedBytes);
      const found = Buffer.allocUnsafe(end - offset);
      for (let index = first; index <= last; index++) {
        const from = (index - first) * sealedBytes;
        const sealed = wanted.subarray(from, Math.min(from + sealedBytes, bytesRead));
        let start = index * STRETCH_BYTES;
        try {
          for (const part of cipher.openedParts(sealed, stretchContext(index, index === stretches - 1))) {
            const skipped = Math.max(0, offset - start);
            const until = Math.min(part.length, end - start);
            if (skipped < until) part.copy(found, start + skipped - offset, skipped, until);
            start += part.length;
            releaseBytes(part);
          }
        } catch (cause) {
          throw raise('OBJECT_DAMAGED', { cause });
        }
      }
      releaseBytes(wanted);
      return found;
    },
    close: () => source.close(),
  };
};
