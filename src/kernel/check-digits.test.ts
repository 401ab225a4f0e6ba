import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandNationalId15, loincProblem, nationalIdProblem, usccProblem } from './check-digits.ts';

const replaced = (text: string, index: number, character: string): string =>
  text.slice(0, index) + character + text.slice(index + 1);

describe('resident identity numbers (GB 11643)', () => {
  it.each(['11010519491231002X', '440524188001010014', '11010519491231002x'])('accepts %s', (number) => {
    expect(nationalIdProblem(number)).toBeNull();
  });

  it.each([
    ['110105194912310021', 'check-digit'],
    ['11010519491331002X', 'birth-date'],
    ['110105190002290024', 'birth-date'],
    ['1101051949123100X2', 'characters'],
    ['01010519491231002X', 'characters'],
    ['11010519491231002', 'length'],
    ['', 'length'],
    ['130503670431001', 'birth-date'],
    ['13050367040100A', 'characters'],
  ])('says of %s that the %s is wrong', (number, problem) => {
    expect(nationalIdProblem(number)).toBe(problem);
  });

  it('expands the fifteen digits of before 1999 by century and check character', () => {
    expect(expandNationalId15('130503670401001')).toBe('130503196704010016');
    expect(expandNationalId15('110105491231002')).toBe('11010519491231002X');
  });

  it('does not expand the sequence numbers of people over a hundred, whose century is not known', () => {
    expect(expandNationalId15('110105051231996')).toBeNull();
    expect(expandNationalId15('110105051231995')).not.toBeNull();
  });

  it('gives a valid eighteen-character number back in upper case and nothing for an invalid one', () => {
    expect(expandNationalId15('11010519491231002x')).toBe('11010519491231002X');
    expect(expandNationalId15('110105194912310020')).toBeNull();
  });

  it('notices every single wrong digit in a number of eighteen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16 }), fc.integer({ min: 0, max: 9 }), (index, digit) => {
        const number = '11010519491231002X';
        fc.pre(number[index] !== String(digit));
        expect(nationalIdProblem(replaced(number, index, String(digit)))).not.toBeNull();
      }),
    );
  });

  it('notices every swap of two different neighbours', () => {
    const number = '440524188001010014';
    for (let index = 0; index < 17; index++) {
      const [left, right] = [number[index] as string, number[index + 1] as string];
      if (left === right) continue;
      expect(nationalIdProblem(replaced(replaced(number, index, right), index + 1, left))).not.toBeNull();
    }
  });
});

describe('unified social credit codes (GB 32100-2015)', () => {
  it('accepts the worked example', () => {
    expect(usccProblem('91350100M000100Y43')).toBeNull();
  });

  it.each([
    ['91350100M000100Z43', 'characters'],
    ['91350100M000100Y44', 'check-digit'],
    ['9135A100M000100Y43', 'characters'],
    ['91350100m000100y43', 'characters'],
    ['91350100M000100Y4', 'length'],
  ])('says of %s that the %s is wrong', (code, problem) => {
    expect(usccProblem(code)).toBe(problem);
  });

  it('notices every single wrong character', () => {
    const code = '91350100M000100Y43';
    for (let index = 0; index < code.length; index++)
      for (const character of '0123456789ABCDEFGHJKLMNPQRTUWXY') {
        if (character !== code[index]) expect(usccProblem(replaced(code, index, character))).not.toBeNull();
      }
  });
});

describe('LOINC codes', () => {
  it.each(['2823-3', '718-7', '14749-6', '24648-8', '98979-8', '56888-1'])('accepts %s', (code) => {
    expect(loincProblem(code)).toBeNull();
  });

  it.each([
    ['2823-4', 'check-digit'],
    ['2283-3', 'check-digit'],
    ['LP1234-5', 'characters'],
    ['2823', 'characters'],
    ['-3', 'length'],
  ])('says of %s that the %s is wrong', (code, problem) => {
    expect(loincProblem(code)).toBe(problem);
  });
});
