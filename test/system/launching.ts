import { randomBytes } from 'node:crypto';
import { launchSignature, type LaunchParameters } from '../../src/adapters/launch/signature.ts';
import type { SignatureDigest } from '../../src/adapters/postgres/client-launches.ts';

/** Parameters of a launch as a HIS fills them in at this moment. */
export const launchNow = (parameters: LaunchParameters, at = Date.now()): LaunchParameters => ({
  time: String(Math.floor(at / 1000)),
  nonce: randomBytes(16).toString('hex'),
  ...parameters,
});

/** A launch address as a HIS signs it at this moment. */
export const signedLaunch = (
  parameters: LaunchParameters,
  secret: string,
  digest: SignatureDigest = 'sha256',
): string => {
  const whole = launchNow(parameters);
  const signature = launchSignature(secret, digest, whole);
  return `/launch?${new URLSearchParams({ ...(whole as Record<string, string>), signature }).toString()}`;
};
