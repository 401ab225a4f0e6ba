import type { Random } from './random.ts';

/** Surnames with their rough weight among a thousand people; compound surnames and those with special readings too. */
const SURNAMES: readonly (readonly [string, number])[] = [
  ...[...'王李张刘陈'].map((surname) => [surname, 62] as const),
  ...[...'杨黄赵吴周徐孙马朱胡'].map((surname) => [surname, 24] as const),
  ...[...'林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭肖蔡潘田董袁余叶蒋'].map((surname) => [surname, 9] as const),
  ...[
    ...'杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严',
  ].map((surname) => [surname, 3] as const),
  ...[...'单仇解查朴区覃冼'].map((surname) => [surname, 0.6] as const),
  ...['欧阳', '上官', '司马', '诸葛', '万俟'].map((surname) => [surname, 0.5] as const),
];

/** Characters of given names by sex and generation (born before 1970, before 2000, after). */
const GIVEN = {
  male: [
    '国建德志明文荣兴福贵永林生春华忠义成祥军',
    '伟强勇军磊涛斌超辉鹏杰浩波亮刚峰健宇飞俊',
    '轩宇浩泽子睿博俊豪梓熙辰诚嘉逸皓晨铭翔一',
  ],
  female: [
    '秀兰玉英桂珍凤芳淑华春梅香莲菊琴美云翠霞',
    '芳丽娟敏静燕艳红霞玲娜婷丹莉雪慧萍颖晶倩',
    '涵萱怡欣梓诗雨可妍瑶琪思晴悦彤婉语桐若宁',
  ],
} as const;

/** Rare characters a name may carry: in GB18030 (four bytes) but not in GBK, with the pinyin old systems write instead. */
export const RARE_CHARACTERS: Readonly<Record<string, string>> = {
  䶮: 'YAN',
  𠮷: 'JI',
  𬭚: 'CHUN',
  𤩽: 'LI',
  㛃: 'JIE',
};

/** Traditional forms of characters that some records carry (Taiwan, Hong Kong, older systems). */
const TRADITIONAL: Readonly<Record<string, string>> = {
  张: '張',
  刘: '劉',
  陈: '陳',
  杨: '楊',
  黄: '黃',
  赵: '趙',
  吴: '吳',
  孙: '孫',
  马: '馬',
  罗: '羅',
  郑: '鄭',
  谢: '謝',
  许: '許',
  邓: '鄧',
  冯: '馮',
  韩: '韓',
  叶: '葉',
  蒋: '蔣',
  兰: '蘭',
  凤: '鳳',
  华: '華',
  国: '國',
  丽: '麗',
  艳: '艷',
  红: '紅',
  军: '軍',
  强: '強',
  刚: '剛',
  伟: '偉',
};

/** Draws a surname. */
export const surname = (random: Random): string => random.weighted(SURNAMES);

/** Draws a given name that fits sex and year of birth; about one in five hundred holds a rare character. */
export const givenName = (random: Random, sex: 'male' | 'female', birthYear: number): string => {
  const generation = birthYear < 1970 ? 0 : birthYear < 2000 ? 1 : 2;
  const pool = [...(GIVEN[sex][generation] as string)];
  if (random.chance(0.002)) return random.pick(Object.keys(RARE_CHARACTERS));
  const first = random.pick(pool);
  return random.chance(0.3) ? first : first + random.pick(pool);
};

/** The name in traditional characters, as far as the short table goes. */
export const traditionalName = (name: string): string =>
  [...name].map((character) => TRADITIONAL[character] ?? character).join('');

/** What a system that knows only GBK makes of a name: pinyin where the character is missing. */
export const gbkName = (name: string): string =>
  [...name].map((character) => RARE_CHARACTERS[character] ?? character).join('');
