import table from '../../data/side-words.json' with { type: 'json' };
import { bodyRegionsOf } from './body-part.ts';
import type { Side } from './item.ts';

const SIDE_BY_WORD: ReadonlyMap<string, Side> = new Map<string, Side>([
  ...['l', 'lt', 'left', '左', '左侧', '左边', '7771000'].map((word): [string, Side] => [word, 'left']),
  ...['r', 'rt', 'right', '右', '右侧', '右边', '24028007'].map((word): [string, Side] => [word, 'right']),
  ...['b', 'bil', 'bilateral', 'both', '双', '双侧', '两侧', '左右', '51440002'].map(
    (word): [string, Side] => [word, 'both'],
  ),
]);

/** Side for a word or code that stands alone (HL7 table 0163, DICOM laterality, SNOMED CT, `左侧`); null when unknown. */
export const understandSide = (word: string): Side | null =>
  SIDE_BY_WORD.get(word.normalize('NFKC').trim().toLowerCase()) ?? null;

/** One of some words, the longest first; Latin ones only where they stand alone. */
const oneOf = (words: readonly string[]): string =>
  words
    .toSorted((one, other) => other.length - one.length)
    .map((word) => (/^[A-Z/ ]+$/.test(word) ? `(?<![A-Z0-9])${word}(?![A-Z0-9])` : word))
    .join('|');

const LEFT = new RegExp(oneOf(table.left));
const RIGHT = new RegExp(oneOf(table.right));
const NONE = new RegExp(oneOf(table.none), 'g');
const PAIRED = oneOf(table.paired);
/** 双 before a part that people have two of; of 双指 and the like nothing, for 双指数 is a way of measuring. */
const BOTH = new RegExp(
  `${oneOf(table.both)}|(?:双|左右) ?(?:${PAIRED})|左右(?=[两双])|左右(?![\\p{L}\\p{N}])`,
  'u',
);

/**
 * The side that a text names: `左膝关节`, `双髋`, `KNEE LT`, `LKNEE`. Words that only hold one (`左侧卧位`, `双源CT`, `L-SPINE`,
 * 左心室) name none. null: the text names no side. `unclear`: it names both sides one after the other, so that which was
 * examined is not for us to guess.
 */
export const sideIn = (text: string): Side | 'unclear' | null => {
  const words = text.normalize('NFKC').toUpperCase().replaceAll(/[_-]/g, ' ').replace(NONE, ' ').trim();
  const prefixed = /^([LR]) ?(?=[A-Z]{3})([A-Z ]+)$/.exec(words);
  if (prefixed && bodyRegionsOf(prefixed[2] as string).size > 0)
    return prefixed[1] === 'L' ? 'left' : 'right';
  if (BOTH.test(words)) return 'both';
  const isLeft = LEFT.test(words);
  const isRight = RIGHT.test(words);
  if (isLeft && isRight) return 'unclear';
  return isLeft ? 'left' : isRight ? 'right' : null;
};

/**
 * Side named inside the name of an examination that has sides (`左膝关节MR平扫`, `双髋关节DR`). Both sides one after the other
 * (`左肩、右肘`) say nothing certain: null. To be asked only for items with sides.
 */
export const sideInName = (name: string): Side | null => {
  const side = sideIn(name);
  return side === 'unclear' ? null : side;
};
