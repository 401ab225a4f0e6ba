import { describe, expect, it } from 'vitest';
import { type PanelCover, countsMissingOnly, panelHeadline } from './panel-words.ts';

const cover = (covered: number, mayConsider: number, missing: number, stale = 0, viewed = 0): PanelCover => ({
  nameZh: '组套',
  covered,
  mayConsider,
  total: covered + missing,
  missing: Array.from({ length: missing }, (_, index) => ({
    item: { code: `C${index}`, nameZh: `项${index + 1}`, nameEn: `item ${index + 1}` },
    single: null,
    grade: index < stale ? 'may-consider' : index < stale + viewed ? 'view-only' : null,
  })),
  advice: missing === 0 ? 'all-covered' : 'repeat-whole',
});

describe('the headline of a panel', () => {
  it.each([
    [cover(11, 0, 1), '组套 已有 11 项，缺“项1”', '组套: 11 covered, missing item 1'],
    [cover(2, 0, 3), '组套 已有 2 项，缺“项1”“项2”“项3”', '组套: 2 covered, missing item 1, item 2, item 3'],
    [cover(9, 0, 9), '组套 已有 9 项，缺 9 项', '组套: 9 covered, 9 missing'],
    [
      cover(9, 9, 9),
      '组套 有 9 项可供参考，由接诊医师判断；缺 9 项',
      '组套: 9 of 18 for reference only, the doctor decides, 9 missing',
    ],
    [
      cover(1, 1, 1),
      '组套 有 1 项可供参考，由接诊医师判断；缺“项1”',
      '组套: 1 of 2 for reference only, the doctor decides, missing item 1',
    ],
    [
      cover(9, 4, 9),
      '组套 已有 5 项，另有 4 项可供参考，缺 9 项',
      '组套: 5 covered, 4 more for reference only, 9 missing',
    ],
    [cover(12, 4, 0), '组套 已有 8 项，另有 4 项可供参考', '组套: 8 covered, 4 more for reference only'],
    [
      cover(12, 12, 0),
      '组套 共 12 项，均仅可供参考，由接诊医师判断',
      '组套: 12 of 12 for reference only, the doctor decides',
    ],
    [
      cover(9, 9, 9, 9),
      '组套 共 18 项，均仅可供参考，由接诊医师判断',
      '组套: 18 of 18 for reference only, the doctor decides',
    ],
    [
      cover(9, 9, 9, 7),
      '组套 有 16 项可供参考，由接诊医师判断；缺“项8”“项9”',
      '组套: 16 of 18 for reference only, the doctor decides, missing item 8, item 9',
    ],
    [
      cover(9, 0, 9, 5, 3),
      '组套 已有 9 项，另有 5 项可供参考，另有 3 项仅供查阅，缺“项9”',
      '组套: 9 covered, 5 more for reference only, 3 more only to be read, missing item 9',
    ],
    [cover(12, 0, 0), '组套 共 12 项，均已有结果', '组套: all 12 covered'],
  ])('%j', (panel, zh, en) => {
    expect(panelHeadline(panel, '组套')).toEqual({ zh, en });
  });

  it('names up to three missing members and counts more', () => {
    expect(countsMissingOnly(cover(1, 0, 3))).toBe(false);
    expect(countsMissingOnly(cover(1, 0, 4))).toBe(true);
    expect(countsMissingOnly(cover(1, 0, 4, 1))).toBe(false);
  });
});
