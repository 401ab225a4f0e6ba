import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { sha256Hex } from '../../kernel/content-hash.ts';
import { type Instant, instant } from '../../kernel/instant.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import type { CdsClient, CdsRegistration } from '../postgres/cds-clients.ts';
import { boundedFetch } from './bounded-fetch.ts';

/** The algorithms that CDS Hooks 2.0 recommends. `none`, all HMAC and everything else are refused. */
export const TOKEN_ALGORITHMS = ['ES384', 'RS384'] as const;
/** By how much the clocks of hospital and platform may differ. */
export const TOKEN_CLOCK_SKEW_SECONDS = 30;
/** Longest life a token may give itself: what is used once within a call needs no more. */
export const TOKEN_LIFE_SECONDS_MAX = 300;

const JTI_CHARACTERS_MAX = 256;
const KEY_SET_BYTES_MAX = 64 * 1024;
/** A key server may take this long; the call itself does not wait for it beyond its own limit. */
const KEY_SET_TIMEOUT_MS = 3_000;

/** Why a token is refused. */
export type TokenProblem =
  | 'malformed'
  | 'algorithm'
  | 'type'
  | 'key-id'
  | 'issuer'
  | 'key-address'
  | 'signature'
  | 'audience'
  | 'expired'
  | 'issued-later'
  | 'lifetime'
  | 'claims'
  | 'used';

/** A token whose signature, issuer, audience and times hold. Whether it was used before is not known yet. */
export interface VerifiedToken {
  readonly client: CdsClient;
  /** What makes the token one of a kind: a hash of issuer and `jti`. */
  readonly hash: string;
  /** From then on it would be refused for its age. */
  readonly expiresAt: Instant;
}

/** What a token is checked against. */
export interface TokenExpectation {
  readonly clientOf: (issuer: string) => Promise<CdsClient | undefined>;
  /** The endpoint that was called, by every address under which we are known. */
  readonly audiences: readonly string[];
  readonly at: Instant;
}

/** Key sets by registration, so that a key is imported and a key address fetched once, not at every call. */
const keySets = new WeakMap<CdsRegistration, JWTVerifyGetKey>();

const makeKeySet = ({ keys, keysAddress }: CdsRegistration): JWTVerifyGetKey | undefined => {
  if (keys !== null) return createLocalJWKSet({ keys } as unknown as JSONWebKeySet);
  if (keysAddress === null) return undefined;
  return createRemoteJWKSet(new URL(keysAddress), {
    timeoutDuration: KEY_SET_TIMEOUT_MS,
    [customFetch]: (address) =>
      boundedFetch(address, { timeoutMs: KEY_SET_TIMEOUT_MS, bytesMax: KEY_SET_BYTES_MAX }),
  });
};

const keySetOf = (registration: CdsRegistration): JWTVerifyGetKey | undefined => {
  const known = keySets.get(registration);
  if (known) return known;
  const made = makeKeySet(registration);
  if (made) keySets.set(registration, made);
  return made;
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** What the token says of itself, before anything of it is believed. */
const claimed = (
  token: string,
): { readonly issuer: string; readonly keysAddress: unknown } | TokenProblem => {
  let header: Record<string, unknown>;
  let issuer: unknown;
  try {
    header = decodeProtectedHeader(token) as Record<string, unknown>;
    ({ iss: issuer } = decodeJwt(token));
  } catch {
    return 'malformed';
  }
  if (!TOKEN_ALGORITHMS.some((algorithm) => algorithm === header['alg'])) return 'algorithm';
  if (typeof header['typ'] !== 'string' || header['typ'].toUpperCase() !== 'JWT') return 'type';
  if (!isText(header['kid'])) return 'key-id';
  if (!isText(issuer)) return 'issuer';
  return { issuer, keysAddress: header['jku'] };
};

const problemOf = (error: unknown): TokenProblem | undefined => {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === 'aud' ? 'audience' : error.claim === 'iss' ? 'issuer' : 'claims';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'key-id';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed';
  return undefined;
};

const ageProblem = (issuedAt: number, expires: number, at: Instant): TokenProblem | undefined => {
  if (issuedAt - at / 1000 > TOKEN_CLOCK_SKEW_SECONDS) return 'issued-later';
  const life = expires - issuedAt;
  return life <= 0 || life > TOKEN_LIFE_SECONDS_MAX ? 'lifetime' : undefined;
};

/**
 * Checks a token of CDS Hooks 2.0: algorithm, type, a registered issuer, the key address its registration allows, the
 * signature by a registered key, audience, times and token id. A key address that is not the registered one is never
 * fetched. Rejects when the registered key address cannot be read: that is no fault of the token.
 */
export const verifyToken = async (
  token: string,
  { clientOf, audiences, at }: TokenExpectation,
): Promise<Result<VerifiedToken, TokenProblem>> => {
  const stated = claimed(token);
  if (typeof stated === 'string') return fail(stated);
  const client = await clientOf(stated.issuer);
  if (!client) return fail('issuer');
  const { registration } = client;
  if (stated.keysAddress !== undefined && stated.keysAddress !== registration.keysAddress)
    return fail('key-address');
  const keySet = keySetOf(registration);
  if (!keySet) return fail('key-id');
  try {
    const { payload } = await jwtVerify(token, keySet, {
      algorithms: [...TOKEN_ALGORITHMS],
      issuer: registration.issuer,
      audience: [...audiences],
      requiredClaims: ['exp', 'iat', 'jti'],
      clockTolerance: TOKEN_CLOCK_SKEW_SECONDS,
      currentDate: new Date(at),
    });
    const { exp, iat, jti } = payload as { exp: number; iat: unknown; jti: unknown };
    if (typeof iat !== 'number' || !isText(jti) || jti.length > JTI_CHARACTERS_MAX) return fail('claims');
    const problem = ageProblem(iat, exp, at);
    if (problem) return fail(problem);
    return ok({
      client,
      hash: sha256Hex(`${registration.issuer}\n${jti}`),
      expiresAt: instant((exp + TOKEN_CLOCK_SKEW_SECONDS) * 1000),
    });
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    return fail(problem);
  }
};
