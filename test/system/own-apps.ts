import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApplicationDependencies,
  applicationFlows,
} from '../../src/apps/flows/applications/applications.ts';
import type { KeyRing } from '../../src/adapters/keys/key-ring.ts';
import type { KeyNetwork } from '../../src/adapters/issuer/published-keys.ts';
import { FHIR_PATH } from '../../src/apps/server/application-tokens.ts';
import { ownIssuer } from '../../src/apps/server/issuer.ts';
import type { ServerDependencies } from '../../src/apps/server/server.ts';

/** The embedded issuer of a test's server, with a key file of its own. */
export interface OwnApps {
  readonly apps: NonNullable<ServerDependencies['apps']>;
  readonly issuerKeyFile: string;
  /** What the issuer's library complained about. */
  readonly complaints: readonly string[];
  remove(): void;
}

/** Sets it up. @param url of the server, once it listens */
export const ownApps = (
  dependencies: Omit<ApplicationDependencies, 'fhirUrl' | 'issuer'> & { readonly keys: KeyRing },
  url: () => string,
  keyNetwork?: KeyNetwork,
): OwnApps => {
  const folder = mkdtempSync(join(tmpdir(), 'huren-issuer-'));
  const issuerKeyFile = join(folder, 'issuer-keys.json');
  const complaints: string[] = [];
  const issuer = ownIssuer({
    ...dependencies,
    issuerKeyFile,
    url,
    ...(keyNetwork ? { keyNetwork } : {}),
    onError: (error) => complaints.push(String((error as Error).stack ?? error)),
  });
  const fhirUrl = () => url() + FHIR_PATH;
  return {
    apps: { issuer, applications: applicationFlows({ ...dependencies, issuer, fhirUrl }), ownUrl: url },
    issuerKeyFile,
    complaints,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
