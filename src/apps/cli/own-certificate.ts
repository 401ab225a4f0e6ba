import { readFileSync } from 'node:fs';
import { raiser } from '../../kernel/fault.ts';
import { APP_FAULTS } from '../faults.ts';
import type { Installation } from '../installation.ts';

/**
 * The certificate by which others know this installation, and its key, PEM; undefined where none is configured.
 *
 * @throws CONFIGURATION_INVALID
 */
export const ownCertificateOf = ({
  configuration: { tls },
}: Pick<Installation, 'configuration'>): { readonly cert: string; readonly key: string } | undefined => {
  if (!tls) return undefined;
  try {
    return { cert: readFileSync(tls.certFile, 'utf8'), key: readFileSync(tls.keyFile, 'utf8') };
  } catch (cause) {
    throw raiser(APP_FAULTS)('CONFIGURATION_INVALID', { detail: 'HUREN_TLS_CERT, HUREN_TLS_KEY', cause });
  }
};
