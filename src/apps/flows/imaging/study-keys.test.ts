import { expect, test } from 'vitest';
import type { SopInstanceUid } from '../../../imaging/index.ts';
import { instanceMatches, nameMatches, unmatchedOf, wildcardMatches } from './study-keys.ts';

test.each([
  ['CT', 'CT', true],
  ['CT', 'CTA', false],
  ['*', '', true],
  ['C?', 'CT', true],
  ['C?', 'C', false],
  ['*平扫', '胸部CT平扫', true],
  ['胸*平*', '胸部CT平扫', true],
  ['胸*增强', '胸部CT平扫', false],
  ['*a*ab', 'aaab', true],
  ['a.c', 'abc', false],
  ['(a', '(a', true],
])('%s asks for %s: %s', (pattern, value, isMatch) => {
  expect(wildcardMatches([pattern], value)).toBe(isMatch);
});

// Any patient with one study can send this; as a regular expression it is not over in a lifetime.
test('a pattern of stars alone does not stop the server', () => {
  expect(wildcardMatches([`${'*2'.repeat(30)}*x`], '2'.repeat(64))).toBe(false);
});

const WANG = {
  stated: { alphabetic: 'Wang^Xiao Ming^^', ideographic: '王^晓明', phonetic: null },
  known: '王晓明',
};
const LI = { stated: { alphabetic: 'LI^SI', ideographic: null, phonetic: null }, known: 'LI SI' };

// PS3.4 §C.2.2.2.1 and .4, PS3.5 §6.2.1.
test.each([
  ['Wang^Xiao Ming', WANG, true],
  ['wang^xiao ming^', WANG, true],
  ['Wang^X*', WANG, true],
  ['Wang*', WANG, true],
  ['WANG^*', WANG, true],
  ['*^Xiao?Ming', WANG, true],
  ['Wan', WANG, false],
  ['Ming*', WANG, false],
  ['王^晓明', WANG, true],
  ['王晓明', WANG, true],
  ['王*', WANG, true],
  ['王^晓?', WANG, true],
  ['王?', WANG, false],
  ['李*', WANG, false],
  ['Wang*=王*', WANG, true],
  ['=王^晓明', WANG, true],
  ['=Wang^Xiao Ming', WANG, false],
  ['Wang*=李*', WANG, false],
  ['LI^SI', LI, true],
  ['li^s*', LI, true],
  ['ＬＩ＊', LI, true],
  ['LI SI', LI, true],
  ['=李四', { ...LI, known: '李四' }, true],
])('the name %s is looked for: %#', (key, names, isMatch) => {
  expect(nameMatches(key, names)).toBe(isMatch);
});

test('a character beyond the first plane is one character', () => {
  expect(wildcardMatches(['?'], '𠮷')).toBe(true);
});

test('an integer string is compared as a number', () => {
  const instance = { sopClassUid: '1.2', sopInstanceUid: '1.3' as SopInstanceUid, instanceNumber: 7 };
  expect(instanceMatches(new Map([['00200013', ['7']]]), instance)).toBe(true);
  expect(instanceMatches(new Map([['00200013', ['007']]]), instance)).toBe(true);
  expect(instanceMatches(new Map([['00200013', ['70']]]), instance)).toBe(false);
});

test('a key that narrows nothing where it stands is named', () => {
  const matching = new Map([
    ['00100010', ['A']],
    ['00200013', ['1']],
  ]);
  expect(unmatchedOf({ level: 'study', matching })).toEqual(['00200013']);
  expect(unmatchedOf({ level: 'instance', matching })).toEqual(['00100010']);
});
