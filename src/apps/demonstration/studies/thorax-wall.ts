import { paintEllipse, paintRod, type Point, type Rod, type SliceCanvas } from './slice-canvas.ts';
import {
  BLOOD,
  bodyDepth,
  bodyWidth,
  CORTEX,
  FAT,
  lungBack,
  lungCentre,
  lungDepth,
  lungWidth,
  MARROW,
  MUSCLE,
  spineBack,
  sternumFront,
} from './thorax-shape.ts';

const VERTEBRA_MM = 24;
const RIBS = 12;
const ribTop = (rib: number): number => 122 - rib * 24.5;
const ribTurnEnd = (rib: number): number =>
  ((rib < 7 ? 158 : ([146, 134, 118, 90, 66] as const)[rib - 7]) ?? 60) * (Math.PI / 180);
const ribDrop = (rib: number): number => 62 + rib * 4;

const bone = (canvas: SliceCanvas, z: number, rod: Rod, rind: number): void => {
  paintRod(canvas, z, rod, CORTEX);
  const inner = rod.radius - rind;
  if (inner > 0.6)
    paintRod(
      canvas,
      z,
      { ...rod, radius: inner, radiusTo: Math.max(0.3, (rod.radiusTo ?? rod.radius) - rind) },
      MARROW,
    );
};

/** Skin, fat and muscle. */
export const paintWall = (canvas: SliceCanvas, z: number, build: number): void => {
  const width = bodyWidth(z) * build;
  const depth = bodyDepth(z) * build;
  paintEllipse(canvas, { x: 0, y: 5, a: width, b: depth, exponent: 2.5 }, 20);
  paintEllipse(canvas, { x: 0, y: 5, a: width - 2, b: depth - 2, exponent: 2.5 }, FAT);
  paintEllipse(canvas, { x: 0, y: 5, a: width - 13, b: depth - 10, exponent: 2.4 }, MUSCLE);
  // The fat between the layers of muscle under the arms and over the shoulder blades.
  for (const side of [-1, 1]) {
    paintEllipse(canvas, { x: side * (width - 27), y: 12, a: 1.8, b: 40, turn: side * -0.12 }, FAT, {
      opacity: 0.8,
    });
    paintEllipse(canvas, { x: side * (width - 44), y: -depth * 0.6, a: 30, b: 1.6, turn: side * 0.5 }, FAT);
    if (z > 30) {
      const open = Math.min(1, (z - 30) / 30);
      paintEllipse(
        canvas,
        { x: side * (width - 40), y: -14, a: 11 * open, b: 20 * open, turn: side * 0.5 },
        FAT,
      );
      paintEllipse(canvas, { x: side * (width - 44), y: -16, a: 4 * open, b: 4 * open }, BLOOD);
    }
    paintEllipse(canvas, { x: side * 27, y: depth - 20, a: 1.2, b: 12, turn: side * 0.3 }, FAT, {
      opacity: 0.7,
    });
    paintEllipse(canvas, { x: side * 52, y: depth - 24, a: 30, b: 1.2, turn: side * -0.25 }, FAT, {
      opacity: 0.7,
    });
  }
};

/** The shoulder blades. */
export const paintShoulderBlades = (canvas: SliceCanvas, z: number, build: number): void => {
  if (z > 108 || z < -52) return;
  const down = (108 - z) / 160;
  for (const side of [-1, 1]) {
    const medial: Point = [side * (70 + 18 * down) * build, (74 + 6 * down) * build, z];
    const lateral: Point = [side * (128 - 20 * down) * build, (44 + 26 * down) * build, z];
    bone(canvas, z, { from: medial, to: lateral, radius: 2.4, radiusTo: 4.6 - 1.6 * down }, 1.4);
    if (z > 48) {
      const spine: Point = [side * 104 * build, 76 * build, z];
      bone(canvas, z, { from: lateral, to: spine, radius: 2.6 }, 1.4);
    }
  }
};

