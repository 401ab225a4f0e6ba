import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type RankedInstitution, rankOf, tierDirection } from './tiers.ts';
import type { TierRules } from './zone.ts';

const rulesOf = (name: string): TierRules =>
  (
    JSON.parse(readFileSync(new URL(`../../data/tier-rules/${name}.json`, import.meta.url), 'utf8')) as {
      content: TierRules;
    }
  ).content;

const hospital = (text: string, over: Partial<RankedInstitution> = {}): RankedInstitution => {
  const [tier, grade] = [text.slice(0, 2), text.slice(2)];
  return {
    tier: tier as '三级',
    grade: (grade === '' ? '未定等' : grade) as '甲等',
    kind: 'hospital',
    ownership: 'public',
    ...over,
  };
};

const direction = (
  name: string,
  source: string,
  target: string,
  over: { alliance?: boolean; category?: string; private?: boolean } = {},
) =>
  tierDirection(
    rulesOf(name),
    hospital(source, over.private ? { ownership: 'private' } : {}),
    hospital(target),
    over.category ?? 'img-ct',
    over.alliance ?? false,
  )?.direction ?? null;

it('ranks by level, then by grade', () => {
  const rising = [
    '未定级',
    '一级合格',
    '一级甲等',
    '二级',
    '二级乙等',
    '二级甲等',
    '三级',
    '三级丙等',
    '三级乙等',
    '三级甲等',
  ];
  const ranks = rising.map((text) =>
    rankOf(text === '未定级' ? { tier: '未定级', grade: '未定等' } : hospital(text)),
  );
  expect(ranks).toEqual(ranks.toSorted((left, right) => left - right));
  expect(new Set(ranks).size).toBe(rising.length);
});

describe('the direction rules of', () => {
  it.each([
    ['Jiangsu imaging', 'jiangsu-imaging', '二级乙等', '二级乙等', {}, 'should'],
    ['Jiangsu imaging', 'jiangsu-imaging', '一级', '二级乙等', {}, 'should'],
    ['Jiangsu imaging', 'jiangsu-imaging', '二级甲等', '三级甲等', {}, 'should'],
    ['Jiangsu imaging', 'jiangsu-imaging', '三级甲等', '二级甲等', {}, 'should'],
    ['Jiangsu imaging', 'jiangsu-imaging', '三级甲等', '一级', {}, 'should'],
    ['Jiangsu imaging', 'jiangsu-imaging', '二级乙等', '三级甲等', {}, 'may'],
    ['Jiangsu imaging', 'jiangsu-imaging', '二级乙等', '二级甲等', {}, 'not'],
    ['Jiangsu imaging', 'jiangsu-imaging', '二级乙等', '二级甲等', { alliance: true }, 'should'],
    ['Jiangsu imaging', 'jiangsu-imaging', '三级甲等', '三级甲等', { category: 'lab-chem' }, null],
    ['Inner Mongolia', 'inner-mongolia', '三级甲等', '三级乙等', {}, 'should'],
    ['Inner Mongolia', 'inner-mongolia', '三级甲等', '二级甲等', {}, 'should'],
    ['Inner Mongolia', 'inner-mongolia', '二级甲等', '三级甲等', {}, 'not'],
    ['Ganzhou', 'ganzhou', '三级甲等', '三级甲等', {}, 'should'],
    ['Ganzhou', 'ganzhou', '三级乙等', '三级甲等', {}, 'not'],
    ['Ganzhou', 'ganzhou', '三级甲等', '三级乙等', {}, 'should'],
    ['Ganzhou', 'ganzhou', '三级甲等', '三级甲等', { private: true }, 'not'],
    ['Wuhan', 'wuhan', '三级甲等', '三级乙等', {}, 'should'],
    ['Wuhan', 'wuhan', '三级甲等', '二级甲等', {}, 'not'],
    ['Wuhan', 'wuhan', '三级甲等', '三级甲等', { private: true }, 'not'],
    ['Xinjiang Corps', 'xinjiang-corps', '三级甲等', '三级甲等', {}, 'may'],
    ['Xinjiang Corps', 'xinjiang-corps', '三级甲等', '二级甲等', {}, 'should'],
    ['Xinjiang Corps', 'xinjiang-corps', '二级甲等', '三级甲等', {}, 'not'],
    ['Xinjiang Corps', 'xinjiang-corps', '二级甲等', '三级甲等', { alliance: true }, 'should'],
    ['Chongqing 2018', 'chongqing-2018', '二级甲等', '二级乙等', {}, 'should'],
    ['Chongqing 2018', 'chongqing-2018', '三级乙等', '一级', {}, 'should'],
    ['Chongqing 2018', 'chongqing-2018', '一级', '三级乙等', {}, 'not'],
    ['medical alliances', 'medical-alliance', '一级', '三级甲等', { alliance: true }, 'should'],
    ['medical alliances', 'medical-alliance', '三级甲等', '三级甲等', {}, 'not'],
  ])('%s: %s, a result of %s at %s, %o, gives %s', (_, name, source, target, over, expected) => {
    expect(direction(name, source, target, over)).toBe(expected);
  });
});

it('the first rule that matches decides and is named; without one the default does', () => {
  const rules: TierRules = {
    zone: 'Z' as TierRules['zone'],
    sourceZh: '',
    rules: [
      {
        code: 'first',
        textZh: '',
        source: { kinds: ['hospital'] },
        target: {},
        relation: 'source-lower',
        direction: 'may',
      },
      {
        code: 'second',
        textZh: '',
        source: {},
        target: {},
        relation: 'source-higher-or-same',
        direction: 'should',
      },
    ],
    default: 'not',
  };
  const ruling = (source: RankedInstitution, target: RankedInstitution) =>
    tierDirection(rules, source, target, 'lab-chem', false);
  expect(ruling(hospital('二级甲等'), hospital('三级甲等'))?.rule?.code).toBe('first');
  expect(ruling(hospital('三级甲等'), hospital('三级甲等'))?.rule?.code).toBe('second');
  expect(ruling(hospital('二级甲等', { kind: 'imaging-centre' }), hospital('三级甲等'))).toEqual({
    direction: 'not',
    rule: null,
  });
});
