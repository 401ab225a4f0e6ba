import { along, cross, type Vector } from './image.ts';
import type { Stack } from './stack.ts';

/** Pixels of one picture, as CT values or as the device's own numbers. */
export type Pixels = Int16Array | Uint16Array | Uint8Array | Float32Array;

/** Slices of one size at equal distances, each at right angles to the way through them. */
export interface SliceVolume {
  readonly columns: number;
  readonly rows: number;
  readonly slices: readonly Pixels[];
  /** Between columns, between rows, between slices, millimetres. */
  readonly spacingMm: readonly [number, number, number];
  /** Centre of the first pixel of the first slice. */
  readonly origin: Vector;
  readonly rowDirection: Vector;
  readonly columnDirection: Vector;
  /** From the first slice to the next, of length 1. */
  readonly sliceDirection: Vector;
}

/** Why slices make no volume that could be cut otherwise. */
export type NoVolume = 'too-few' | 'no-places' | 'uneven' | 'tilted' | 'sizes-differ' | 'colour';

const SLICES_MIN = 8;

/** How a stack lies in space, without its pixels; or why it cannot be cut otherwise. */
export const volumeShape = (
  stack: Stack,
): { readonly shape: Omit<SliceVolume, 'slices'> } | { readonly why: NoVolume } => {
  const { images, placesMm, spacingMm, gapsAfter } = stack;
  const [first] = images;
  const last = images[images.length - 1];
  if (!first || !last || images.length < SLICES_MIN) return { why: 'too-few' };
  if (!placesMm || spacingMm === null || !first.position || !last.position || !first.spacingMm)
    return { why: 'no-places' };
  if (images.some(({ rows, columns }) => rows !== first.rows || columns !== first.columns))
    return { why: 'sizes-differ' };
  if (
    gapsAfter.length > 0 ||
    placesMm.some(
      (place, index) =>
        index > 0 &&
        Math.abs(Math.abs(place - (placesMm[index - 1] as number)) - spacingMm) > spacingMm * 0.1,
    )
  )
    return { why: 'uneven' };
  const rowDirection = first.rowDirection as Vector;
  const columnDirection = first.columnDirection as Vector;
  const way = last.position.map((part, axis) => part - (first.position as Vector)[axis as 0 | 1 | 2]);
  const length = Math.hypot(...way);
  const sliceDirection = way.map((part) => part / length) as unknown as Vector;
  // A tilted gantry shears the volume: cut straight, everything in it would lean.
  if (Math.abs(along(cross(rowDirection, columnDirection), sliceDirection)) < 0.999) return { why: 'tilted' };
  return {
    shape: {
      columns: first.columns,
      rows: first.rows,
      spacingMm: [first.spacingMm[1], first.spacingMm[0], spacingMm],
      origin: first.position,
      rowDirection,
      columnDirection,
      sliceDirection,
    },
  };
};

/** Across the columns of every slice (`rows` stays), or across its rows (`columns` stays). */
export type Cut = 'along-rows' | 'along-columns';

/** One picture cut out of a volume. Its columns run as the volume's rows or columns do, its rows from slice to slice. */
export interface CutPicture {
  readonly pixels: Float32Array;
  readonly columns: number;
  readonly rows: number;
  readonly spacingMm: readonly [row: number, column: number];
  readonly origin: Vector;
  readonly rowDirection: Vector;
  readonly columnDirection: Vector;
}

const stepped = (from: Vector, direction: Vector, mm: number): Vector => [
  from[0] + direction[0] * mm,
  from[1] + direction[1] * mm,
  from[2] + direction[2] * mm,
];

/** The same picture with rows and columns exchanged. */
export const transposed = (picture: CutPicture): CutPicture => {
  const { pixels, columns, rows } = picture;
  const turned = new Float32Array(pixels.length);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) turned[x * rows + y] = pixels[y * columns + x] as number;
  return {
    pixels: turned,
    columns: rows,
    rows: columns,
    spacingMm: [picture.spacingMm[1], picture.spacingMm[0]],
    origin: picture.origin,
    rowDirection: picture.columnDirection,
    columnDirection: picture.rowDirection,
  };
};

/** How many pictures a cut gives. */
export const cutCount = ({ rows, columns }: Pick<SliceVolume, 'rows' | 'columns'>, cut: Cut): number =>
  cut === 'along-rows' ? rows : columns;

/**
 * Cuts one picture out of a volume.
 *
 * @param at row (`along-rows`) or column (`along-columns`) at which it is cut
 * @param thick how many neighbours on either side join, the brightest counting (maximum intensity); 0 for the plain cut
 */
export const cutAt = (volume: SliceVolume, cut: Cut, at: number, thick = 0): CutPicture => {
  const { columns, rows, slices, spacingMm, origin } = volume;
  const isAlongRows = cut === 'along-rows';
  const width = isAlongRows ? columns : rows;
  const pixels = new Float32Array(width * slices.length).fill(Number.NEGATIVE_INFINITY);
  const from = Math.max(0, at - thick);
  const to = Math.min(cutCount(volume, cut) - 1, at + thick);
  for (const [index, slice] of slices.entries()) {
    const line = index * width;
    for (let place = from; place <= to; place++)
      for (let x = 0; x < width; x++) {
        const value = (isAlongRows ? slice[place * columns + x] : slice[x * columns + place]) as number;
        if (value > (pixels[line + x] as number)) pixels[line + x] = value;
      }
  }
  return {
    pixels,
    columns: width,
    rows: slices.length,
    spacingMm: [spacingMm[2], isAlongRows ? spacingMm[0] : spacingMm[1]],
    origin: isAlongRows
      ? stepped(origin, volume.columnDirection, at * spacingMm[1])
      : stepped(origin, volume.rowDirection, at * spacingMm[0]),
    rowDirection: isAlongRows ? volume.rowDirection : volume.columnDirection,
    columnDirection: volume.sliceDirection,
  };
};
