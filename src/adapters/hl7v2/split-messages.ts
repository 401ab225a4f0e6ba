import { fail, ok, type Result } from '../../kernel/result.ts';
import { type Hl7Refusal, refusal } from './refusal.ts';

/** One message found in a file. */
export interface FoundMessage {
  /** Without framing, with its own line ends. */
  readonly bytes: Uint8Array;
  /** Offset in the file, from 0. */
  readonly offset: number;
}

/** What a file held. */
export interface SplitFile {
  readonly messages: readonly FoundMessage[];
  /** Stretches that belong to no message and are no envelope: to be reported, not passed over. */
  readonly stray: readonly FoundMessage[];
}

const CR = 0x0d;
const LF = 0x0a;
const VT = 0x0b;
const FS = 0x1c;
const FF = 0x0c;

const isPadding = (byte: number): boolean => byte <= 0x20 || byte === FS || byte === 0x1a;

const nameAt = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + 3);

/** Whether a header segment begins here: its name and a separator that is neither letter nor digit nor blank. */
const isHeaderLine = (bytes: Buffer, at: number, name: string): boolean => {
  const separator = bytes[at + 3];
  return separator !== undefined && separator > 0x20 && separator < 0x7f && nameAt(bytes, at) === name
    ? !/[A-Za-z0-9]/.test(String.fromCharCode(separator))
    : false;
};

const ENVELOPE = new Set(['FHS', 'BHS', 'BTS', 'FTS']);

/** Offsets at which a line begins: after CR, LF, VT, FF and FS, and at the start. */
const lineStarts = function* (bytes: Buffer, from: number): Generator<number> {
  let isStart = true;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === CR || byte === LF || byte === VT || byte === FS || byte === FF) isStart = true;
    else if (isStart) {
      isStart = false;
      yield at;
    }
  }
};

/** Strips padding and framing at both ends; undefined when nothing is left. */
const trimmed = (bytes: Buffer, from: number, to: number): FoundMessage | undefined => {
  let start = from;
  let end = to;
  while (start < end && isPadding(bytes[start] as number)) start++;
  while (end > start && isPadding(bytes[end - 1] as number)) end--;
  return start === end ? undefined : { bytes: bytes.subarray(start, end), offset: start };
};

/** The part of a message before FS: what follows an end block belongs to nobody. */
const cutAtEndBlock = (bytes: Buffer, from: number, to: number): number => {
  const at = bytes.subarray(from, to).indexOf(FS);
  return at >= 0 ? from + at : to;
};

/**
 * Finds the messages of a file: framed by MLLP, parted by blank lines or by nothing, inside a batch (FHS, BHS, BTS,
 * FTS), with any line ends. A message begins with MSH at the start of a line. Works on bytes, since each message may
 * name a character set of its own. UTF-16 files are refused.
 */
export const splitMessages = (content: Uint8Array): Result<SplitFile, Hl7Refusal> => {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return fail(refusal('HL7_CHARSET_UNSUPPORTED', '', 'UTF-16'));
  }
  const hasByteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const messages: FoundMessage[] = [];
  const stray: FoundMessage[] = [];
  let start = hasByteOrderMark ? 3 : 0;
  let isMessage = false;
  const closeAt = (to: number) => {
    const end = isMessage ? cutAtEndBlock(bytes, start, to) : to;
    const found = trimmed(bytes, start, end);
    if (found) (isMessage ? messages : stray).push(found);
    const behind = end < to ? trimmed(bytes, end, to) : undefined;
    if (behind) stray.push(behind);
  };
  for (const at of lineStarts(bytes, start)) {
    const isHeader = isHeaderLine(bytes, at, 'MSH');
    const isEnvelope =
      !isHeader && ENVELOPE.has(nameAt(bytes, at)) && isHeaderLine(bytes, at, nameAt(bytes, at));
    if (!isHeader && !isEnvelope) continue;
    closeAt(at);
    isMessage = isHeader;
    start = isHeader ? at : endOfLine(bytes, at);
  }
  closeAt(bytes.length);
  return ok({ messages, stray });
};

const endOfLine = (bytes: Buffer, from: number): number => {
  let at = from;
  while (at < bytes.length && bytes[at] !== CR && bytes[at] !== LF) at++;
  return at;
};
