import {
  type DicomElement,
  type DicomJson,
  groupItem,
  groupNumbers,
  itemsAt,
  numberAt,
  numbersAt,
  TAG,
  textAt,
} from './dicom-json.ts';
import type { Pixels } from './reslice.ts';

// What the loader of pictures leaves undone between stored values and the screen (PS3.3 C.11): values that do not begin at the lowest
// bit, single bits, look-up tables of the modality and for the screen.

const HOW = {
  intercept: '00281052',
  slope: '00281053',
  windowFunction: '00281056',
  modalityTable: '00283000',
  windowTable: '00283010',
  descriptor: '00283002',
  entries: '00283006',
  valueGroup: '00289145',
  windowGroup: '00289132',
} as const;

/** A look-up table: what stands for a value, from the first that is mapped on. */
export interface LookupTable {
  readonly first: number;
  readonly entries: readonly number[];
  /** Of an entry. */
  readonly bits: number;
}

/**
 * How values are drawn by their header: through a window as a line, as an S, or by a table of the image; `unread` where there is a
 * table that could not be read, so that a line stands for it.
 */
export type Curve = 'line' | 'exact' | 'sigmoid' | 'table' | 'unread';

/** What is left to do with the values of a frame. */
export interface Finishing {
  /** Where the stored words have to be read again; null where the loader reads them right. */
  readonly words: {
    readonly isBits: boolean;
    /** Bits below the value. */
    readonly shift: number;
    readonly bits: number;
    readonly isSigned: boolean;
    /** From stored values to those of the modality. */
    readonly modality: LookupTable | { readonly slope: number; readonly intercept: number };
  } | null;
  /** Table for the screen. */
  readonly shown: LookupTable | null;
}

const wordsOf = (bytes: Uint8Array, count: number): readonly number[] | null => {
  if (bytes.length >= count * 2)
    return Array.from(
      { length: count },
      (_, at) => (bytes[at * 2] as number) + (bytes[at * 2 + 1] as number) * 256,
    );
  return bytes.length >= count ? [...bytes.subarray(0, count)] : null;
};

/** Entries: numbers, or bytes; of eight bits also two in a word. */
const entriesOf = (element: DicomElement | undefined, count: number): readonly number[] | null => {
  if (element?.InlineBinary !== undefined)
    return wordsOf(
      Uint8Array.from(atob(element.InlineBinary), (char) => char.charCodeAt(0)),
      count,
    );
  const values = (element?.Value ?? [])
    .filter((value) => typeof value === 'number')
    .map((value) => value & 0xffff);
  if (values.length >= count) return values.slice(0, count);
  return values.length * 2 >= count
    ? values.flatMap((word) => [word & 255, word >> 8]).slice(0, count)
    : null;
};

/** @param isSigned whether what is looked up may be negative, where the first mapped value is written without a sign */
const readTable = (item: DicomJson, isSigned: boolean): LookupTable | null => {
  const [stated, first, bits] = numbersAt(item, HOW.descriptor);
  if (stated === undefined || first === undefined || bits === undefined || bits < 1 || bits > 16) return null;
  const count = stated & 0xffff || 65_536;
  const entries = entriesOf(item[HOW.entries], count);
  return entries && { first: isSigned && first > 32_767 ? first - 65_536 : first, entries, bits };
};

const tables = new WeakMap<DicomJson, LookupTable | null>();

/** Read once for all frames of an instance. */
const tableOf = (item: DicomJson, isSigned: boolean): LookupTable | null => {
  const known = tables.get(item);
  if (known !== undefined) return known;
  const read = readTable(item, isSigned);
  tables.set(item, read);
  return read;
};

const groupText = (instance: DicomJson, frame: number, group: string, tag: string): string | null =>
  textAt(groupItem(instance, frame, group) ?? {}, tag) ?? textAt(instance, tag);

const isSignedOf = (instance: DicomJson): boolean => numberAt(instance, TAG.representation) === 1;

const scaleOf = (instance: DicomJson, frame: number) => ({
  slope: groupNumbers(instance, frame, HOW.valueGroup, HOW.slope)[0] ?? 1,
  intercept: groupNumbers(instance, frame, HOW.valueGroup, HOW.intercept)[0] ?? 0,
});

const windowTable = (instance: DicomJson, frame: number): LookupTable | 'unread' | null => {
  const inGroup = itemsAt(groupItem(instance, frame, HOW.windowGroup) ?? {}, HOW.windowTable);
  const [item] = inGroup.length > 0 ? inGroup : itemsAt(instance, HOW.windowTable);
  if (!item) return null;
  const isSigned = isSignedOf(instance) || scaleOf(instance, frame).intercept < 0;
  return tableOf(item, isSigned) ?? 'unread';
};

