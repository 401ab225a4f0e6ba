import * as files from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
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

const openFile = promisify(files.open);
const writeParts = promisify(files.writev);
const flushFile = promisify(files.fdatasync);

/** A file that was written and is not flushed, by its number: closing that is no work for another thread. */
export interface UnflushedFile {
  readonly descriptor: number;
  readonly directory: string;
}

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

/** Writes a file that must not be there yet. @throws with code EEXIST where it is */
export const writeNewFile = async (path: string, parts: readonly Uint8Array[]): Promise<UnflushedFile> => {
  const descriptor = await openFile(path, 'wx', 0o600);
  try {
    const { bytesWritten } = await writeParts(descriptor, parts);
    if (bytesWritten !== lengthOf(parts)) throw raise('OBJECT_STORE_FULL');
  } catch (error) {
    files.closeSync(descriptor);
    files.rmSync(path, { force: true });
    throw error;
  }
  return { descriptor, directory: dirname(path) };
};

/** Flushes it and closes it. */
export const flushAndClose = async ({ descriptor }: UnflushedFile): Promise<void> => {
  await flushFile(descriptor);
  files.closeSync(descriptor);
};

/** Makes entries of directories durable, each of which stays open for the next time. */
export const directoryFlusher = (): {
  flush(directory: string): Promise<void>;
  close(): Promise<void>;
} => {
  const handles = new Map<string, Promise<FileHandle>>();
  return {
    async flush(directory) {
      let handle = handles.get(directory);
      if (!handle) {
        handle = open(directory, 'r');
        handles.set(directory, handle);
        handle.catch(() => handles.delete(directory));
      }
      await (await handle).sync();
    },
    async close() {
      const open = [...handles.values()];
      handles.clear();
      for (const handle of open) await (await handle).close();
    },
  };
};

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
