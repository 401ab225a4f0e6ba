import { inflateRawSync } from 'node:zlib';
import dicomParser, { type DataSet as ParsedDataSet, type Element } from 'dicom-parser';
import { vrOf } from './attribute-vr.ts';
import { type CharsetReading, readingOf } from './charset.ts';
import { encodingOf } from './transfer-syntax.ts';

/** Bounds of what is read of one data set; beyond them it is refused, whatever it is. */
export const HEADER_BYTES_MAX = 16 * 1024 * 1024;
const DEPTH_MAX = 64;
const ELEMENTS_MAX = 200_000;
const INFLATED_BYTES_MAX = 512 * 1024 * 1024;
const INFLATION_MAX = 200;

/** Why a data set cannot be read; `truncated` when more bytes of it might help. */
export type DataSetProblem =
  | 'truncated'
  | 'malformed'
  | 'too-deep'
  | 'too-many-elements'
  | 'inflates-too-far'
  | 'header-too-large';

/** A data set that cannot be read. */
export class UnreadableDataSet extends Error {
  readonly problem: DataSetProblem;
  constructor(problem: DataSetProblem) {
    super(problem);
    this.problem = problem;
  }
}

/** Where the value of the pixel data begins. */
export interface PixelPlace {
  /** From the start of the data set. */
  readonly offset: number;
  /** -1 for fragments. */
  readonly length: number;
}

/** A data set as read, up to its pixels. Tags are eight hex digits in upper case. */
export interface DicomDataSet {
  readonly parsed: ParsedDataSet;
  /** Bytes that offsets of elements count in: those handed in, or what they inflated to. */
  readonly bytes: Uint8Array;
  readonly bigEndian: boolean;
  readonly charset: CharsetReading;
  readonly pixels: PixelPlace | null;
}

const PIXEL_DATA = 'x7fe00010';
const DOCUMENT = 'x00420011';
const ENCAPSULATED_DOCUMENT_CLASSES = '1.2.840.10008.5.1.4.1.1.104.';

const NAMES_MAX = 4096;
const names = new Map<string, string>();

/** dicom-parser's name of a tag. Kept, because a text that is put together anew is looked up like one never seen before. */
const nameOf = (tag: string): string => {
  let name = names.get(tag);
  if (name === undefined) {
    name = `x${tag.toLowerCase()}`;
    if (names.size < NAMES_MAX) names.set(tag, name);
  }
  return name;
};

/** The tag of dicom-parser's name. */
const tagOfName = (name: string): string => name.slice(1).toUpperCase();

/** Text value representations that the character set applies to (PS3.5 §6.1.2.3). */
export const CHARSET_VRS: ReadonlySet<string> = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
/** Those of them in which a backslash separates nothing. */
const UNDIVIDED_VRS = new Set(['LT', 'ST', 'UT', 'UR']);

/** Value representation of an element: as written, else by the dictionary. What cannot be opened as a sequence is none. */
export const elementVr = (tag: string, element: Element): string => {
  if (element.items) return 'SQ';
  if (element.vr !== undefined && element.vr !== 'UN') return element.vr;
  const known = vrOf(tag);
  return known === 'SQ' && element.vr === 'UN' ? 'UN' : known;
};

const inflate = (bytes: Uint8Array): Uint8Array => {
  try {
    return inflateRawSync(bytes, {
      maxOutputLength: Math.min(INFLATED_BYTES_MAX, Math.max(bytes.length * INFLATION_MAX, 1024 * 1024)),
    });
  } catch (error) {
    const isBomb = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new UnreadableDataSet(isBomb ? 'inflates-too-far' : 'truncated');
  }
};

/**
 * Items of a sequence that came as bytes of an unknown kind: whoever did not know the attribute wrote it so, and its value is
 * implicit little endian whatever the data set is in (PS3.5 §6.2.2).
 *
 * @returns undefined where the bytes are no such sequence; they stay what they are
 */
const itemsOfUnknown = (bytes: Uint8Array, element: Element): Element['items'] | undefined => {
  const stream = new dicomParser.ByteStream(
    dicomParser.littleEndianByteArrayParser,
    bytes,
    element.dataOffset,
  );
  const opened: Element = { ...element };
  try {
    dicomParser.readSequenceItemsImplicit(stream, opened, (tag) => vrOf(tagOfName(tag)));
  } catch {
    return undefined;
  }
  return stream.position === element.dataOffset + element.length ? opened.items : undefined;
};

