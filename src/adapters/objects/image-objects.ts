import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault, raiser } from '../../kernel/fault.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { KeyRing, StretchCipher } from '../keys/key-ring.ts';
import { OBJECT_FAULTS } from './faults.ts';

/** SHA-256 of an object's content, lower-case hex: by this it is known everywhere. */
export type ContentHash = string & { readonly __brand: 'ContentHash' };

/** An object that is being written. */
export interface ObjectWriter {
  /** Resolves when more may come. The bytes are the caller's again afterwards. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the object is durable under its name. */
  finish(): Promise<{ readonly content: ContentHash; readonly size: number }>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/** An object that is being read. */
export interface OpenObject {
  readonly size: number;
  /** Bytes from `offset` on, fewer at the end. @throws OBJECT_DAMAGED */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Keeps images: large contents that are written as they arrive and read in parts. Sealed stretch by stretch, so that any part
 * is read without the rest and none that was altered is ever given out.
 */
export interface ImageObjects {
  begin(): Promise<ObjectWriter>;
  /** @throws OBJECT_MISSING */
  open(content: ContentHash): Promise<OpenObject>;
  put(bytes: Uint8Array): Promise<ContentHash>;
  get(content: ContentHash): Promise<Uint8Array>;
  remove(content: ContentHash): Promise<void>;
  /** Removes half-written objects to which nothing was added since `before`: what a crash left. Tells how many. */
  sweep(before: Instant): Promise<number>;
}

const raise = raiser(OBJECT_FAULTS);
const FULL = new Set(['ENOSPC', 'EDQUOT']);
const STRETCH_BYTES = 64 * 1024;
/** Sealed bytes that wait for one write: fewer, larger writes leave the disk and the threads to others. */
const WAITING_BYTES_MAX = 512 * 1024;
const SALT_BYTES = 16;
const NAME = /^[0-9a-f]{64}$/;

const toFault = (cause: unknown): unknown => {
  if (cause instanceof Fault) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOENT') return raise('OBJECT_MISSING', { cause });
  return raise(FULL.has(code) ? 'OBJECT_STORE_FULL' : 'OBJECT_STORE_UNREACHABLE', { detail: code, cause });
};

/** What stands in front: length and id of the sealing key, then the salt from which this object's own key is derived. */
const headOf = (keyId: string, salt: Uint8Array): Buffer => {
  const id = Buffer.from(keyId, 'utf8');
  return Buffer.concat([Buffer.from([id.length]), id, salt]);
};

const useOf = (salt: Uint8Array): string => `image-object|${Buffer.from(salt).toString('hex')}`;

/** Place of a stretch, authenticated with it: none can be moved, left out at the end, or taken from another object. */
const contextOf = (index: number, isLast: boolean): string => `${index}|${isLast ? 'last' : 'more'}`;

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** A disk that is nearly full takes a part and says no error: what is not whole is none. */
const writeWhole = async (handle: FileHandle, parts: readonly Uint8Array[]): Promise<void> => {
  const { bytesWritten } = await handle.writev(parts);
  if (bytesWritten !== parts.reduce((sum, { length }) => sum + length, 0)) throw raise('OBJECT_STORE_FULL');
};

const writer = async (
  temporaryDirectory: string,
  pathOf: (content: ContentHash) => string,
  keys: KeyRing,
  makeDirectory: (directory: string) => Promise<void>,
): Promise<ObjectWriter> => {
  const path = join(temporaryDirectory, randomBytes(12).toString('hex'));
  const salt = randomBytes(SALT_BYTES);
  const { keyId, cipher } = keys.stretchCipher(useOf(salt));
  const handle = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let pending = Buffer.allocUnsafe(STRETCH_BYTES);
  let filled = 0;
  let size = 0;
  let index = 0;
  let isOpen = true;
  let waiting: Buffer[] = [headOf(keyId, salt)];
  let waitingBytes = 0;
  const release = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await handle.close().catch(() => undefined);
  };
  const discard = async (): Promise<void> => {
    await release();
    await rm(path, { force: true });
  };
  const attempt = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    try {
      return await work();
    } catch (cause) {
      await discard();
      throw toFault(cause);
    }
  };
  const keep = (sealed: Buffer): void => {
    waiting.push(sealed);
    waitingBytes += sealed.length;
  };
  const flush = async (): Promise<void> => {
    const sealed = waiting;
    waiting = [];
    waitingBytes = 0;
    if (sealed.length > 0) await writeWhole(handle, sealed);
  };
  return {
    write: (bytes) =>
      attempt(async () => {
        hash.update(bytes);
        size += bytes.length;
        for (let at = 0; at < bytes.length; ) {
          // A full stretch waits for what follows it, since the last one is sealed as such.
          if (filled === STRETCH_BYTES) {
            keep(cipher.seal(pending, contextOf(index, false)));
            index += 1;
            filled = 0;
          }
          const part = bytes.subarray(at, at + STRETCH_BYTES - filled);
          pending.set(part, filled);
          filled += part.length;
          at += part.length;
        }
        if (waitingBytes >= WAITING_BYTES_MAX) await flush();
      }),
    finish: () =>
      attempt(async () => {
        keep(cipher.seal(pending.subarray(0, filled), contextOf(index, true)));
        await flush();
        const content = hash.digest('hex') as ContentHash;
        const target = pathOf(content);
        await makeDirectory(dirname(target));
        await handle.datasync();
        // Over whatever lies there: the same content, or the remains of a crash.
        await rename(path, target);
        await syncDirectory(dirname(target));
        await release();
        pending = Buffer.alloc(0);
        return { content, size };
      }),
    abort: discard,
  };
};

