import { paintEllipse, paintRod, type Point, profile, type SliceCanvas } from './slice-canvas.ts';
import {
  AIR,
  BLOOD,
  cut,
  FAT,
  LUNG,
  lungBack,
  lungCentre,
  lungDepth,
  lungWidth,
  MUSCLE,
  spineBack,
} from './thorax-shape.ts';

/** The two lungs, empty of vessels. */
export const paintLungs = (canvas: SliceCanvas, z: number): void => {
  for (const side of [-1, 1])
    paintEllipse(
      canvas,
      {
        x: side * lungCentre(z),
        y: lungBack(z),
        a: lungWidth(z),
        b: lungDepth(z),
        exponent: 2.15,
        turn: side * 0.1,
      },
      LUNG,
    );
};

const mediastinumWidth = profile([
  [-140, 40],
  [-60, 34],
  [0, 34],
  [60, 30],
  [118, 26],
]);

/** Heart, great vessels, gullet and airways in their fat. */
export const paintMediastinum = (canvas: SliceCanvas, z: number): void => {
  const tube = (x: number, y: number, radius: number, value: number): void =>
    paintEllipse(canvas, { x, y, a: radius, b: radius }, value);
  const rod = (from: Point, to: Point, radius: number, value = BLOOD, radiusTo = radius): void =>
    paintRod(canvas, z, { from, to, radius, radiusTo }, value);
  // Fat that everything lies in.
  const wide = mediastinumWidth(z);
  paintEllipse(
    canvas,
    { x: 2, y: -8, a: wide, b: Math.max(30, lungDepth(z) * 0.86), exponent: 2.4 },
    FAT + 8,
  );
  paintEllipse(canvas, { x: 0, y: spineBack(z) - 6, a: 24, b: 26 }, FAT + 30, { below: 0 });
  // Heart: fat around it, then the muscle and blood, which look alike without contrast medium.
  const heart = (grow: number, value: number): void => {
    const away = (z + 76) / (56 + grow);
    if (Math.abs(away) >= 1) return;
    const share = Math.sqrt(1 - away * away);
    paintEllipse(
      canvas,
      { x: 22, y: -26, a: (64 + grow) * share, b: (47 + grow) * share, turn: -0.55, exponent: 2.1 },
      value,
    );
  };
  heart(6, FAT);
  heart(0, 38);
  const share = cut(1, (z + 72) / 50);
  paintEllipse(canvas, { x: 30, y: -30, a: 44 * share, b: 25 * share, turn: -0.6 }, BLOOD + 6);
  paintEllipse(canvas, { x: -18, y: -18, a: 22 * share, b: 26 * share }, BLOOD + 4);
  paintRod(canvas, z, { from: [16, -12, -44], to: [46, -44, -70], radius: 1.5 }, FAT + 30);
  // Great vessels.
  if (z < 50 && z > -46) tube(-12, -30 + (z > 20 ? (z - 20) * 0.4 : 0), 15.5, BLOOD);
  rod([-12, -22, 44], [22, 30, 46], 12.5);
  if (z < 46) tube(22 - Math.max(0, -z - 60) * 0.1, 34, 12, BLOOD);
  if (z > 46) {
    tube(-15 - (z - 46) * 0.12, -16 + (z - 46) * 0.1, 6.4, BLOOD);
    tube(5 + (z - 46) * 0.1, -10 + (z - 46) * 0.1, 4.4, BLOOD);
    tube(17 + (z - 46) * 0.12, 4, 5.2, BLOOD);
    tube(-28 - (z - 46) * 0.1, -22 + (z - 46) * 0.08, 7.4, BLOOD);
    tube(26, -22, 6.4, BLOOD);
  }
  rod([26, -28, 66], [-22, -26, 56], 6.4);
  if (z < 60 && z > -40) tube(-27, -16, 9, BLOOD);
  if (z < -96) tube(-20, 2, 12, BLOOD);
  rod([16, -40, -42], [18, -24, -12], 13.5);
  rod([14, -14, -20], [-44, 0, -26], 10, BLOOD, 8);
  rod([18, -20, -12], [46, 12, -16], 10.5, BLOOD, 8);
  rod([6, 6, -52], [-44, 4, -52], 7, BLOOD, 6);
  rod([8, 8, -50], [46, 12, -50], 7, BLOOD, 6);
  if (z < 90) tube(-7, spineBack(z) - 18, 3.4, BLOOD);
  tube(5 + (z < -120 ? 6 : 0), spineBack(z) - 28, 6.6, 36);
  tube(5.5, spineBack(z) - 28.6, 1.6, -400);
  // Thyroid, at the upper end.
  if (z > 124) for (const side of [-1, 1]) paintEllipse(canvas, { x: side * 16, y: -12, a: 8, b: 12 }, 105);
  // Windpipe and main bronchi with their walls.
  const airway = (from: Point, to: Point, radius: number): void => {
    paintRod(canvas, z, { from, to, radius: radius + 1.7 }, 35);
    paintRod(canvas, z, { from, to, radius }, AIR);
  };
  const AIRWAYS: readonly (readonly [Point, Point, number])[] = [
    [[0, -6, 150], [1, 8, 2], 8.6],
    [[0, 8, 2], [-30, 12, -24], 7.2],
    [[0, 8, 2], [40, 16, -36], 6.4],
  ];
  for (const [from, to, radius] of AIRWAYS) paintRod(canvas, z, { from, to, radius: radius + 1.7 }, 35);
  for (const [from, to, radius] of AIRWAYS) paintRod(canvas, z, { from, to, radius }, AIR);
  airway([-30, 12, -24], [-40, 8, -52], 5.2);
  airway([-30, 10, -20], [-52, 4, -4], 4.6);
  airway([40, 16, -36], [54, 6, -26], 4.4);
  airway([40, 16, -36], [52, 22, -62], 4.6);
};

