import type { Element } from 'dicom-parser';
import type { HeaderPixels } from '../../imaging/index.ts';
import { vrOf } from './attribute-vr.ts';
import { type DicomDataSet, elementOf, readDataSet, UnreadableDataSet } from './data-set.ts';
import { tagNumber, tagOf } from './element-writer.ts';
import { plainPixels } from './native-frame.ts';
import { type DataSetEncoding, encodingOf } from './transfer-syntax.ts';

/** Implicit or explicit little endian: what every receiver takes (PS3.5 §10.1), and the plainer of the other uncompressed ones. */
export type PlainSyntax = '1.2.840.10008.1.2' | '1.2.840.10008.1.2.1';

/** The one large value of an instance, in front of which its header ends: pixels, or the document that it wraps. */
export interface BulkPlace {
  /** From the start of the stored data set; of a deflated one, of what it inflates to. */
  readonly offset: number;
  /** -1 for fragments: the frames have to be decoded. */
  readonly length: number;
  /** Whether its bytes are big-endian words of two bytes. */
  readonly isSwapped: boolean;
}

/** A header in another, uncompressed syntax. */
export interface PlainHead {
  /** All elements before the bulk, and of that tag and value representation; its length (four bytes) and value follow. */
  readonly bytes: Uint8Array;
  /** null: `bytes` are the whole data set. */
  readonly bulk: BulkPlace | null;
}

/** What cannot be said in another syntax without guessing. */
class Unsupported extends Error {}

const PIXEL_DATA = '7FE00010';
/** Of encapsulated pixels alone (PS3.3 §C.7.6.3): offsets and lengths of fragments. */
const OF_FRAGMENTS: ReadonlySet<string> = new Set(['7FE00001', '7FE00002', '7FE00003']);
const PHOTOMETRIC = '00280004';
const PLANAR = '00280006';
const EXPLICIT_LITTLE: PlainSyntax = '1.2.840.10008.1.2.1';

/** Value representations whose length takes four bytes (PS3.5 §7.1.2). */
const LONG_VRS: ReadonlySet<string> = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const SHORT_LENGTH_MAX = 0xfffe;
/** Bytes of one number, by which big-endian values are turned round (PS3.5 §7.3). Unknown ones never are (§6.2.2). */
const NUMBER_BYTES: ReadonlyMap<string, 2 | 4 | 8> = new Map([
  ...['AT', 'OW', 'SS', 'US'].map((vr) => [vr, 2] as const),
  ...['FL', 'OF', 'OL', 'SL', 'UL'].map((vr) => [vr, 4] as const),
  ...['FD', 'OD', 'OV', 'SV', 'UV'].map((vr) => [vr, 8] as const),
]);
/** Attributes that are SS where pixels are signed and US elsewhere (PS3.6): an implicit data set does not say which. */
const SIGNED_WITH_PIXELS: ReadonlySet<string> = new Set(
  [
    '00280071 00280104 00280105 00280106 00280107 00280108 00280109 00280110 00280111',
    '00280120 00280121 00281101 00281102 00281103 00283002',
  ].flatMap((tags) => tags.split(' ')),
);
const PIXEL_REPRESENTATION = '00280103';

const UNDEFINED_LENGTH = 0xffff_ffff;
const ITEM = 'FFFEE000';
const ITEM_END = 'FFFEE00D';
const SEQUENCE_END = 'FFFEE0DD';
const END_BYTES = 8;

const mark = (tag: string, length: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  bytes.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  bytes.writeUInt32LE(length, 4);
  return bytes;
};

/** An element's head as far as its length, little endian. */
const head = (tag: string, vr: string, length: number, isExplicit: boolean): Buffer => {
  const plain = mark(tag, length);
  if (!isExplicit) return plain;
  const name = Buffer.from(vr, 'latin1');
  if (LONG_VRS.has(vr))
    return Buffer.concat([plain.subarray(0, 4), name, Buffer.alloc(2), plain.subarray(4)]);
  // What is too long for its kind goes as unknown (PS3.5 §6.2.2).
  if (length > SHORT_LENGTH_MAX) return head(tag, 'UN', length, true);
  return Buffer.concat([plain.subarray(0, 4), name, plain.subarray(4, 6)]);
};

