import { type Random, randomStream } from '../random.ts';
import { paintEllipse, paintRod, type Point, type Rod, type SliceCanvas } from './slice-canvas.ts';
import { paintBelly, paintDomes, paintLungs, paintMediastinum } from './thorax-organs.ts';
import { AIR, BLOOD, cut, lungBack, lungCentre, lungDepth, lungWidth } from './thorax-shape.ts';
import { paintBreastbone, paintRibs, paintShoulderBlades, paintSpine, paintWall } from './thorax-wall.ts';

/** A nodule in a lung. */
export interface Nodule {
  readonly at: Point;
  readonly diameterMm: number;
  /** HU of its solid core and of the ground glass around it; a solid nodule has the same for both. */
  readonly core: number;
  readonly halo: number;
}

/** What differs from one thorax to another. */
export interface ThoraxVariant {
  /** Names the vessels: two scans of one person have the same. */
  readonly seed: string;
  readonly nodules: readonly Nodule[];
  /** Scales the body in x and y. */
  readonly build: number;
}

/** Arteries and veins that leave each hilum. */
const VESSELS = 26;

/** Bifurcating vessels from the hilum out to the pleura. */
const growVessels = (random: Random): readonly Rod[] => {
  const rods: Rod[] = [];
  const inLung = (side: number, [x, y, z]: Point): boolean =>
    ((x - side * lungCentre(z)) / (lungWidth(z) - 3)) ** 2 + ((y - lungBack(z)) / (lungDepth(z) - 3)) ** 2 <
    1;
  const grow = (
    side: number,
    from: Point,
    way: Point,
    radius: number,
    length: number,
    depth: number,
  ): void => {
    const to: Point = [from[0] + way[0] * length, from[1] + way[1] * length, from[2] + way[2] * length];
    if (depth > 1 && !inLung(side, to)) return;
    const next = radius * (0.74 + random.next() * 0.12);
    rods.push({ from, to, radius, radiusTo: next });
    if (depth >= 8 || next < 0.5) return;
    for (const turnBy of [-1, 1]) {
      const bend = (): number => random.normal() * 0.22;
      const across: Point = [
        bend() - way[2] * 0.42 * turnBy,
        bend() + 0.3 * turnBy * random.normal(),
        bend() + way[0] * 0.42 * turnBy,
      ];
      const raw: Point = [way[0] + across[0], way[1] + across[1], way[2] + across[2]];
      const norm = Math.hypot(...raw) || 1;
      const shrink = turnBy === 1 ? 1 : 0.8;
      grow(
        side,
        to,
        [raw[0] / norm, raw[1] / norm, raw[2] / norm],
        next * shrink,
        length * (0.76 + random.next() * 0.22),
        depth + 1,
      );
    }
  };
  for (const side of [-1, 1])
    for (let branch = 0; branch < VESSELS; branch++) {
      const turn = (branch / VESSELS) * 2 * 2 * Math.PI + random.next() * 0.3;
      const lateral = 0.15 + random.next() * 0.75;
      const flat = Math.sqrt(1 - lateral * lateral);
      const way: Point = [side * lateral, Math.cos(turn) * flat * 0.9, Math.sin(turn) * flat];
      const hilum: Point = [side * 42, 6 + Math.cos(turn) * 8, -24 + Math.sin(turn) * 20];
      grow(side, hilum, way, 2.8 + random.next() * 2, 18 + random.next() * 10, 0);
    }
  return rods;
};

const paintNodule = (canvas: SliceCanvas, z: number, { at, diameterMm, core, halo }: Nodule): void => {
  const [x, y, level] = at;
  const radius = diameterMm / 2;
  const flat = cut(radius, (z - level) * 1.05);
  if (flat <= 0.2) return;
  // Not quite round: two overlapping balls, and threads to the pleura.
  for (const [dx, dy, share] of [
    [0, 0, 1],
    [radius * 0.28, -radius * 0.2, 0.82],
    [-radius * 0.25, radius * 0.26, 0.78],
  ] as const)
    paintEllipse(canvas, { x: x + dx, y: y + dy, a: flat * share, b: flat * share * 0.9 }, halo, {
      below: halo,
    });
  const middle = cut(radius * 0.62, z - level);
  paintEllipse(canvas, { x, y, a: middle, b: middle * 0.92 }, core, { below: core });
};

/** A thorax from which slices are cut. */
export interface Thorax {
  /** Paints the slice at `z` over whatever the canvas held. Infinitely thin: thickness is the mean of several. */
  paint(canvas: SliceCanvas, z: number): void;
}

/** Builds a thorax. The same variant gives the same voxels. */
export const thorax = ({ seed, nodules, build }: ThoraxVariant): Thorax => {
  const vessels = growVessels(randomStream(`thorax/${seed}`));
  return {
    paint(canvas, z) {
      canvas.values.fill(AIR);
      paintWall(canvas, z, build);
      paintShoulderBlades(canvas, z, build);
      paintLungs(canvas, z);
      paintDomes(canvas, z);
      for (const vessel of vessels) paintRod(canvas, z, vessel, BLOOD - 10, { below: -200 });
      for (const nodule of nodules) paintNodule(canvas, z, nodule);
      paintMediastinum(canvas, z);
      paintBelly(canvas, z);
      paintSpine(canvas, z);
      paintRibs(canvas, z);
      paintBreastbone(canvas, z);
    },
  };
};
