import { Secret, TOTP } from 'otpauth';
import type { Instant } from '../../kernel/instant.ts';

/** Seconds for which a code stands; what every authenticator app takes for granted. */
export const CODE_PERIOD_SECONDS = 30;

/** How many periods a phone's clock may be off, before and behind. */
const WINDOW = 1;

const SECRET_BYTES = 20;

const totpOf = (secret: string, label = ''): TOTP =>
  new TOTP({
    issuer: '互认 Huren',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: CODE_PERIOD_SECONDS,
    secret: Secret.fromBase32(secret),
  });

/** A new secret in base 32, 160 bits as RFC 4226 recommends. */
export const newSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

/** The address that an authenticator app reads off a QR code. It holds the secret. */
export const enrolmentAddress = (secret: string, login: string): string => totpOf(secret, login).toString();

/** The code that is right at that moment (RFC 6238). */
export const codeAt = (secret: string, at: Instant): string => totpOf(secret).generate({ timestamp: at });

/**
 * The number of the period that a code belongs to, null when it is right in none near that moment. A code is taken once:
 * whoever asks must refuse a period that is not later than the last one taken.
 */
export const periodOfCode = (secret: string, code: string, at: Instant): number | null => {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totpOf(secret).validate({ token: code, timestamp: at, window: WINDOW });
  return delta === null ? null : Math.floor(at / 1000 / CODE_PERIOD_SECONDS) + delta;
};
