import {
  judgeByInterval,
  type JudgedValue,
  parseReferenceInterval,
  qualitativeSense,
} from './reference-interval.ts';
import type { ResultFlag } from './reading-types.ts';

/** Flags of OBX-8 (HL7 table 0078) and the words and signs that Chinese systems put there. */
const FLAG_BY_WORD: ReadonlyMap<string, ResultFlag> = new Map<string, ResultFlag>([
  ...['HH', 'LL', 'AA', 'HU', 'LU', '↑↑', '↓↓', '危急', '危急值', 'CRIT'].map(
    (word): [string, ResultFlag] => [word, 'critical'],
  ),
  ...['POS', 'RR', 'WR', 'DET', '阳性', '弱阳性', '强阳性', '+', '(+)'].map((word): [string, ResultFlag] => [
    word,
    'positive',
  ]),
  ...['H', 'L', 'A', '>', '<', 'IND', '↑', '↓', '高', '低', '偏高', '偏低', '异常'].map(
    (word): [string, ResultFlag] => [word, 'abnormal'],
  ),
  ...['N', 'NEG', 'NR', 'ND', '正常', '阴性', '(-)'].map((word): [string, ResultFlag] => [word, 'normal']),
]);
/** Flags that speak of change or of something else than the value, and empty ones. */
const SILENT: ReadonlySet<string> = new Set(['', 'U', 'D', 'B', 'W', '"']);
const SEVERITY: readonly ResultFlag[] = ['normal', 'abnormal', 'positive', 'critical'];

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
    let worst = -1;
    let understood = true;
    for (const flag of stated) {
      const meaning = FLAG_BY_WORD.get(flag);
      if (meaning) worst = Math.max(worst, SEVERITY.indexOf(meaning));
      else understood = false;
    }
    return worst < 0 || (worst === 0 && !understood) ? null : (SEVERITY[worst] ?? null);
  }
  const interval = parseReferenceInterval(referenceText);
  if (interval) return judgeByInterval(value, interval);
  return qualitativeSense(value.text) === 'positive' ? 'positive' : null;
};
