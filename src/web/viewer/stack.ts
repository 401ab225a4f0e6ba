import { along, cross, type Vector, type ViewedImage } from './image.ts';

/** Axis of the patient along which a stack runs: through the length of the body, from side to side, from front to back. */
export type StackAxis = 'head-feet' | 'side' | 'front-back';

/** Pictures in the order in which they are scrolled through. */
export interface Stack {
  readonly images: readonly ViewedImage[];
  /** Null where the pictures have no common plane, or no place at all. */
  readonly axis: StackAxis | null;
  /** Place of each picture along the axis in millimetres, in the patient's coordinates; null without an axis. */
  readonly placesMm: readonly number[] | null;
  /** Usual distance of neighbours; null without places or with a single picture. */
  readonly spacingMm: number | null;
  /** Pictures after which at least one is missing, by place in `images`. */
  readonly gapsAfter: readonly number[];
}

const AXES: readonly StackAxis[] = ['side', 'front-back', 'head-feet'];

/** Scrolling down goes from the head to the feet, from the front to the back, from the right side to the left. */
const DOWNWARDS: Readonly<Record<StackAxis, 1 | -1>> = { 'head-feet': -1, 'front-back': 1, side: 1 };

const samePlane = (a: Vector, b: Vector): boolean => Math.abs(along(a, b)) > 0.999;

const normalOf = ({ rowDirection, columnDirection }: ViewedImage): Vector | null =>
  rowDirection && columnDirection ? cross(rowDirection, columnDirection) : null;

const byNumber = (left: ViewedImage, right: ViewedImage): number =>
  (left.instanceNumber ?? 0) - (right.instanceNumber ?? 0) || left.frame - right.frame;

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

const unplaced = (images: readonly ViewedImage[]): Stack => ({
  images: [...images].sort(byNumber),
  axis: null,
  placesMm: null,
  spacingMm: null,
  gapsAfter: [],
});

interface Placed {
  readonly image: ViewedImage;
  readonly placeMm: number;
}

/** The pictures with their places; null where they have no common plane or one of them has no place. */
const placed = (images: readonly ViewedImage[], normal: Vector, sign: number): Placed[] | null => {
  const found: Placed[] = [];
  for (const image of images) {
    const own = normalOf(image);
    if (!own || !image.position || !samePlane(own, normal)) return null;
    found.push({ image, placeMm: along(image.position, normal) * sign });
  }
  return found;
};

/**
 * Orders the pictures of a series. Where all lie in one plane, each at a place of its own, places decide, because numbers
 * run either way and start again; everywhere else the numbers do (several passes over one place: diffusion, perfusion).
 */
export const stackOf = (images: readonly ViewedImage[]): Stack => {
  const [first] = images;
  const normal = first && normalOf(first);
  if (!normal) return unplaced(images);
  const sizes = normal.map(Math.abs);
  const direction = sizes.indexOf(Math.max(...sizes));
  const axis = AXES[direction] as StackAxis;
  // Along the patient's own axis, whichever way the device's normal points.
  const sign = (normal[direction] as number) < 0 ? -1 : 1;
  const found = placed(images, normal, sign);
  if (!found) return unplaced(images);
  const sorted = found.sort((left, right) => DOWNWARDS[axis] * (left.placeMm - right.placeMm));
  const steps = sorted
    .slice(1)
    .map(({ placeMm }, index) => Math.abs(placeMm - (sorted[index] as Placed).placeMm));
  if (steps.some((step) => step < 0.01)) return { ...unplaced(images), axis };
  const spacingMm = steps.length > 0 ? median(steps) : null;
  return {
    images: sorted.map(({ image }) => image),
    axis,
    placesMm: sorted.map(({ placeMm }) => placeMm),
    spacingMm,
    gapsAfter:
      spacingMm === null ? [] : steps.flatMap((step, index) => (step > spacingMm * 1.5 ? [index] : [])),
  };
};

/** How far apart two linked stacks are: what is added to a place of the first to find it in the second. */
export interface ScrollLink {
  /** Null: the stacks do not run along the same axis, so they go by their share of the whole. */
  readonly offsetMm: number | null;
}

/** Links two stacks so that the pictures now shown belong together. */
export const linkAt = (first: Stack, atFirst: number, second: Stack, atSecond: number): ScrollLink => {
  const from = first.placesMm?.[atFirst];
  const to = second.placesMm?.[atSecond];
  return {
    offsetMm: from === undefined || to === undefined || first.axis !== second.axis ? null : to - from,
  };
};

/**
 * Links two stacks that nobody has brought together yet, by the middle of what each covers. Two examinations have no
 * common origin: a table position is not a place in the body.
 */
export const linkByMiddle = (first: Stack, second: Stack): ScrollLink => {
  const middle = ({ placesMm }: Stack): number | null =>
    placesMm && placesMm.length > 0
      ? ((placesMm[0] as number) + (placesMm[placesMm.length - 1] as number)) / 2
      : null;
  const from = middle(first);
  const to = middle(second);
  return { offsetMm: from === null || to === null || first.axis !== second.axis ? null : to - from };
};

/** The link as seen from the other stack. */
export const reversed = ({ offsetMm }: ScrollLink): ScrollLink => ({
  offsetMm: offsetMm === null ? null : -offsetMm,
});

/**
 * The picture of `to` that belongs to picture `at` of `from`: the nearest place, or the same share of the whole. Null when
 * `to` does not reach that far: showing its last slice beside a part it does not cover would mislead.
 */
export const linkedIndex = (from: Stack, at: number, to: Stack, link: ScrollLink): number | null => {
  if (to.images.length === 0) return null;
  const place = from.placesMm?.[at];
  if (link.offsetMm === null || place === undefined || !to.placesMm) {
    const share = from.images.length < 2 ? 0 : at / (from.images.length - 1);
    return Math.round(share * (to.images.length - 1));
  }
  const wanted = place + link.offsetMm;
  let nearest = 0;
  let distance = Number.POSITIVE_INFINITY;
  for (const [index, candidate] of to.placesMm.entries()) {
    const away = Math.abs(candidate - wanted);
    if (away < distance) [nearest, distance] = [index, away];
  }
  return distance > Math.max(to.spacingMm ?? 0, from.spacingMm ?? 0, 1) ? null : nearest;
};
