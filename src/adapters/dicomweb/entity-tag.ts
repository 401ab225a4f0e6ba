import { sha256Hex } from '../../kernel/content-hash.ts';

/** Enough of a SHA-256 that nobody meets the same tag for other bytes. */
const TAG_CHARACTERS = 24;

/**
 * The strong entity tag (RFC 9110 §8.8.3) of an answer, without its quotes.
 *
 * @param determinants everything by which two answers of one address may differ, in order
 */
export const entityTag = (...determinants: readonly (string | number)[]): string =>
  sha256Hex(determinants.join('|')).slice(0, TAG_CHARACTERS);

/** Of stored parts: where each is addressed, and the content there. */
export const partsTag = (
  parts: readonly { readonly location: string; readonly content: string }[],
  ...beside: readonly (string | number)[]
): string => entityTag(...beside, ...parts.flatMap(({ location, content }) => [location, content]));
