import { hash } from 'node:crypto';
import { canonicalJson, type JsonValue } from './canonical-json.ts';

/** SHA-256 of a text (UTF-8), lower-case hex. Pure: the only use a domain makes of node:crypto goes through here. */
export const sha256Hex = (text: string | Uint8Array): string => hash('sha256', text, 'hex');

/** The identity of a list version or a snapshot: SHA-256 of its canonical JSON. */
export const contentHash = (value: JsonValue): string => sha256Hex(canonicalJson(value));
