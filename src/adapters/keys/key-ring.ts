import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { type Fault, raiser } from '../../kernel/fault.ts';
import { type AuthenticatedCipher, type CipherName, cipherOf } from './ciphers.ts';
import { KEY_FAULTS } from './faults.ts';
import { inTurns, type Pieces } from './large-content.ts';

/** Ciphertext together with the id of the key that made it; the key knows its cipher. */
export interface Sealed {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

/** As `Sealed`, its bytes in pieces, each of which is made when it is asked for. */
export interface SealedPieces {
  readonly keyId: string;
  readonly pieces: Iterable<Uint8Array>;
}

/** A key that seals, 32 bytes; AES-256-GCM unless another cipher is named. */
export interface SealingKey {
  readonly id: string;
  readonly key: Uint8Array;
  readonly cipher?: CipherName;
}

/**
 * Keys of one installation, oldest first. The newest seals; all open. The hashing key and its digest never change, or
 * lookups would be lost.
 */
export interface KeyMaterial {
  readonly hashingKey: Uint8Array;
  /** Digest of the keyed hash; SHA-256 unless SM3 is named. */
  readonly hashing?: 'sha256' | 'sm3';
  readonly sealingKeys: readonly SealingKey[];
}

/** Where the keys come from. They may be rotated while the program runs. */
export interface KeySource {
  /** The material as last read. */
  current(): KeyMaterial;
  /** The material read anew, because a key is missing: another process may have made one since. */
  reread(): KeyMaterial;
}

/** Seals the stretches of one large content under a key of its own. `context` says which stretch it is. */
export interface StretchCipher {
  readonly overheadBytes: number;
  /** Sealed bytes in parts, to be written one behind the other: joining them would be another copy. */
  sealedParts(bytes: Uint8Array, context: string): readonly Buffer[];
  /**
   * Plain bytes, in parts; nothing counts before the last has come. Throws for anything but what was sealed under this key and
   * context.
   */
  openedParts(sealed: Uint8Array, context: string): Iterable<Buffer>;
}

const stretchCipherOf = (name: CipherName, key: Uint8Array): StretchCipher => {
  const cipher = cipherOf(name, key);
  return {
    overheadBytes: cipher.overheadBytes,
    sealedParts: (bytes, context) =>
      [...cipher.sealing([bytes], Buffer.from(context))].filter(({ length }) => length > 0),
    openedParts: (sealed, context) => cipher.opening(sealed, Buffer.from(context)),
  };
};

/** A sealing key from which the keys of large contents are derived; another thread can be handed it. */
export interface DerivingKey {
  readonly id: string;
  readonly cipher: CipherName;
  readonly key: KeyObject;
}

const derivedCipher = ({ cipher, key }: DerivingKey, use: string): StretchCipher => {
  const digest = cipher === 'sm4-ctr-hmac-sm3' ? 'sm3' : 'sha256';
  return stretchCipherOf(cipher, createHmac(digest, key).update(use).digest());
};

/** Opens large contents with the keys that it was handed and no others. */
export const stretchCiphers = (keys: readonly DerivingKey[]): Pick<KeyRing, 'stretchCipher'> => {
  const byId = new Map(keys.map((one) => [one.id, one]));
  return {
    stretchCipher(use, keyId = keys.at(-1)?.id ?? '') {
      const deriving = byId.get(keyId);
      if (!deriving) throw raise('KEY_UNKNOWN', { detail: keyId });
      return { keyId, cipher: derivedCipher(deriving, use) };
    },
  };
};

/** Protects identifiers and kept messages at rest (DESIGN §4): keyed hash to find, ciphertext to show. */
export interface KeyRing {
  /** Keyed hash (HMAC, hex) of a text within a domain, e.g. `national-id|CN`. Equal texts give equal hashes. */
  hash(domain: string, text: string): string;
  /** Seals bytes; `context` is authenticated with them, so a value moved to another place does not open. */
  seal(bytes: Uint8Array, context: string): Sealed;
  /** As `seal`, piece by piece, between which others can have their turn: for what is larger than a report. */
  sealLarge(content: Pieces, context: string): SealedPieces;
  open(sealed: Sealed, context: string): Uint8Array;
  /**
   * A cipher for the stretches of one content, under a key derived for `use`, which no two contents have in common.
   *
   * @param keyId the sealing key to derive from; absent: the newest
   */
  stretchCipher(use: string, keyId?: string): { readonly keyId: string; readonly cipher: StretchCipher };
  /** What `stretchCipher` derives from, oldest first: for a thread that opens contents by itself. */
  derivingKeys(): readonly DerivingKey[];
  /** As `open`, letting others have their turn meanwhile. */
  openLarge(sealed: Sealed, context: string): Promise<Uint8Array>;
}

const raise = raiser(KEY_FAULTS);

/** Material that never changes, for tests and tools. */
export const fixedKeys = (material: KeyMaterial): KeySource => ({
  current: () => material,
  reread: () => material,
});

interface Prepared {
  readonly material: KeyMaterial;
  readonly hashingKey: KeyObject;
  readonly newest: { readonly id: string; readonly cipher: AuthenticatedCipher };
  /** From which the keys of large contents are derived: prepared once, since every image has one. */
  readonly derivingById: ReadonlyMap<string, DerivingKey>;
  readonly byId: ReadonlyMap<string, AuthenticatedCipher>;
}

const prepare = (material: KeyMaterial): Prepared => {
  const newest = material.sealingKeys.at(-1);
  if (!newest || material.hashingKey.length < 32) throw raise('KEY_MATERIAL_INVALID');
  const byId = new Map(
    material.sealingKeys.map(({ id, key, cipher }) => [id, cipherOf(cipher ?? 'aes-256-gcm', key)]),
  );
  return {
    material,
    hashingKey: createSecretKey(material.hashingKey),
    newest: { id: newest.id, cipher: byId.get(newest.id) as AuthenticatedCipher },
    byId,
    derivingById: new Map(
      material.sealingKeys.map(({ id, key, cipher = 'aes-256-gcm' }) => [
        id,
        { id, cipher, key: createSecretKey(key) },
      ]),
    ),
  };
};

const broken = (keyId: string, cause: unknown): Fault => raise('SEAL_BROKEN', { detail: keyId, cause });

/** Builds the ring over a source of keys, or over material that never changes. */
export const keyRing = (keys: KeySource | KeyMaterial): KeyRing => {
  const source = 'current' in keys ? keys : fixedKeys(keys);
  let prepared = prepare(source.current());
  const ready = (material: KeyMaterial): Prepared => {
    if (material !== prepared.material) prepared = prepare(material);
    return prepared;
  };
  const cipherById = (keyId: string): AuthenticatedCipher => {
    const cipher = prepared.byId.get(keyId) ?? ready(source.reread()).byId.get(keyId);
    if (!cipher) throw raise('KEY_UNKNOWN', { detail: keyId });
    return cipher;
  };
  return {
    hash(domain, text) {
      const { material, hashingKey } = prepared;
      return createHmac(material.hashing ?? 'sha256', hashingKey)
        .update(domain)
        .update('\0')
        .update(text)
        .digest('hex');
    },
    seal(bytes, context) {
      const { newest } = ready(source.current());
      return { keyId: newest.id, bytes: newest.cipher.seal(bytes, Buffer.from(context)) };
    },
    sealLarge(content, context) {
      const { id, cipher } = ready(source.current()).newest;
      return { keyId: id, pieces: cipher.sealing(content, Buffer.from(context)) };
    },
    open({ keyId, bytes }, context) {
      const cipher = cipherById(keyId);
      try {
        return cipher.open(bytes, Buffer.from(context));
      } catch (cause) {
        throw broken(keyId, cause);
      }
    },
    stretchCipher(use, wanted) {
      const { newest } = ready(source.current());
      const keyId = wanted ?? newest.id;
      const deriving = prepared.derivingById.get(keyId) ?? ready(source.reread()).derivingById.get(keyId);
      if (!deriving) throw raise('KEY_UNKNOWN', { detail: keyId });
      return { keyId, cipher: derivedCipher(deriving, use) };
    },
    derivingKeys() {
      return [...ready(source.current()).derivingById.values()];
    },
    async openLarge({ keyId, bytes }, context) {
      const cipher = cipherById(keyId);
      try {
        return Buffer.concat(await inTurns(cipher.opening(bytes, Buffer.from(context))));
      } catch (cause) {
        throw broken(keyId, cause);
      }
    },
  };
};
