import { decodeText, type Hl7Charset, undecodableOffset } from './charset.ts';

/** A run of characters, or one byte that belongs to no character of the set, in hexadecimal. */
export type BytePiece = { readonly text: string } | { readonly hex: string };

/** Bytes of a message for people to look at. */
export interface ShownBytes {
  readonly lines: readonly (readonly BytePiece[])[];
  /** How many bytes belong to no character. */
  readonly undecodable: number;
  /** True when only the beginning is shown. */
  readonly cut: boolean;
}

/** More of a message than this tells nobody more about it: the rest is an attachment. */
const SHOWN_BYTES_MAX = 256 * 1024;

/** After this many bytes without a character the set is simply wrong, and each further one is shown by itself. */
const GAPS_MAX = 200;

const LONGEST_CHARACTER_BYTES = 4;

const hexOf = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

/** ASCII as characters, every other byte as its number: what is certain whatever the set. */
const bytewise = (bytes: Uint8Array): BytePiece[] => {
  const pieces: BytePiece[] = [];
  let start = 0;
  for (let index = 0; index <= bytes.length; index++) {
    const byte = bytes[index];
    if (byte !== undefined && byte < 0x80) continue;
    if (index > start) pieces.push({ text: Buffer.from(bytes.subarray(start, index)).toString('latin1') });
    if (byte !== undefined) pieces.push({ hex: hexOf(byte) });
    start = index + 1;
  }
  return pieces;
};

/** The longest beginning that decodes, given that decoding stops at `offset`; its end may be inside a character. */
const decodableHead = (bytes: Uint8Array, offset: number, charset: Hl7Charset): [string, number] => {
  for (let back = 0; back < LONGEST_CHARACTER_BYTES && back <= offset; back++) {
    const text = decodeText(bytes.subarray(0, offset - back), charset);
    if (text !== undefined) return [text, offset - back];
  }
  return ['', 0];
};

/**
 * Decodes what can be decoded and keeps every other byte in its place as a number. For showing and mending only: no
 * message is read from it.
 */
export const decodePieces = (bytes: Uint8Array, charset: Hl7Charset): readonly BytePiece[] => {
  const pieces: BytePiece[] = [];
  let rest = bytes;
  for (let gaps = 0; rest.length > 0; gaps++) {
    const whole = decodeText(rest, charset);
    if (whole !== undefined) {
      pieces.push({ text: whole });
      break;
    }
    if (gaps === GAPS_MAX) {
      pieces.push(...bytewise(rest));
      break;
    }
    const [text, length] = decodableHead(rest, undecodableOffset(rest, charset), charset);
    if (text !== '') pieces.push({ text });
    pieces.push({ hex: hexOf(rest[length] as number) });
    rest = rest.subarray(length + 1);
  }
  return pieces;
};

/** How an undecodable byte stands in a text: `⟪D1⟫`. */
export const byteMark = (hex: string): string => `⟪${hex}⟫`;

const MARK = /⟪[0-9A-F]{2}⟫/;

/** Whether a text still holds the mark of a byte that nobody could decode. */
export const holdsByteMark = (text: string): boolean => MARK.test(text);

/** The characters of a message, its undecodable bytes as marks. */
export const markedText = (pieces: readonly BytePiece[]): string =>
  pieces.map((piece) => ('hex' in piece ? byteMark(piece.hex) : piece.text)).join('');

/** The bytes of a message line by line, as its segments are ended. */
export const showBytes = (bytes: Uint8Array, charset: Hl7Charset): ShownBytes => {
  const pieces = decodePieces(bytes.subarray(0, SHOWN_BYTES_MAX), charset);
  const lines: BytePiece[][] = [[]];
  for (const piece of pieces) {
    if ('hex' in piece) {
      lines.at(-1)?.push(piece);
      continue;
    }
    piece.text.split(/\r\n?|\n/).forEach((text, index) => {
      if (index > 0) lines.push([]);
      if (text !== '') lines.at(-1)?.push({ text });
    });
  }
  if (lines.at(-1)?.length === 0) lines.pop();
  return {
    lines,
    undecodable: pieces.filter((piece) => 'hex' in piece).length,
    cut: bytes.length > SHOWN_BYTES_MAX,
  };
};
