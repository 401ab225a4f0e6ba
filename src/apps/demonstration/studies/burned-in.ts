import { type TextPicture, textPicture } from '../../../adapters/documents/text-picture.ts';

const drawn = new Map<string, TextPicture>();

/** A picture that text can be burned into. */
export interface BurnTarget {
  readonly width: number;
  readonly height: number;
  /** Sets the pixel to the text's brightness where the strokes cover it; `cover` from 0 to 1. */
  burn(row: number, column: number, cover: number): void;
}

/** Burns a line of text into a picture. Negative places count from the right and from the bottom. */
export const burnText = (
  target: BurnTarget,
  text: string,
  at: { readonly row: number; readonly column: number; readonly height: number },
): void => {
  const key = `${at.height}/${text}`;
  let picture = drawn.get(key);
  if (!picture) {
    picture = textPicture(text, at.height);
    drawn.set(key, picture);
  }
  const left = at.column < 0 ? target.width + at.column - picture.width : at.column;
  const top = at.row < 0 ? target.height + at.row - picture.height : at.row;
  for (let row = 0; row < picture.height; row++)
    for (let column = 0; column < picture.width; column++) {
      const cover = picture.coverage[row * picture.width + column] as number;
      const y = top + row;
      const x = left + column;
      if (cover > 0 && y >= 0 && y < target.height && x >= 0 && x < target.width)
        target.burn(y, x, cover / 255);
    }
};
