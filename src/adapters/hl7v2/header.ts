import { isAscii } from 'node:buffer';
import type { StatedTime } from '../../kernel/instant.ts';
import { type Hl7Charset, charsetOf, chooseCharset, decodeText } from './charset.ts';
import { type Delimiters, readDelimiters, Segment, USUAL_DELIMITERS } from './parse.ts';
import type { Reading } from './reading.ts';

/** What MSH says, as far as routing and acknowledging need it. */
export interface Hl7Header {
  /** MSH-3.1. */
  readonly application: string;
  /** MSH-4.1. */
  readonly facility: string;
  readonly receivingApplication: string;
  readonly receivingFacility: string;
  /** MSH-10. */
  readonly controlId: string;
  /** MSH-9.1, e.g. `ORU`. */
  readonly type: string;
  /** MSH-9.2, e.g. `R01`. */
  readonly event: string;
  /** MSH-11.1: `P` production, `T` training, `D` debugging. */
  readonly processingId: string;
  /** MSH-12.1, e.g. `2.5.1`. */
  readonly version: string;
  /** Set in which the message was decoded, and in which its acknowledgement is written. */
  readonly charset: Hl7Charset;
  readonly delimiters: Delimiters;
  readonly sentAt: StatedTime | null;
  /** MSH-15 and MSH-16: `AL`, `NE`, `ER`, `SU` or empty. Either one valued asks for enhanced acknowledgement. */
  readonly acceptAcknowledgement: string;
  readonly applicationAcknowledgement: string;
}

const MSH = Buffer.from('MSH');
/** No real header is longer; a scan for it stops here. */
const HEADER_LIMIT_BYTES = 16 * 1024;

/** Offset of the header in the bytes of a message, or -1. Junk in front of it is passed over. */
const findHeader = (bytes: Buffer): number => {
  let from = 0;
  while (from < HEADER_LIMIT_BYTES) {
    const at = bytes.indexOf(MSH, from);
    if (at < 0 || at > HEADER_LIMIT_BYTES) return -1;
    const separator = bytes[at + 3];
    const isSeparator = separator !== undefined && /^[!-/:-@[-`{-~]$/.test(String.fromCharCode(separator));
    if (isSeparator) return at;
    from = at + 3;
  }
  return -1;
};

/** Sets that can tell where the fields of a header end: a byte of GBK or 8859/1 may pass for a delimiter in the other. */
const HEADER_CHARSETS: readonly Hl7Charset[] = ['utf-8', 'gb18030', 'iso-8859-1'];

/** Stands for all sets that share its bytes between `|` and `|`. */
const familyOf = (charset: Hl7Charset): Hl7Charset => {
  if (charset.startsWith('iso-8859-') || charset === 'windows-1254') return 'iso-8859-1';
  return charset === 'utf-8' || charset === 'ascii' ? 'utf-8' : 'gb18030';
};

/**
 * The header line as characters, before its character set is known: in the set that its own MSH-18 then names, else
 * in the first that its bytes can be.
 */
const decodeHeaderLine = (bytes: Buffer): string => {
  const start = findHeader(bytes);
  if (start < 0) return '';
  let end = start;
  const limit = Math.min(bytes.length, start + HEADER_LIMIT_BYTES);
  while (end < limit && bytes[end] !== 0x0d && bytes[end] !== 0x0a && bytes[end] !== 0x1c) end++;
  const line = bytes.subarray(start, end);
  if (isAscii(line)) return line.toString('latin1');
  const readings = HEADER_CHARSETS.flatMap((charset) => {
    const text = decodeText(line, charset);
    return text === undefined ? [] : [{ charset, text }];
  });
  const consistent = readings.find(({ charset, text }) => {
    const named = text.split(text.charAt(3))[17] ?? '';
    const declared = charsetOf(named);
    return declared !== undefined && familyOf(declared) === charset;
  });
  return (consistent ?? readings[0])?.text ?? '';
};

/** Reads the header fields of a parsed MSH segment. */
export const headerOf = (
  segment: Segment,
  delimiters: Delimiters,
  charset: Hl7Charset,
  sentAt: StatedTime | null,
): Hl7Header => ({
  application: segment.sub(segment.raw(3), 1, 1),
  facility: segment.sub(segment.raw(4), 1, 1),
  receivingApplication: segment.sub(segment.raw(5), 1, 1),
  receivingFacility: segment.sub(segment.raw(6), 1, 1),
  controlId: segment.textOf(segment.raw(10)),
  type: segment.get(9, 1).toUpperCase(),
  event: segment.get(9, 2).toUpperCase(),
  processingId: segment.get(11, 1).toUpperCase(),
  version: segment.get(12, 1),
  charset,
  delimiters,
  sentAt,
  acceptAcknowledgement: segment.get(15).toUpperCase(),
  applicationAcknowledgement: segment.get(16).toUpperCase(),
});

const headerSegment = (line: string): { segment: Segment; delimiters: Delimiters } | undefined => {
  if (line === '') return undefined;
  const delimiters = readDelimiters(line);
  const used = delimiters ?? { ...USUAL_DELIMITERS, field: line.charAt(3) };
  return { segment: new Segment('MSH', 1, line, used, () => undefined), delimiters: used };
};

/** The character sets that MSH-18 of raw bytes names. */
export const declaredCharsets = (bytes: Uint8Array): readonly string[] => {
  const found = headerSegment(
    decodeHeaderLine(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
  );
  return found ? found.segment.repetitions(18).map((name) => found.segment.textOf(name)) : [];
};

/**
 * Reads the header from raw bytes without reading the message: to find the sender's settings, and to acknowledge
 * what cannot be parsed. Never throws; undefined when there is no MSH in the first 16 KB.
 */
export const peekHeader = (bytes: Uint8Array, fallback: Hl7Charset = 'utf-8'): Hl7Header | undefined => {
  const found = headerSegment(
    decodeHeaderLine(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
  );
  if (!found) return undefined;
  const declared = found.segment.repetitions(18).filter((name) => charsetOf(name) !== undefined);
  const charset = chooseCharset(declared, fallback);
  return headerOf(found.segment, found.delimiters, charset === 'unsupported' ? fallback : charset, null);
};

/** The header of a message that was decoded and parsed. */
export const readHeader = (segment: Segment, charset: Hl7Charset, reading: Reading): Hl7Header =>
  headerOf(segment, segment.delimiters, charset, reading.time(segment, 7));
