import type { HeaderGeometry } from '../../imaging/index.ts';
import { bytesOf, type DicomDataSet, elementOf, elementVr, itemsOf, textIn, textValues } from './data-set.ts';

/** A look-up table (PS3.3 C.11): what stands for a value, from the first that is mapped on. */
export interface LookupTable {
  readonly first: number;
  readonly entries: Uint16Array;
  /** Of an entry. */
  readonly bits: number;
}

/** What a header asks of whoever draws its frames, beside slope, intercept and window. */
export interface FrameDisplay {
  /** Modality LUT Sequence (0028,3000), in the place of slope and intercept. */
  readonly modalityTable: LookupTable | null;
  /** VOI LUT Sequence (0028,3010), in the place of a window that nobody asked for. */
  readonly windowTable: LookupTable | null;
  /** VOI LUT Function (0028,1056). */
  readonly windowFunction: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';
  /** Height of a pixel by its width: of its spacing, else Pixel Aspect Ratio (0028,0034). */
  readonly pixelAspect: number;
}

/** Of a header that asks for nothing. */
export const PLAIN_DISPLAY: FrameDisplay = {
  modalityTable: null,
  windowTable: null,
  windowFunction: 'LINEAR',
  pixelAspect: 1,
};

const MODALITY_TABLE = '00283000';
const WINDOW_TABLE = '00283010';
const DESCRIPTOR = '00283002';
const ENTRIES = '00283006';
const WINDOW_FUNCTION = '00281056';
const ASPECT_RATIO = '00280034';
const REPRESENTATION = '00280103';
const INTERCEPT = '00281052';

const wordsIn = (dataSet: DicomDataSet, tag: string): Uint16Array => {
  const element = elementOf(dataSet, tag);
  if (!element) return new Uint16Array();
  const bytes = bytesOf(dataSet, element);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.length >> 1 }, (_, at) =>
    view.getUint16(at * 2, !dataSet.bigEndian),
  );
};

/** Entries stand one in a word; of eight bits also two. */
const entriesIn = (item: DicomDataSet, count: number): Uint16Array | null => {
  const words = wordsIn(item, ENTRIES);
  if (words.length >= count) return words.subarray(0, count);
  if (words.length * 2 < count) return null;
  return Uint16Array.from({ length: count }, (_, at) => ((words[at >> 1] as number) >> ((at & 1) * 8)) & 255);
};

/** @param isSigned whether what is looked up may be negative, where the first mapped value is written without a sign */
const tableOf = (item: DicomDataSet | undefined, isSigned: boolean): LookupTable | null => {
  if (!item) return null;
  const [stated, first, bits] = wordsIn(item, DESCRIPTOR);
  if (stated === undefined || first === undefined || bits === undefined || bits < 1 || bits > 16) return null;
  const entries = entriesIn(item, stated || 65_536);
  const descriptor = elementOf(item, DESCRIPTOR);
  const isNegative =
    first > 32_767 && (isSigned || (descriptor && elementVr(DESCRIPTOR, descriptor) === 'SS'));
  return entries && { first: isNegative ? first - 65_536 : first, entries, bits };
};

const numbersIn = (dataSet: DicomDataSet, tag: string): readonly number[] => {
  const element = elementOf(dataSet, tag);
  return element ? textValues(dataSet, tag, element).map(Number) : [];
};

/** Shapes beyond this are no pixels: the picture would be a line. */
const ASPECT_MAX = 20;

const aspectOf = (dataSet: DicomDataSet, geometry: HeaderGeometry): number => {
  const [high = 1, wide = 1] =
    geometry.pixelSpacingMm ?? geometry.imagerPixelSpacingMm ?? numbersIn(dataSet, ASPECT_RATIO);
  const aspect = high / wide;
  return aspect > 1 / ASPECT_MAX && aspect < ASPECT_MAX ? aspect : 1;
};

/** What a header asks of whoever draws its frames. Of functional groups only their spacing is read. */
export const frameDisplayOf = (dataSet: DicomDataSet, geometry: HeaderGeometry): FrameDisplay => {
  const [representation] = wordsIn(dataSet, REPRESENTATION);
  const isSigned = representation === 1;
  const [intercept = 0] = numbersIn(dataSet, INTERCEPT);
  const stated = textIn(dataSet, WINDOW_FUNCTION);
  return {
    modalityTable: tableOf(itemsOf(dataSet, MODALITY_TABLE)[0], isSigned),
    windowTable: tableOf(itemsOf(dataSet, WINDOW_TABLE)[0], isSigned || intercept < 0),
    windowFunction: stated === 'SIGMOID' || stated === 'LINEAR_EXACT' ? stated : 'LINEAR',
    pixelAspect: aspectOf(dataSet, geometry),
  };
};

/** What stands for a value; beyond its ends the table goes on with its first and last entry. */
export const lookedUp = ({ first, entries }: LookupTable, value: number): number =>
  entries[Math.max(0, Math.min(entries.length - 1, Math.round(value) - first))] as number;
