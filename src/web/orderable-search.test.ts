import { describe, expect, it } from 'vitest';
import { matchesOrderable } from './orderable-search.ts';

const liver = {
  code: 'LFT12',
  nameZh: '肝功能十二项',
  kind: 'panel' as const,
  category: 'panel',
  hasSide: false,
  memberNamesZh: ['白蛋白', '丙氨酸氨基转移酶 ALT'],
};

describe('the search for what can be ordered', () => {
  it.each(['肝功', 'lft', 'ggn', 'GGNSEX', '白蛋白', 'alt', '肝 lft', ''])('finds a panel by %j', (typed) => {
    expect(matchesOrderable(liver, typed)).toBe(true);
  });

  it.each(['肾功', 'sgn', '肝 肾'])('does not find it by %j', (typed) => {
    expect(matchesOrderable(liver, typed)).toBe(false);
  });
});
