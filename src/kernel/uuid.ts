import type { Brand } from './brand.ts';
import type { Instant } from './instant.ts';

/** A public id as it leaves the program: UUIDv7 (RFC 9562). Internal bigint keys never leave. */
export type PublicId = Brand<string, 'PublicId'>;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * UUIDv7 out of a moment, the node's code and random bytes (both handed in). The twelve bits `rand_a` carry the node
 * code, so that two provinces' nodes never make the same id and an id tells whose it is without a lookup.
 *
 * @param at moment of creation
 * @param nodeCode 0 to 4095, from the installation's configuration
 * @param random at least 8 random bytes
 */
export const uuidV7 = (at: Instant, nodeCode: number, random: Uint8Array): PublicId => {
  const bytes = new Uint8Array(16);
  let rest = at as number;
  for (let index = 5; index >= 0; index--) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = 0x70 | ((nodeCode >> 8) & 0x0f);
  bytes[7] = nodeCode & 0xff;
  bytes[8] = 0x80 | ((random[0] ?? 0) & 0x3f);
  for (let index = 1; index < 8; index++) bytes[8 + index] = random[index] ?? 0;
  let text = '';
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += HEX[bytes[index] as number];
  }
  return text as PublicId;
};

/** True for the text of any UUID; the gate before a caller's id reaches a query. */
export const isUuid = (text: string): text is PublicId =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