interface Layout {
  readonly cipher: StretchCipher;
  readonly headBytes: number;
  readonly size: number;
  readonly stretches: number;
}

const layoutOf = async (handle: FileHandle, keys: KeyRing): Promise<Layout> => {
  const { size: stored } = await handle.stat();
  const head = Buffer.alloc(1 + 255 + SALT_BYTES);
  await handle.read(head, 0, head.length, 0);
  const idLength = head[0] as number;
  const headBytes = 1 + idLength + SALT_BYTES;
  const keyId = head.toString('utf8', 1, 1 + idLength);
  const salt = head.subarray(1 + idLength, headBytes);
  const { cipher } = keys.stretchCipher(useOf(salt), keyId);
  const sealedBytes = STRETCH_BYTES + cipher.overheadBytes;
  const stretches = Math.ceil((stored - headBytes) / sealedBytes);
  if (stretches < 1) throw raise('OBJECT_DAMAGED');
  const size = stored - headBytes - stretches * cipher.overheadBytes;
  return { cipher, headBytes, size, stretches };
};

const reader = (handle: FileHandle, { cipher, headBytes, size, stretches }: Layout): OpenObject => {
  const sealedBytes = STRETCH_BYTES + cipher.overheadBytes;
  return {
    size,
    async read(offset, length) {
      const end = Math.min(offset + length, size);
      if (offset < 0 || end <= offset) return new Uint8Array();
      const first = Math.floor(offset / STRETCH_BYTES);
      const last = Math.floor((end - 1) / STRETCH_BYTES);
      const wanted = Buffer.allocUnsafe((last - first + 1) * sealedBytes);
      let bytesRead: number;
      try {
        ({ bytesRead } = await handle.read(wanted, 0, wanted.length, headBytes + first * sealedBytes));
      } catch (cause) {
        throw toFault(cause);
      }
      const found = Buffer.allocUnsafe(end - offset);
      for (let index = first; index <= last; index++) {
        const from = (index - first) * sealedBytes;
        let plain: Buffer;
        try {
          plain = cipher.open(
            wanted.subarray(from, Math.min(from + sealedBytes, bytesRead)),
            contextOf(index, index === stretches - 1),
          );
        } catch (cause) {
          throw raise('OBJECT_DAMAGED', { cause });
        }
        const start = index * STRETCH_BYTES;
        plain.copy(
          found,
          Math.max(0, start - offset),
          Math.max(0, offset - start),
          Math.min(plain.length, end - start),
        );
      }
      return found;
    },
    close: () => handle.close(),
  };
};

/** Image objects in a folder: `ab/abcd…` by keyed hash, half-written ones in `incoming`. */
export const fileImages = (root: string, keys: KeyRing): ImageObjects => {
  const incoming = join(root, 'incoming');
  const made = new Map<string, Promise<void>>();
  const makeDirectory = (directory: string): Promise<void> => {
    const known = made.get(directory);
    if (known) return known;
    const making = mkdir(directory, { recursive: true, mode: 0o700 }).then(async (first) => {
      if (first !== undefined) await syncDirectory(dirname(directory));
    });
    made.set(directory, making);
    making.catch(() => made.delete(directory));
    return making;
  };
  const pathOf = (content: ContentHash): string => {
    if (!NAME.test(content)) throw raise('OBJECT_MISSING');
    const name = keys.hash('image-object', content);
    return join(root, name.slice(0, 2), name);
  };
  const openObject = async (content: ContentHash): Promise<OpenObject> => {
    let handle: FileHandle;
    try {
      handle = await open(pathOf(content), 'r');
    } catch (cause) {
      throw toFault(cause);
    }
    try {
      return reader(handle, await layoutOf(handle, keys));
    } catch (cause) {
      await handle.close();
      throw toFault(cause);
    }
  };
  const begin = async (): Promise<ObjectWriter> => {
    try {
      await makeDirectory(incoming);
      return await writer(incoming, pathOf, keys, makeDirectory);
    } catch (cause) {
      throw toFault(cause);
    }
  };
  return {
    begin,
    open: openObject,
    async put(bytes) {
      const object = await begin();
      await object.write(bytes);
      return (await object.finish()).content;
    },
    async get(content) {
      const object = await openObject(content);
      try {
        return await object.read(0, object.size);
      } finally {
        await object.close();
      }
    },
    async remove(content) {
      await rm(pathOf(content), { force: true });
    },
    async sweep(before) {
      const names = await readdir(incoming).catch(() => [] as string[]);
      let removed = 0;
      for (const name of names) {
        const path = join(incoming, name);
        const found = await stat(path).catch(() => undefined);
        if (!found || found.mtimeMs >= before) continue;
        await rm(path, { force: true });
        removed += 1;
      }
      return removed;
    },
  };
};
