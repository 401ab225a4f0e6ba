import type { ResultFlag } from './reading-types.ts';

/** A reference interval as far as its print can be understood with certainty. Limits are inclusive unless said. */
export type ReferenceInterval =
  | { readonly kind: 'between'; readonly low: number; readonly high: number }
  | { readonly kind: 'below'; readonly limit: number; readonly inclusive: boolean }
  | { readonly kind: 'above'; readonly limit: number; readonly inclusive: boolean }
  | { readonly kind: 'negative' };

/** A value as far as an interval can judge it. */
export interface JudgedValue {
  readonly text: string;
  readonly number: number | null;
  readonly comparator: '<' | '<=' | '>' | '>=' | null;
}

const NUMBER = '[+-]?\\d+(?:\\.\\d+)?';
const BETWEEN = new RegExp(`^(${NUMBER})(?:-|~{1,2}|[—–]{1,2}|至|to)(${NUMBER})$`);
/** Two hyphens are one separator (`3.5--5.3`) or a separator and a sign (`-3--1`). */
const TWO_HYPHENS = /^([+-]?\d+(?:\.\d+)?)--(\d+(?:\.\d+)?)$/;
const BOUND = new RegExp(`^(<=|>=|<|>)(${NUMBER})$`);
const NEGATIVE_WORDS: ReadonlySet<string> = new Set([
  '阴性',
  '阴性(-)',
  '(-)',
  '-阴性',
  'neg',
  'negative',
  '未检出',
  '未见',
  '无反应性',
  '非反应性',
  'nonreactive',
  'non-reactive',
]);
const POSITIVE_WORD =
  /^(?:弱|强)?阳性(?:\([+±]+\))?$|^\(?\+{1,4}\)?$|^[1-4]\+$|^(?:pos|positive|reactive|有反应性|反应性)$/;

const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\s+/g, '')
    .replace(/[≤≦⩽]/g, '<=')
    .replace(/[≥≧⩾]/g, '>=')
    .replace(/^(?:小于等于|不大于)/, '<=')
    .replace(/^(?:大于等于|不小于)/, '>=')
    .replace(/^小于/, '<')
    .replace(/^大于/, '>')
    .replace(/[˜∼〜]/g, '~')
    .toLowerCase();

/**
 * Reads a printed reference interval: `3.5-5.3`, `3.5～5.3`, `<5.0`, `≤40`, `阴性`. Anything that depends on sex, age or
 * phase (`男:…女:…`), names a unit, or is not exactly of these forms is null, never guessed.
 */
export const parseReferenceInterval = (text: string): ReferenceInterval | null => {
  const folded = fold(text);
  if (NEGATIVE_WORDS.has(folded)) return { kind: 'negative' };
  const bound = BOUND.exec(folded);
  if (bound) {
    const limit = Number(bound[2]);
    const inclusive = bound[1] === '<=' || bound[1] === '>=';
    return { kind: bound[1]?.startsWith('<') ? 'below' : 'above', limit, inclusive };
  }
  const single = ordered(BETWEEN.exec(folded));
  const double = ordered(TWO_HYPHENS.exec(folded));
  return single && double ? null : (single ?? double);
};

/** The interval of two matched numbers; null when there is none or the limits are the wrong way round. */
const ordered = (match: RegExpExecArray | null): ReferenceInterval | null => {
  if (!match) return null;
  const [low, high] = [Number(match[1]), Number(match[2])];
  return low <= high ? { kind: 'between', low, high } : null;
};

/** Does the word say positive, negative, or neither? */
export const qualitativeSense = (text: string): 'positive' | 'negative' | null => {
  const folded = fold(text);
  if (NEGATIVE_WORDS.has(folded)) return 'negative';
  return POSITIVE_WORD.test(folded) ? 'positive' : null;
};

/** Lowest and highest value that the report can mean; an open end is infinite. */
const rangeOf = ({ number, comparator }: JudgedValue): readonly [low: number, high: number] | null => {
  if (number === null) return null;
  if (comparator === '<' || comparator === '<=') return [Number.NEGATIVE_INFINITY, number];
  if (comparator === '>' || comparator === '>=') return [number, Number.POSITIVE_INFINITY];
  return [number, number];
};

const judgeBetween = (
  low: number,
  high: number,
  interval: { low: number; high: number },
): ResultFlag | null => {
  // A quantity whose interval starts at nought is not negative, so `<0.01` lies inside `0-5`.
  const floor = interval.low === 0 && low === Number.NEGATIVE_INFINITY ? 0 : low;
  if (floor >= interval.low && high <= interval.high) return 'normal';
  if (high < interval.low) return 'low';
  return low > interval.high ? 'high' : null;
};

/** Does the value lie below the limit? null when it may and may not. */
const liesBelow = (low: number, high: number, limit: number, inclusive: boolean): boolean | null => {
  if (inclusive ? high <= limit : high < limit) return true;
  return (inclusive ? low > limit : low >= limit) ? false : null;
};

const judgeByLimit = (inside: boolean | null, outside: 'high' | 'low'): ResultFlag | null =>
  inside === null ? null : inside ? 'normal' : outside;

/** What the interval says about the value; null when the two do not meet (`<5` against `3-7`). */
export const judgeByInterval = (value: JudgedValue, interval: ReferenceInterval): ResultFlag | null => {
  if (interval.kind === 'negative') {
    const sense = qualitativeSense(value.text);
    return sense === null ? null : sense === 'positive' ? 'positive' : 'normal';
  }
  const range = rangeOf(value);
  if (!range) return null;
  const [low, high] = range;
  if (interval.kind === 'between') return judgeBetween(low, high, interval);
  if (interval.kind === 'below') {
    // `<5` reported against `<5` printed: the value itself excludes the limit.
    if (value.comparator === '<' && high === interval.limit) return 'normal';
    return judgeByLimit(liesBelow(low, high, interval.limit, interval.inclusive), 'high');
  }
  if (value.comparator === '>' && low === interval.limit) return 'normal';
  return judgeByLimit(liesBelow(-high, -low, -interval.limit, interval.inclusive), 'low');
};
