import { expect, test } from 'vitest';
import { wildcardMatches } from './search-studies.ts';

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
