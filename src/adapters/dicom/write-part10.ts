import iconv from 'iconv-lite';
import { IMPLEMENTATION_CLASS_UID } from '../../imaging/index.ts';
import { type Vr, WRITTEN_ATTRIBUTES, type WrittenKeyword } from './written-attributes.ts';

/** Transfer syntaxes by the names of PS3.6 in short. What is encapsulated is always explicit little endian. */
export const TRANSFER_SYNTAXES = {
  implicitLittleEndian: '1.2.840.10008.1.2',
  explicitLittleEndian: '1.2.840.10008.1.2.1',
  rleLossless: '1.2.840.10008.1.2.5',
  jpegLsLossless: '1.2.840.10008.1.2.4.80',
  htj2kLossless: '1.2.840.10008.1.2.4.201',
} as const;

/** Specific Character Sets that the writer encodes (PS3.3 C.12.1.1.2); all single-valued, without code extensions. */
export type WrittenCharset = 'ISO_IR 6' | 'ISO_IR 192' | 'GB18030' | 'GBK';

/** Pixel data in fragments: one per frame, as compressed transfer syntaxes hold it (PS3.5 A.4). */
export interface EncapsulatedFrames {
  readonly frames: readonly Uint8Array[];
  /** Whether the basic offset table is filled in. Absent: it is left empty, as most devices do. */
  readonly offsetTable?: boolean;
}

/** Value of an element: text or numbers (one or several), bytes, items of a sequence, encapsulated frames. */
export type DicomValue =
  | string
  | number
  | readonly (string | number)[]
  | Uint8Array
  | readonly DataSet[]
  | EncapsulatedFrames;

/** One element: its tag as group and element, its VR, its value. */
export interface DataElement {
  readonly tag: number;
  readonly vr: Vr;
  readonly value: DicomValue;
}

/** Elements of a data set or item, in any order; they are written in ascending order of their tags. */
export type DataSet = readonly DataElement[];

/** How a data set is written. */
export interface Encoding {
  readonly transferSyntaxUid: string;
  readonly charset: WrittenCharset;
  /** Whether sequences and items end with a delimiter instead of carrying their length. Absent: they carry it. */
  readonly undefinedLengths?: boolean;
}

