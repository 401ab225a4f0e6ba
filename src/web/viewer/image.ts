import { type DicomJson, groupNumbers, numberAt, numbersAt, TAG, textAt, textsAt } from './dicom-json.ts';
import { hasCentimetres, type ScaleKind, scaleOf } from './scale.ts';
import { isVideo } from './video.ts';

/** A point or direction of the patient's coordinate system: x to the left, y to the back, z to the head; millimetres. */
export type Vector = readonly [number, number, number];

/** One picture that can be shown: an instance, or one frame of it. */
export interface ViewedImage {
  /** Address for the loader: `wadors:` and the DICOMweb address of the frame. */
  readonly imageId: string;
  readonly sopInstanceUid: string;
  /** From 1. */
  readonly frame: number;
  readonly instanceNumber: number | null;
  readonly rows: number;
  readonly columns: number;
  readonly position: Vector | null;
  readonly rowDirection: Vector | null;
  readonly columnDirection: Vector | null;
  /** Distance of rows and of columns in millimetres; null where the header gives none, so nothing can be measured. */
  readonly spacingMm: readonly [number, number] | null;
  /** What that distance is measured at; null where there is none. */
  readonly scale: ScaleKind | null;
  /** By which the detector's spacing was divided; null: it was not. */
  readonly magnification: number | null;
  /** Height of a pixel by its width, where nothing says how large it is. */
  readonly pixelAspect: number;
  /** Ultrasound with regions that are measured in centimetres. */
  readonly hasCentimetres: boolean;
  /** Letters of the way along a row and along a column, where a projection states them; a slice has its directions. */
  readonly statedDirections: readonly [string, string] | null;
  /** High values are dark (MONOCHROME1): turned, it is as its device means it. */
  readonly isInverse: boolean;
  readonly sliceThicknessMm: number | null;
  /** Compressed with loss before it came to us. */
  readonly lossy: boolean;
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Kilometres from the origin lies nothing: what states it states no place. */
const PLACE_MM_MAX = 1e6;
/** By how much stated directions miss their length and right angle at most: they are rounded by who writes them. */
const DIRECTION_TOLERANCE = 0.02;

const vectorOf = (numbers: readonly number[], from = 0): Vector | null => {
  const [x, y, z] = numbers.slice(from, from + 3);
  if (x === undefined || y === undefined || z === undefined) return null;
  return [x, y, z].every((part) => Math.abs(part) < PLACE_MM_MAX) ? [x, y, z] : null;
};

/** Both directions of a plane; neither where one is none, or they are not at right angles: a header of zeros has no plane. */
const directionsOf = (numbers: readonly number[]): readonly [Vector, Vector] | readonly [null, null] => {
  const [row, column] = [vectorOf(numbers), vectorOf(numbers, 3)];
  if (!row || !column) return [null, null];
  const isUnit = (one: Vector): boolean => Math.abs(Math.hypot(...one) - 1) <= DIRECTION_TOLERANCE;
  const isRight = Math.abs(dot(row, column)) <= DIRECTION_TOLERANCE;
  return isUnit(row) && isUnit(column) && isRight ? [row, column] : [null, null];
};

/** Letters of the way along a row and along a column, as a projection states them (0020,0020). */
const statedDirections = (instance: DicomJson): readonly [string, string] | null => {
  const [row, column] = textsAt(instance, TAG.patientOrientation);
  const isStated = (letters: string | undefined): letters is string =>
    letters !== undefined && /^[LRAPHF]{1,3}$/.test(letters);
  return isStated(row) && isStated(column) ? [row.slice(0, 2), column.slice(0, 2)] : null;
};

/** Height of a pixel by its width, as Pixel Aspect Ratio (0028,0034) says where there is no spacing. */
const aspectOf = (instance: DicomJson): number => {
  const [high, wide] = numbersAt(instance, TAG.aspectRatio);
  return high !== undefined && wide !== undefined && high > 0 && wide > 0 ? high / wide : 1;
};

/**
 * The pictures of one instance, in the order of its frames; none where it has no pixels, or is a video.
 *
 * @param seriesRoot DICOMweb address of the series, without a slash at the end
 */
export const imagesOf = (instance: DicomJson, seriesRoot: string): ViewedImage[] => {
  const sopInstanceUid = textAt(instance, TAG.sopInstanceUid);
  const rows = numberAt(instance, TAG.rows);
  const columns = numberAt(instance, TAG.columns);
  if (sopInstanceUid === null || !rows || !columns || isVideo(instance)) return [];
  const count = Math.max(1, Math.trunc(numberAt(instance, TAG.frames) ?? 1));
  return Array.from({ length: count }, (_, index): ViewedImage => {
    const frame = index + 1;
    const orientation = groupNumbers(instance, frame, TAG.planeOrientation, TAG.orientation);
    const measures = groupNumbers(instance, frame, TAG.pixelMeasures, TAG.sliceThickness);
    const [rowDirection, columnDirection] = directionsOf(orientation);
    const scale = scaleOf(instance, frame);
    return {
      imageId: `wadors:${seriesRoot}/instances/${sopInstanceUid}/frames/${frame}`,
      sopInstanceUid,
      frame,
      instanceNumber: numberAt(instance, TAG.instanceNumber),
      rows,
      columns,
      position: vectorOf(groupNumbers(instance, frame, TAG.planePosition, TAG.position)),
      rowDirection,
      columnDirection,
      spacingMm: scale?.spacingMm ?? null,
      scale: scale?.kind ?? null,
      magnification: scale?.magnification ?? null,
      pixelAspect: aspectOf(instance),
      hasCentimetres: hasCentimetres(instance),
      statedDirections: statedDirections(instance),
      isInverse: textAt(instance, TAG.photometric) === 'MONOCHROME1',
      sliceThicknessMm: measures[0] ?? null,
      lossy: textAt(instance, TAG.lossy) === '01',
    };
  });
};

/** Milliseconds between two frames of a moving picture; null where the instance does not move. */
export const frameTimeMsOf = (instance: DicomJson): number | null => {
  if ((numberAt(instance, TAG.frames) ?? 1) < 2) return null;
  const stated = numberAt(instance, TAG.frameTime);
  if (stated !== null && stated > 0) return stated;
  const perSecond = numberAt(instance, TAG.displayRate) ?? numberAt(instance, TAG.cineRate);
  return perSecond !== null && perSecond > 0 ? 1_000 / perSecond : null;
};

/** Direction at right angles to both, as long as the surface between them. */
export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** How far a point lies along a direction. */
export const along = dot;

const LETTERS: readonly (readonly [string, string])[] = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
];

/**
 * Letters of a direction in the patient (PS3.3 C.7.6.1.1.1): `L` left, `R` right, `A` front, `P` back, `H` head, `F` feet,
 * the largest part first, at most two.
 */
export const lettersOf = (direction: Vector): string =>
  direction
    .map((part, axis) => ({
      size: Math.abs(part),
      letter: (LETTERS[axis] as readonly [string, string])[part > 0 ? 0 : 1],
    }))
    .filter(({ size }) => size > 0.2)
    .sort((left, right) => right.size - left.size)
    .slice(0, 2)
    .map(({ letter }) => letter)
    .join('');
