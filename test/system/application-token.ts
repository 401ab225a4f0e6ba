import { randomBytes } from 'node:crypto';
import { applicationByCode, createApplication } from '../../src/adapters/postgres/applications.ts';
import { putApplicationContext } from '../../src/adapters/postgres/application-tokens.ts';
import { artifactStore } from '../../src/adapters/postgres/issuer-artifacts.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { RealSystem } from './real-system.ts';

const HOUR = 3_600_000;

/** For whom a token is: the account that let the app in, and the patient it is about. */
export interface TokenFor {
  readonly accountId: string;
  readonly patient: PublicId | null;
}

/**
 * An access token as the embedded issuer keeps one, of an app with these scopes.
 *
 * @param grantedBy absent: of a backend service of the institution
 */
export const applicationToken = async (
  { bench, url }: RealSystem,
  scopes: readonly string[],
  institution: string = 'YX-COUNTY',
  grantedBy?: TokenFor,
): Promise<string> => {
  const { database, keys, newPublicId } = bench.dependencies;
  const now = systemClock();
  const expiresAt = instant(now + HOUR);
  const code = `app-${institution.toLowerCase()}-${grantedBy ? 'user' : 'backend'}`;
  if (!(await applicationByCode(database, code)))
    await createApplication(
      database,
      {
        code,
        name: code,
        institution: institution as InstitutionCode,
        kind: grantedBy ? 'public' : 'backend',
        redirectAddresses: grantedBy ? ['http://127.0.0.1/callback'] : [],
        launchAddress: null,
        keys: grantedBy ? null : [{ kty: 'EC', kid: 'one' }],
        keyAddress: null,
        scopes,
      },
      { at: now, newId: newPublicId, by: 'test', peer: 'test' },
    );
  const token = randomBytes(24).toString('base64url');
  const grantId = randomBytes(12).toString('base64url');
  const payload = { clientId: code, scope: scopes.join(' '), aud: `${url}/fhir`, grantId };
  const store = artifactStore(database, keys, grantedBy ? 'AccessToken' : 'ClientCredentials');
  await store.put(token, payload, { grantId: grantedBy ? grantId : null, uid: null }, expiresAt);
  if (grantedBy) {
    const context = { ...grantedBy, applicationCode: code, scopes };
    await putApplicationContext(database, grantId, context, { now, expiresAt });
  }
  return token;
};
