/** A square picture plane in the patient's millimetres, values in Hounsfield units. */
export interface SliceCanvas {
  /** Pixels along an edge. */
  readonly size: number;
  readonly spacingMm: number;
  /** HU by row and column. */
  readonly values: Float32Array;
}

/** Makes a canvas of `size` × `size` pixels whose middle is the origin. */
export const sliceCanvas = (size: number, spacingMm: number): SliceCanvas => ({
  size,
  spacingMm,
  values: new Float32Array(size * size),
});

/** An ellipse, or with an exponent above 2 a rounder rectangle, in the plane. */
export interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly a: number;
  readonly b: number;
  /** Turn of axis `a` from the x axis, radians. */
  readonly turn?: number;
  readonly exponent?: number;
}

/** Where on the plane painting is let through; absent: everywhere. */
export interface Stencil {
  /** Only over pixels whose value is below this. */
  readonly below?: number;
  /** Only over pixels whose value is above this. */
  readonly above?: number;
  /** Share of the painted value where the shape covers a pixel whole. */
  readonly opacity?: number;
}

const EVERYWHERE: Stencil = {};

const blend = (values: Float32Array, at: number, value: number, cover: number, stencil: Stencil): void => {
  const old = values[at] as number;
  if (stencil.below !== undefined && old >= stencil.below) return;
  if (stencil.above !== undefined && old <= stencil.above) return;
  values[at] = old + (value - old) * cover * (stencil.opacity ?? 1);
};

/** Paints an ellipse with an edge soft over one pixel. */
export const paintEllipse = (
  canvas: SliceCanvas,
  { x, y, a, b, turn = 0, exponent = 2 }: Ellipse,
  value: number,
  stencil: Stencil = EVERYWHERE,
): void => {
  if (a <= 0.05 || b <= 0.05) return;
  const { size, spacingMm, values } = canvas;
  const half = size / 2 - 0.5;
  const cos = Math.cos(turn);
  const sin = Math.sin(turn);
  const soft = spacingMm / Math.min(a, b);
  const inner = Math.max(0, 1 - soft) ** 2;
  const outer = (1 + soft) ** 2;
  // The 2-norm bounds a norm of higher exponent from above, and times this factor from below.
  const widest = outer * 2 ** (1 - 2 / exponent);
  const solid = stencil === EVERYWHERE;
  // (u, v) of a pixel lie on the ellipse of value f where p·dx² + q·dx + r = f.
  const p = (cos / a) ** 2 + (sin / b) ** 2;
  const reach = Math.sqrt(widest * ((a * sin) ** 2 + (b * cos) ** 2));
  const top = Math.max(0, Math.floor((y - reach) / spacingMm + half));
  const bottom = Math.min(size - 1, Math.ceil((y + reach) / spacingMm + half));
  for (let row = top; row <= bottom; row++) {
    const dy = (row - half) * spacingMm - y;
    const q = 2 * sin * cos * (1 / (a * a) - 1 / (b * b)) * dy;
    const r = ((sin / a) ** 2 + (cos / b) ** 2) * dy * dy;
    const outside = q * q - 4 * p * (r - widest);
    if (outside <= 0) continue;
    const middle = (x - q / (2 * p)) / spacingMm + half;
    const far = Math.sqrt(outside) / (2 * p) / spacingMm;
    const inside = q * q - 4 * p * (r - inner);
    const near = inside > 0 ? Math.sqrt(inside) / (2 * p) / spacingMm : -1;
    const left = Math.max(0, Math.ceil(middle - far));
    const right = Math.min(size - 1, Math.floor(middle + far));
    const fullFrom = near < 0 ? right + 1 : Math.max(left, Math.ceil(middle - near));
    const fullTo = near < 0 ? right : Math.min(right, Math.floor(middle + near));
    const line = row * size;
    for (let column = left; column <= right; column++) {
      if (column === fullFrom && fullTo >= fullFrom) {
        if (solid) values.fill(value, line + fullFrom, line + fullTo + 1);
        else for (let at = fullFrom; at <= fullTo; at++) blend(values, line + at, value, 1, stencil);
        column = fullTo;
        continue;
      }
      const dx = (column - half) * spacingMm - x;
      const u = (dx * cos + dy * sin) / a;
      const v = (dy * cos - dx * sin) / b;
      const f =
        exponent === 2
          ? u * u + v * v
          : (Math.abs(u) ** exponent + Math.abs(v) ** exponent) ** (2 / exponent);
      if (f >= outer) continue;
      const cover = Math.min(1, (1 - Math.sqrt(f)) / soft / 2 + 0.5);
      if (cover > 0) blend(values, line + column, value, cover, stencil);
    }
  }
};

