import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openSync } from 'fontkit';

/** A font that a document can embed. */
export interface EmbeddableFont {
  readonly path: string;
  /** Names one font of a collection; undefined for a file with a single font. */
  readonly postscriptName: string | undefined;
  has(codePoint: number): boolean;
}

/** A stretch of text that one font can print. */
export interface FontRun {
  readonly font: EmbeddableFont;
  readonly text: string;
}

/** Fonts for Chinese text, the first that has a character prints it. */
export interface ChineseFonts {
  readonly fonts: readonly EmbeddableFont[];
  /** Cuts a text into stretches; a character that no font has is written as its code point, never as a box. */
  runsOf(text: string): FontRun[];
  /** True when a character of the text is in no font. */
  lacks(text: string): boolean;
}

/** The font that comes with the program: all of GB 2312, and many rare characters of names besides. */
export const BUNDLED_FONT = fileURLToPath(
  new URL('../fonts/NotoSansHans-Regular.otf', import.meta.resolve('@embedpdf/fonts-sc')),
);
/** Where Debian's fonts-noto-cjk lies, which has the characters beyond. */
const SYSTEM = '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc';
const SYSTEM_NAME = 'NotoSansCJKsc-Regular';

const openFont = (path: string, postscriptName?: string): EmbeddableFont | null => {
  const font = openSync(path, postscriptName);
  if (!font) return null;
  return { path, postscriptName, has: (codePoint) => font.hasGlyphForCodePoint(codePoint) };
};

/** `〔U+20BB7〕`: what nobody can mistake for a character, and anybody can look up. */
const codePointText = (codePoint: number): string =>
  `〔U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}〕`;

/**
 * Builds the choice of fonts.
 *
 * @param extra a font file, with `#` and a PostScript name for one font of a collection (`HUREN_CJK_FONT`); without it
 *   the system's Noto Sans CJK is taken where it is installed
 */
export const chineseFonts = (extra?: string): ChineseFonts => {
  const [path, name] = extra === undefined ? [SYSTEM, SYSTEM_NAME] : extra.split('#');
  const second = path !== undefined && existsSync(path) ? openFont(path, name) : null;
  const fonts = [openFont(BUNDLED_FONT), second].filter((font) => font !== null);
  const [first] = fonts;
  if (!first) throw new Error('the bundled font is missing');
  const fontOf = (character: string): EmbeddableFont | undefined =>
    fonts.find((font) => font.has(character.codePointAt(0) as number));
  return {
    fonts,
    lacks: (text) => [...text].some((character) => character !== '\n' && !fontOf(character)),
    runsOf(text) {
      const runs: { font: EmbeddableFont; text: string }[] = [];
      const append = (font: EmbeddableFont, part: string): void => {
        const last = runs.at(-1);
        if (last?.font === font) last.text += part;
        else runs.push({ font, text: part });
      };
      for (const character of text) {
        const font = fontOf(character);
        if (font) append(font, character);
        else append(first, codePointText(character.codePointAt(0) as number));
      }
      return runs;
    },
  };
};
