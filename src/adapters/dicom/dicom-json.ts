import type { Element } from 'dicom-parser';
import { bytesOf, type DicomDataSet, elementVr, itemOf, textValues } from './data-set.ts';

/** One attribute of the DICOM JSON model (PS3.18 annex F.2). */
export interface JsonAttribute {
  readonly vr: string;
  Value?: readonly unknown[];
  InlineBinary?: string;
  BulkDataURI?: string;
}

/** A data set in the DICOM JSON model, by tag. */
export type JsonDataSet = Record<string, JsonAttribute>;

/** A binary value longer than this is given by its address instead of inline. */
const INLINE_BYTES_MAX = 1024;

/**
 * LUT Data (0028,3006) is given inline, whatever its length: without it nobody shows the picture as its device does, and whoever looks
 * through a pass has the metadata alone.
 */
const LUT_DATA = '00283006';
const LUT_BYTES_MAX = 128 * 1024;

const BINARY = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);

type Reading = {
  readonly bytes: number;
  readonly read: (view: DataView, at: number, little: boolean) => number | string;
};

/** Binary numbers by value representation. 64-bit integers beyond the exact range of a double travel as text. */
const NUMBERS: Readonly<Record<string, Reading>> = {
  US: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  SS: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  UL: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  SL: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  FL: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  FD: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  UV: { bytes: 8, read: (view, at, little) => exact(view.getBigUint64(at, little)) },
  SV: { bytes: 8, read: (view, at, little) => exact(view.getBigInt64(at, little)) },
};

const exact = (value: bigint): number | string =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value.toString();

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const NAME_GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;

const personName = (text: string): object | null => {
  const groups = text.split('=');
  const named = NAME_GROUPS.flatMap((name, index) => {
    const group = (groups[index] ?? '').trim();
    return group === '' ? [] : [[name, group] as const];
  });
  return named.length === 0 ? null : Object.fromEntries(named);
};

/** A number of a DS or IS text; text that is none stays text, as the model allows. */
const numeric = (text: string): number | string | null => {
  if (text === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
};

const isEmptyList = (values: readonly unknown[]): boolean =>
  values.every((value) => value === null || value === '');

/** Where in the object the value of a large element lies, as the last part of its address. */
export interface BulkAddress {
  /** Address of an element by the path of tags and item numbers that leads to it, e.g. `54000100/1/54001010`. */
  of(path: string): string;
}

const textAttribute = (dataSet: DicomDataSet, tag: string, element: Element, vr: string): JsonAttribute => {
  const texts = textValues(dataSet, tag, element);
  const values =
    vr === 'PN'
      ? texts.map(personName)
      : vr === 'DS' || vr === 'IS'
        ? texts.map(numeric)
        : texts.map((text) => (text === '' ? null : text));
  return isEmptyList(values) ? { vr } : { vr, Value: values };
};

const binaryNumbers = (
  dataSet: DicomDataSet,
  element: Element,
  vr: string,
  reading: Reading,
): JsonAttribute => {
  const bytes = bytesOf(dataSet, element);
  const view = viewOf(bytes);
  const values: unknown[] = [];
  for (let at = 0; at + reading.bytes <= bytes.length; at += reading.bytes) {
    const value = reading.read(view, at, !dataSet.bigEndian);
    values.push(typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);
  }
  return values.length === 0 ? { vr } : { vr, Value: values };
};

const tagsOf = (dataSet: DicomDataSet, element: Element): JsonAttribute => {
  const view = viewOf(bytesOf(dataSet, element));
  const values: string[] = [];
  for (let at = 0; at + 4 <= view.byteLength; at += 4) {
    const word = (offset: number) => view.getUint16(offset, !dataSet.bigEndian).toString(16).padStart(4, '0');
    values.push((word(at) + word(at + 2)).toUpperCase());
  }
  return values.length === 0 ? { vr: 'AT' } : { vr: 'AT', Value: values };
};

const attributeOf = (
  dataSet: DicomDataSet,
  tag: string,
  element: Element,
  path: string,
  bulk: BulkAddress,
): JsonAttribute => {
  const vr = elementVr(tag, element);
  if (vr === 'SQ') {
    const items = (element.items ?? []).map((item, index) => {
      const inner = itemOf(dataSet, item);
      return inner ? jsonOf(inner, bulk, `${path}/${index + 1}/`) : {};
    });
    return items.length === 0 ? { vr } : { vr, Value: items };
  }
  const inlineMax = tag === LUT_DATA ? LUT_BYTES_MAX : INLINE_BYTES_MAX;
  if (element.length > inlineMax && (BINARY.has(vr) || NUMBERS[vr]))
    return { vr, BulkDataURI: bulk.of(path) };
  const reading = NUMBERS[vr];
  if (reading) return binaryNumbers(dataSet, element, vr, reading);
  if (vr === 'AT') return tagsOf(dataSet, element);
  if (BINARY.has(vr)) {
    const bytes = bytesOf(dataSet, element);
    return bytes.length === 0 ? { vr } : { vr, InlineBinary: Buffer.from(bytes).toString('base64') };
  }
  return textAttribute(dataSet, tag, element, vr);
};

/** Group lengths say nothing any more, and the model leaves them out; so does it delimiters. */
const isLeftOut = (tag: string): boolean =>
  tag.endsWith('0000') || tag.startsWith('FFFE') || tag.startsWith('0002');

/**
 * A data set in the DICOM JSON model (PS3.18 annex F): texts as UTF-8 whatever they came in, private attributes kept,
 * pixels and other large values by their address.
 */
export const jsonOf = (dataSet: DicomDataSet, bulk: BulkAddress, before = ''): JsonDataSet => {
  const json: JsonDataSet = {};
  for (const name of Object.keys(dataSet.parsed.elements).sort()) {
    const element = dataSet.parsed.elements[name] as Element;
    const tag = name.slice(1).toUpperCase();
    if (isLeftOut(tag)) continue;
    // Everything is in UTF-8 now, and says so.
    if (tag === '00080005') json[tag] = { vr: 'CS', Value: ['ISO_IR 192'] };
    else if (tag === '7FE00010' || tag === '00420011')
      json[tag] = {
        vr: tag === '00420011' ? 'OB' : elementVr(tag, element),
        BulkDataURI: bulk.of(before + tag),
      };
    else json[tag] = attributeOf(dataSet, tag, element, before + tag, bulk);
  }
  return json;
};
