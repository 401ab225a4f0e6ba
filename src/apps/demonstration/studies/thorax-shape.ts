import { profile } from './slice-canvas.ts';

/**
 * A thorax drawn by hand from ellipses and rods: nobody's. Millimetres in the patient's axes (x to the left, y to the
 * back, z to the head, z = 0 at the carina), values in Hounsfield units.
 */

/** HU of air. */
export const AIR = -1000;
/** HU of fat. */
export const FAT = -100;
/** HU of muscle. */
export const MUSCLE = 52;
/** HU of blood without contrast medium. */
export const BLOOD = 42;
/** HU of lung. */
export const LUNG = -868;
/** HU of the rind of a bone. */
export const CORTEX = 620;
/** HU of its marrow. */
export const MARROW = 190;

/** From the liver to the neck: what a scan of the chest covers. */
export const THORAX_BOTTOM_MM = -205;
/** Upper end of the scan. */
export const THORAX_TOP_MM = 140;

/** Half the width of the body by level. */
export const bodyWidth = profile([
  [-205, 152],
  [-100, 166],
  [0, 176],
  [70, 174],
  [105, 156],
  [140, 120],
]);
/** Half its depth, front to back. */
export const bodyDepth = profile([
  [-205, 112],
  [-100, 116],
  [0, 114],
  [60, 106],
  [110, 94],
  [140, 84],
]);
/** Distance of a lung's middle from the midline. */
export const lungCentre = profile([
  [-205, 74],
  [-60, 75],
  [0, 72],
  [50, 66],
  [90, 54],
  [118, 44],
]);
/** Half the width of a lung; nothing above its apex. */
export const lungWidth = profile([
  [-205, 62],
  [-60, 66],
  [0, 63],
  [50, 54],
  [85, 40],
  [105, 24],
  [118, 0],
]);
/** Half the depth of a lung. */
export const lungDepth = profile([
  [-205, 80],
  [-60, 88],
  [0, 84],
  [50, 72],
  [85, 54],
  [105, 32],
  [118, 0],
]);
/** How far behind the origin a lung's middle lies. */
export const lungBack = profile([
  [-205, 2],
  [0, 0],
  [60, 4],
  [118, 18],
]);
/** How far behind the origin the bodies of the vertebrae lie. */
export const spineBack = profile([
  [-205, 50],
  [-60, 56],
  [20, 58],
  [80, 46],
  [140, 28],
]);
/** Where the breastbone lies in front. */
export const sternumFront = profile([
  [-120, -94],
  [-60, -90],
  [0, -84],
  [60, -66],
]);

/** A ball's radius in the plane that cuts it at a distance. */
export const cut = (radius: number, away: number): number =>
  Math.sqrt(Math.max(0, radius * radius - away * away));
