import type { StatedCode, StatedValue } from '../../result/index.ts';
import { readAttachment } from './attachment.ts';
import type { Segment } from './parse.ts';
import { type Reading, readCode } from './reading.ts';

const EMPTY: StatedValue = { kind: 'empty', text: '' };
// The digits before and after the point must not be able to share characters: with an optional point between them a
// long row of digits that ends in a letter would take quadratic time.
const PLAIN_NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const COMPARED = /^(<=|>=|<|>|≤|≥|＜|＞|〈|〉)\s*(.+)$/;
const COMPARATORS: Readonly<Record<string, '<' | '<=' | '>' | '>='>> = {
  '<': '<',
  '＜': '<',
  '〈': '<',
  '<=': '<=',
  '≤': '<=',
  '>': '>',
  '＞': '>',
  '〉': '>',
  '>=': '>=',
  '≥': '>=',
};
const CODED = new Set(['CE', 'CWE', 'CNE', 'CF', 'IS', 'ID']);

const numberOf = (text: string): number | undefined => {
  if (!PLAIN_NUMBER.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
};

/**
 * A value that the sender calls numeric. Only characters that are a number become one: `+1` and `1+` are grades of
 * semi-quantitative tests, `<0.01` is a bound, and 阴性 is a word.
 */
export const readNumeric = (text: string): StatedValue => {
  const trimmed = text.trim();
  if (trimmed === '') return EMPTY;
  const number = numberOf(trimmed);
  if (number !== undefined) return { kind: 'numeric', text, number };
  const compared = COMPARED.exec(trimmed);
  const bound = compared ? numberOf((compared[2] as string).trim()) : undefined;
  const comparator = compared ? COMPARATORS[compared[1] as string] : undefined;
  if (bound !== undefined && comparator) return { kind: 'compared', text, number: bound, comparator };
  return { kind: 'text', text };
};

/** SN: comparator ^ number ^ separator or suffix ^ number (HL7 v2 chapter 2A). */
const readStructuredNumeric = (segment: Segment, repetition: string): StatedValue => {
  const [sign = '', first = '', separator = '', second = ''] = segment
    .components(repetition)
    .map((part) => segment.textOf(part).trim());
  const text = sign + first + separator + second;
  if (text === '') return EMPTY;
  const low = numberOf(first);
  const high = numberOf(second);
  if (low === undefined) return readNumeric(text);
  if (separator === '') {
    const comparator = COMPARATORS[sign];
    if (comparator) return { kind: 'compared', text, number: low, comparator };
    return sign === '' || sign === '=' ? { kind: 'numeric', text, number: low } : { kind: 'text', text };
  }
  if (sign !== '' || high === undefined) return { kind: 'text', text };
  if (separator === '-') return { kind: 'range', text };
  return separator === ':' || separator === '/' ? { kind: 'ratio', text } : { kind: 'text', text };
};

const readCoded = (segment: Segment, repetitions: readonly string[]): StatedValue => {
  const codes = repetitions.map((repetition) => readCode(segment, repetition));
  const shown = ({ code, text, alternate }: StatedCode) =>
    text || alternate?.text || code || alternate?.code || '';
  const text = codes.map(shown).join('; ');
  if (text === '') return EMPTY;
  const [only] = codes;
  return codes.length === 1 && only ? { kind: 'coded', text, code: only } : { kind: 'text', text };
};

/** RP: a pointer to data kept elsewhere; the pointer is the value. */
const readPointer = (segment: Segment, repetition: string): StatedValue => {
  const text = segment.componentOf(repetition, 1);
  return text === '' ? EMPTY : { kind: 'text', text };
};

/**
 * OBX-5 as OBX-2 types it. A laboratory that sends its numbers as ST is believed only when a unit or a reference
 * interval stands beside the number: without one `0012` may as well be a code.
 */
export const readValue = (segment: Segment, reading: Reading): StatedValue => {
  const type = segment.get(2).trim().toUpperCase();
  const raw = segment.raw(5);
  if (type === 'ED') return raw === '' ? EMPTY : readAttachment(segment, reading);
  const repetitions = segment.repetitions(5);
  const [first] = repetitions;
  if (first === undefined) return EMPTY;
  if (CODED.has(type)) return readCoded(segment, repetitions);
  if (type === 'RP') return readPointer(segment, first);
  if (type === 'SN' && repetitions.length === 1) return readStructuredNumeric(segment, first);
  const text = repetitions.map((repetition) => segment.textOf(repetition)).join('\n');
  if (type === 'NM') return readNumeric(text);
  if (text.trim() === '') return EMPTY;
  if (
    (type === 'ST' || type === '') &&
    (segment.raw(6) !== '' || segment.raw(7) !== '') &&
    !/^-?0\d/.test(text)
  ) {
    return readNumeric(text);
  }
  return { kind: 'text', text };
};