/** A big-endian data set would read the items' numbers the wrong way round, so there they stay bytes. */
const isUnknownSequence = ({ vr, items, tag, length }: Element): boolean =>
  vr === 'UN' && items === undefined && length > 0 && vrOf(tagOfName(tag)) === 'SQ';

/**
 * Counts the elements of all levels, and opens sequences that came as unknown: the parse itself is bounded by the stack, this
 * by what we are willing to walk.
 */
const walk = (top: ParsedDataSet, bytes: Uint8Array, bigEndian: boolean, elementsMax: number): void => {
  const waiting: { readonly dataSet: ParsedDataSet; readonly depth: number }[] = [{ dataSet: top, depth: 1 }];
  let elements = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.depth > DEPTH_MAX) throw new UnreadableDataSet('too-deep');
    for (const element of Object.values(next.dataSet.elements)) {
      elements += 1;
      if (elements > elementsMax) throw new UnreadableDataSet('too-many-elements');
      if (!bigEndian && isUnknownSequence(element)) {
        const items = itemsOfUnknown(bytes, element);
        if (items) element.items = items;
      }
      for (const item of element.items ?? [])
        if (item.dataSet) waiting.push({ dataSet: item.dataSet, depth: next.depth + 1 });
    }
  }
};

/** Value representations of 2019 whose length has four bytes (PS3.5 §7.1.2); the parser is older and takes two. */
const LATER_VRS: ReadonlySet<string> = new Set(['OV', 'SV', 'UV']);

/** Reads them as unknown ones, which have the same form; the dictionary knows what they are. */
const streamOf = (
  reader: ConstructorParameters<typeof dicomParser.ByteStream>[0],
  bytes: Uint8Array,
): InstanceType<typeof dicomParser.ByteStream> => {
  const stream = new dicomParser.ByteStream(reader, bytes, 0);
  const read = stream.readFixedString.bind(stream);
  stream.readFixedString = (length) => {
    const text = read(length);
    return LATER_VRS.has(text) ? 'UN' : text;
  };
  return stream;
};

const parse = (bytes: Uint8Array, explicit: boolean, bigEndian: boolean, untilTag: string): ParsedDataSet => {
  const reader = bigEndian ? dicomParser.bigEndianByteArrayParser : dicomParser.littleEndianByteArrayParser;
  const dataSet = new (
    dicomParser as unknown as {
      DataSet: new (parser: unknown, bytes: Uint8Array, elements: object) => ParsedDataSet;
    }
  ).DataSet(reader, bytes, {});
  const stream = streamOf(reader, bytes);
  if (explicit) dicomParser.parseDicomDataSetExplicit(dataSet, stream, bytes.length, { untilTag });
  else
    dicomParser.parseDicomDataSetImplicit(dataSet, stream, bytes.length, {
      untilTag,
      vrCallback: (tag) => vrOf(tagOfName(tag)),
    });
  return dataSet;
};

const valueBytes = (bytes: Uint8Array, element: Element): Uint8Array =>
  bytes.subarray(element.dataOffset, element.dataOffset + Math.max(0, element.length));

const CHARSET_NAME = 'x00080005';
const PATIENT_NAME = 'x00100010';
/** Texts from which a character set that nobody names is found out. */
const SAMPLED = ['00100010', '00081030', '0008103E', '00080080', '00180015', '00081010', '00081040'];

const charsetOf = (dataSet: ParsedDataSet, bytes: Uint8Array, assumed: string | null): CharsetReading => {
  const named = dataSet.elements[CHARSET_NAME];
  const text = named ? Buffer.from(valueBytes(bytes, named)).toString('latin1').replaceAll('\0', '') : '';
  const samples = SAMPLED.flatMap((tag) => {
    const element = dataSet.elements[nameOf(tag)];
    return element ? [valueBytes(bytes, element)] : [];
  });
  const name = dataSet.elements[PATIENT_NAME];
  return readingOf(
    text.trim() === '' ? [] : text.split('\\'),
    assumed,
    samples,
    name ? valueBytes(bytes, name) : null,
  );
};

/** True for classes that wrap a document (PDF, STL …) instead of pixels. */
export const isDocumentClass = (sopClassUid: string): boolean =>
  sopClassUid.startsWith(ENCAPSULATED_DOCUMENT_CLASSES);