/** The two halves of the diaphragm with what lies right under them, as far as they rise into the lungs. */
export const paintDomes = (canvas: SliceCanvas, z: number): void => {
  const lungOnly = { below: -300 };
  const dome = (top: number): number => Math.sqrt(Math.max(0, Math.min(1, (top - z) / 98)));
  const right = dome(-98);
  paintEllipse(canvas, { x: -66, y: -4, a: 74 * right, b: 94 * right }, 58, lungOnly);
  const left = dome(-110);
  paintEllipse(canvas, { x: 74, y: -2, a: 70 * left, b: 90 * left }, FAT, lungOnly);
  if (left < 0.2) return;
  const full = Math.min(1, (left - 0.2) * 1.6);
  const stomach = (grow: number, value: number): void =>
    paintEllipse(canvas, { x: 68, y: -20, a: 42 * full - grow, b: 38 * full - grow }, value);
  stomach(0, 40);
  stomach(4, 16);
  // The bubble of air lies in front.
  paintEllipse(canvas, { x: 68, y: -20 - 13 * full, a: 32 * full - 4, b: 22 * full - 4 }, AIR);
  paintEllipse(canvas, { x: 98, y: 42, a: 34 * full, b: 22 * full, turn: -0.9 }, 50);
};

/** The belly between the domes. */
export const paintBelly = (canvas: SliceCanvas, z: number): void => {
  if (z < -134) {
    const open = Math.min(1, (-134 - z) / 26);
    const depth = lungDepth(z);
    paintEllipse(canvas, { x: -4, y: -16, a: 70 * open, b: depth * 0.84 * open }, FAT + 4, { below: 55 });
    paintEllipse(canvas, { x: -46, y: -14, a: 88 * open, b: depth * 0.84 * open, turn: 0.16 }, 58, {
      above: -300,
    });
    paintEllipse(canvas, { x: 30, y: -48, a: 40 * open, b: 22 * open, turn: 0.4 }, 58, { above: -300 });
  }
  if (z < -128) {
    paintEllipse(canvas, { x: 19, y: 30, a: 12, b: 12 }, BLOOD + 2);
    paintEllipse(canvas, { x: -20, y: 4, a: 12, b: 10 }, BLOOD - 2);
    for (const side of [-1, 1])
      paintRod(canvas, z, { from: [side * 8, 24, z], to: [side * 26, 50, z], radius: 3 }, MUSCLE);
  }
};
