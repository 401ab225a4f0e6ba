import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';
import { Fault } from '../../kernel/fault.ts';
import { HL7_FAULTS } from './faults.ts';

/**
 * A character set by the label under which `TextDecoder` knows it, besides three that it does not treat as HL7 means
 * them: `ascii` (seven bits only), `iso-8859-1` (the decoder would read windows-1252) and the GB family, which is
 * always decoded as GB18030 (a superset of GBK and GB2312) but encoded as the sender's own.
 */
export type Hl7Charset =
  | 'ascii'
  | 'utf-8'
  | 'gb18030'
  | 'gbk'
  | 'gb2312'
  | 'big5'
  | 'euc-kr'
  | 'iso-8859-1'
  | `iso-8859-${2 | 3 | 4 | 5 | 6 | 7 | 8 | 10 | 13 | 14 | 15 | 16}`
  | 'windows-1254';

/** HL7 table 0211 and what senders write instead of it, in capitals without blanks, hyphens, slashes and underlines. */
const CHARSETS: Readonly<Record<string, Hl7Charset>> = {
  ASCII: 'ascii',
  USASCII: 'ascii',
  ISOIR6: 'ascii',
  UNICODEUTF8: 'utf-8',
  UTF8: 'utf-8',
  // The name of v2.3.1, which haematology analysers still write. UTF-16 would have left no MSH that could be read as
  // bytes, so that UTF-8 is all it can mean; bytes that are none are refused like everywhere.
  UNICODE: 'utf-8',
  GB180302000: 'gb18030',
  GB180302005: 'gb18030',
  GB180302022: 'gb18030',
  GB18030: 'gb18030',
  GBK: 'gbk',
  CP936: 'gbk',
  GB2312: 'gb2312',
  GB231280: 'gb2312',
  EUCCN: 'gb2312',
  BIG5: 'big5',
  KSX1001: 'euc-kr',
  ISOIR100: 'iso-8859-1',
  LATIN1: 'iso-8859-1',
  '88591': 'iso-8859-1',
  '88592': 'iso-8859-2',
  '88593': 'iso-8859-3',
  '88594': 'iso-8859-4',
  '88595': 'iso-8859-5',
  '88596': 'iso-8859-6',
  '88597': 'iso-8859-7',
  '88598': 'iso-8859-8',
  '88599': 'windows-1254',
  '885915': 'iso-8859-15',
};

/** The character set of a name in MSH-18 or in a sender's settings; undefined when it is not supported. */
export const charsetOf = (name: string): Hl7Charset | undefined => {
  const key = name.toUpperCase().replace(/[\s\-_/]/g, '');
  return CHARSETS[key.startsWith('ISO8859') ? key.slice(3) : key];
};

/** Name of the character set in HL7 table 0211, for MSH-18 of what we send. */
export const charsetName = (charset: Hl7Charset): string => {
  if (charset === 'utf-8') return 'UNICODE UTF-8';
  if (charset === 'gb18030') return 'GB 18030-2000';
  if (charset === 'windows-1254') return '8859/9';
  if (charset === 'euc-kr') return 'KS X 1001';
  return charset.startsWith('iso-8859-')
    ? `8859/${charset.slice('iso-8859-'.length)}`
    : charset.toUpperCase();
};

/**
 * The character set of a message: what MSH-18 says, else the sender's default. Repetitions other than ASCII must
 * agree: switching sets inside a message by escape sequences (MSH-20) is not supported. `'unsupported'` else.
 */
export const chooseCharset = (
  declared: readonly string[],
  fallback: Hl7Charset,
): Hl7Charset | 'unsupported' => {
  let chosen: Hl7Charset | undefined;
  for (const name of declared) {
    if (name.trim() === '') continue;
    const charset = charsetOf(name);
    if (!charset) return 'unsupported';
    if (!chosen || chosen === 'ascii') chosen = charset;
    else if (charset !== 'ascii' && charset !== chosen) return 'unsupported';
  }
  return chosen ?? fallback;
};

const isGbFamily = (charset: Hl7Charset): boolean =>
  charset === 'gb18030' || charset === 'gbk' || charset === 'gb2312';

