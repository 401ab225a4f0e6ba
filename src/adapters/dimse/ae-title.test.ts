import { expect, it } from 'vitest';
import { aeTitleProblem } from './ae-title.ts';

it('An AE title is 1 to 16 characters, no backslash, no control character, no blank at its ends', () => {
  for (const title of ['A', 'CT01', 'HOSP A CT 1', 'X'.repeat(16), '~!#'])
    expect(aeTitleProblem(title)).toBeUndefined();
  expect(['', '   ', 'X'.repeat(17), 'A\\B', ' A', 'A ', 'A\tB', '影像'].map(aeTitleProblem)).toEqual([
    'empty',
    'empty',
    'too-long',
    'characters',
    'characters',
    'characters',
    'characters',
    'characters',
  ]);
});
