import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault, raiser } from '../../kernel/fault.ts';
import type { KeyRing, SealedPieces } from '../keys/key-ring.ts';
import { type Pieces, sha256InTurns } from '../keys/large-content.ts';
import { OBJECT_FAULTS } from './faults.ts';

/** Name of an object: a keyed hash of its content, so that equal contents are one object and the name tells nothing. */
export type ObjectKey = string & { readonly __brand: 'ObjectKey' };

/** Keeps large contents (messages with attachments, PDF reports) outside the database. Objects never change. */
export interface ObjectStore {
  /**
   * Stores a content, encrypted, and returns only when it is durable. Storing the same content again is free.
   *
   * @param sha256 of the content, in hex, where the caller knows it already
   */
  put(content: Uint8Array | Pieces, sha256?: string): Promise<ObjectKey>;
  /** The name of an object by the SHA-256 of its content, in hex. */
  keyOf(sha256: string): ObjectKey;
  /** @throws OBJECT_MISSING, OBJECT_DAMAGED */
  get(key: ObjectKey): Promise<Uint8Array>;
}

const raise = raiser(OBJECT_FAULTS);
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** What stands before the sealed bytes: one length byte and the id of the sealing key. */
const headOf = (keyId: string): Uint8Array => {
  const id = Buffer.from(keyId, 'utf8');
  return Buffer.concat([Buffer.from([id.length]), id]);
};

const sealedParts = function* ({ keyId, pieces }: SealedPieces): Generator<Uint8Array, void, void> {
  yield headOf(keyId);
  yield* pieces;
};

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Makes the folders down to `directory` and their entries durable; `root` exists for certain afterwards. */
const makeDirectory = async (directory: string): Promise<void> => {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = dirname(made))
    await syncDirectory(dirname(made));
};

/** No more than this is flushed at once: whoever commits a transaction meanwhile waits for as much. */
const FLUSH_BYTES = 2 * 1024 * 1024;

/** Writes the parts one behind the other, each as it is made: all of a large content are never there at once. */
const writeDurably = async (path: string, parts: Iterable<Uint8Array>): Promise<void> => {
  const directory = dirname(path);
  await makeDirectory(directory);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      let waiting = 0;
      for (const part of parts) {
        await handle.writeFile(part);
        waiting += part.length;
        if (waiting < FLUSH_BYTES) continue;
        await handle.datasync();
        waiting = 0;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncDirectory(directory);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

/**
 * An object store in a folder: `ab/cd/abcd…`, content-addressed, written beside its place, flushed, then renamed, so
 * that a crash leaves either the whole object or none.
 */
export const fileObjects = (root: string, keys: KeyRing): ObjectStore => {
  const pathOf = (key: ObjectKey): string => join(root, key.slice(0, 2), key.slice(2, 4), key);
  const keyOf = (sha256: string): ObjectKey => keys.hash('object', sha256) as ObjectKey;
  return {
    keyOf,
    async put(content, sha256) {
      const key = keyOf(sha256 ?? (await sha256InTurns(content)));
      const path = pathOf(key);
      try {
        if (await stat(path).catch(() => undefined)) return key;
        const pieces = content instanceof Uint8Array ? [content] : content;
        await writeDurably(path, sealedParts(keys.sealLarge(pieces, `object|${key}`)));
        return key;
      } catch (cause) {
        const code = (cause as NodeJS.ErrnoException).code ?? '';
        throw raise(FULL.has(code) ? 'OBJECT_STORE_FULL' : 'OBJECT_STORE_UNREACHABLE', {
          detail: code,
          cause,
        });
      }
    },
    async get(key) {
      let stored: Buffer;
      try {
        stored = await readFile(pathOf(key));
      } catch (cause) {
        const code = (cause as NodeJS.ErrnoException).code ?? '';
        throw raise(code === 'ENOENT' ? 'OBJECT_MISSING' : 'OBJECT_STORE_UNREACHABLE', {
          detail: code,
          cause,
        });
      }
      const idLength = stored[0] ?? 0;
      const keyId = stored.subarray(1, 1 + idLength).toString('utf8');
      try {
        return await keys.openLarge({ keyId, bytes: stored.subarray(1 + idLength) }, `object|${key}`);
      } catch (cause) {
        if (cause instanceof Fault && cause.code === 'KEY_UNKNOWN') throw cause;
        throw raise('OBJECT_DAMAGED', { cause });
      }
    },
  };
};