const decoderLabel = (charset: Hl7Charset): string => (isGbFamily(charset) ? 'gb18030' : charset);

const decoders = new Map<string, TextDecoder>();

/** Decodes a whole message; undefined when any byte does not belong to the character set. Never replaces a byte. */
export const decodeText = (bytes: Uint8Array, charset: Hl7Charset): string | undefined => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Pure ASCII means the same in every supported set, and a one-byte string is the quickest to search.
  if (charset === 'iso-8859-1' || isAscii(buffer)) return buffer.toString('latin1');
  if (charset === 'ascii') return undefined;
  if (charset === 'utf-8') return isUtf8(buffer) ? buffer.toString('utf8') : undefined;
  const label = decoderLabel(charset);
  let decoder = decoders.get(label);
  if (!decoder) {
    decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
    decoders.set(label, decoder);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};

/**
 * Offset of the byte at which decoding stops, for bytes on which `decodeText` failed. Two passes over the bytes
 * at most, the second over one block only.
 */
export const undecodableOffset = (bytes: Uint8Array, charset: Hl7Charset): number => {
  if (charset === 'ascii') return bytes.findIndex((byte) => byte >= 0x80);
  const label = decoderLabel(charset);
  const blockBytes = 4096;
  const fails = (decoder: TextDecoder, piece: Uint8Array): boolean => {
    try {
      decoder.decode(piece, { stream: true });
      return false;
    } catch {
      return true;
    }
  };
  const scout = new TextDecoder(label, { fatal: true });
  let block = 0;
  while (block < bytes.length && !fails(scout, bytes.subarray(block, block + blockBytes)))
    block += blockBytes;
  const exact = new TextDecoder(label, { fatal: true });
  fails(exact, bytes.subarray(0, block));
  for (let offset = block; offset < bytes.length; offset++) {
    if (fails(exact, bytes.subarray(offset, offset + 1))) return offset;
  }
  return bytes.length - 1;
};

/** Name of the segment a byte stands in, and which line it is (from 1). */
export const lineOfByte = (
  bytes: Uint8Array,
  offset: number,
): { readonly line: number; readonly name: string } => {
  let line = 1;
  let start = 0;
  for (let index = 0; index < offset; index++) {
    const byte = bytes[index];
    if (byte === 0x0d || (byte === 0x0a && bytes[index - 1] !== 0x0d)) line++;
    if (byte === 0x0d || byte === 0x0a) start = index + 1;
  }
  const name = Buffer.from(bytes.subarray(start, start + 3)).toString('latin1');
  return { line, name: /^[A-Z][A-Z0-9]{2}$/.test(name) ? name : '' };
};

/** Encodes a text; undefined when the character set has no place for one of its characters. */
export const encodeText = (text: string, charset: Hl7Charset): Uint8Array | undefined => {
  if (charset === 'utf-8') return Buffer.from(text, 'utf8');
  if (charset === 'ascii' || charset === 'iso-8859-1') {
    const limit = charset === 'ascii' ? 0x80 : 0x100;
    for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= limit) return undefined;
    return Buffer.from(text, 'latin1');
  }
  const encoded = iconv.encode(text, charset);
  // Read back by the reader of messages, whose tables of Big5 and KS X 1001 are smaller than those we write by; but the
  // few private characters that GB18030-2022 moved are theirs whom we answer, and go out as they came in.
  const read = isGbFamily(charset) ? iconv.decode(encoded, charset) : decodeText(encoded, charset);
  return read === text ? encoded : undefined;
};

/** As `encodeText`, but a text without place is a fault (`HL7_TEXT_NOT_ENCODABLE`). */
export const encodeTextOrFault = (text: string, charset: Hl7Charset): Uint8Array => {
  const encoded = encodeText(text, charset);
  if (!encoded) {
    throw new Fault('HL7_TEXT_NOT_ENCODABLE', HL7_FAULTS.HL7_TEXT_NOT_ENCODABLE, { detail: charset });
  }
  return encoded;
};

/** Whether Chinese can be written in it. */
export const holdsChinese = (charset: Hl7Charset): boolean => charset === 'utf-8' || isGbFamily(charset);