/** From what and to what a data set is put. */
interface Transcription {
  readonly bytes: Uint8Array;
  readonly from: DataSetEncoding;
  readonly isExplicit: boolean;
}

/** As written: the parser takes those of 2019 for unknown ones. */
const writtenVr = ({ bytes }: Transcription, { vr, dataOffset }: Element): string =>
  vr === undefined || vr === 'UN'
    ? Buffer.from(bytes.subarray(dataOffset - 8, dataOffset - 6)).toString('latin1')
    : vr;

const signedIn = ({ bytes, from }: Transcription, elements: Readonly<Record<string, Element>>) => {
  const element = elements[`x${PIXEL_REPRESENTATION.toLowerCase()}`];
  if (!element || element.length < 2) return undefined;
  return bytes[element.dataOffset + (from.bigEndian ? 1 : 0)] === 1;
};

const vrIn = (of: Transcription, tag: string, element: Element, isSigned: boolean): string => {
  if (of.from.explicit) return writtenVr(of, element);
  if (isSigned && SIGNED_WITH_PIXELS.has(tag)) return 'SS';
  return vrOf(tag);
};

const startOf = (of: Transcription, element: Element): number =>
  element.dataOffset - (of.from.explicit && LONG_VRS.has(writtenVr(of, element)) ? 12 : 8);

const turned = (value: Uint8Array, size: 2 | 4 | 8 | undefined): Uint8Array => {
  if (size === undefined) return value;
  if (value.length % size !== 0) throw new Unsupported();
  const own = Buffer.from(value);
  return size === 2 ? own.swap16() : size === 4 ? own.swap32() : own.swap64();
};

/** Elements in the order in which they lie. */
const inPlace = (elements: Readonly<Record<string, Element>>): readonly Element[] =>
  Object.values(elements).toSorted((one, other) => one.dataOffset - other.dataOffset);

/** Frames in an icon would have to be decoded too (PS3.5 §A.4). */
const refuseFragments = (element: Element): void => {
  for (const item of element.items ?? [])
    for (const inner of Object.values(item.dataSet?.elements ?? {})) {
      if (tagOf(inner.tag) === PIXEL_DATA && inner.hadUndefinedLength) throw new Unsupported();
      refuseFragments(inner);
    }
};

/** The value of an element of an unknown kind: bytes that nobody turns round, items of implicit little endian among them. */
const unknown = (of: Transcription, tag: string, element: Element): readonly Uint8Array[] => {
  const { dataOffset, length, hadUndefinedLength } = element;
  const value = of.bytes.subarray(dataOffset, dataOffset + length);
  if (!hadUndefinedLength) return [head(tag, 'UN', length, of.isExplicit), value];
  const isEnded = length >= END_BYTES && mark(SEQUENCE_END, 0).equals(value.subarray(length - END_BYTES));
  if (of.from.bigEndian || !isEnded) throw new Unsupported();
  return [head(tag, 'UN', UNDEFINED_LENGTH, of.isExplicit), value];
};

const sequence = (of: Transcription, tag: string, element: Element, isSigned: boolean): Uint8Array[] => {
  const parts = (element.items ?? []).flatMap((item) => {
    const { elements } = item.dataSet ?? { elements: {} };
    const content = Buffer.concat(elementsAnew(of, elements, signedIn(of, elements) ?? isSigned));
    return item.hadUndefinedLength
      ? [mark(ITEM, UNDEFINED_LENGTH), content, mark(ITEM_END, 0)]
      : [mark(ITEM, content.length), content];
  });
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return element.hadUndefinedLength
    ? [head(tag, 'SQ', UNDEFINED_LENGTH, of.isExplicit), ...parts, mark(SEQUENCE_END, 0)]
    : [head(tag, 'SQ', length, of.isExplicit), ...parts];
};

