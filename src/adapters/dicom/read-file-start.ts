import { isUid } from '../../imaging/index.ts';
import type { Part10Instance } from './write-part10.ts';

/** A file's beginning, understood. */
export interface FileStart extends Part10Instance {
  /** Where the data set begins. */
  readonly dataSetOffset: number;
}

const PREAMBLE_BYTES = 128;

const LONG_VRS = new Set(['OB', 'OW', 'OF', 'SQ', 'UT', 'UN', 'OD', 'OL', 'UC', 'UR', 'OV', 'SV', 'UV']);

/** A file's meta group reaches no further than this. */
export const FILE_START_MAX = 64 * 1024;

const isMarkedAt = (bytes: Uint8Array, at: number): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', at, at + 4) === 'DICM';

/** Whether a file says that it is DICOM (PS3.10 7.1), whatever stands behind the mark. */
export const isMarkedDicom = (bytes: Uint8Array): boolean => isMarkedAt(bytes, PREAMBLE_BYTES);

/**
 * Reads the beginning of a file: with or without preamble, and whatever its group length says, for many are wrong.
 *
 * @param bytes the first `FILE_START_MAX` bytes, or all of a shorter file
 * @returns null when these are not the beginning of a DICOM file
 */
export const readFileStart = (bytes: Uint8Array): FileStart | null => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = isMarkedDicom(bytes) ? PREAMBLE_BYTES + 4 : isMarkedAt(bytes, 0) ? 4 : 0;
  const values = new Map<number, string>();
  while (at + 8 <= buffer.length && buffer.readUInt16LE(at) === 0x0002) {
    const element = buffer.readUInt16LE(at + 2);
    const vr = buffer.toString('latin1', at + 4, at + 6);
    const isLong = LONG_VRS.has(vr);
    if (isLong && at + 12 > buffer.length) return null;
    const length = isLong ? buffer.readUInt32LE(at + 8) : buffer.readUInt16LE(at + 6);
    const from = at + (isLong ? 12 : 8);
    if (from + length > buffer.length) return null;
    values.set(element, buffer.toString('latin1', from, from + length).replace(/[\0 ]+$/, ''));
    at = from + length;
  }
  const meta = {
    sopClassUid: values.get(0x0002) ?? '',
    sopInstanceUid: values.get(0x0003) ?? '',
    transferSyntaxUid: values.get(0x0010) ?? '',
  };
  return Object.values(meta).every(isUid) ? { ...meta, dataSetOffset: at } : null;
};
