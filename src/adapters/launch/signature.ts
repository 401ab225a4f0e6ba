import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SignatureDigest } from '../postgres/client-launches.ts';

/** Parameters of a launch address, decoded; one that is undefined is not in it. `signature` is never one of them. */
export type LaunchParameters = Readonly<Record<string, string | undefined>>;

/**
 * What a launch signature is made over: every parameter but the signature as `name=value`, values decoded, sorted by
 * name, joined by a line feed. No value may hold a control character, so that no two addresses give the same text.
 */
export const signedText = (parameters: LaunchParameters): string =>
  Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

const macOf = (secret: string, digest: SignatureDigest, text: string): Buffer =>
  createHmac(digest, secret).update(text, 'utf8').digest();

/** The signature of a launch address: HMAC with the client's launch secret, hex. */
export const launchSignature = (
  secret: string,
  digest: SignatureDigest,
  parameters: LaunchParameters,
): string => macOf(secret, digest, signedText(parameters)).toString('hex');

const isSame = (expected: Buffer, givenHex: string): boolean => {
  const given = Buffer.from(givenHex, 'hex');
  return given.length === expected.length && timingSafeEqual(expected, given);
};

/** Whether a launch address was signed with this secret. Upper and lower case hex are the same. */
export const isLaunchSigned = (
  secret: string,
  digest: SignatureDigest,
  parameters: LaunchParameters,
  signature: string,
): boolean => isSame(macOf(secret, digest, signedText(parameters)), signature);

/**
 * The signature of an answer that goes back to a client: HMAC with its answer secret over `time.body`, hex. The time is
 * in seconds, as `Huren-Time` or the field `time` carries it, and lets the receiver refuse old copies.
 */
export const answerSignature = (
  secret: string,
  digest: SignatureDigest,
  timeSeconds: number,
  body: string,
): string => macOf(secret, digest, `${timeSeconds}.${body}`).toString('hex');
