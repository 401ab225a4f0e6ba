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

/**
 * Side named inside the name of an examination that has sides (`左膝关节MR平扫`, `双髋关节DR`). Both characters apart
 * (`左肩、右肘`) say nothing certain: null. To be asked only for items with sides, for 左 also stands in 左心室.
 */
export const sideInName = (name: string): Side | null => {
  if (/双侧|两侧|双|左右/.test(name.replace(/双能|双源|双期|双相|双气囊|双对比/g, ''))) return 'both';
  const left = name.includes('左');
  const right = name.includes('右');
  if (left === right) return null;
  return left ? 'left' : 'right';
};
