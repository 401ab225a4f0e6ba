import table from '../../data/image-words.json' with { type: 'json' };
import { bodyRegionsIn, bodyRegionsOf, type Side } from '../catalogue/index.ts';
import type { HeaderCode } from './instance.ts';

/** Direction from which a projection was taken. */
export type ImageView = 'frontal' | 'lateral' | 'oblique';

/** Contrast phase of a series; `enhanced` where the words say no more than that there was contrast medium. */
export type ContrastPhase = 'plain' | 'arterial' | 'venous' | 'delayed' | 'enhanced';

const isLatin = (word: string): boolean => /^[\x20-\x7e]+$/.test(word);
const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Finds words of a list in a text: Latin ones only where they stand alone. */
const finder = (words: readonly string[]): RegExp =>
  new RegExp(
    words
      .toSorted((one, other) => other.length - one.length)
      .map((word) => (isLatin(word) ? `(?<![A-Z0-9])${escaped(word)}(?![A-Z0-9])` : escaped(word)))
      .join('|'),
    'g',
  );

const findersOf = <Name extends string>(
  groups: Readonly<Record<Name, readonly string[]>>,
): readonly (readonly [Name, RegExp])[] =>
  (Object.entries(groups) as [Name, readonly string[]][]).map(([name, words]) => [name, finder(words)]);

const SIDES = findersOf<Side>(table.sides);
const NOT_SIDES = finder(table.notSides);
const VIEWS = findersOf<ImageView>(table.views);
const BOTH_VIEWS = finder(table.bothViews);
const PHASES = findersOf<ContrastPhase>(table.phases);
const LOCALISERS = finder(table.localisers);
const REGION_CODES: Readonly<Record<string, string>> = table.regionCodes;

/** A text as words are looked for in it: full width to half width, underlines as blanks, capitals. */
const folded = (text: string): string => text.normalize('NFKC').replaceAll('_', ' ').toUpperCase();

const has = (pattern: RegExp, text: string): boolean => text.search(pattern) >= 0;

/**
 * The side that a text names: `左膝关节`, `KNEE LT`, `LKNEE`. A position of the patient (`左侧卧位`) is none. null: the text
 * names no side. `unclear`: it names both sides one after the other, so that which was examined is not for us to guess.
 */
export const sideIn = (text: string): Side | 'unclear' | null => {
  const words = folded(text).replace(NOT_SIDES, ' ');
  const prefixed = /^([LR]) ?(?=[A-Z]{3})([A-Z ]+)$/.exec(words);
  if (prefixed && bodyRegionsOf(prefixed[2] as string).size > 0)
    return prefixed[1] === 'L' ? 'left' : 'right';
  const named = SIDES.flatMap(([side, pattern]) => (has(pattern, words) ? [side] : []));
  if (named.includes('both')) return 'both';
  if (named.length > 1) return 'unclear';
  return named[0] ?? null;
};

/** The side of a DICOM code (`L`, `R`, `B`); null for `U`, nothing, and what is no code. */
export const sideOfCode = (code: string | null): Side | null =>
  code === 'L' ? 'left' : code === 'R' ? 'right' : code === 'B' ? 'both' : null;

/** Views that a text or View Position names. */
export const viewsIn = (text: string): readonly ImageView[] => {
  const words = folded(text);
  if (has(BOTH_VIEWS, words)) return ['frontal', 'lateral'];
  return VIEWS.flatMap(([view, pattern]) => (has(pattern, words) ? [view] : []));
};

/** The contrast phase that the description of a series names; of several words the most telling; null: none. */
export const phaseIn = (text: string): ContrastPhase | null => {
  const words = folded(text);
  const named = PHASES.flatMap(([phase, pattern]) => (has(pattern, words) ? [phase] : []));
  return named.find((phase) => phase !== 'plain' && phase !== 'enhanced') ?? named.at(-1) ?? null;
};

/** True when words say that a series only served to plan the others. */
export const namesLocaliser = (text: string): boolean => has(LOCALISERS, folded(text));

/** Regions of the body that a code of an anatomic region stands for, by its number or else by its words. */
export const regionsOfCode = ({ value, meaning }: HeaderCode): ReadonlySet<string> => {
  const part = REGION_CODES[value];
  return part === undefined ? bodyRegionsIn(meaning) : bodyRegionsOf(part);
};
