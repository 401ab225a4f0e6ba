import { sha256InTurns, turn } from '../keys/large-content.ts';
import { readDelimiters } from './parse.ts';

/** An attachment that was decoded before the message around it is read. */
export interface LiftedAttachment {
  readonly bytes: Uint8Array;
  /** Of the bytes, lower-case hex. */
  readonly sha256: string;
}

/**
 * Where a message says what an attachment says: its bytes `from` to `to` are Base64 of the attachment's first ones, four
 * characters for every three. Up to four characters behind them, with the padding, are the message's own.
 */
export interface LiftedStretch {
  readonly from: number;
  readonly to: number;
  readonly attachment: LiftedAttachment;
}

/** A message whose long attachments stand aside, each with a mark in its place. */
export interface LiftedMessage {
  /** The message with the marks; every line and field stands where it stood. */
  readonly rest: Uint8Array;
  /** The attachments by their marks. */
  readonly attachments: ReadonlyMap<string, LiftedAttachment>;
  /** Where the attachments stood, in order. */
  readonly stretches: readonly LiftedStretch[];
}

/** Shorter data are decoded with the rest of the message. */
const LONG_MIN_BYTES = 64 * 1024;

/** Characters decoded in one turn of the event loop: a multiple of four, and less than a large object of the heap. */
const STRETCH_CHARACTERS = 96 * 1024;

/** The word before the data (HL7 table 0299), without its first letter, which is the one that is written either way. */
const ENCODING_WORD = 'ase64';

/** Where data in Base64 begin and end. */
interface Place {
  readonly from: number;
  readonly to: number;
}

const byteOf = (character: string): number => character.charCodeAt(0);

/** The first of some bytes at or after a place; each is searched natively and once. */
const nearestOf = (bytes: Buffer, wanted: readonly number[]): ((from: number) => number) => {
  const next = wanted.map(() => -1);
  return (from) => {
    let nearest = bytes.length;
    wanted.forEach((byte, index) => {
      if ((next[index] as number) < from) {
        const at = bytes.indexOf(byte, from);
        next[index] = at < 0 ? bytes.length : at;
      }
      nearest = Math.min(nearest, next[index] as number);
    });
    return nearest;
  };
};

/** Long stretches between `Base64^` and the next delimiter that stand in a field of their own, escapes excluded. */
const longPlaces = (bytes: Buffer): readonly Place[] => {
  const start = bytes.indexOf('MSH');
  const delimiters = start < 0 ? undefined : readDelimiters(bytes.toString('latin1', start, start + 12));
  if (!delimiters) return [];
  const { field, component, repetition, subcomponent, escape } = delimiters;
  const ends = ['\r', '\n', field, component, repetition, subcomponent].map(byteOf);
  const nearest = nearestOf(bytes, escape === '' ? ends : [...ends, byteOf(escape)]);
  const places: Place[] = [];
  for (let at = bytes.indexOf(ENCODING_WORD, start); at >= 0; at = bytes.indexOf(ENCODING_WORD, at)) {
    const from = at + ENCODING_WORD.length + 1;
    at = from;
    if (bytes[from - 1] !== byteOf(component)) continue;
    const to = nearest(from);
    if (to - from >= LONG_MIN_BYTES && (to === bytes.length || ends.includes(bytes[to] as number)))
      places.push({ from, to });
    at = to;
  }
  return places;
};

/** The end of data in Base64: one to four characters, padded or not. */
const END_OF_DATA = /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=?|[A-Za-z0-9+/]{2}(?:==)?)$/;

/**
 * Decodes in turns of the event loop; undefined when anything but Base64 stands there. Node passes over what it does not
 * know and takes the alphabet of addresses too, so every stretch is written again and compared: the first `exact`
 * characters are what encoding gives. The others, the end, may lack their padding.
 */
const decode = async (data: Buffer): Promise<{ bytes: Uint8Array; exact: number } | undefined> => {
  const exact = Math.floor((data.length - 1) / 4) * 4;
  const end = data.toString('latin1', exact);
  if (!END_OF_DATA.test(end)) return undefined;
  const decoded = Buffer.allocUnsafeSlow(Math.ceil(data.length / 4) * 3);
  let written = 0;
  for (let at = 0; at < exact; at += STRETCH_CHARACTERS) {
    const text = data.toString('latin1', at, Math.min(at + STRETCH_CHARACTERS, exact));
    const from = written;
    written += decoded.write(text, from, 'base64');
    if (decoded.toString('base64', from, written) !== text) return undefined;
    await turn();
  }
  written += decoded.write(end, written, 'base64');
  return { bytes: new Uint8Array(decoded.buffer, 0, written), exact };
};

/** Letters that stand nowhere in the message and cannot be a delimiter. */
const unusedMark = (pieces: readonly Buffer[]): string => {
  let mark = 'LIFTED';
  while (pieces.some((piece) => piece.includes(mark))) mark += 'X';
  return mark;
};

/**
 * Takes long attachments in Base64 (ED in OBX-5) out of a message before it is decoded as text: what a report of 20 MB
 * says besides is small, and everybody else would wait for the text of the attachment. What is written otherwise (hex,
 * broken lines, escapes, no encoding named) stays where it is. Undefined when there is nothing to lift.
 */
export const liftAttachments = async (message: Uint8Array): Promise<LiftedMessage | undefined> => {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const lifted: { place: Place; exact: number; attachment: LiftedAttachment }[] = [];
  for (const place of longPlaces(bytes)) {
    const decoded = await decode(bytes.subarray(place.from, place.to));
    if (!decoded) return undefined;
    const attachment = { bytes: decoded.bytes, sha256: await sha256InTurns(decoded.bytes) };
    lifted.push({ place, exact: decoded.exact, attachment });
  }
  if (lifted.length === 0) return undefined;
  const around = [...lifted.map(({ place }) => place), { from: bytes.length, to: bytes.length }].map(
    ({ from }, index) => bytes.subarray(lifted[index - 1]?.place.to ?? 0, from),
  );
  const mark = unusedMark(around);
  return {
    rest: Buffer.concat(
      around.flatMap((piece, index) => (index === 0 ? [piece] : [Buffer.from(`${mark}${index - 1}`), piece])),
    ),
    attachments: new Map(lifted.map(({ attachment }, index) => [`${mark}${index}`, attachment])),
    stretches: lifted.map(({ place: { from }, exact, attachment }) => ({
      from,
      to: from + exact,
      attachment,
    })),
  };
};