const isGrey = (instance: DicomJson): boolean =>
  (numberAt(instance, '00280002') ?? 1) === 1 &&
  /^MONOCHROME[12]$/.test(textAt(instance, TAG.photometric) ?? 'MONOCHROME2');

/** How a frame is to be drawn. */
export const curveOf = (instance: DicomJson, frame: number): Curve => {
  if (!isGrey(instance)) return 'line';
  const [modality] = itemsAt(instance, HOW.modalityTable);
  if (modality && !tableOf(modality, isSignedOf(instance))) return 'unread';
  const table = windowTable(instance, frame);
  if (table !== null) return table === 'unread' ? 'unread' : 'table';
  const stated = groupText(instance, frame, HOW.windowGroup, HOW.windowFunction);
  return stated === 'SIGMOID' ? 'sigmoid' : stated === 'LINEAR_EXACT' ? 'exact' : 'line';
};

/** Syntaxes in which words are stored as they are: a code stream holds values alone. */
const WHOLE_WORDS = /^1\.2\.840\.10008\.1\.2(\.1|\.2|\.5|\.1\.99|\.1\.98)?$/;

/** What is left to do with a frame; null: nothing. */
export const finishingOf = (instance: DicomJson, frame: number): Finishing | null => {
  if (!isGrey(instance)) return null;
  const allocated = numberAt(instance, TAG.bitsAllocated) ?? 16;
  const bits = numberAt(instance, TAG.bitsStored) ?? allocated;
  const isWhole = WHOLE_WORDS.test(textAt(instance, TAG.availableSyntax) ?? '1.2.840.10008.1.2.1');
  const shift = isWhole ? Math.max(0, (numberAt(instance, TAG.highBit) ?? bits - 1) + 1 - bits) : 0;
  const isSigned = isSignedOf(instance);
  const [item] = itemsAt(instance, HOW.modalityTable);
  const table = item ? tableOf(item, isSigned) : null;
  const shown = windowTable(instance, frame);
  const words =
    allocated === 1 || (shift > 0 && allocated <= 16) || table
      ? { isBits: allocated === 1, shift, bits, isSigned, modality: table ?? scaleOf(instance, frame) }
      : null;
  const finishing = { words, shown: shown === 'unread' ? null : shown };
  return finishing.words || finishing.shown ? finishing : null;
};

const lookedUp = ({ first, entries }: LookupTable, value: number): number =>
  entries[Math.max(0, Math.min(entries.length - 1, Math.round(value) - first))] as number;

const compact = (values: Float32Array): Pixels => {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let isWhole = true;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
    if (isWhole && !Number.isInteger(value)) isWhole = false;
  }
  if (!isWhole) return values;
  if (low >= 0 && high <= 255) return Uint8Array.from(values);
  if (low >= 0 && high <= 65_535) return Uint16Array.from(values);
  return low >= -32_768 && high <= 32_767 ? Int16Array.from(values) : values;
};

/** A frame as the modality means it and as the screen is to show it. */
export interface FinishedValues {
  readonly values: Pixels;
  /** Null: shown through a window. */
  readonly shown: Uint8Array | Uint16Array | null;
}

/**
 * Finishes a frame.
 *
 * @param loaded stored words where `words` is to be done, else values of the modality
 * @param count pixels of the frame
 */
export const finished = (loaded: Pixels, { words, shown }: Finishing, count: number): FinishedValues => {
  let values = loaded;
  if (words) {
    const { isBits, shift, bits, isSigned, modality } = words;
    const sign = 32 - bits;
    const meant = new Float32Array(count);
    for (let at = 0; at < count; at++) {
      const word = isBits ? ((loaded[at >> 3] as number) >> (at & 7)) & 1 : (loaded[at] as number);
      const above = isBits ? word : (word >>> shift) << sign;
      const stored = isBits ? word : isSigned ? above >> sign : above >>> sign;
      meant[at] =
        'entries' in modality ? lookedUp(modality, stored) : stored * modality.slope + modality.intercept;
    }
    values = compact(meant);
  }
  if (!shown) return { values, shown: null };
  const drawn = new (shown.bits > 8 ? Uint16Array : Uint8Array)(count);
  for (let at = 0; at < count; at++) drawn[at] = lookedUp(shown, values[at] as number);
  return { values, shown: drawn };
};
