import type { PeerCertificate } from 'node:tls';

/** SHA-256 of a certificate (DER) as lower-case hex; null where the other side showed none. */
export const fingerprintOf = (certificate: PeerCertificate | undefined): string | null => {
  // Without a certificate Node gives an empty object.
  const fingerprint: string | undefined = certificate?.fingerprint256;
  return fingerprint?.replaceAll(':', '').toLowerCase() ?? null;
};
