import * as files from 'node:fs';
import { promisify } from 'node:util';
import type { KeyRing } from '../keys/key-ring.ts';
import { objectFault } from './durable-files.ts';
import { sealedPart } from './sealed-reader.ts';

const openFile = promisify(files.open);
const readFile = promisify(files.read);

/**
 * A part of a sealed file, which costs two turns of another thread: to open it, and to read.
 *
 * @throws OBJECT_MISSING, OBJECT_DAMAGED, KEY_UNKNOWN
 */
export const filePart = async (
  keys: Pick<KeyRing, 'stretchCipher'>,
  path: string,
  offset: number,
  length: number,
): Promise<readonly Uint8Array[]> => {
  let descriptor: number | undefined;
  try {
    const opened = await openFile(path, 'r');
    descriptor = opened;
    const { size: whole } = files.fstatSync(opened);
    const read = async (position: number, wanted: number) => {
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(wanted, whole - position)));
      const { bytesRead } = await readFile(opened, bytes, 0, bytes.length, position);
      return { bytes: bytes.subarray(0, bytesRead), whole };
    };
    return await sealedPart(keys, read, offset, length);
  } catch (cause) {
    throw objectFault(cause);
  } finally {
    if (descriptor !== undefined) files.closeSync(descriptor);
  }
};
