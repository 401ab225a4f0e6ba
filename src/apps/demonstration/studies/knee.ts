/**
 * A knee drawn by hand from ellipsoids and rods: nobody's. Millimetres from the middle of the joint line: `l` to the
 * lateral side of the leg, `y` to the back, `z` to the head.
 */

/** Tissues that magnetic resonance tells apart. */
export type KneeTissue =
  | 'air'
  | 'fat'
  | 'muscle'
  | 'marrow'
  | 'cortex'
  | 'cartilage'
  | 'fluid'
  | 'fibrous'
  | 'ligament'
  | 'flow';

/** A place in the knee. */
export type KneePoint = readonly [l: number, y: number, z: number];

/** A body of one tissue: how deep inside it a place lies, in millimetres; negative outside. */
export interface KneePart {
  readonly tissue: KneeTissue;
  readonly middle: KneePoint;
  /** No place further from the middle lies inside. */
  readonly reach: number;
  depth(l: number, y: number, z: number): number;
}

/** Length of a vector; `Math.hypot` guards against overflows that millimetres do not have, and is many times slower. */
const norm = (a: number, b: number, c: number): number => Math.sqrt(a * a + b * b + c * c);

type Clip = (l: number, y: number, z: number) => number;

const ellipsoid = (
  tissue: KneeTissue,
  middle: KneePoint,
  radii: KneePoint,
  { grow = 0, clip }: { readonly grow?: number; readonly clip?: Clip } = {},
): KneePart => {
  const [a, b, c] = radii.map((radius) => radius + grow) as [number, number, number];
  const least = Math.min(a, b, c);
  return {
    tissue,
    middle,
    reach: Math.max(a, b, c),
    depth: (l, y, z) => {
      const far = norm((l - middle[0]) / a, (y - middle[1]) / b, (z - middle[2]) / c);
      const depth = (1 - far) * least;
      return clip ? Math.min(depth, clip(l, y, z)) : depth;
    },
  };
};

const rod = (
  tissue: KneeTissue,
  from: KneePoint,
  to: KneePoint,
  radius: number,
  radiusTo = radius,
  grow = 0,
): KneePart => {
  const way = [to[0] - from[0], to[1] - from[1], to[2] - from[2]] as const;
  const square = way[0] ** 2 + way[1] ** 2 + way[2] ** 2;
  return {
    tissue,
    middle: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2, (from[2] + to[2]) / 2],
    reach: Math.sqrt(square) / 2 + Math.max(radius, radiusTo) + grow,
    depth: (l, y, z) => {
      const at = ((l - from[0]) * way[0] + (y - from[1]) * way[1] + (z - from[2]) * way[2]) / square;
      const along = Math.min(1, Math.max(0, at));
      const away = norm(
        l - from[0] - along * way[0],
        y - from[1] - along * way[1],
        z - from[2] - along * way[2],
      );
      return radius + (radiusTo - radius) * along + grow - away;
    },
  };
};

/** A meniscus: a ring open towards the middle of the knee, in section a wedge that is thick outside. */
const meniscus = (side: -1 | 1): KneePart => {
  const middle: KneePoint = [side * 20, 3, -0.5];
  return {
    tissue: 'fibrous',
    middle,
    reach: 30,
    depth: (l, y, z) => {
      const u = (l - middle[0]) / (side === 1 ? 17 : 18);
      const v = (y - middle[1]) / (side === 1 ? 20 : 23);
      const ring = norm(u, v, 0);
      // The opening faces the middle of the knee.
      if (-side * u > 0.72 && Math.abs(v) < 0.5) return -1;
      const width = (ring - 0.5) / 0.5;
      if (width < 0) return width * 9;
      const height = 0.4 + 3.4 * Math.min(1, width);
      return Math.min((1.04 - ring) * 18, height - Math.abs(z - middle[2]));
    },
  };
};

/** A tear: a thin sheet of fluid that runs obliquely through the back horn of the inner meniscus to its surface. */
const TEAR: KneePart = {
  tissue: 'fluid',
  middle: [-20, 20, -1],
  reach: 10,
  depth: (l, y, z) =>
    Math.min(0.65 - Math.abs((z + 1) * 0.9 - (y - 21) * 0.42), 5.5 - Math.abs(y - 20), 9 - Math.abs(l + 22)),
};

const femur = (tissue: KneeTissue, grow: number): readonly KneePart[] => [
  rod(tissue, [0, -2, 140], [0, -1, 44], 13, 19, grow),
  ellipsoid(tissue, [0, -3, 36], [33, 23, 26], { grow }),
  ellipsoid(tissue, [-21, 5, 19], [17, 29, 18.5], { grow }),
  ellipsoid(tissue, [21, 4, 20], [17, 28, 18], { grow }),
  ellipsoid(tissue, [-11, -17, 28], [14, 12, 18], { grow }),
  ellipsoid(tissue, [12, -18, 29], [14, 13, 19], { grow }),
];

const belowPlateau =
  (top: number): Clip =>
  (_l, _y, z) =>
    top - z;

const tibia = (tissue: KneeTissue, grow: number): readonly KneePart[] => [
  ellipsoid(tissue, [0, 5, -24], [40, 26, 30], { grow, clip: belowPlateau(-4.5 + grow) }),
  rod(tissue, [0, 2, -36], [0, 4, -140], 22, 13, grow),
  ellipsoid(tissue, [0, -19, -42], [8, 8, 16], { grow }),
  ellipsoid(tissue, [-4, 5, -4], [3, 6, 5], { grow }),
  ellipsoid(tissue, [5, 5, -4], [3, 5, 4.5], { grow }),
];

