import { describe, expect, it } from 'vitest';
import { comparableName, compareNames, nameForm } from './names.ts';

const compared = (left: string | null, right: string | null) =>
  compareNames(comparableName(left), comparableName(right));

describe('the comparison form of a name', () => {
  it.each([
    ['張偉', '张伟'],
    ['阿卜杜拉·买买提', '阿卜杜拉买买提'],
    ['阿卜杜拉・买买提', '阿卜杜拉•买买提'],
    ['宋　晶 洁', '宋晶洁'],
    ['ＡＮＮＡ', 'anna'],
    ['蕭紅', '肖红'],
    ['\uE863某', '䶮某'],
  ])('is one for %s and %s', (left, right) => {
    expect(nameForm(left)).toBe(nameForm(right));
  });

  it('counts characters beyond the basic plane as one', () => {
    expect([...nameForm('\u{20BB7}野')]).toHaveLength(2);
    expect(compared('吉\u{20BB7}', '吉吉')).toBe('differs');
  });
});

describe('the comparison of two names', () => {
  it.each([
    ['ZHANG WEI', '张伟', 'pinyin'],
    ['LYU HONG', '吕红', 'passport spelling of ü'],
    ['潘艳华', '潘燕华', 'a homophone'],
    ['刘敏?', '刘敏\u{21456}', 'a character the system could not show'],
    ['MULLER ANNA AX', 'Anna Muller', 'words in another order'],
    ['万涵兰', '李涵兰', 'a changed family name'],
    ['古丽娜扎尔阿', '古丽娜扎尔阿卜杜拉', 'a name cut by its column'],
  ])('finds %s and %s similar (%s)', (left, right) => {
    expect(compared(left, right)).toBe('similar');
  });

  it('does not find twins similar, who share family name and one character', () => {
    expect(compared('谢文钧', '谢文钦')).toBe('differs');
  });

  it.each(['无名氏', '未知', '无名', '三无人员', 'Unknown'])('takes %s for nobody', (name) => {
    expect(comparableName(name).kind).toBe('anonymous');
    expect(compared(name, name)).toBe('unknown');
  });

  it.each([
    '赵霞之子',
    '赵霞之女',
    '赵霞之婴',
    '赵霞之长女',
    '赵霞之大双',
    '赵霞之子2',
    '赵霞BABY',
    '赵霞婴儿',
  ])('takes %s for a newborn of 赵霞', (name) => {
    expect(comparableName(name)).toMatchObject({ kind: 'newborn', motherForm: '赵霞' });
  });

  it.each(['王子', '李婴', '李子', '孙之'])('takes %s for a name', (name) => {
    expect(comparableName(name).kind).toBe('named');
  });
});
