import type { InstanceHeader } from './instance.ts';

/** In which plane the images of a stack lie. */
export type ImagePlane = 'axial' | 'sagittal' | 'coronal' | 'oblique';

/** What the places of a stack's images amount to. */
export interface StackGeometry {
  readonly plane: ImagePlane;
  /** Usual distance from one image to the next; null where there are fewer than two places. */
  readonly spacingMm: number | null;
  /** From the first image's place to the last one's; null where the images do not lie parallel. */
  readonly extentMm: number | null;
  /** Images that the gaps in between have room for. */
  readonly missing: number;
  /** True where each image has a place of its own and all lie at one distance: between the first and the last none lacks. */
  readonly isUnbroken: boolean;
}

/** Cosine beyond which an image counts as lying in a plane of the body: 25 degrees, as gantries tilt. */
const ALIGNED_COSINE = 0.9;
/**
 * How far slices may lie from one another, as a share of their thickness, before something between them was not taken: slices of
 * magnetic resonance are taken with gaps so that they do not disturb each other.
 */
const SPACING_SHARE = 1.25;
const SPACING_SHARE_MR = 1.5;
/** Lengths in headers are rounded. */
const ROUNDING_MM = 0.01;

/** No device makes thinner slices, and none of the body thicker ones. */
const THICKNESS_MIN_MM = 0.05;
const THICKNESS_MAX_MM = 300;

/** A thickness that a header states; null where it states none, or a number that can be none: nothing, less than nothing, a metre. */
export const believedThickness = (statedMm: number | null): number | null =>
  statedMm !== null && statedMm >= THICKNESS_MIN_MM && statedMm <= THICKNESS_MAX_MM ? statedMm : null;

/** True where slices leave gaps between them; false also where thickness or distance is not known. Lengths in millimetres. */
export const liesApart = (
  modality: string | null,
  thicknessMm: number | null,
  spacingMm: number | null,
): boolean =>
  thicknessMm !== null &&
  spacingMm !== null &&
  spacingMm > thicknessMm * (modality === 'MR' ? SPACING_SHARE_MR : SPACING_SHARE) + ROUNDING_MM;

/** Cosine beyond which two images lie parallel. */
const PARALLEL_COSINE = 0.99;
/** A gap is one where this much more than the usual distance lies between two images. */
const GAP_SHARE = 1.5;
/** Where the widest step is no wider than this share of the narrowest, images lie at one distance. */
const EVEN_SHARE = 1.2;
/** Places nearer than this are one: the same slice in another phase. */
const SAME_PLACE_MM = 0.05;

type Vector = readonly [number, number, number];

const normalOf = (cosines: readonly number[]): Vector | null => {
  if (cosines.length !== 6 || !cosines.every(Number.isFinite)) return null;
  const [rx, ry, rz, cx, cy, cz] = cosines as [number, number, number, number, number, number];
  const normal: Vector = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
  const length = Math.hypot(...normal);
  return length < 0.5 ? null : [normal[0] / length, normal[1] / length, normal[2] / length];
};

const planeOf = ([x, y, z]: Vector): ImagePlane => {
  if (Math.abs(z) >= ALIGNED_COSINE) return 'axial';
  if (Math.abs(x) >= ALIGNED_COSINE) return 'sagittal';
  return Math.abs(y) >= ALIGNED_COSINE ? 'coronal' : 'oblique';
};

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)] as number;

/** Directions of one series that lie no further from their middle than this are one plane, each tilted to its own disc. */
const FAN_COSINE = Math.cos((35 * Math.PI) / 180);

const cosineOf = (one: Vector, other: Vector): number =>
  one[0] * other[0] + one[1] * other[1] + one[2] * other[2];

/**
 * The plane around which images fan out, as through the discs of a spine; null where they turn away from one another, as a localiser
 * of three planes or slabs around a duct. How far they reach and whether one lacks is not to be told of them.
 */
