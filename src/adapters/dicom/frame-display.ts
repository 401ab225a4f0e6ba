import type { HeaderGeometry } from '../../imaging/index.ts';
import {
  bytesOf,
  type DicomDataSet,
  elementOf,
  elementVr,
  itemOf,
  itemsOf,
  textIn,
  textValues,
} from './data-set.ts';

/** A look-up table (PS3.3 C.11): what stands for a value, from the first that is mapped on. */
export interface LookupTable {
  readonly first: number;
  readonly entries: Uint16Array;
  /** Of an entry. */
  readonly bits: number;
}

/** How a window turns values into greys (PS3.3 C.11.2.1.2 and C.11.2.1.3). */
export type WindowFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

/** What a header asks of whoever draws one of its frames, beside slope, intercept and window of all of them. */
export interface FrameDisplay {
  /** Of the frame, by its functional groups (Pixel Value Transformation, PS3.3 C.7.6.16.2.9); null: what the header says. */
  readonly rescale: { readonly slope: number; readonly intercept: number } | null;
  /** Of the frame, by its functional groups (Frame VOI LUT, PS3.3 C.7.6.16.2.10); null: what the header says. */
  readonly window: { readonly center: number; readonly width: number } | null;
  /** Modality LUT Sequence (0028,3000), in the place of slope and intercept. */
  readonly modalityTable: LookupTable | null;
  /** VOI LUT Sequence (0028,3010), in the place of a window that nobody asked for. */
  readonly windowTable: LookupTable | null;
  /** VOI LUT Function (0028,1056). */
  readonly windowFunction: WindowFunction;
  /** Height of a pixel by its width: of its spacing, else Pixel Aspect Ratio (0028,0034). */
  readonly pixelAspect: number;
}

/** Of a header that asks for nothing. */
export const PLAIN_DISPLAY: FrameDisplay = {
  rescale: null,
  window: null,
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
const SLOPE = '00281053';
const CENTER = '00281050';
const WIDTH = '00281051';
const SHARED = '52009229';
const PER_FRAME = '52009230';
const TRANSFORMATION = '00289145';
const FRAME_WINDOW = '00289132';

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

/** The item of a functional group that counts for a frame: its own before that of all frames (PS3.3 C.7.6.16.1.1). */
const groupOf = (dataSet: DicomDataSet, frame: number, tag: string): DicomDataSet | undefined => {
  const own = elementOf(dataSet, PER_FRAME)?.items?.[frame - 1];
  return [own && itemOf(dataSet, own), itemsOf(dataSet, SHARED)[0]].flatMap((group) =>
    group ? (itemsOf(group, tag)[0] ?? []) : [],
  )[0];
};

const rescaleOf = (group: DicomDataSet | undefined): FrameDisplay['rescale'] => {
  if (!group) return null;
  const [slope] = numbersIn(group, SLOPE);
  const [intercept = 0] = numbersIn(group, INTERCEPT);
  return slope !== undefined && slope !== 0 && Number.isFinite(slope) && Number.isFinite(intercept)
    ? { slope, intercept }
    : null;
};

const windowIn = (group: DicomDataSet | undefined): FrameDisplay['window'] => {
  if (!group) return null;
  const [center] = numbersIn(group, CENTER);
  const [width] = numbersIn(group, WIDTH);
  return center !== undefined && width !== undefined && Number.isFinite(center) && width > 0
    ? { center, width }
    : null;
};

/**
 * What a header asks of whoever draws one of its frames. What functional groups say of it goes before what is said of the image.
 *
 * @param frame from 1
 */
export const frameDisplayOf = (
  dataSet: DicomDataSet,
  geometry: HeaderGeometry,
  frame: number,
): FrameDisplay => {
  const [representation] = wordsIn(dataSet, REPRESENTATION);
  const isSigned = representation === 1;
  const rescale = rescaleOf(groupOf(dataSet, frame, TRANSFORMATION));
  const ofFrame = groupOf(dataSet, frame, FRAME_WINDOW);
  const [stated = 0] = numbersIn(dataSet, INTERCEPT);
  const intercept = rescale?.intercept ?? stated;
  const window = windowIn(ofFrame);
  const said = ofFrame && (window !== null || itemsOf(ofFrame, WINDOW_TABLE).length > 0) ? ofFrame : dataSet;
  const windowFunction = textIn(said, WINDOW_FUNCTION);
  return {
    rescale,
    window,
    modalityTable: tableOf(itemsOf(dataSet, MODALITY_TABLE)[0], isSigned),
    windowTable: tableOf(itemsOf(said, WINDOW_TABLE)[0], isSigned || intercept < 0),
    windowFunction:
      windowFunction === 'SIGMOID' || windowFunction === 'LINEAR_EXACT' ? windowFunction : 'LINEAR',
    pixelAspect: aspectOf(dataSet, geometry),
  };
};

/** What stands for a value; beyond its ends the table goes on with its first and last entry. */
export const lookedUp = ({ first, entries }: LookupTable, value: number): number =>
  entries[Math.max(0, Math.min(entries.length - 1, Math.round(value) - first))] as number;
