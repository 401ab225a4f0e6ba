import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';
import { soapFault } from './faults.ts';

/** A character set of SOAP bodies. The GB family is read as GB18030, which contains the others. */
export type BodyCharset = 'utf-8' | 'gbk' | 'gb2312' | 'gb18030';

/** A body as characters, and the set it came in, in which it is answered. */
export interface BodyText {
  readonly text: string;
  readonly charset: BodyCharset;
}

const CHARSETS: Readonly<Record<string, BodyCharset>> = {
  utf8: 'utf-8',
  usascii: 'utf-8',
  ascii: 'utf-8',
  gbk: 'gbk',
  cp936: 'gbk',
  gb2312: 'gb2312',
  gb18030: 'gb18030',
};

const charsetNamed = (name: string): BodyCharset => {
  const charset = CHARSETS[name.toLowerCase().replace(/[\s_-]/g, '')];
  if (!charset) throw soapFault('SOAP_CHARSET_UNSUPPORTED', { detail: name.slice(0, 40) });
  return charset;
};

const DECLARATION_BYTES = 200;

/** The character set named by the XML declaration, which is ASCII in every set that is taken here. */
const declaredCharset = (bytes: Buffer): string | undefined =>
  /^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(
    bytes.subarray(0, DECLARATION_BYTES).toString('latin1'),
  )?.[1];

const gb18030 = new TextDecoder('gb18030', { fatal: true, ignoreBOM: true });

const decode = (bytes: Buffer, charset: BodyCharset): string => {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (charset === 'utf-8') {
    if (!isUtf8(bytes)) throw soapFault('SOAP_BYTES_UNDECODABLE', { detail: charset });
    return bytes.toString('utf8');
  }
  try {
    return gb18030.decode(bytes);
  } catch (cause) {
    throw soapFault('SOAP_BYTES_UNDECODABLE', { detail: charset, cause });
  }
};

/**
 * Decodes a body by its byte order mark, else by `charset` of the Content-Type, else by the XML declaration (the order
 * of RFC 7303), else as UTF-8. Bytes that do not fit are refused, never replaced. Where header and declaration differ,
 * UTF-8 in the header is believed because such bytes prove themselves; the GB sets would make another name of a name
 * without noticing, so there the difference is refused.
 *
 * @throws SOAP_CHARSET_UNSUPPORTED, SOAP_CHARSET_CONFLICT, SOAP_BYTES_UNDECODABLE
 */
export const readBodyText = (body: Uint8Array, contentType: string): BodyText => {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])))
    return { text: decode(bytes.subarray(3), 'utf-8'), charset: 'utf-8' };
  const inHeader = /;\s*charset\s*=\s*"?([^\s;"]+)"?/i.exec(contentType)?.[1];
  const inDeclaration = declaredCharset(bytes);
  const charset = charsetNamed(inHeader ?? inDeclaration ?? 'utf-8');
  if (inHeader !== undefined && inDeclaration !== undefined && charset !== 'utf-8' && !isAscii(bytes)) {
    if (charsetNamed(inDeclaration) === 'utf-8') throw soapFault('SOAP_CHARSET_CONFLICT');
  }
  return { text: decode(bytes, charset), charset };
};

/**
 * Encodes an XML text. A character without place in the set is written as a character reference, which XML always
 * allows, so that a rare name arrives whole in GBK too.
 */
export const encodeXmlText = (text: string, charset: BodyCharset): Uint8Array => {
  if (charset === 'utf-8') return Buffer.from(text, 'utf8');
  const encodable = (character: string): boolean =>
    iconv.decode(iconv.encode(character, charset), charset) === character;
  const known = new Map<string, string>();
  const referenced = text.replace(/\P{ASCII}/gu, (character) => {
    let written = known.get(character);
    if (written === undefined) {
      written = encodable(character)
        ? character
        : `&#x${(character.codePointAt(0) as number).toString(16).toUpperCase()};`;
      known.set(character, written);
    }
    return written;
  });
  return iconv.encode(referenced, charset);
};

/** Name of the set in a declaration and in a Content-Type. */
export const charsetLabel = (charset: BodyCharset): string => charset.toUpperCase();
