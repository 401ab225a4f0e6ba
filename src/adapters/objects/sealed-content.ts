import { createHash } from 'node:crypto';
import { Fault, raiser } from '../../kernel/fault.ts';
import { releaseBytes } from '../../kernel/released-bytes.ts';
import { freshRandom } from '../keys/fresh-random.ts';
import type { KeyRing, StretchCipher } from '../keys/key-ring.ts';
import { OBJECT_FAULTS } from './faults.ts';

/** SHA-256 of an object's content, lower-case hex: by this it is known everywhere. */
export type ContentHash = string & { readonly __brand: 'ContentHash' };

/** Plain bytes that are sealed as one: what a part is read in. */
export const STRETCH_BYTES = 64 * 1024;
const SALT_BYTES = 16;
/** Longest head of a sealed content: length and id of the sealing key, and the salt. */
export const HEAD_BYTES_MAX = 1 + 255 + SALT_BYTES;

const raise = raiser(OBJECT_FAULTS);

/** What stands in front: length and id of the sealing key, then the salt from which this object's own key is derived. */
const headOf = (keyId: string, salt: Uint8Array): Buffer => {
  const id = Buffer.from(keyId, 'utf8');
  return Buffer.concat([Buffer.from([id.length]), id, salt]);
};

const useOf = (salt: Uint8Array): string => `image-object|${Buffer.from(salt).toString('hex')}`;

/** Place of a stretch, authenticated with it: none can be moved, left out at the end, or taken from another object. */
export const stretchContext = (index: number, isLast: boolean): string =>
  `${index}|${isLast ? 'last' : 'more'}`;

/** Seals a content, stretch by stretch, while it comes in. */
export class ContentSealer {
  readonly #hash = createHash('sha256');
  readonly #cipher: StretchCipher;
  readonly #pending = Buffer.allocUnsafeSlow(STRETCH_BYTES);
  #filled = 0;
  #index = 0;
  #size = 0;
  #sealed: Uint8Array[];
  #sealedBytes: number;

  /** Under the newest key, derived for this content: no two have one in common. */
  constructor(keys: Pick<KeyRing, 'stretchCipher'>) {
    const salt = freshRandom(SALT_BYTES);
    const { keyId, cipher } = keys.stretchCipher(useOf(salt));
    const head = headOf(keyId, salt);
    this.#cipher = cipher;
    this.#sealed = [head];
    this.#sealedBytes = head.length;
  }

  /** Plain bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** Sealed bytes that have not been taken away. */
  get sealedBytes(): number {
    return this.#sealedBytes;
  }

  /** Takes the next bytes, which are the caller's again afterwards. */
  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      // A full stretch waits for what follows it, since the last one is sealed as such.
      if (this.#filled === STRETCH_BYTES) this.#sealPending(false);
      if (this.#filled === 0 && bytes.length - at > STRETCH_BYTES) {
        this.#seal(bytes.subarray(at, at + STRETCH_BYTES), false);
        at += STRETCH_BYTES;
        continue;
      }
      const part = bytes.subarray(at, at + STRETCH_BYTES - this.#filled);
      this.#pending.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  /** The content is whole: seals what is left of it. Nothing may be added afterwards. */
  end(): ContentHash {
    this.#sealPending(true);
    releaseBytes(this.#pending);
    return this.#hash.digest('hex') as ContentHash;
  }

  /** Gives away what is sealed, in its order. */
  take(): readonly Uint8Array[] {
    const taken = this.#sealed;
    this.#sealed = [];
    this.#sealedBytes = 0;
    return taken;
  }

  #sealPending(isLast: boolean): void {
    this.#seal(this.#pending.subarray(0, this.#filled), isLast);
    this.#filled = 0;
  }

  #seal(stretch: Uint8Array, isLast: boolean): void {
    for (const part of this.#cipher.sealedParts(stretch, stretchContext(this.#index, isLast))) {
      this.#sealed.push(part);
      this.#sealedBytes += part.length;
    }
    this.#index += 1;
  }
}

/** How the stretches of a sealed content lie. */
export interface SealedLayout {
  readonly cipher: StretchCipher;
  readonly headBytes: number;
  /** Plain bytes. */
  readonly size: number;
  readonly stretches: number;
}

/**
 * Reads the layout from the beginning of a sealed content and its length.
 *
 * @param head at least `HEAD_BYTES_MAX` bytes of it, padded where it is shorter
 * @throws OBJECT_DAMAGED, KEY_UNKNOWN
 */
export const sealedLayout = (
  keys: Pick<KeyRing, 'stretchCipher'>,
  head: Buffer,
  storedBytes: number,
): SealedLayout => {
  const idLength = head[0] as number;
  const headBytes = 1 + idLength + SALT_BYTES;
  const keyId = head.toString('utf8', 1, 1 + idLength);
  const salt = head.subarray(1 + idLength, headBytes);
  const { cipher } = keys.stretchCipher(useOf(salt), keyId);
  const stretches = Math.ceil((storedBytes - headBytes) / (STRETCH_BYTES + cipher.overheadBytes));
  if (stretches < 1) throw raise('OBJECT_DAMAGED');
  return { cipher, headBytes, size: storedBytes - headBytes - stretches * cipher.overheadBytes, stretches };
};

/**
 * Opens all of a sealed content to see whether it is whole.
 *
 * @returns the hash of its content; undefined where a stretch is missing or altered
 * @throws KEY_UNKNOWN
 */
export const contentOfSealed = (
  keys: Pick<KeyRing, 'stretchCipher'>,
  sealed: Buffer,
): ContentHash | undefined => {
  const hash = createHash('sha256');
  try {
    const head = Buffer.alloc(HEAD_BYTES_MAX);
    sealed.copy(head);
    const { cipher, headBytes, stretches } = sealedLayout(keys, head, sealed.length);
    const sealedStretch = STRETCH_BYTES + cipher.overheadBytes;
    for (let index = 0; index < stretches; index++) {
      const from = headBytes + index * sealedStretch;
      const stretch = sealed.subarray(from, from + sealedStretch);
      for (const part of cipher.openedParts(stretch, stretchContext(index, index === stretches - 1))) {
        hash.update(part);
        releaseBytes(part);
      }
    }
  } catch (error) {
    // A key that is not here now says nothing about the bytes.
    if (error instanceof Fault && error.code === 'KEY_UNKNOWN') throw error;
    return undefined;
  }
  return hash.digest('hex') as ContentHash;
};