const fanGeometry = (normals: readonly Vector[]): StackGeometry | null => {
  const [first] = normals;
  if (!first) return null;
  const turned = normals.map((one): Vector => (cosineOf(one, first) < 0 ? [-one[0], -one[1], -one[2]] : one));
  const sum = turned.reduce<Vector>(([x, y, z], one) => [x + one[0], y + one[1], z + one[2]], [0, 0, 0]);
  const length = Math.hypot(...sum);
  if (length === 0) return null;
  const middle: Vector = [sum[0] / length, sum[1] / length, sum[2] / length];
  return turned.every((one) => cosineOf(one, middle) >= FAN_COSINE)
    ? { plane: planeOf(middle), spacingMm: null, extentMm: null, missing: 0, isUnbroken: false }
    : null;
};

/** Whether a series has slices of several thicknesses, as a head of 2.5 mm below and 5 mm above. */
const isOfUnlikeThickness = (thicknesses: ReadonlyMap<number, number | null>): boolean =>
  new Set(thicknesses.values()).size > 1;

/**
 * Reads the geometry of a series from the positions and orientations of its images; null where it has none (projections,
 * ultrasound, waveforms) or where the images lie in no common plane, as in a localiser of three planes.
 */
export const stackGeometry = (instances: readonly InstanceHeader[]): StackGeometry | null => {
  let normal: Vector | null = null;
  const normals: Vector[] = [];
  const places: number[] = [];
  const thicknessAt = new Map<number, number | null>();
  for (const { geometry } of instances) {
    const { imageOrientationPatient, imagePositionPatientMm, framePositionsMm } = geometry;
    const positions = framePositionsMm ?? (imagePositionPatientMm === null ? [] : [imagePositionPatientMm]);
    if (imageOrientationPatient === null || positions.length === 0) return null;
    const own = normalOf(imageOrientationPatient);
    if (own === null || !positions.flat().every(Number.isFinite)) return null;
    normals.push(own);
    normal ??= own;
    const [nx, ny, nz] = normal;
    const thicknessMm = believedThickness(geometry.sliceThicknessMm);
    for (const [x, y, z] of positions) {
      const place = x * nx + y * ny + z * nz;
      places.push(place);
      thicknessAt.set(place, thicknessMm);
    }
  }
  if (normal === null) return null;
  const leading = normal;
  if (normals.some((one) => Math.abs(cosineOf(one, leading)) < PARALLEL_COSINE)) return fanGeometry(normals);
  places.sort((one, other) => one - other);
  const distinct = places.filter(
    (place, index) => index === 0 || place - (places[index - 1] as number) > SAME_PLACE_MM,
  );
  const steps = distinct.slice(1).map((place, index) => place - (distinct[index] as number));
  const plane = planeOf(normal);
  if (steps.length === 0) return { plane, spacingMm: null, extentMm: 0, missing: 0, isUnbroken: false };
  const spacingMm = median(steps);
  // Of slices of unlike thickness those that touch leave no gap, however far apart the others lie.
  const touch = (index: number): boolean => {
    const own = [index, index + 1].map((at) => thicknessAt.get(distinct[at] as number) ?? null);
    const [one = null, other = null] = own;
    if (one === null || other === null || !isOfUnlikeThickness(thicknessAt)) return false;
    return (steps[index] as number) <= (SPACING_SHARE * (one + other)) / 2 + ROUNDING_MM;
  };
  const missing = steps.reduce(
    (sum, step, index) =>
      step > GAP_SHARE * spacingMm && !touch(index) ? sum + Math.round(step / spacingMm) - 1 : sum,
    0,
  );
  const isEven = Math.max(...steps) <= EVEN_SHARE * Math.min(...steps);
  return {
    plane,
    spacingMm,
    extentMm: (distinct.at(-1) as number) - (distinct[0] as number),
    missing,
    isUnbroken: isEven && distinct.length === places.length,
  };
};
