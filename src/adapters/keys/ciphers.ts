import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { freshRandom } from './fresh-random.ts';
import { slices } from './large-content.ts';

/** Ways to seal: AES-256-GCM (NIST SP 800-38D), or SM4-CTR with HMAC-SM3 (GB/T 32907, GB/T 32905) for national algorithms. */
export const CIPHER_NAMES = ['aes-256-gcm', 'sm4-ctr-hmac-sm3'] as const;

/** One of `CIPHER_NAMES`. */
export type CipherName = (typeof CIPHER_NAMES)[number];

/** A part of the result after each stretch of work, so that whoever asks may let others have their turn in between. */
type Stretches = Generator<Buffer, void, void>;

/** An authenticated cipher under one key. What it gives out is whole: nonce, ciphertext and tag. */
export interface AuthenticatedCipher {
  /** How much longer the sealed bytes are than the plain ones. */
  readonly overheadBytes: number;
  /** `context` is authenticated with the bytes, not kept with them. */
  seal(bytes: Uint8Array, context: Uint8Array): Buffer;
  /** As `seal`, of a content in pieces, piece by piece. */
  sealing(content: Iterable<Uint8Array>, context: Uint8Array): Stretches;
  /** Throws when the bytes, the context or the key are not those of the sealing. */
  open(sealed: Uint8Array, context: Uint8Array): Buffer;
  /** As `open`, piece by piece; nothing counts before the last piece has come without an error. */
  opening(sealed: Uint8Array, context: Uint8Array): Stretches;
}

const whole = ({
  overheadBytes,
  sealing,
  opening,
}: Pick<AuthenticatedCipher, 'overheadBytes' | 'sealing' | 'opening'>): AuthenticatedCipher => ({
  overheadBytes,
  seal: (bytes, context) => Buffer.concat([...sealing([bytes], context)]),
  sealing,
  open: (sealed, context) => Buffer.concat([...opening(sealed, context)]),
  opening,
});

const GCM_NONCE_BYTES = 12;
const GCM_TAG_BYTES = 16;

/** nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes). */
const aesGcm = (raw: Uint8Array): AuthenticatedCipher => {
  // Prepared once: handing raw bytes to every call costs several times the work itself.
  const key = createSecretKey(raw);
  return whole({
    overheadBytes: GCM_NONCE_BYTES + GCM_TAG_BYTES,
    *sealing(content, context) {
      const nonce = freshRandom(GCM_NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(context);
      yield nonce;
      for (const piece of content) for (const slice of slices(piece)) yield cipher.update(slice);
      yield cipher.final();
      yield cipher.getAuthTag();
    },
    *opening(sealed, context) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, GCM_NONCE_BYTES), {
        authTagLength: GCM_TAG_BYTES,
      });
      decipher.setAAD(context);
      const end = sealed.length - GCM_TAG_BYTES;
      decipher.setAuthTag(sealed.subarray(end));
      for (const slice of slices(sealed.subarray(GCM_NONCE_BYTES, end))) yield decipher.update(slice);
      yield decipher.final();
    },
  });
};

const CTR_NONCE_BYTES = 16;
const SM3_BYTES = 32;

const derived = (raw: Uint8Array, use: string): Buffer => createHmac('sm3', raw).update(use).digest();

/**
 * nonce (16 bytes) ‖ ciphertext ‖ HMAC-SM3 over the context, its length, nonce and ciphertext (32 bytes). Encrypt then
 * authenticate, each with a key of its own: OpenSSL as Node brings it has no SM4-GCM.
 */
const sm4WithSm3 = (raw: Uint8Array): AuthenticatedCipher => {
  const cipherKey: KeyObject = createSecretKey(derived(raw, 'huren sm4-ctr').subarray(0, 16));
  const macKey: KeyObject = createSecretKey(derived(raw, 'huren hmac-sm3'));
  const macOver = (context: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(context.length);
    return createHmac('sm3', macKey).update(length).update(context);
  };
  return whole({
    overheadBytes: CTR_NONCE_BYTES + SM3_BYTES,
    *sealing(content, context) {
      const nonce = freshRandom(CTR_NONCE_BYTES);
      const cipher = createCipheriv('sm4-ctr', cipherKey, nonce);
      const mac = macOver(context).update(nonce);
      yield nonce;
      for (const piece of content)
        for (const slice of slices(piece)) {
          const made = cipher.update(slice);
          mac.update(made);
          yield made;
        }
      const last = cipher.final();
      yield last;
      yield mac.update(last).digest();
    },
    *opening(sealed, context) {
      const end = sealed.length - SM3_BYTES;
      if (end < CTR_NONCE_BYTES) throw new RangeError('too short to be sealed');
      const body = sealed.subarray(0, end);
      const mac = macOver(context);
      for (const slice of slices(body)) {
        mac.update(slice);
        yield Buffer.alloc(0);
      }
      if (!timingSafeEqual(mac.digest(), sealed.subarray(end)))
        throw new RangeError('the tag does not verify');
      const decipher = createDecipheriv('sm4-ctr', cipherKey, body.subarray(0, CTR_NONCE_BYTES));
      for (const slice of slices(body.subarray(CTR_NONCE_BYTES))) yield decipher.update(slice);
      yield decipher.final();
    },
  });
};

/** The cipher of that name under a key of 32 bytes. */
export const cipherOf = (name: CipherName, key: Uint8Array): AuthenticatedCipher =>
  name === 'aes-256-gcm' ? aesGcm(key) : sm4WithSm3(key);
