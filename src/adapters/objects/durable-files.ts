import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault, raiser } from '../../kernel/fault.ts';
import { OBJECT_FAULTS } from './faults.ts';

const raise = raiser(OBJECT_FAULTS);
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** What an error of the file system is called by the object store. */
export const objectFault = (cause: unknown): unknown => {
  if (cause instanceof Fault) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOENT') return raise('OBJECT_MISSING', { cause });
  return raise(FULL.has(code) ? 'OBJECT_STORE_FULL' : 'OBJECT_STORE_UNREACHABLE', { detail: code, cause });
};

/** Makes the entries of a directory durable. */
export const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

/**
 * Writes all parts one behind the other. A disk that is nearly full takes a part and says no error: what is not whole is none.
 *
 * @param position where; absent: where the last write ended
 */
export const writeWhole = async (
  handle: FileHandle,
  parts: readonly Uint8Array[],
  position?: number,
): Promise<void> => {
  const { bytesWritten } = await handle.writev(parts, position);
  if (bytesWritten !== lengthOf(parts)) throw raise('OBJECT_STORE_FULL');
};

/** Makes directories and their entries durable, each once for as long as the process lives. */
export const directoryMaker = (): ((directory: string) => Promise<void>) => {
  const made = new Map<string, Promise<void>>();
  return (directory) => {
    const known = made.get(directory);
    if (known) return known;
    const making = mkdir(directory, { recursive: true, mode: 0o700 }).then(async (first) => {
      if (first !== undefined) await syncDirectory(dirname(directory));
    });
    made.set(directory, making);
    making.catch(() => made.delete(directory));
    return making;
  };
};
