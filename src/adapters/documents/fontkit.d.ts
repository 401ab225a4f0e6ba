/** As much of fontkit as we use; the package brings no types of its own. */
declare module 'fontkit' {
  /** One font, its tables read when they are asked for. */
  interface Font {
    hasGlyphForCodePoint(codePoint: number): boolean;
  }
  /** Opens a font file; of a collection the font with this PostScript name. */
  export function openSync(path: string, postscriptName?: string): Font | null;
}