/** The one element after which nothing is read for a class: its pixels, or the document it wraps. */
const untilTagOf = (sopClassUid: string): string => (isDocumentClass(sopClassUid) ? DOCUMENT : PIXEL_DATA);

/**
 * Reads a data set up to its pixels.
 *
 * @param head from its first byte on; all of it where `isWhole`
 * @throws UnreadableDataSet
 */
export const readDataSet = (
  head: Uint8Array,
  isWhole: boolean,
  of: {
    readonly transferSyntaxUid: string;
    readonly sopClassUid: string;
    readonly assumedCharset: string | null;
    /** Of all levels; absent: as many as an instance may have. */
    readonly elementsMax?: number;
  },
): DicomDataSet => {
  const { explicit, bigEndian, deflated } = encodingOf(of.transferSyntaxUid);
  if (deflated && !isWhole) throw new UnreadableDataSet('truncated');
  const bytes = deflated ? inflate(head) : head;
  const hasAll = isWhole || deflated;
  const untilTag = untilTagOf(of.sopClassUid);
  let parsed: ParsedDataSet;
  try {
    parsed = parse(bytes, explicit, bigEndian, untilTag);
  } catch (error) {
    if (error instanceof RangeError && /call stack/i.test(error.message))
      throw new UnreadableDataSet('too-deep');
    throw new UnreadableDataSet(hasAll ? 'malformed' : 'truncated');
  }
  const last = parsed.elements[untilTag];
  if (!last) {
    // Without pixels everything must be there, down to the end of the last element.
    const end = Object.values(parsed.elements).reduce(
      (furthest, { dataOffset, length }) => Math.max(furthest, dataOffset + Math.max(0, length)),
      0,
    );
    if (!hasAll) throw new UnreadableDataSet('truncated');
    if (end > bytes.length) throw new UnreadableDataSet('malformed');
  }
  walk(parsed, bytes, bigEndian, of.elementsMax ?? ELEMENTS_MAX);
  const isPixels = last !== undefined && untilTag === PIXEL_DATA;
  return {
    parsed,
    bytes,
    bigEndian,
    charset: charsetOf(parsed, bytes, of.assumedCharset),
    pixels: isPixels
      ? {
          offset: last.dataOffset,
          length: last.hadUndefinedLength || last.length === 0xffffffff || last.length < 0 ? -1 : last.length,
        }
      : null,
  };
};

/** Without padding; NUL is padding wherever it stands. */
const stripped = (text: string): string => text.replaceAll('\0', '').trim();

/** The values of a text element, decoded, without padding. */
export const textValues = (
  { bytes, charset }: DicomDataSet,
  tag: string,
  element: Element,
): readonly string[] => {
  const vr = elementVr(tag, element);
  const raw = valueBytes(bytes, element);
  // A code has plain letters by the standard; devices in China write 胸部 into it, in the character set of the data set.
  const isText = CHARSET_VRS.has(vr) || (vr === 'CS' && raw.some((byte) => byte > 0x7f));
  const text = isText ? charset.decode(raw) : Buffer.from(raw).toString('latin1');
  return UNDIVIDED_VRS.has(vr) ? [stripped(text)] : text.split('\\').map(stripped);
};

/** The element of a tag on the top level. */
export const elementOf = ({ parsed }: DicomDataSet, tag: string): Element | undefined =>
  parsed.elements[nameOf(tag)];

/** The bytes of an element's value. */
export const bytesOf = ({ bytes }: DicomDataSet, element: Element): Uint8Array => valueBytes(bytes, element);

/** A data set of an item of a sequence, read the same way. */
export const itemOf = (dataSet: DicomDataSet, item: Element): DicomDataSet | undefined =>
  item.dataSet && { ...dataSet, parsed: item.dataSet };

/** The items of a sequence of the top level; an empty one is left out. */
export const itemsOf = (dataSet: DicomDataSet, tag: string): readonly DicomDataSet[] =>
  (elementOf(dataSet, tag)?.items ?? []).flatMap((item) => itemOf(dataSet, item) ?? []);

/** The first value of a text of the top level that is not empty; null: there is none. */
export const textIn = (dataSet: DicomDataSet | undefined, tag: string): string | null => {
  const element = dataSet && elementOf(dataSet, tag);
  return (element && textValues(dataSet, tag, element).find((text) => text !== '')) ?? null;
};