/** The ribs: each slopes down from the spine to the front, so that a slice cuts several. */
export const paintRibs = (canvas: SliceCanvas, z: number): void => {
  const width = lungCentre(z) + lungWidth(z) + 6;
  const depth = lungDepth(z) + 7;
  const back = lungBack(z);
  for (let rib = 0; rib < RIBS; rib++) {
    const head = ribTop(rib);
    const end = ribTurnEnd(rib);
    const drop = ribDrop(rib);
    if (z > head + 8 || z < head - drop - 8) continue;
    for (const part of ['cortex', 'marrow'] as const)
      for (let turn = 0.26; turn < end; turn += 0.011) {
        const level = head - drop * ((turn - 0.26) / (end - 0.26)) ** 1.15;
        const away = (z - level) / 6.6;
        if (Math.abs(away) >= 1) continue;
        const thick = 4.1 * Math.sqrt(1 - away * away);
        const cartilage = rib < 10 && turn > end - 0.42;
        const radius = part === 'cortex' ? thick : thick - 1.3;
        if (radius < 0.4 || (cartilage && part === 'marrow')) continue;
        const value = cartilage ? 95 : part === 'cortex' ? CORTEX : MARROW;
        const x = width * Math.sin(turn);
        const y = back + depth * Math.cos(turn);
        for (const side of [-1, 1]) paintEllipse(canvas, { x: side * x, y, a: radius, b: radius }, value);
      }
  }
};

/** Vertebrae, discs, canal and cord. */
export const paintSpine = (canvas: SliceCanvas, z: number): void => {
  const back = spineBack(z);
  const phase = (((z + 400) % VERTEBRA_MM) + VERTEBRA_MM) % VERTEBRA_MM;
  const isDisc = phase < 5;
  const waist = isDisc ? 0 : Math.sin(((phase - 5) / (VERTEBRA_MM - 5)) * Math.PI) * 1.6;
  const canal = back + 25;
  // Arch, canal and cord.
  if (phase > 7 && phase < 21) {
    for (const side of [-1, 1]) {
      bone(canvas, z, { from: [side * 11, back + 13, z], to: [side * 13, canal + 3, z], radius: 4 }, 1.3);
      bone(canvas, z, { from: [side * 13, canal + 2, z], to: [side * 2, canal + 13, z], radius: 3.4 }, 1.2);
      if (phase < 16)
        bone(canvas, z, { from: [side * 14, canal + 1, z], to: [side * 36, canal + 8, z], radius: 4.4 }, 1.3);
    }
  } else
    for (const side of [-1, 1])
      bone(canvas, z, { from: [side * 13, canal - 2, z], to: [side * 12, canal + 3, z], radius: 3.4 }, 1.2);
  bone(
    canvas,
    z,
    { from: [0, canal + 13, z], to: [0, canal + 20 + (phase / VERTEBRA_MM) * 7, z], radius: 2.6 },
    1.1,
  );
  paintEllipse(canvas, { x: 0, y: canal, a: 9, b: 8 }, -20);
  paintEllipse(canvas, { x: 0, y: canal, a: 7.4, b: 6.6 }, 12);
  paintEllipse(canvas, { x: 0, y: canal, a: 4.6, b: 3.9 }, 38);
  // Body of the vertebra, or the disc between two.
  const width = 17.5 - waist - z * 0.012;
  if (isDisc) paintEllipse(canvas, { x: 0, y: back, a: width, b: 14, exponent: 2.3 }, 82);
  else {
    const plate = phase < 6.4 || phase > VERTEBRA_MM - 1.2;
    paintEllipse(canvas, { x: 0, y: back, a: width, b: 14.4 - waist, exponent: 2.3 }, 480);
    paintEllipse(
      canvas,
      { x: 0, y: back, a: width - 1.5, b: 12.9 - waist, exponent: 2.3 },
      plate ? 380 : 165,
    );
  }
};

/** Breastbone and collarbones. */
export const paintBreastbone = (canvas: SliceCanvas, z: number): void => {
  const front = sternumFront(z);
  if (z < 62 && z > -95) {
    const wide = z > 22 ? 24 - (62 - z) * 0.15 : 15 + Math.max(0, -z - 30) * 0.06;
    const thin = z < -78 ? 4 : 6;
    if (Math.abs(z - 22) < 1.6) paintEllipse(canvas, { x: 0, y: front, a: wide, b: thin }, 90);
    else {
      paintEllipse(canvas, { x: 0, y: front, a: wide, b: thin, exponent: 2.6 }, 430);
      paintEllipse(canvas, { x: 0, y: front, a: wide - 1.5, b: thin - 1.5, exponent: 2.6 }, 140);
    }
  }
  for (const side of [-1, 1])
    bone(
      canvas,
      z,
      { from: [side * 24, -66, 60], to: [side * 122, -34, 96], radius: 6.2, radiusTo: 5.2 },
      1.8,
    );
};
