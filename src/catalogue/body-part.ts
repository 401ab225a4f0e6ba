import bodyPartTable from '../../data/body-parts.json' with { type: 'json' };
import { foldWords } from './fold-words.ts';

const REGIONS_BY_WORD = new Map<string, Set<string>>();
for (const [region, words] of Object.entries(bodyPartTable.regions)) {
  for (const word of words.map(foldWords)) {
    const regions = REGIONS_BY_WORD.get(word) ?? new Set();
    REGIONS_BY_WORD.set(word, regions.add(region));
  }
}

/** Regions of the body in which a part lies, by its word (`膝关节`) or DICOM code (`KNEE`); empty when unknown. */
export const bodyRegionsOf = (part: string): ReadonlySet<string> =>
  REGIONS_BY_WORD.get(foldWords(part).replace(/^[左右双]侧?/, '')) ??
  REGIONS_BY_WORD.get(foldWords(part)) ??
  new Set();

/** Words of two characters and more, the longest first, so that 胸椎 is not read as 胸. */
const WORDS_BY_LENGTH = [...REGIONS_BY_WORD.keys()]
  .filter((word) => word.length > 1)
  .toSorted((one, other) => other.length - one.length);

/** Regions of all body parts that a text names (`左膝关节MR平扫`, `CT Chest`); Latin words only where they stand alone. */
export const bodyRegionsIn = (text: string): ReadonlySet<string> => {
  const whole = bodyRegionsOf(text);
  if (whole.size > 0) return whole;
  const regions = new Set<string>();
  let rest = text.normalize('NFKC').replaceAll('_', ' ').toLowerCase();
  for (const word of WORDS_BY_LENGTH) {
    const isLatin = /^[\x20-\x7e]+$/.test(word);
    const at = isLatin
      ? rest.search(new RegExp(`(?<![a-z])${word.replace(/[^a-z]/g, '.')}(?![a-z])`))
      : rest.indexOf(word);
    if (at < 0) continue;
    rest = `${rest.slice(0, at)} ${rest.slice(at + word.length)}`;
    for (const region of REGIONS_BY_WORD.get(word) ?? []) regions.add(region);
  }
  return regions;
};

/** True when both parts are known and have no region in common: then they cannot be the same examination. */
export const bodyPartsContradict = (one: string, other: string): boolean => {
  const regions = bodyRegionsOf(one);
  const others = bodyRegionsOf(other);
  return regions.size > 0 && others.size > 0 && ![...regions].some((region) => others.has(region));
};
