import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resultFlag } from './flags.ts';
import { type JudgedValue, judgeByInterval, parseReferenceInterval } from './reference-interval.ts';

const judged = (text: string): JudgedValue => {
  const compared = /^([<>]=?)?(\d+(?:\.\d+)?)$/.exec(text);
  const comparator = (compared?.[1] ?? null) as JudgedValue['comparator'];
  return { text, number: compared ? Number(compared[2]) : null, comparator };
};

describe('a printed reference interval', () => {
  it.each([
    ['3.5-5.3', { kind: 'between', low: 3.5, high: 5.3 }],
    ['3.5～5.3', { kind: 'between', low: 3.5, high: 5.3 }],
    ['3.5—5.3', { kind: 'between', low: 3.5, high: 5.3 }],
    ['3.5--5.3', { kind: 'between', low: 3.5, high: 5.3 }],
    [' 3.5 － 5.3 ', { kind: 'between', low: 3.5, high: 5.3 }],
    ['-3~3', { kind: 'between', low: -3, high: 3 }],
    ['-3~-1', { kind: 'between', low: -3, high: -1 }],
    ['<5.0', { kind: 'below', limit: 5, inclusive: false }],
    ['＜5.0', { kind: 'below', limit: 5, inclusive: false }],
    ['≤40', { kind: 'below', limit: 40, inclusive: true }],
    ['≥60', { kind: 'above', limit: 60, inclusive: true }],
    ['>90', { kind: 'above', limit: 90, inclusive: false }],
    ['阴性', { kind: 'negative' }],
    ['阴性（-）', { kind: 'negative' }],
  ])('%j is understood', (text, interval) => {
    expect(parseReferenceInterval(text)).toEqual(interval);
  });

  it.each([
    '',
    '-',
    '男:57-97；女:41-73',
    '57-97(男)',
    '3.5-5.3mmol/L',
    '5.3-3.5',
    '见说明',
    '卵泡期 1.2-9.0',
    '1:10',
    '<1.0阴性',
    '3.5-',
    '-3--1',
    '0.9-1.3-2',
  ])('%j is not guessed', (text) => {
    expect(parseReferenceInterval(text)).toBeNull();
  });

  it.each([
    ['4.1', '3.5-5.3', 'normal'],
    ['3.5', '3.5-5.3', 'normal'],
    ['5.3', '3.5-5.3', 'normal'],
    ['5.4', '3.5-5.3', 'high'],
    ['<0.01', '0-5', 'normal'],
    ['<0.01', '0.2-5', 'low'],
    ['<1', '0.2-5', null],
    ['>5', '0.2-5', null],
    ['>6', '0.2-5', 'high'],
    ['5', '<5', 'high'],
    ['5', '≤5', 'normal'],
    ['5.1', '≤5', 'high'],
    ['3.4', '3.5-5.3', 'low'],
    ['<5', '<5', 'normal'],
    ['<6', '<5', null],
    ['60', '≥60', 'normal'],
    ['59', '≥60', 'low'],
    ['>90', '>90', 'normal'],
    ['阴性', '阴性', 'normal'],
    ['弱阳性', '阴性', 'positive'],
    ['1+', '阴性', 'positive'],
    ['可疑', '阴性', null],
    ['未做', '3.5-5.3', null],
  ])('judges %j against %j as %j', (value, interval, flag) => {
    const parsed = parseReferenceInterval(interval);
    if (!parsed) throw new Error(`not an interval: ${interval}`);
    expect(judgeByInterval(judged(value), parsed)).toBe(flag);
  });

  it('calls a value normal inside it, low below it and high above it', () => {
    const number = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(number, number, number, (one, other, value) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const interval = parseReferenceInterval(`${low}-${high}`);
        expect(interval).toEqual({ kind: 'between', low, high });
        const flag = interval && judgeByInterval(judged(String(value)), interval);
        expect(flag).toBe(value < low ? 'low' : value > high ? 'high' : 'normal');
      }),
    );
  });
});

describe('the flag of a result', () => {
  it.each([
    [['H'], 'high'],
    [['HH'], 'critical-high'],
    [['↓'], 'low'],
    [['↓↓'], 'critical-low'],
    [['A'], 'abnormal'],
    [['A', 'H'], 'high'],
    [['H', 'L'], 'abnormal'],
    [['HH', 'L'], 'critical-high'],
    [['AA'], 'critical'],
    [['N'], 'normal'],
    [['POS'], 'positive'],
    [['H', 'HH'], 'critical-high'],
    [['A', 'N'], 'abnormal'],
    [['阳性'], 'positive'],
    [['危急值'], 'critical'],
  ])('%j is %j whatever the interval says', (flags, flag) => {
    expect(resultFlag(flags, judged('4.1'), '3.5-5.3')).toBe(flag);
  });

  it('is unknown when the stated flag is not understood, even if the interval would call it normal', () => {
    expect(resultFlag(['*'], judged('4.1'), '3.5-5.3')).toBeNull();
    expect(resultFlag(['*', 'N'], judged('4.1'), '3.5-5.3')).toBeNull();
    expect(resultFlag(['*', 'H'], judged('4.1'), '3.5-5.3')).toBe('high');
  });

  it('comes from the printed interval where the laboratory states none', () => {
    expect(resultFlag([], judged('5.9'), '3.5～5.3')).toBe('high');
    expect(resultFlag([''], judged('4.1'), '3.5～5.3')).toBe('normal');
    expect(resultFlag([], judged('4.1'), '男:57-97；女:41-73')).toBeNull();
  });

  it('does not call a change flag a finding', () => {
    expect(resultFlag(['U'], judged('4.1'), '3.5-5.3')).toBe('normal');
  });
});
