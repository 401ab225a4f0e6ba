import { expect, test } from 'vitest';
import { nextPicture } from './use-cine.ts';

test.each([
  ['the one that is due, when the last one is drawn', 5, { index: 2, wanted: 2, broken: false }, 5],
  ['none, while the last one is on its way', 5, { index: 2, wanted: 4, broken: false }, null],
  ['the next, where the last one cannot be opened', 5, { index: 2, wanted: 4, broken: true }, 5],
  ['none, where it is there already', 4, { index: 4, wanted: 4, broken: false }, null],
])('a clip asks for %s', (_, due, state, next) => {
  expect(nextPicture(due, state)).toBe(next);
});