/** A point in the patient's millimetres: x to the left, y to the back, z to the head. */
export type Point = readonly [x: number, y: number, z: number];

/** A rod with round ends whose radius may change from one end to the other. */
export interface Rod {
  readonly from: Point;
  readonly to: Point;
  readonly radius: number;
  readonly radiusTo?: number;
}

/** Paints where a rod crosses the plane at `z`. */
export const paintRod = (
  canvas: SliceCanvas,
  z: number,
  { from, to, radius, radiusTo = radius }: Rod,
  value: number,
  stencil: Stencil = EVERYWHERE,
): void => {
  const { size, spacingMm, values } = canvas;
  const reach = Math.max(radius, radiusTo) + spacingMm;
  if (z < Math.min(from[2], to[2]) - reach || z > Math.max(from[2], to[2]) + reach) return;
  const half = size / 2 - 0.5;
  const [x1, y1, z1] = from;
  const dx = to[0] - x1;
  const dy = to[1] - y1;
  const dz = to[2] - z1;
  const square = dx * dx + dy * dy + dz * dz || 1;
  // Only the stretch of the rod that comes within reach of the plane need be looked at.
  let start = 0;
  let end = 1;
  if (Math.abs(dz) > 1e-6) {
    const one = (z - reach - z1) / dz;
    const other = (z + reach - z1) / dz;
    start = Math.max(0, Math.min(one, other));
    end = Math.min(1, Math.max(one, other));
  }
  const xs = [x1 + dx * start, x1 + dx * end] as const;
  const ys = [y1 + dy * start, y1 + dy * end] as const;
  const left = Math.max(0, Math.floor((Math.min(...xs) - reach) / spacingMm + half));
  const right = Math.min(size - 1, Math.ceil((Math.max(...xs) + reach) / spacingMm + half));
  const top = Math.max(0, Math.floor((Math.min(...ys) - reach) / spacingMm + half));
  const bottom = Math.min(size - 1, Math.ceil((Math.max(...ys) + reach) / spacingMm + half));
  const pz = z - z1;
  for (let row = top; row <= bottom; row++) {
    const py = (row - half) * spacingMm - y1;
    for (let column = left; column <= right; column++) {
      const px = (column - half) * spacingMm - x1;
      const along = Math.min(1, Math.max(0, (px * dx + py * dy + pz * dz) / square));
      const ex = px - along * dx;
      const ey = py - along * dy;
      const ez = pz - along * dz;
      const away = Math.sqrt(ex * ex + ey * ey + ez * ez);
      const cover = (radius + (radiusTo - radius) * along - away) / spacingMm + 0.5;
      if (cover > 0) blend(values, row * size + column, value, Math.min(1, cover), stencil);
    }
  }
};

/** A value that changes along z, given at some levels, smooth between them, constant beyond. */
export type Profile = (z: number) => number;

/** Makes a profile of its values at levels in ascending order. */
export const profile = (levels: readonly (readonly [z: number, value: number])[]): Profile => {
  const first = levels[0] as readonly [number, number];
  const last = levels.at(-1) as readonly [number, number];
  return (z) => {
    if (z <= first[0]) return first[1];
    for (let index = 1; index < levels.length; index++) {
      const [upper, value] = levels[index] as readonly [number, number];
      if (z > upper) continue;
      const [lower, before] = levels[index - 1] as readonly [number, number];
      const t = (z - lower) / (upper - lower);
      return before + (value - before) * t * t * (3 - 2 * t);
    }
    return last[1];
  };
};
