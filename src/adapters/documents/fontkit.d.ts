/** As much of fontkit as we use; the package brings no types of its own. */
declare module 'fontkit' {
  /** One step of an outline, in font units, y upwards. */
  interface PathCommand {
    readonly command: 'moveTo' | 'lineTo' | 'quadraticCurveTo' | 'bezierCurveTo' | 'closePath';
    readonly args: readonly number[];
  }
  /** A drawn character. */
  interface Glyph {
    readonly advanceWidth: number;
    readonly path: { readonly commands: readonly PathCommand[] };
  }
  /** One font, its tables read when they are asked for. */
  interface Font {
    readonly unitsPerEm: number;
    hasGlyphForCodePoint(codePoint: number): boolean;
    glyphForCodePoint(codePoint: number): Glyph;
  }
  /** Opens a font file; of a collection the font with this PostScript name. */
  export function openSync(path: string, postscriptName?: string): Font | null;
}
