import type { PatientPosition } from '../../imaging/index.ts';
import { type DicomDataSet, elementOf, itemOf, textValues } from './data-set.ts';

const SHARED = '52009229';
const PER_FRAME = '52009230';
const FRAME_ANATOMY = '00209071';
const PLANE_POSITION = '00209113';
const PLANE_ORIENTATION = '00209116';
const PIXEL_MEASURES = '00289110';

const THICKNESS = '00180050';
const SPACING = '00180088';
const PIXEL_SPACING = '00280030';
const POSITION = '00200032';
const ORIENTATION = '00200037';

const firstItem = (dataSet: DicomDataSet | undefined, tag: string): DicomDataSet | undefined => {
  const first = dataSet && elementOf(dataSet, tag)?.items?.[0];
  return dataSet && first && itemOf(dataSet, first);
};

/** Numbers of an attribute; empty where one of its values is none. */
const numbersIn = (dataSet: DicomDataSet | undefined, tag: string): readonly number[] => {
  const element = dataSet && elementOf(dataSet, tag);
  if (!element) return [];
  const texts = textValues(dataSet, tag, element).filter((text) => text !== '');
  const numbers = texts.map(Number);
  return numbers.every(Number.isFinite) ? numbers : [];
};

/** What an image of many frames says in its functional groups (PS3.3 C.7.6.16), where other images say it once for all. */
export interface FunctionalGroups {
  /** Of the thickest frame; null: a frame states none. */
  readonly sliceThicknessMm: number | null;
  readonly spacingBetweenSlicesMm: number | null;
  readonly pixelSpacingMm: readonly number[];
  /** The one orientation of all frames; null: none, or several. */
  readonly imageOrientationPatient: readonly number[] | null;
  /** Of all frames in their order; null: a frame states none, or lies in another direction. */
  readonly framePositionsMm: readonly PatientPosition[] | null;
  /** Frame Anatomy of all frames (0020,9071). */
  readonly anatomy: DicomDataSet | undefined;
}

/** Reads them; undefined: the instance has none. What a frame says itself counts before what is said for all. */
export const functionalGroupsOf = (dataSet: DicomDataSet): FunctionalGroups | undefined => {
  const shared = firstItem(dataSet, SHARED);
  const frames = (elementOf(dataSet, PER_FRAME)?.items ?? []).map((item) => itemOf(dataSet, item));
  if (frames.length === 0) return undefined;
  const each = (group: string, tag: string, length: number): readonly (readonly number[])[] | null => {
    const forAll = numbersIn(firstItem(shared, group), tag);
    const values = frames.map((frame) => {
      const own = numbersIn(firstItem(frame, group), tag);
      return own.length > 0 ? own : forAll;
    });
    return values.every((value) => value.length === length) ? values : null;
  };
  const thicknesses = each(PIXEL_MEASURES, THICKNESS, 1);
  const orientations = each(PLANE_ORIENTATION, ORIENTATION, 6);
  const [orientation] = orientations ?? [];
  const isOne =
    orientation !== undefined &&
    orientations?.every((one) =>
      one.every((cosine, at) => Math.abs(cosine - (orientation[at] as number)) < 0.001),
    );
  const positions = each(PLANE_POSITION, POSITION, 3);
  return {
    sliceThicknessMm: thicknesses?.reduce<number>((most, [value = 0]) => Math.max(most, value), 0) ?? null,
    spacingBetweenSlicesMm: each(PIXEL_MEASURES, SPACING, 1)?.[0]?.[0] ?? null,
    pixelSpacingMm: each(PIXEL_MEASURES, PIXEL_SPACING, 2)?.[0] ?? [],
    imageOrientationPatient: isOne ? orientation : null,
    framePositionsMm: isOne ? (positions as readonly PatientPosition[] | null) : null,
    anatomy: firstItem(shared, FRAME_ANATOMY),
  };
};
