import { createPrivateKey, type KeyObject } from 'node:crypto';
import { importPKCS8 } from 'jose';
import type { ClientAuth, Configuration } from 'openid-client';
import { raiser } from '../../kernel/fault.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { OUTSIDE_ISSUER_FAULTS } from './faults.ts';

/**
 * How somebody at another issuer is found among the accounts here: by issuer and subject, which an administrator linked, or
 * by a claim that holds the 工号, in one institution or in the one that another claim names.
 */
export type IssuerMatch =
  | { readonly by: 'subject' }
  | {
      readonly by: 'staff-number';
      readonly claim: string;
      readonly institution: string | null;
      readonly institutionClaim: string | null;
    };

/** Another issuer by which people may sign in, as the settings name it. */
export interface OutsideIssuer {
  /** Short name in our own addresses. */
  readonly code: string;
  readonly nameZh: string;
  /** Issuer identifier of OpenID Connect. */
  readonly issuer: string;
  readonly clientId: string;
  /** null: by `privateKey`, or by PKCE alone. */
  readonly clientSecret: string | null;
  /** PEM, PKCS #8; null where there is none. */
  readonly privateKey: string | null;
  readonly scopes: readonly string[];
  readonly match: IssuerMatch;
  /** `issuer`: the issuer is trusted with the second factor; `here`: it is asked for here. */
  readonly secondFactor: 'here' | 'issuer';
  /** Asked of the issuer; one of them must then be in what it says (`acr`). */
  readonly acrValues: readonly string[];
}

/** What the browser must bring back from the issuer, and what must be in its token. */
export interface Challenge {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE; known to nobody outside. */
  readonly verifier: string;
}

/** What an issuer says of somebody; its token was verified. */
export type IssuerClaims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** An issuer that answers. */
export interface RelyingParty {
  /** Where to send the browser. */
  begin(redirectAddress: string): Promise<{ readonly address: string; readonly challenge: Challenge }>;
  /**
   * Redeems what the browser brought back. The token's signature, issuer, audience, times and nonce are checked.
   *
   * @returns the claims; else the code of what was wrong, fit for a log
   */
  redeem(callback: URL, challenge: Challenge): Promise<Result<IssuerClaims, string>>;
  /** Where to sign out there too; null where the issuer has no such place. */
  endAddress(returnAddress: string): Promise<string | null>;
}

/** Metadata of an issuer is read anew after this. */
const METADATA_MS = 3_600_000;
/** The issuer may take this long to answer, in seconds: somebody is waiting. */
const ANSWER_SECONDS = 10;

const raise = raiser(OUTSIDE_ISSUER_FAULTS);

/** The client library, loaded when somebody first signs in by another issuer: most installations have none. */
const clientLibrary = () => import('openid-client');

const algorithmOf = (key: KeyObject): string =>
  key.asymmetricKeyType === 'ec'
    ? key.asymmetricKeyDetails?.namedCurve === 'secp384r1'
      ? 'ES384'
      : 'ES256'
    : 'RS256';

const authenticationOf = async ({ clientSecret, privateKey }: OutsideIssuer): Promise<ClientAuth> => {
  const { ClientSecretBasic, None, PrivateKeyJwt } = await clientLibrary();
  if (privateKey !== null)
    return PrivateKeyJwt(await importPKCS8(privateKey, algorithmOf(createPrivateKey(privateKey))));
  return clientSecret === null ? None() : ClientSecretBasic(clientSecret);
};

/** The word of the library or the issuer for what went wrong: never what they quote. */
const codeOf = (error: unknown): string => {
  const { error: oauth, code } = error as { error?: unknown; code?: unknown };
  for (const word of [oauth, code]) if (typeof word === 'string' && /^[\w.-]{1,60}$/.test(word)) return word;
  return 'invalid';
};

/** Builds the relying party at one issuer. The network is asked when somebody signs in, not before. */
export const relyingParty = (issuer: OutsideIssuer, now: () => number): RelyingParty => {
  let known: { readonly configuration: Configuration; readonly readAt: number } | undefined;

  /** @throws ISSUER_UNREACHABLE */
  const configurationOf = async (): Promise<Configuration> => {
    if (known && now() - known.readAt < METADATA_MS) return known.configuration;
    const { allowInsecureRequests, discovery, enableNonRepudiationChecks } = await clientLibrary();
    try {
      const address = new URL(issuer.issuer);
      const configuration = await discovery(
        address,
        issuer.clientId,
        undefined,
        await authenticationOf(issuer),
        {
          timeout: ANSWER_SECONDS,
          // Without this the library believes what came over a connection of its own: a token is checked all the same.
          execute: [
            enableNonRepudiationChecks,
            ...(address.protocol === 'http:' ? [allowInsecureRequests] : []),
          ],
        },
      );
      known = { configuration, readAt: now() };
      return configuration;
    } catch (cause) {
      throw raise('ISSUER_UNREACHABLE', { place: issuer.code, internal: codeOf(cause), cause });
    }
  };

  return {
    async begin(redirectAddress) {
      const configuration = await configurationOf();
      const library = await clientLibrary();
      const challenge = {
        state: library.randomState(),
        nonce: library.randomNonce(),
        verifier: library.randomPKCECodeVerifier(),
      };
      const address = library.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectAddress,
        scope: issuer.scopes.join(' '),
        state: challenge.state,
        nonce: challenge.nonce,
        code_challenge: await library.calculatePKCECodeChallenge(challenge.verifier),
        code_challenge_method: 'S256',
        ...(issuer.acrValues.length > 0 ? { acr_values: issuer.acrValues.join(' ') } : {}),
      });
      return { address: address.href, challenge };
    },

    async redeem(callback, { state, nonce, verifier }) {
      const configuration = await configurationOf();
      const { authorizationCodeGrant } = await clientLibrary();
      try {
        const tokens = await authorizationCodeGrant(configuration, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (!claims) return fail('no-id-token');
        const { acr } = claims;
        if (issuer.acrValues.length > 0 && !issuer.acrValues.some((one) => one === acr)) return fail('acr');
        return ok(claims);
      } catch (error) {
        return fail(codeOf(error));
      }
    },

    async endAddress(returnAddress) {
      const configuration = await configurationOf();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return null;
      const { buildEndSessionUrl } = await clientLibrary();
      return buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnAddress }).href;
    },
  };
};
