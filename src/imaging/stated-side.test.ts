import { expect, test } from 'vitest';
import { contradictedSide } from './index.ts';

test.each([
  ['left', ['right'], { images: 'left', stated: 'right' }],
  ['unclear', ['right'], { images: 'unclear', stated: 'right' }],
  ['left', ['right', null], { images: 'left', stated: 'right' }],
  ['left', ['left'], null],
  ['left', ['left', 'right'], null],
  ['left', ['both'], null],
  ['both', ['left'], null],
  [null, ['left'], null],
  ['left', [null], null],
  ['left', [], null],
] as const)('images of %s beside %j: %j', (images, others, expected) => {
  expect(contradictedSide(images, others)).toEqual(expected);
});