const elementAnew = (of: Transcription, element: Element, isSigned: boolean): readonly Uint8Array[] => {
  const tag = tagOf(element.tag);
  const vr = vrIn(of, tag, element, isSigned);
  if (vr === 'UN') return unknown(of, tag, element);
  if (vr === 'SQ') return sequence(of, tag, element, isSigned);
  if (element.items) return unknown(of, tag, element);
  const { dataOffset, length, hadUndefinedLength } = element;
  if (hadUndefinedLength || length < 0) throw new Unsupported();
  const value = of.bytes.subarray(dataOffset, dataOffset + length);
  if (value.length !== length) throw new UnreadableDataSet('malformed');
  const size = of.from.bigEndian ? NUMBER_BYTES.get(vr) : undefined;
  return [head(tag, vr, length, of.isExplicit), turned(value, size)];
};

/** Elements one by one; the lengths of groups would be wrong, and nobody needs them (PS3.5 §7.2). */
const elementsAnew = (
  of: Transcription,
  elements: Readonly<Record<string, Element>>,
  isSigned: boolean,
): readonly Uint8Array[] =>
  inPlace(elements).flatMap((element) =>
    element.tag.endsWith('0000') ? [] : elementAnew(of, element, isSigned),
  );

/** The same elements; where the encoding of both syntaxes is the same, the very bytes. */
const transcribed = (of: Transcription, elements: readonly Element[], end: number, isSigned: boolean) =>
  elements.map((element, at) => {
    refuseFragments(element);
    const next = elements[at + 1];
    const isSame = of.from.explicit && !of.from.bigEndian && of.isExplicit;
    return {
      tag: tagOf(element.tag),
      parts: isSame
        ? [of.bytes.subarray(startOf(of, element), next ? startOf(of, next) : end)]
        : elementAnew(of, element, isSigned),
    };
  });

/** What the header has to say otherwise once the frames are decoded. */
const changesOf = (stored: HeaderPixels, plain: HeaderPixels, isExplicit: boolean) => {
  const changes = new Map<string, Uint8Array>();
  const text = plain.photometricInterpretation ?? '';
  if (text !== stored.photometricInterpretation) {
    const value = Buffer.from(text.length % 2 === 0 ? text : `${text} `, 'latin1');
    changes.set(PHOTOMETRIC, Buffer.concat([head(PHOTOMETRIC, 'CS', value.length, isExplicit), value]));
  }
  if (plain.planarConfiguration !== stored.planarConfiguration)
    changes.set(
      PLANAR,
      Buffer.concat([head(PLANAR, 'US', 2, isExplicit), Uint8Array.of(plain.planarConfiguration ?? 0, 0)]),
    );
  return changes;
};

/** Reads the new header: it must have all that the old one had. @throws Unsupported */
const prove = (made: Uint8Array, syntax: PlainSyntax, tags: readonly string[], bulk: string | null): void => {
  // A bulk of no length, so that the reader sees its end.
  const again = readDataSet(bulk === null ? made : Buffer.concat([made, new Uint8Array(4)]), true, {
    transferSyntaxUid: syntax,
    sopClassUid: '',
    assumedCharset: null,
  });
  const wanted = bulk === null ? tags : [...tags, bulk];
  if (wanted.some((tag) => !elementOf(again, tag))) throw new Unsupported();
};

const bulkVr = (of: Transcription, tag: string, element: Element, pixels: HeaderPixels): string => {
  if (tag !== PIXEL_DATA) return 'OB';
  const isWide = (pixels.bitsAllocated ?? 0) > 8;
  if (element.hadUndefinedLength || !of.from.explicit)
    return isWide || !element.hadUndefinedLength ? 'OW' : 'OB';
  const vr = writtenVr(of, element);
  if (vr === 'OB' || vr === 'OW') return vr;
  if (of.from.bigEndian) throw new Unsupported();
  return isWide ? 'OW' : 'OB';
};

