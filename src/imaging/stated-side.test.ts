import { expect, test } from 'vitest';
import { contradictedSide } from './index.ts';

test.each([
  ['left', ['right'], { images: 'left', report: 'right' }],
  ['unclear', ['right'], { images: 'unclear', report: 'right' }],
  ['left', ['right', null], { images: 'left', report: 'right' }],
  ['left', ['left'], null],
  ['left', ['left', 'right'], null],
  ['left', ['both'], null],
  ['both', ['left'], null],
  [null, ['left'], null],
  ['left', [null], null],
  ['left', [], null],
] as const)('images of %s, report of %j: %j', (images, reported, expected) => {
  expect(contradictedSide(images, reported)).toEqual(expected);
});
