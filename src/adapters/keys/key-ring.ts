import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { raiser } from '../../kernel/fault.ts';
import { KEY_FAULTS } from './faults.ts';

/** Ciphertext together with the id of the key that made it. */
export interface Sealed {
  readonly keyId: string;
  /** nonce (12 bytes) ‖ AES-256-GCM ciphertext ‖ tag (16 bytes). */
  readonly bytes: Uint8Array;
}

/** One generation of keys. The newest seals; all open. The hashing key never changes, or lookups would be lost. */
export interface KeyMaterial {
  readonly hashingKey: Uint8Array;
  readonly sealingKeys: readonly { readonly id: string; readonly key: Uint8Array }[];
}

/** Protects identifiers and kept messages at rest (DESIGN §4): keyed hash to find, ciphertext to show. */
export interface KeyRing {
  /** Keyed hash (HMAC-SHA-256, hex) of a text within a domain, e.g. `national-id|CN`. Equal texts give equal hashes. */
  hash(domain: string, text: string): string;
  /** Seals bytes; `context` is authenticated with them, so a value moved to another place does not open. */
  seal(bytes: Uint8Array, context: string): Sealed;
  open(sealed: Sealed, context: string): Uint8Array;
}

const raise = raiser(KEY_FAULTS);

/** Builds the ring from key material. */
export const keyRing = (material: KeyMaterial): KeyRing => {
  const newest = material.sealingKeys.at(-1);
  if (!newest || material.hashingKey.length < 32) throw raise('KEY_MATERIAL_INVALID');
  // Prepared once: handing raw bytes to every call costs several times the hashing itself.
  const hashingKey = createSecretKey(material.hashingKey);
  const newestKey = createSecretKey(newest.key);
  const byId = new Map(material.sealingKeys.map(({ id, key }) => [id, createSecretKey(key)]));
  return {
    hash: (domain, text) =>
      createHmac('sha256', hashingKey).update(domain).update('\0').update(text).digest('hex'),
    seal(bytes, context) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', newestKey, nonce);
      cipher.setAAD(Buffer.from(context));
      return {
        keyId: newest.id,
        bytes: Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]),
      };
    },
    open({ keyId, bytes }, context) {
      const key = byId.get(keyId);
      if (!key) throw raise('KEY_UNKNOWN', { detail: keyId });
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
        decipher.setAAD(Buffer.from(context));
        decipher.setAuthTag(bytes.subarray(bytes.length - 16));
        return Buffer.concat([decipher.update(bytes.subarray(12, bytes.length - 16)), decipher.final()]);
      } catch (cause) {
        throw raise('SEAL_BROKEN', { detail: keyId, cause });
      }
    },
  };
};
