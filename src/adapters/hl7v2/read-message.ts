import type { IncomingAdmissionMessage } from '../../person/index.ts';
import type { IncomingOrderMessage } from '../../recognition/index.ts';
import type { IncomingReportMessage } from '../../result/index.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { chooseCharset, decodeText, type Hl7Charset, lineOfByte, undecodableOffset } from './charset.ts';
import { declaredCharsets, type Hl7Header, readHeader } from './header.ts';
import type { LiftedAttachment } from './lift-attachments.ts';
import { type ParsedMessage, parseMessage } from './parse.ts';
import { ADMISSION_EVENTS, readAdmissionMessage } from './read-admission.ts';
import { Reading, type SenderDefaults } from './reading.ts';
import { readOrderMessage } from './read-order.ts';
import { readReportMessage } from './read-report.ts';
import { type Hl7Refusal, refusal } from './refusal.ts';

/** What a message says, in neutral words; `unsupported` for types that are understood but not used here. */
export type Hl7Content =
  | IncomingReportMessage
  | IncomingOrderMessage
  | IncomingAdmissionMessage
  | { readonly kind: 'unsupported' };

/** A message that was read. */
export interface Hl7Message {
  readonly header: Hl7Header;
  readonly message: Hl7Content;
}

const decodeWhole = (bytes: Uint8Array, charset: Hl7Charset): Result<string, Hl7Refusal> => {
  const text = decodeText(bytes, charset);
  if (text !== undefined) return ok(text);
  const offset = undecodableOffset(bytes, charset);
  const { line, name } = lineOfByte(bytes, offset);
  return fail(refusal('HL7_BYTES_UNDECODABLE', name, `byte ${offset + 1}, line ${line}, ${charset}`));
};

/** Decodes and parses, without reading any content: also for showing a message as a tree. */
export const parseBytes = (
  bytes: Uint8Array,
  defaults: SenderDefaults,
): Result<{ readonly parsed: ParsedMessage; readonly charset: Hl7Charset }, Hl7Refusal> => {
  if (bytes.length === 0) return fail(refusal('HL7_EMPTY'));
  const { ignoreDeclaredCharset = false } = defaults.dialect;
  const declared = ignoreDeclaredCharset ? [] : declaredCharsets(bytes);
  const charset = chooseCharset(declared, defaults.charset);
  if (charset === 'unsupported') return fail(refusal('HL7_CHARSET_UNSUPPORTED', 'MSH[1]-18'));
  const text = decodeWhole(bytes, charset);
  if (!text.ok) return text;
  const parsed = parseMessage(text.value, (hex) => decodeText(hex, charset));
  if (!parsed.ok) return parsed;
  const { header } = parsed.value;
  if (!ignoreDeclaredCharset) {
    const names = header.repetitions(18).map((name) => header.textOf(name));
    if (chooseCharset(names, defaults.charset) !== charset) {
      return fail(refusal('HL7_CHARSET_CONFLICT', 'MSH[1]-18'));
    }
  }
  return ok({ parsed: parsed.value, charset });
};

const readContent = (parsed: ParsedMessage, header: Hl7Header, reading: Reading): Hl7Content => {
  switch (header.type) {
    case 'ORU':
      // v2.1 and v2.2 send MSH-9 without an event.
      return /^(?:|R01|R30|R31|R32)$/.test(header.event)
        ? readReportMessage(parsed, header, reading)
        : { kind: 'unsupported' };
    case 'OUL':
      return /^(?:R21|R22)$/.test(header.event)
        ? readReportMessage(parsed, header, reading)
        : { kind: 'unsupported' };
    case 'ORM':
      return /^(?:|O01)$/.test(header.event)
        ? readOrderMessage(parsed, header, reading)
        : { kind: 'unsupported' };
    case 'OML':
      return /^O(?:21|33|35)$/.test(header.event)
        ? readOrderMessage(parsed, header, reading)
        : { kind: 'unsupported' };
    case 'OMG':
      return header.event === 'O19' ? readOrderMessage(parsed, header, reading) : { kind: 'unsupported' };
    case 'ADT':
      return ADMISSION_EVENTS.includes(header.event)
        ? readAdmissionMessage(parsed, header, reading)
        : { kind: 'unsupported' };
    default:
      return { kind: 'unsupported' };
  }
};

/** Reads a message that was taken apart. What cannot be read is in `reading` besides, with everything after the first. */
export const readParsed = (
  parsed: ParsedMessage,
  charset: Hl7Charset,
  reading: Reading,
): Result<Hl7Message, Hl7Refusal> => {
  const header = readHeader(parsed.header, charset, reading);
  if (header.controlId === '') return fail(refusal('HL7_CONTROL_ID_MISSING', 'MSH[1]-10'));
  if (header.version !== '' && !/^2(?:\.\d|$)/.test(header.version)) {
    return fail(refusal('HL7_VERSION_UNSUPPORTED', 'MSH[1]-12'));
  }
  const message = readContent(parsed, header, reading);
  return reading.refusal ? fail(reading.refusal) : ok({ header, message });
};

/**
 * Reads a message from the bytes between VT and FS. The character set is known before anything is split, because a
 * trail byte of GBK can be a delimiter. Either everything that is used could be read, or the message is refused
 * whole with the place; nothing is guessed and nothing throws.
 *
 * @param lifted attachments that were taken out of the bytes before, by the marks in their places
 */
export const readHl7Message = (
  bytes: Uint8Array,
  defaults: SenderDefaults,
  lifted?: ReadonlyMap<string, LiftedAttachment>,
): Result<Hl7Message, Hl7Refusal> => {
  const decoded = parseBytes(bytes, defaults);
  if (!decoded.ok) return decoded;
  const { parsed, charset } = decoded.value;
  return readParsed(parsed, charset, new Reading(defaults, lifted));
};
