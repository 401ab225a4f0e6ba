import type { Element } from 'dicom-parser';
import type { DataSetEncoding } from './transfer-syntax.ts';

/** An element as bytes, with its tag: eight hex digits in upper case. */
export interface Tagged {
  readonly tag: string;
  readonly bytes: Uint8Array;
}

/** Writes single elements as one transfer syntax has them, to be put between those of a data set that came in. */
export interface ElementWriter {
  /** A value with its head, padded to an even length. */
  element(tag: string, vr: string, value: Uint8Array): Buffer;
  /** A sequence of these items, its length left undefined. */
  sequence(tag: string, items: readonly Uint8Array[]): Buffer;
  /** A sequence of items that have their heads. */
  sequenceOf(tag: string, items: Uint8Array): Buffer;
  item(content: Uint8Array): Buffer;
  /** The items of a sequence that this writer wrote, without its head and end. */
  itemsOf(sequence: Buffer): Buffer;
  /** Elements one behind the other by their tags. */
  inOrder(elements: readonly Tagged[]): Buffer;
  /** Where a parsed element begins. */
  startOf(element: Element): number;
}

/** A parser's name of a tag (`x00100010`) as eight hex digits in upper case. */
export const tagOf = (name: string): string => name.slice(1).toUpperCase();

/** A tag as a number, by which elements are ordered. */
export const tagNumber = (tag: string): number => Number.parseInt(tag, 16);

/** Value representations whose length takes four bytes, as the parser takes them (PS3.5 7.1.2). */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OW', 'SQ', 'UC', 'UN', 'UR', 'UT']);
const UNDEFINED_LENGTH = 0xffff_ffff;
const ITEM = 'FFFEE000';
const ITEM_END = 'FFFEE00D';
const SEQUENCE_END = 'FFFEE0DD';
const END_BYTES = 8;

/** @param encoding of the data set between whose elements they are put */
export const elementWriter = ({ explicit, bigEndian }: DataSetEncoding): ElementWriter => {
  const short = (value: number): Buffer => {
    const bytes = Buffer.alloc(2);
    if (bigEndian) bytes.writeUInt16BE(value);
    else bytes.writeUInt16LE(value);
    return bytes;
  };
  const long = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    if (bigEndian) bytes.writeUInt32BE(value);
    else bytes.writeUInt32LE(value);
    return bytes;
  };
  const tagBytes = (tag: string): Buffer[] => [
    short(Number.parseInt(tag.slice(0, 4), 16)),
    short(Number.parseInt(tag.slice(4), 16)),
  ];
  const head = (tag: string, vr: string, length: number): Buffer => {
    if (!explicit) return Buffer.concat([...tagBytes(tag), long(length)]);
    const name = Buffer.from(vr, 'latin1');
    return LONG_VRS.has(vr)
      ? Buffer.concat([...tagBytes(tag), name, short(0), long(length)])
      : Buffer.concat([...tagBytes(tag), name, short(length)]);
  };
  const mark = (tag: string, length: number): Buffer => Buffer.concat([...tagBytes(tag), long(length)]);
  const headBytes = (vr: string | undefined): number =>
    explicit && vr !== undefined && LONG_VRS.has(vr) ? 12 : 8;
  const item = (content: Uint8Array): Buffer =>
    Buffer.concat([mark(ITEM, UNDEFINED_LENGTH), content, mark(ITEM_END, 0)]);
  const sequenceOf = (tag: string, items: Uint8Array): Buffer =>
    Buffer.concat([head(tag, 'SQ', UNDEFINED_LENGTH), items, mark(SEQUENCE_END, 0)]);
  return {
    element(tag, vr, value) {
      const pad = value.length % 2 === 0 ? [] : [Buffer.from(vr === 'UI' ? [0] : ' ')];
      const length = value.length + pad.length;
      return Buffer.concat([head(tag, vr, length), value, ...pad]);
    },
    sequence: (tag, items) => sequenceOf(tag, Buffer.concat(items.map(item))),
    sequenceOf,
    item,
    itemsOf: (sequence) => sequence.subarray(headBytes('SQ'), sequence.length - END_BYTES),
    inOrder: (elements) =>
      Buffer.concat(
        elements
          .toSorted((one, other) => tagNumber(one.tag) - tagNumber(other.tag))
          .map(({ bytes }) => bytes),
      ),
    startOf: ({ dataOffset, vr }) => dataOffset - headBytes(vr),
  };
};
