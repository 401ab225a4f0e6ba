import { createPublicKey, sign, verify } from 'node:crypto';
import { loadKey } from './checkpoint-file.ts';

/** Signs proofs with the key of the checkpoints (Ed25519): whoever has its public key can check them. */
export interface ProofSigner {
  /** @returns Base64 */
  sign(document: string): string;
  isSigned(document: string, signature: string): boolean;
}

/** In front of what is signed, so that no proof can stand for a checkpoint, nor the other way round. */
const signedBytes = (document: string): Buffer => Buffer.from(`huren-image-proof-1|${document}`);

/** @param keyFile made where it is not there yet @throws CHECKPOINT_KEY_INVALID */
export const proofSigner = (keyFile: string): ProofSigner => {
  const key = loadKey(keyFile);
  const publicKey = createPublicKey(key);
  return {
    sign: (document) => sign(null, signedBytes(document), key).toString('base64'),
    isSigned: (document, signature) =>
      verify(null, signedBytes(document), publicKey, Buffer.from(signature, 'base64')),
  };
};
