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

/** True when both parts are known and have no region in common: then they cannot be the same examination. */
export const bodyPartsContradict = (one: string, other: string): boolean => {
  const regions = bodyRegionsOf(one);
  const others = bodyRegionsOf(other);
  return regions.size > 0 && others.size > 0 && ![...regions].some((region) => others.has(region));
};
