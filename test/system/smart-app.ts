import type { webcrypto } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import {
  allowInsecureRequests,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type ClientAuth,
  type Configuration,
  discovery,
  None,
  PrivateKeyJwt,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { readApplication } from '../../src/adapters/issuer/read-application.ts';
import { createApplication } from '../../src/adapters/postgres/applications.ts';
import { type FormBrowser, formBrowser, type RunningServer } from './http-server.ts';

/** Where the apps of the tests are sent back to; nobody listens there. */
export const CALLBACK = 'http://127.0.0.1:9/callback';
/** Where an EHR launch of the tests leads. */
export const LAUNCH_PAGE = 'http://127.0.0.1:9/launch';

/** A pair of keys of an app, the public half as it is registered. */
export interface AppKeys {
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: JWK & { kty: 'EC' | 'RSA'; kid: string };
}

/** Makes one. */
export const appKeys = async (algorithm: 'ES384' | 'RS384'): Promise<AppKeys> => {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { privateKey, publicKey: { ...jwk, kid: `${algorithm}-1`, alg: algorithm } as AppKeys['publicKey'] };
};

/** Registers an app. */
export const registerApp = async (
  { store, act }: Pick<RunningServer, 'act' | 'store'>,
  app: Partial<Parameters<typeof readApplication>[0]> & { code: string },
): Promise<void> => {
  const registered = await readApplication({
    name: '生长曲线',
    institution: null,
    kind: 'public',
    redirectAddresses: [CALLBACK],
    launchAddress: LAUNCH_PAGE,
    keys: null,
    scopes: [
      'openid',
      'profile',
      'fhirUser',
      'launch',
      'launch/patient',
      'offline_access',
      'patient/*.rs',
      'user/*.rs',
    ],
    ...app,
  });
  await createApplication(store.database, registered, act());
};

/** The app's side of the library, as any app would use it. */
export const appOf = (url: string, code: string, keys: AppKeys | null = null): Promise<Configuration> => {
  const proof: ClientAuth =
    keys === null ? None() : PrivateKeyJwt({ key: keys.privateKey, kid: keys.publicKey.kid });
  return discovery(new URL(`${url}/oidc`), code, undefined, proof, { execute: [allowInsecureRequests] });
};

/** What an app keeps while the person is asked. */
export interface AppChecks {
  readonly pkceCodeVerifier: string;
  readonly expectedState: string;
  readonly expectedNonce: string;
}

/** An authorisation request of an app. */
export const requestOf = async (
  app: Configuration,
  url: string,
  more: Record<string, string> = {},
): Promise<{ address: URL; checks: AppChecks }> => {
  const checks = {
    pkceCodeVerifier: randomPKCECodeVerifier(),
    expectedState: randomState(),
    expectedNonce: randomNonce(),
  };
  const address = buildAuthorizationUrl(app, {
    redirect_uri: CALLBACK,
    scope: 'openid launch/patient patient/Observation.rs',
    aud: `${url}/fhir`,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...more,
  });
  return { address, checks };
};

const pathOf = (url: string, address: string): string =>
  address.startsWith(url) ? address.slice(url.length) : address;

/** Goes from an app's request to the page that asks. */
export const untilAsked = async (
  browser: FormBrowser,
  url: string,
  address: URL,
): Promise<{ path: string; page: Response }> => {
  const begun = await browser.get(pathOf(url, address.href));
  const path = pathOf(url, begun.headers.get('location') ?? '');
  return { path, page: path.startsWith('/authorise/') ? await browser.get(path) : begun };
};

/** Answers the page, and follows back to the app. */
export const answerWith = async (
  browser: FormBrowser,
  url: string,
  path: string,
  fields: Record<string, string>,
): Promise<URL> => {
  const decided = await browser.post(path, fields);
  const back = await browser.get(pathOf(url, decided.headers.get('location') ?? ''));
  return new URL(back.headers.get('location') ?? 'about:blank');
};

/** Somebody signed in. */
export const signedIn = async (url: string, login: string, password: string): Promise<FormBrowser> => {
  const browser = formBrowser(url);
  await browser.signIn(login, password);
  await browser.get('/');
  return browser;
};