/**
 * A header as an uncompressed syntax has it: every element that stays keeps its bytes where both syntaxes are explicit little
 * endian, and its value elsewhere. Of decoded pixels it says what they are then (PS3.5 §8.2).
 *
 * @param dataSet read to its bulk, or to its end
 * @param bulkTag of the value that is left out, where it is there
 * @returns null where something in it cannot be said otherwise without guessing, or its pixels cannot be decoded
 */
export const plainHead = (
  dataSet: DicomDataSet,
  of: { readonly transferSyntaxUid: string; readonly pixels: HeaderPixels; readonly bulkTag: string },
  syntax: PlainSyntax,
): PlainHead | null => {
  const { pixels, bulkTag } = of;
  const { bytes, parsed } = dataSet;
  const transcription: Transcription = {
    bytes,
    from: encodingOf(of.transferSyntaxUid),
    isExplicit: syntax === EXPLICIT_LITTLE,
  };
  const bulk = elementOf(dataSet, bulkTag);
  const isEncapsulated = bulk?.hadUndefinedLength === true;
  // Fragments without a compression, or a compression without fragments: nobody knows what these pixels are.
  if (bulk && bulkTag === PIXEL_DATA && isEncapsulated !== transcription.from.encapsulated) return null;
  const plain = isEncapsulated ? plainPixels(pixels, of.transferSyntaxUid) : pixels;
  if (!plain) return null;
  try {
    const end = bulk ? startOf(transcription, bulk) : bytes.length;
    const present = inPlace(parsed.elements).filter((element) => element !== bulk);
    const changes = changesOf(pixels, plain, transcription.isExplicit);
    const isSigned = pixels.pixelRepresentation === 1;
    const kept = transcribed(transcription, present, end, isSigned).filter(
      ({ tag }) => !tag.endsWith('0000') && !changes.has(tag) && !(isEncapsulated && OF_FRAGMENTS.has(tag)),
    );
    const all = [...kept, ...[...changes].map(([tag, made]) => ({ tag, parts: [made] }))].sort(
      (one, other) => tagNumber(one.tag) - tagNumber(other.tag),
    );
    const parts = all.flatMap(({ parts: each }) => each);
    const vr = bulk ? bulkVr(transcription, bulkTag, bulk, plain) : '';
    // Without its length, which is known when the frames are.
    if (bulk) parts.push(head(bulkTag, vr, 0, transcription.isExplicit).subarray(0, -4));
    // On its own: what comes out of a pool would take its neighbours along to another thread.
    const made = new Uint8Array(Buffer.concat(parts));
    prove(
      made,
      syntax,
      all.map(({ tag }) => tag),
      bulk ? bulkTag : null,
    );
    const isSwapped = transcription.from.bigEndian && vr === 'OW';
    // How words of four bytes lie in words of two is told differently by different writers.
    if (isSwapped && (pixels.bitsAllocated ?? 0) > 16) return null;
    return {
      bytes: made,
      bulk: bulk ? { offset: bulk.dataOffset, length: isEncapsulated ? -1 : bulk.length, isSwapped } : null,
    };
  } catch (error) {
    if (error instanceof Unsupported || error instanceof UnreadableDataSet) return null;
    throw error;
  }
};

/**
 * What stands behind the bulk (signatures, padding) in another syntax.
 *
 * @returns null where it cannot be read
 */
export const plainTail = (
  bytes: Uint8Array,
  transferSyntaxUid: string,
  syntax: PlainSyntax,
): Uint8Array | null => {
  if (bytes.length === 0) return bytes;
  const { deflated } = encodingOf(transferSyntaxUid);
  const from = deflated ? EXPLICIT_LITTLE : transferSyntaxUid;
  try {
    const read = readDataSet(bytes, true, { transferSyntaxUid: from, sopClassUid: '', assumedCharset: null });
    const of = { bytes, from: encodingOf(from), isExplicit: syntax === EXPLICIT_LITTLE };
    const parts = transcribed(of, inPlace(read.parsed.elements), bytes.length, false);
    return Buffer.concat(parts.flatMap((each) => [...each.parts]));
  } catch (error) {
    if (error instanceof Unsupported || error instanceof UnreadableDataSet) return null;
    throw error;
  }
};