const patella = (tissue: KneeTissue, grow: number): KneePart =>
  ellipsoid(tissue, [1, -43, 22], [19, 8.5, 20], { grow });

const fibula = (tissue: KneeTissue, grow: number): readonly KneePart[] => [
  ellipsoid(tissue, [33, 18, -28], [8.5, 8.5, 11], { grow }),
  rod(tissue, [32, 19, -30], [30, 20, -140], 6.5, 5.5, grow),
];

/** A part as far as it lies inside a clip. */
const only = (part: KneePart, clip: Clip): KneePart => ({
  ...part,
  depth: (l, y, z) => Math.min(part.depth(l, y, z), clip(l, y, z)),
});

/** How far outside the notch between the condyles a place lies, in millimetres. */
const outsideNotch: Clip = (l, y, z) => (norm(l / 8, (y - 20) / 17, (z - 12) / 16) - 1) * 8;

/** The parts of a knee in the order in which they are laid over each other. */
export const kneeParts = (findings: {
  readonly tear: boolean;
  readonly effusion: boolean;
}): readonly KneePart[] => [
  // Leg: skin and fat, then muscle.
  rod('fibrous', [0, 2, -160], [0, 0, 0], 50, 59),
  rod('fibrous', [0, 0, 0], [0, 4, 160], 59, 70),
  rod('fat', [0, 2, -160], [0, 0, 0], 48.6, 57.6),
  rod('fat', [0, 0, 0], [0, 4, 160], 57.6, 68.6),
  ellipsoid('muscle', [-20, 36, -72], [19, 19, 78]),
  ellipsoid('muscle', [21, 37, -74], [18, 18, 78]),
  ellipsoid('muscle', [-28, 34, 92], [19, 20, 88]),
  ellipsoid('muscle', [30, 34, 96], [17, 19, 88]),
  ellipsoid('muscle', [-26, -14, 112], [26, 26, 78]),
  ellipsoid('muscle', [28, -14, 116], [26, 27, 78]),
  ellipsoid('muscle', [0, -26, 128], [22, 15, 66]),
  ellipsoid('muscle', [24, -8, -96], [18, 18, 62]),
  ellipsoid('muscle', [2, 26, -46], [30, 11, 34]),
  // Vessels behind the knee.
  rod('flow', [2, 36, -100], [-2, 34, 110], 3.6),
  rod('flow', [7, 40, -100], [5, 39, 110], 4.2),
  rod('muscle', [10, 47, -100], [8, 47, 110], 2.6),
  // Capsule with a little fluid, more where there is an effusion.
  ellipsoid('fibrous', [0, 4, 8], [44, 37, 36]),
  ellipsoid('fat', [0, 4, 8], [42.5, 35.5, 34.5]),
  ellipsoid('fluid', [0, 6, 8], [40, 30, findings.effusion ? 26 : 20]),
  ellipsoid('fibrous', [0, -31, 54], [21, findings.effusion ? 8 : 4, 26]),
  ellipsoid('fluid', [0, -31, 54], [20, findings.effusion ? 7 : 2.6, 25]),
  ellipsoid('fat', [0, -30, -4], [24, 15, 18]),
  ellipsoid('fat', [0, -27, 42], [9, 4, 8]),
  // Cartilage, rind and marrow.
  ...femur('cartilage', 2.6)
    .slice(2)
    .map((part) => only(part, (_l, _y, z) => 36 - z)),
  ...tibia('cartilage', 2.4)
    .slice(0, 1)
    .map((part) => only(part, (_l, _y, z) => z + 9)),
  ellipsoid('cartilage', [1, -39.5, 22], [16, 8.4, 16]),
  ...femur('cortex', 0.9),
  ...tibia('cortex', 0.9),
  ...fibula('cortex', 1.4),
  patella('cortex', 0.9),
  ellipsoid('fluid', [0, 17, 12], [7, 14, 15]),
  // The notch between the condyles holds the ligaments, not marrow.
  ...femur('marrow', -0.7).map((part) => only(part, outsideNotch)),
  ...tibia('marrow', -0.7),
  ...fibula('marrow', -0.6),
  patella('marrow', -0.6),
  // The grown-over line of the growth plates.
  ellipsoid('cortex', [0, -2, 42], [30, 22, 0.6]),
  meniscus(-1),
  meniscus(1),
  ...(findings.tear ? [TEAR] : []),
  // Cruciate and collateral ligaments, tendons.
  rod('ligament', [6, 20, 20], [-1, -8, -4], 3),
  rod('fibrous', [-5, 4, 13], [-3, 20, 11], 3.4),
  rod('fibrous', [-3, 20, 11], [0, 27, -12], 3.4),
  rod('fibrous', [-40, 4, 34], [-37, 0, -52], 1.7),
  rod('fibrous', [40, 8, 28], [34, 17, -24], 2),
  rod('fibrous', [0, -40, 38], [0, -33, 120], 3.4, 5),
  rod('fibrous', [0, -46, 6], [0, -27, -44], 2.8),
  rod('fibrous', [0, -51, 40], [0, -50, 4], 1.2),
];
