import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ItemCode } from './item.ts';
import type { Panel } from './lists.ts';
import { panelCoverage } from './panels.ts';

const code = (text: string): ItemCode => text as ItemCode;
const members = (required: readonly string[], optional: readonly string[] = []): Panel['members'] => [
  ...required.map((item) => ({ item: code(item), required: true })),
  ...optional.map((item) => ({ item: code(item), required: false })),
];
const having = (...items: readonly string[]): ReadonlySet<ItemCode> => new Set(items.map(code));

const liver: Panel = {
  localCode: 'GG',
  nameZh: '肝功能',
  members: members(['LC-ALT', 'LC-AST', 'LC-TBIL'], ['LC-AG']),
  singles: { 'LC-AST': '0102' },
};

describe('a panel', () => {
  it('is complete with every required member, and names optional ones that are missing', () => {
    expect(panelCoverage(liver, having('LC-ALT', 'LC-AST', 'LC-TBIL'))).toEqual({
      state: 'complete',
      covered: ['LC-ALT', 'LC-AST', 'LC-TBIL'],
      optionalMissing: ['LC-AG'],
    });
  });

  it('partly covered names what is missing and the code by which it can be ordered alone', () => {
    expect(panelCoverage(liver, having('LC-ALT', 'LC-TBIL'))).toEqual({
      state: 'partly',
      covered: ['LC-ALT', 'LC-TBIL'],
      missing: [{ item: 'LC-AST', single: '0102' }],
      canOrderMissingAlone: true,
    });
  });

  it('is done again whole when one missing member cannot be ordered alone', () => {
    expect(panelCoverage(liver, having('LC-ALT'))).toMatchObject({
      state: 'partly',
      canOrderMissingAlone: false,
    });
  });

  it('of one hospital is not the panel of another with the same name', () => {
    const twelve: Panel = { ...liver, members: members(['LC-ALT', 'LC-AST', 'LC-TBIL', 'LC-GGT']) };
    const eight = having('LC-ALT', 'LC-AST', 'LC-TBIL');
    expect([panelCoverage(liver, eight).state, panelCoverage(twelve, eight).state]).toEqual([
      'complete',
      'partly',
    ]);
  });

  it('without required members needs all of them', () => {
    const loose: Panel = { ...liver, members: members([], ['LC-ALT', 'LC-AST']) };
    expect(panelCoverage(loose, having('LC-ALT')).state).toBe('partly');
    expect(panelCoverage(loose, having('LC-ALT', 'LC-AST')).state).toBe('complete');
  });

  it('with nothing at all is not covered', () => {
    expect(panelCoverage(liver, having('LH-WBC'))).toEqual({ state: 'none' });
    expect(panelCoverage({ ...liver, members: [] }, having('LC-ALT'))).toEqual({ state: 'none' });
  });

  it('is never complete while a required member is missing', () => {
    const names = ['A', 'B', 'C', 'D', 'E'];
    fc.assert(
      fc.property(
        fc.subarray(names, { minLength: 1 }),
        fc.subarray(names),
        fc.subarray(names),
        (required, optional, got) => {
          const others = optional.filter((item) => !required.includes(item));
          const coverage = panelCoverage({ ...liver, members: members(required, others) }, having(...got));
          expect(coverage.state === 'complete').toBe(required.every((item) => got.includes(item)));
        },
      ),
    );
  });
});
