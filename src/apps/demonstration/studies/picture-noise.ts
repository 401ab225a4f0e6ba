import type { Random } from '../random.ts';

const SIZE = 512;

/** Noise of a picture: a tile of normal values that is laid down at another place for every slice. */
export interface PictureNoise {
  /** Adds noise of this standard deviation to `size` × `size` values. */
  add(values: Float32Array, size: number, deviation: number): void;
}

/**
 * Makes a tile of noise. Neighbouring pixels are a little alike, as reconstruction and interpolation make them.
 *
 * @param blur share of a neighbour in each pixel, 0 to 1
 */
export const pictureNoise = (random: Random, blur: number): PictureNoise => {
  const raw = new Float32Array(SIZE * SIZE);
  for (let at = 0; at < raw.length; at++) raw[at] = random.normal();
  const tile = new Float32Array(raw.length);
  let square = 0;
  for (let at = 0; at < raw.length; at++) {
    const of = (step: number): number => raw[(at + step + raw.length) % raw.length] as number;
    const value = of(0) + blur * (of(1) + of(-1) + of(SIZE) + of(-SIZE));
    tile[at] = value;
    square += value * value;
  }
  const scale = 1 / Math.sqrt(square / raw.length);
  for (let at = 0; at < tile.length; at++) tile[at] = (tile[at] as number) * scale;
  return {
    add(values, size, deviation) {
      const offset = random.whole(0, tile.length - 1);
      for (let row = 0; row < size; row++) {
        const line = offset + (row % SIZE) * SIZE;
        for (let column = 0; column < size; column++) {
          const at = row * size + column;
          const noise = tile[(line + column) % tile.length] as number;
          values[at] = (values[at] as number) + noise * deviation;
        }
      }
    },
  };
};
