import { timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import { type Clock, type Instant, instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';

/** For whom, and by whom, a code was shown. None of it names the patient. */
export interface ConsentGrant {
  readonly person: PublicId;
  readonly institution: InstitutionCode;
  /** 工号 of whoever showed it: the witness of what is done by it. */
  readonly staffNumber: string | null;
  readonly expiresAt: Instant;
}

/** How long a code can be used: while the patient stands at the desk or sits with the doctor. */
export const CONSENT_CODE_MS = 15 * 60_000;

/** Longest token; longer ones are not even looked at. */
export const CONSENT_TOKEN_CHARACTERS_MAX = 400;

const KEY_DOMAIN = 'consent-link.1';
const STAFF_NUMBER_MAX = 32;
const TOKEN = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

type Payload = [person: string, institution: string, staff: string | null, expires: number];

const isPayload = (value: unknown): value is Payload =>
  Array.isArray(value) &&
  value.length === 4 &&
  typeof value[0] === 'string' &&
  typeof value[1] === 'string' &&
  (value[2] === null || typeof value[2] === 'string') &&
  typeof value[3] === 'number';

const sealOf = (keys: KeyRing, text: string): Buffer => Buffer.from(keys.hash(KEY_DOMAIN, text), 'hex');

/** The token of a code: stateless, and keyed by the installation's key ring, so that nobody else can make one. */
export const consentToken = (
  keys: KeyRing,
  { person, institution, staffNumber, expiresAt }: ConsentGrant,
): string => {
  const payload: Payload = [
    person,
    institution,
    staffNumber?.slice(0, STAFF_NUMBER_MAX) ?? null,
    Math.ceil(expiresAt / 1000),
  ];
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url');
  return `${text}.${sealOf(keys, text).toString('base64url')}`;
};

/** What a token grants now; null for one that is not ours, was altered, or has expired. */
export const readConsentToken = (keys: KeyRing, clock: Clock, token: string): ConsentGrant | null => {
  const parts = token.length <= CONSENT_TOKEN_CHARACTERS_MAX ? TOKEN.exec(token) : null;
  if (!parts) return null;
  const [, text, given] = parts as unknown as [string, string, string];
  if (!timingSafeEqual(sealOf(keys, text), Buffer.from(given, 'base64url'))) return null;
  const payload: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  if (!isPayload(payload)) return null;
  const [person, institution, staffNumber, expires] = payload;
  const expiresAt = instant(expires * 1000);
  if (expiresAt <= clock()) return null;
  return {
    person: person as PublicId,
    institution: institution as InstitutionCode,
    staffNumber,
    expiresAt,
  };
};