/** Makes a data set of attributes by keyword. Attributes that are undefined are left out; an empty text is an empty value. */
export const dataSet = (
  attributes: Readonly<Partial<Record<WrittenKeyword, DicomValue | undefined>>>,
): DataSet => {
  const elements: DataElement[] = [];
  for (const [keyword, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    const [tag, vr] = WRITTEN_ATTRIBUTES[keyword as WrittenKeyword];
    elements.push({ tag, vr, value });
  }
  return elements;
};

/** A coded entry as an item of a code sequence (PS3.3 8.8). */
export const codeItem = (value: string, scheme: string, meaning: string): DataSet =>
  dataSet({ CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning });

/** VRs whose text is in the Specific Character Set (PS3.5 6.1.2.3). */
const CHARSET_VRS: ReadonlySet<Vr> = new Set<Vr>(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
/** VRs with a length of four bytes in explicit syntaxes (PS3.5 7.1.2). */
const LONG_VRS: ReadonlySet<Vr> = new Set<Vr>(['OB', 'OW', 'SQ', 'UC', 'UN', 'UT']);

const NUMBERS: Readonly<
  Partial<Record<Vr, readonly [bytes: number, put: (view: DataView, at: number, value: number) => void]>>
> = {
  US: [2, (view, at, value) => view.setUint16(at, value, true)],
  SS: [2, (view, at, value) => view.setInt16(at, value, true)],
  UL: [4, (view, at, value) => view.setUint32(at, value, true)],
  SL: [4, (view, at, value) => view.setInt32(at, value, true)],
  FL: [4, (view, at, value) => view.setFloat32(at, value, true)],
  FD: [8, (view, at, value) => view.setFloat64(at, value, true)],
};

const UNDEFINED_LENGTH = 0xffff_ffff;
const ITEM = 0xfffe_e000;
const ITEM_END = 0xfffe_e00d;
const SEQUENCE_END = 0xfffe_e0dd;

/** A decimal string of at most 16 characters (PS3.5 6.2, DS). */
const decimalText = (value: number): string => {
  const plain = String(value);
  if (plain.length <= 16) return plain;
  // A sign, a point and an exponent may stand beside the digits.
  for (let digits = 15; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16) return text;
  }
  return value.toExponential(8);
};

/**
 * Codes (CS) are ASCII by the standard. Devices that were set up in Chinese write what was typed all the same, 右膝, in the set of their
 * other texts.
 */
const encodeText = (text: string, vr: Vr, charset: WrittenCharset): Uint8Array => {
  if (!(CHARSET_VRS.has(vr) || vr === 'CS') || charset === 'ISO_IR 6') return iconv.encode(text, 'ascii');
  return iconv.encode(text, charset === 'ISO_IR 192' ? 'utf8' : charset.toLowerCase());
};

const padded = (bytes: Uint8Array, pad: number): Uint8Array => {
  if (bytes.length % 2 === 0) return bytes;
  const even = new Uint8Array(bytes.length + 1);
  even.set(bytes);
  even[bytes.length] = pad;
  return even;
};

const valueBytes = ({ vr, value }: DataElement, charset: WrittenCharset): Uint8Array => {
  if (value instanceof Uint8Array) return padded(value, 0);
  const values = (Array.isArray(value) ? value : [value]) as readonly (string | number)[];
  const number = NUMBERS[vr];
  if (number) {
    const [size, put] = number;
    const bytes = new Uint8Array(values.length * size);
    const view = new DataView(bytes.buffer);
    for (const [index, one] of values.entries()) put(view, index * size, Number(one));
    return bytes;
  }
  const text = values.map((one) => (typeof one === 'number' ? decimalText(one) : one)).join('\\');
  return padded(encodeText(text, vr, charset), vr === 'UI' ? 0 : 0x20);
};

const elementHead = (tag: number, vr: Vr, length: number, explicit: boolean): Uint8Array => {
  const long = explicit && LONG_VRS.has(vr);
  const head = new Uint8Array(long ? 12 : 8);
  const view = new DataView(head.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  if (!explicit) view.setUint32(4, length, true);
  else {
    head[4] = vr.charCodeAt(0);
    head[5] = vr.charCodeAt(1);
    if (long) view.setUint32(8, length, true);
    else view.setUint16(6, length, true);
  }
  return head;
};

/** Item and delimiter tags have no VR in any syntax. */
const markHead = (tag: number, length: number): Uint8Array => elementHead(tag >>> 0, 'UN', length, false);

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

const sequenceParts = (items: readonly DataSet[], encoding: Encoding): Uint8Array[] => {
  const open = encoding.undefinedLengths === true;
  const parts: Uint8Array[] = [];
  for (const item of items) {
    const inside = dataSetParts(item, encoding);
    parts.push(markHead(ITEM, open ? UNDEFINED_LENGTH : lengthOf(inside)), ...inside);
    if (open) parts.push(markHead(ITEM_END, 0));
  }
  if (open) parts.push(markHead(SEQUENCE_END, 0));
  return parts;
};

const encapsulatedParts = ({ frames, offsetTable }: EncapsulatedFrames): Uint8Array[] => {
  const table = new Uint8Array(offsetTable ? frames.length * 4 : 0);
  const fragments = frames.map((frame) => padded(frame, 0));
  const view = new DataView(table.buffer);
  let offset = 0;
  if (offsetTable)
    for (const [index, { length }] of fragments.entries()) {
      view.setUint32(index * 4, offset, true);
      offset += length + 8;
    }
  return [
    markHead(ITEM, table.length),
    table,
    ...fragments.flatMap((fragment) => [markHead(ITEM, fragment.length), fragment]),
    markHead(SEQUENCE_END, 0),
  ];
};

const isSequence = (element: DataElement): boolean => element.vr === 'SQ';

const elementParts = (element: DataElement, encoding: Encoding): Uint8Array[] => {
  const explicit = encoding.transferSyntaxUid !== TRANSFER_SYNTAXES.implicitLittleEndian;
  const { tag, vr, value } = element;
  if (isSequence(element)) {
    const parts = sequenceParts(value as readonly DataSet[], encoding);
    const length = encoding.undefinedLengths ? UNDEFINED_LENGTH : lengthOf(parts);
    return [elementHead(tag, vr, length, explicit), ...parts];
  }
  if (typeof value === 'object' && 'frames' in value)
    return [elementHead(tag, 'OB', UNDEFINED_LENGTH, explicit), ...encapsulatedParts(value)];
  const bytes = valueBytes(element, encoding.charset);
  return [elementHead(tag, vr, bytes.length, explicit), bytes];
};

const dataSetParts = (elements: DataSet, encoding: Encoding): Uint8Array[] =>
  elements
    .toSorted((one, other) => one.tag - other.tag)
    .flatMap((element) => elementParts(element, encoding));

/** The bytes of a data set without preamble and meta information, as C-STORE carries them. */
export const writeDataSet = (elements: DataSet, encoding: Encoding): Buffer =>
  Buffer.concat(dataSetParts(elements, encoding));

/** Which instance a file holds, for its meta information. */
export interface Part10Instance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
}

const IMPLEMENTATION_VERSION = 'HUREN';

const META_ENCODING: Encoding = {
  transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
  charset: 'ISO_IR 6',
};
const PREAMBLE = Buffer.concat([new Uint8Array(128), Buffer.from('DICM', 'latin1')]);

/** What stands before and behind the UID of an instance in the meta group, by class and syntax: the same in all of a series. */
const metaSurroundings = new Map<string, { readonly before: Buffer; readonly behind: Buffer }>();
/** A sender names the class and the syntax: what it makes up is not kept. */
const SURROUNDINGS_MAX = 256;

const surroundingsOf = ({ sopClassUid, transferSyntaxUid }: Part10Instance) => {
  const key = `${sopClassUid}|${transferSyntaxUid}`;
  const known = metaSurroundings.get(key);
  if (known) return known;
  const made = {
    before: writeDataSet(
      [
        { tag: 0x0002_0001, vr: 'OB', value: Uint8Array.of(0, 1) },
        { tag: 0x0002_0002, vr: 'UI', value: sopClassUid },
      ],
      META_ENCODING,
    ),
    behind: writeDataSet(
      [
        { tag: 0x0002_0010, vr: 'UI', value: transferSyntaxUid },
        { tag: 0x0002_0012, vr: 'UI', value: IMPLEMENTATION_CLASS_UID },
        { tag: 0x0002_0013, vr: 'SH', value: IMPLEMENTATION_VERSION },
      ],
      META_ENCODING,
    ),
  };
  if (metaSurroundings.size < SURROUNDINGS_MAX) metaSurroundings.set(key, made);
  return made;
};

/** Preamble and file meta information (PS3.10 7.1), to put before the bytes of a data set. */
export const writeMeta = (instance: Part10Instance): Buffer => {
  const { before, behind } = surroundingsOf(instance);
  const uid = writeDataSet([{ tag: 0x0002_0003, vr: 'UI', value: instance.sopInstanceUid }], META_ENCODING);
  const bytes = before.length + uid.length + behind.length;
  const length = writeDataSet([{ tag: 0x0002_0000, vr: 'UL', value: bytes }], META_ENCODING);
  return Buffer.concat([PREAMBLE, length, before, uid, behind]);
};

/** A whole file of one instance (PS3.10): preamble, meta information, data set. */
export const writePart10 = (instance: Part10Instance, elements: DataSet, encoding: Encoding): Buffer =>
  Buffer.concat([writeMeta(instance), ...dataSetParts(elements, encoding)]);
