import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What is written past the cache of the file system is written in whole pages, to places where pages begin. */
export const PAGE_BYTES = 4096;

/** Bytes that are missing to a whole page. */
export const paddingBehind = (bytes: number): number => (PAGE_BYTES - (bytes % PAGE_BYTES)) % PAGE_BYTES;

/** Opens a file past the cache; nothing where the system knows no such thing. */
export const DIRECT: number = constants.O_DIRECT ?? 0;

// Its memory begins at a page, which no other memory of this runtime promises: what goes past the cache must.
declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => { readonly buffer: SharedArrayBuffer };
};
const WASM_PAGE_BYTES = 64 * 1024;

/** Memory that threads share and that begins at a page. @param bytes a multiple of 64 kB */
export const sharedPages = (bytes: number): SharedArrayBuffer => {
  const pages = bytes / WASM_PAGE_BYTES;
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer;
};

/**
 * Copies as fast as the machine can. Where memory is shared, `set` and `Buffer.copy` go word by word, which takes three to four times
 * as long; `fill` with as many bytes as there is to fill is one plain copy.
 */
export const copyBytes = (from: Uint8Array, into: Uint8Array, at: number): void => {
  if (from.length === 0) return;
  Buffer.from(into.buffer, into.byteOffset, into.length).fill(from, at, at + from.length);
};

/**
 * Whether files in a folder can be written past the cache, tried with one page: some file systems refuse to open a file so,
 * others refuse the write, as a disk with larger blocks does.
 */
export const canWriteDirect = (folder: string): boolean => {
  if (DIRECT === 0) return false;
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  const path = join(folder, randomBytes(12).toString('hex'));
  const page = new Uint8Array(sharedPages(WASM_PAGE_BYTES), 0, PAGE_BYTES);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, O_CREAT | O_EXCL | O_WRONLY | DIRECT, 0o600);
    return writeSync(descriptor, page, 0, PAGE_BYTES, 0) === PAGE_BYTES;
  } catch (error) {
    // What is wrong besides is told by whoever writes there.
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return false;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
    rmSync(path, { force: true });
  }
};
