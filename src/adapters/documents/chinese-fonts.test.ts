import { expect, it } from 'vitest';
import { chineseFonts } from './chinese-fonts.ts';

// A path at which there is no font stands for a machine without the system's fonts.
const bundledAlone = chineseFonts('no-such-font.otf');

it('prints the rare characters of names that the bundled font has', () => {
  expect(bundledAlone.runsOf('张䶮㛃').map(({ text }) => text)).toEqual(['张䶮㛃']);
  expect(bundledAlone.lacks('张䶮㛃')).toBe(false);
});

it('writes what no font has as its code point, so that nobody reads a box', () => {
  const [run, ...more] = bundledAlone.runsOf('张𠮷𰻝');
  expect(more).toEqual([]);
  expect(run?.text).toBe('张〔U+20BB7〕〔U+30EDD〕');
  expect(bundledAlone.lacks('张𠮷')).toBe(true);
});

it('takes every other font only for what the one before it lacks', () => {
  const fonts = chineseFonts();
  const runs = fonts.runsOf('张𠮷娟');
  expect(runs.map(({ text }) => text).join('')).toBe(fonts.lacks('𠮷') ? '张〔U+20BB7〕娟' : '张𠮷娟');
  expect(runs).toHaveLength(fonts.lacks('𠮷') ? 1 : 3);
});
