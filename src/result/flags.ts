import {
  judgeByInterval,
  type JudgedValue,
  parseReferenceInterval,
  qualitativeSense,
} from './reference-interval.ts';
import type { ResultFlag } from './reading-types.ts';

/** Flags of OBX-8 (HL7 table 0078) and the words and signs that Chinese systems put there. */
const WORDS_OF_FLAG: Readonly<Record<ResultFlag, readonly string[]>> = {
  normal: ['N', 'NEG', 'NR', 'ND', '正常', '阴性', '(-)'],
  abnormal: ['A', 'IND', '异常'],
  high: ['H', '>', '↑', '高', '偏高'],
  low: ['L', '<', '↓', '低', '偏低'],
  positive: ['POS', 'RR', 'WR', 'DET', '阳性', '弱阳性', '强阳性', '+', '(+)'],
  critical: ['AA', '危急', '危急值', 'CRIT'],
  'critical-high': ['HH', 'HU', '↑↑'],
  'critical-low': ['LL', 'LU', '↓↓'],
};
const FLAG_BY_WORD: ReadonlyMap<string, ResultFlag> = new Map(
  Object.entries(WORDS_OF_FLAG).flatMap(([flag, words]) =>
    words.map((word): [string, ResultFlag] => [word, flag as ResultFlag]),
  ),
);
/** Flags that speak of change or of something else than the value, and empty ones. */
const SILENT: ReadonlySet<string> = new Set(['', 'U', 'D', 'B', 'W', '"']);
/** From the mildest to the worst; flags of one row differ in direction only, the first names none. */
const SEVERITY: readonly (readonly ResultFlag[])[] = [
  ['normal'],
  ['abnormal', 'high', 'low'],
  ['positive'],
  ['critical', 'critical-high', 'critical-low'],
];

/** The worst of several flags; where the worst ones point in different directions, that it is so without a direction. */
const worstOf = (flags: ReadonlySet<ResultFlag>): ResultFlag | null => {
  const worst = SEVERITY.findLast((level) => level.some((flag) => flags.has(flag)));
  const [undirected, ...directed] = worst ?? [];
  const stated = directed.filter((flag) => flags.has(flag));
  return (stated.length === 1 ? stated[0] : undirected) ?? null;
};

/**
 * One flag for a result: the worst that the laboratory states. Where it states none, what its own printed interval says,
 * and that only if both can be read with certainty. A flag that is not understood makes the answer null, never normal.
 */
export const resultFlag = (
  flags: readonly string[],
  value: JudgedValue,
  referenceText: string,
): ResultFlag | null => {
  const stated = flags
    .map((flag) => flag.normalize('NFKC').trim().toUpperCase())
    .filter((flag) => !SILENT.has(flag));
  if (stated.length > 0) {
    const understood = new Set(stated.flatMap((flag) => FLAG_BY_WORD.get(flag) ?? []));
    const worst = worstOf(understood);
    const isAllUnderstood = stated.every((flag) => FLAG_BY_WORD.has(flag));
    return worst === 'normal' && !isAllUnderstood ? null : worst;
  }
  const interval = parseReferenceInterval(referenceText);
  if (interval) return judgeByInterval(value, interval);
  return qualitativeSense(value.text) === 'positive' ? 'positive' : null;
};
