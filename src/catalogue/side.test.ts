import { describe, expect, it } from 'vitest';
import { sideIn, sideInName } from './side.ts';

describe('the side that a text names', () => {
  it.each([
    ['左膝关节MR平扫', 'left'],
    ['右膝', 'right'],
    ['膝关节（右）DR', 'right'],
    ['右膝关节双源CT', 'right'],
    ['KNEE LT', 'left'],
    ['KNEE_R', 'right'],
    ['LKNEE', 'left'],
    ['R KNEE', 'right'],
    ['R-KNEE', 'right'],
    ['Ｌ ＫＮＥＥ', 'left'],
    ['Left Knee', 'left'],
  ] as const)('%s is one side: %s', (text, side) => {
    expect(sideIn(text)).toBe(side);
    expect(sideInName(text)).toBe(side);
  });

  it.each([
    '双膝关节',
    '双侧膝关节',
    '两侧髋关节DR',
    '双肺',
    '双手正位',
    '双下肢血管彩超',
    '双肾CT平扫',
    '左右膝关节',
    '膝关节（左右）',
    'BILATERAL HIP',
    '双源CT 双膝',
  ])('%s is both sides', (text) => {
    expect(sideIn(text)).toBe('both');
  });

  it.each([
    ['双源CT 右膝', 'right'],
    ['双能量 左膝', 'left'],
    ['双能CT左手', 'left'],
    ['双期增强 右肾', 'right'],
    ['双相 左肾', 'left'],
    ['右膝 双斜位', 'right'],
    ['右膝双斜位', 'right'],
    ['双侧斜位 右膝', 'right'],
    ['右膝 双侧位', 'right'],
    ['左膝左右斜位', 'left'],
    ['左膝 双指数模型', 'left'],
    ['右膝 左前斜位', 'right'],
    ['LSPINE', null],
    ['L SPINE', null],
    ['L-SPINE', null],
    ['L_SPINE AP', null],
    ['L/S SPINE', null],
    ['T-L SPINE LAT', null],
    ['MR L-SPINE SAG T2', null],
    ['腰椎 L4/L5', null],
    ['双源CT 胸部', null],
    ['右膝 LEFT LATERAL', 'unclear'],
    ['颈椎双斜位', null],
    ['颈椎左右侧屈位', null],
    ['左心室造影', null],
    ['左侧卧位', null],
    ['胸部左侧位', null],
    ['左前斜位', null],
    ['B超', null],
    ['DWI b=1000', null],
    ['BI-RADS', null],
    ['膝关节', null],
    ['LUNG', null],
    ['RIB', null],
    ['LOCALIZER', null],
    ['', null],
  ] as const)('%s: %s, for what else sounds like a side is none', (text, side) => {
    expect(sideIn(text)).toBe(side);
  });

  it.each(['左、右膝关节', '左肩、右肘', 'KNEE L R', '左膝 R'])(
    '%s names two sides apart: which was examined is not guessed',
    (text) => {
      expect(sideIn(text)).toBe('unclear');
      expect(sideInName(text)).toBeNull();
    },
  );
});
