import { type Font, openSync, type PathCommand } from 'fontkit';
import { BUNDLED_FONT } from './chinese-fonts.ts';

/** A line of text as a picture: how much of each pixel the strokes cover, 0 to 255. */
export interface TextPicture {
  readonly width: number;
  readonly height: number;
  readonly coverage: Uint8Array;
}

/** Lines of the grid inside each pixel by which coverage is counted. */
const FINE = 4;
/** Straight pieces by which a curve is drawn. */
const PIECES = 6;

type Stroke = readonly [x1: number, y1: number, x2: number, y2: number];

const strokesOf = (
  commands: readonly PathCommand[],
  place: (x: number, y: number) => readonly [number, number],
): Stroke[] => {
  const strokes: Stroke[] = [];
  let start: readonly [number, number] = [0, 0];
  let pen: readonly [number, number] = [0, 0];
  const lineTo = (to: readonly [number, number]): void => {
    strokes.push([...place(...pen), ...place(...to)]);
    pen = to;
  };
  for (const { command, args } of commands) {
    const points: (readonly [number, number])[] = [];
    for (let index = 0; index < args.length; index += 2)
      points.push([args[index] as number, args[index + 1] as number]);
    const end = points.at(-1);
    if (command === 'closePath' || !end) lineTo(start);
    else if (command === 'moveTo') start = pen = end;
    else {
      // De Casteljau: a line has no control points, a curve one or two.
      const from = pen;
      const pieces = points.length === 1 ? 1 : PIECES;
      for (let piece = 1; piece <= pieces; piece++) {
        const t = piece / pieces;
        let line = [from, ...points];
        while (line.length > 1)
          line = line.slice(1).map((to, index) => {
            const [x, y] = line[index] as readonly [number, number];
            return [x + (to[0] - x) * t, y + (to[1] - y) * t] as const;
          });
        lineTo(line[0] as readonly [number, number]);
      }
    }
  }
  return strokes;
};

/** Fills by the rule of winding numbers, one fine line at a time. */
const fill = (picture: TextPicture, strokes: readonly Stroke[]): void => {
  const { width, height, coverage } = picture;
  const share = 255 / (FINE * FINE);
  const counts = new Float32Array(coverage.length);
  for (let line = 0; line < height * FINE; line++) {
    const y = (line + 0.5) / FINE;
    const crossings: (readonly [x: number, winding: number])[] = [];
    for (const [x1, y1, x2, y2] of strokes)
      if (y1 <= y !== y2 <= y) crossings.push([x1 + ((y - y1) / (y2 - y1)) * (x2 - x1), y1 < y2 ? 1 : -1]);
    crossings.sort(([one], [other]) => one - other);
    let winding = 0;
    for (const [index, [x, turn]] of crossings.entries()) {
      winding += turn;
      const next = crossings[index + 1];
      if (winding === 0 || !next) continue;
      const from = Math.max(0, Math.round(x * FINE));
      const to = Math.min(width * FINE, Math.round(next[0] * FINE));
      const row = Math.floor(line / FINE) * width;
      for (let fine = from; fine < to; fine++) {
        const at = row + Math.floor(fine / FINE);
        counts[at] = (counts[at] as number) + share;
      }
    }
  }
  for (let at = 0; at < coverage.length; at++) coverage[at] = Math.min(255, Math.round(counts[at] as number));
};

let font: Font | null = null;

/**
 * Draws one line of text in the bundled font, as tall as said, for burning into a picture.
 *
 * @param height pixels from ascender to descender
 */
export const textPicture = (text: string, height: number): TextPicture => {
  font ??= openSync(BUNDLED_FONT);
  if (!font) throw new Error('the bundled font is missing');
  const scale = (height * 0.86) / font.unitsPerEm;
  const strokes: Stroke[] = [];
  let left = 0;
  for (const character of text) {
    const glyph = font.glyphForCodePoint(character.codePointAt(0) as number);
    const at = left;
    strokes.push(...strokesOf(glyph.path.commands, (x, y) => [at + x * scale, height * 0.8 - y * scale]));
    left += glyph.advanceWidth * scale;
  }
  const width = Math.ceil(left) + 1;
  const picture: TextPicture = { width, height, coverage: new Uint8Array(width * height) };
  fill(picture, strokes);
  return picture;
};
