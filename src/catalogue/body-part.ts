import bodyPartTable from '../../data/body-parts.json' with { type: 'json' };
import { foldWords } from './fold-words.ts';

/** A part of the body that a text names. */
export interface NamedPart {
  /** Regions of the body in which it lies. */
  readonly regions: ReadonlySet<string>;
  /** Which part that shows only some of its region (the orbit of the head); empty for a region as a whole. */
  readonly narrow: readonly string[];
}

/** The table of words turned round: by word the names of the groups in which it stands. */
const byWord = (groups: Readonly<Record<string, readonly string[]>>): Map<string, Set<string>> => {
  const names = new Map<string, Set<string>>();
  for (const [name, words] of Object.entries(groups))
    for (const word of words.map(foldWords)) names.set(word, (names.get(word) ?? new Set()).add(name));
  return names;
};

const REGIONS_BY_WORD = byWord(bodyPartTable.regions);
const NARROW_BY_WORD = byWord(bodyPartTable.narrow);

const partOfWord = (word: string): NamedPart => ({
  regions: REGIONS_BY_WORD.get(word) ?? new Set(),
  narrow: [...(NARROW_BY_WORD.get(word) ?? [])],
});

/** Parts by word; a word of an examination of several parts stands for each of them. */
const PARTS_BY_WORD = new Map<string, readonly NamedPart[]>();
for (const word of REGIONS_BY_WORD.keys()) PARTS_BY_WORD.set(word, [partOfWord(word)]);
for (const [word, parts] of Object.entries(bodyPartTable.compounds))
  PARTS_BY_WORD.set(
    word.toLowerCase(),
    parts.map((part) => partOfWord(foldWords(part))),
  );

const regionsOfAll = (parts: readonly NamedPart[]): ReadonlySet<string> =>
  new Set(parts.flatMap(({ regions }) => [...regions]));

/** Parts that one word stands for, by itself or after its side. */
const partsOfWhole = (text: string): readonly NamedPart[] =>
  PARTS_BY_WORD.get(foldWords(text).replace(/^[左右双]侧?/, '')) ?? PARTS_BY_WORD.get(foldWords(text)) ?? [];

/** Regions of the body in which a part lies, by its word (`膝关节`) or DICOM code (`KNEE`); empty when unknown. */
export const bodyRegionsOf = (part: string): ReadonlySet<string> => regionsOfAll(partsOfWhole(part));

/** Words of two characters and more, the longest first, so that 胸椎 is not read as 胸. */
const WORDS_BY_LENGTH = [...PARTS_BY_WORD.keys()]
  .filter((word) => word.length > 1)
  .toSorted((one, other) => other.length - one.length);

const readParts = (text: string): readonly NamedPart[] => {
  const whole = partsOfWhole(text);
  if (whole.length > 0) return whole;
  const parts: NamedPart[] = [];
  let rest = text.normalize('NFKC').replaceAll('_', ' ').toLowerCase();
  for (const word of WORDS_BY_LENGTH) {
    const isLatin = /^[\x20-\x7e]+$/.test(word);
    const at = isLatin
      ? rest.search(new RegExp(`(?<![a-z])${word.replace(/[^a-z]/g, '.')}(?![a-z])`))
      : rest.indexOf(word);
    if (at < 0) continue;
    rest = `${rest.slice(0, at)} ${rest.slice(at + word.length)}`;
    parts.push(...(PARTS_BY_WORD.get(word) ?? []));
  }
  return parts;
};

/** The images of a study say the same a thousand times. */
const READ_MAX = 2000;
const read = new Map<string, readonly NamedPart[]>();

/** All body parts that a text names (`左膝关节MR平扫`, `CT Chest`, `胸腹部CT`); Latin words only where they stand alone. */
export const bodyPartsIn = (text: string): readonly NamedPart[] => {
  const before = read.get(text);
  if (before) return before;
  if (read.size >= READ_MAX) read.clear();
  const parts = readParts(text);
  read.set(text, parts);
  return parts;
};

/** Regions of all body parts that a text names. */
export const bodyRegionsIn = (text: string): ReadonlySet<string> => regionsOfAll(bodyPartsIn(text));

/** True when both parts are known and have no region in common: then they cannot be the same examination. */
export const bodyPartsContradict = (one: string, other: string): boolean => {
  const regions = bodyRegionsOf(one);
  const others = bodyRegionsOf(other);
  return regions.size > 0 && others.size > 0 && ![...regions].some((region) => others.has(region));
};
