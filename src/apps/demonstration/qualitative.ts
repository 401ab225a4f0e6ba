import type { Dialect } from './dialects.ts';
import type { PrintedResult } from './printed-result.ts';
import type { Condition } from './person.ts';
import type { Body, Episode } from './physiology.ts';
import type { Random } from './random.ts';

const SEROLOGY = new Set(['LI-HBSAG', 'LI-HBEAG', 'LI-HBEAB', 'LI-HBCAB', 'LI-HCVAB', 'LI-HIV', 'LI-TPAB']);

const GRADES = ['-', '±', '1+', '2+', '3+'] as const;

const said = (
  item: string,
  value: string,
  abnormal: boolean,
  referenceText: string,
  unitText = '',
): PrintedResult => ({
  item,
  valueType: 'ST',
  value,
  unitText,
  referenceText,
  flag: abnormal ? 'A' : '',
});

const graded = (item: string, grade: number, dialect: Dialect): PrintedResult => {
  const text = grade === 0 ? dialect.qualitative[0] : (GRADES[Math.min(grade, 4)] as string);
  return said(item, text, grade > 0, dialect.qualitative[0]);
};

const urine = (
  item: string,
  conditions: readonly Condition[],
  episode: Episode,
  dialect: Dialect,
  random: Random,
): PrintedResult => {
  const has = (condition: Condition): boolean => conditions.includes(condition);
  switch (item) {
    case 'LU-COLOR':
      return said(
        item,
        random.weighted([
          ['淡黄色', 8],
          ['黄色', 4],
          ['深黄色', 1],
        ]),
        false,
        '淡黄色',
      );
    case 'LU-CLAR':
      return said(
        item,
        random.weighted([
          ['清亮', 9],
          ['微浑', 1],
        ]),
        false,
        '清亮',
      );
    case 'LU-SG':
      return {
        item,
        valueType: 'NM',
        value: (1.005 + random.whole(0, 20) / 1000).toFixed(3),
        unitText: '',
        referenceText: '1.003-1.030',
        flag: '',
      };
    case 'LU-PH':
      return {
        item,
        valueType: 'NM',
        value: random.pick(['5.0', '5.5', '6.0', '6.5', '7.0']),
        unitText: '',
        referenceText: '4.5-8.0',
        flag: '',
      };
    case 'LU-PRO':
      return graded(
        item,
        has('ckd') ? random.whole(1, 4) : has('diabetes') && random.chance(0.3) ? 1 : 0,
        dialect,
      );
    case 'LU-GLU':
      return graded(item, has('diabetes') && random.chance(0.5) ? random.whole(1, 4) : 0, dialect);
    case 'LU-KET':
      return graded(
        item,
        random.chance(episode.pregnancyWeek !== undefined && episode.pregnancyWeek < 14 ? 0.3 : 0.03)
          ? random.whole(1, 3)
          : 0,
        dialect,
      );
    case 'LU-BLD':
    case 'LU-LEU':
      return graded(item, random.chance(0.12) ? random.whole(1, 3) : 0, dialect);
    case 'LU-SWBC':
    case 'LU-SRBC':
      return {
        item,
        valueType: 'ST',
        value: random.chance(0.12)
          ? `${random.whole(5, 9)}-${random.whole(10, 18)}`
          : `0-${random.whole(1, 3)}`,
        unitText: '/HP',
        referenceText: item === 'LU-SWBC' ? '0-5' : '0-3',
        flag: '',
      };
    default:
      return graded(item, 0, dialect);
  }
};

/** The line of an item that is answered in words; undefined for items that are measured. */
export const qualitativeResult = (
  item: string,
  body: Body,
  conditions: readonly Condition[],
  episode: Episode,
  dialect: Dialect,
  random: Random,
): PrintedResult | undefined => {
  if (SEROLOGY.has(item)) {
    const positive = body.positive(item);
    return said(item, dialect.qualitative[positive ? 1 : 0], positive, dialect.qualitative[0]);
  }
  if (item.startsWith('LU-') && item !== 'LU-ACR') return urine(item, conditions, episode, dialect, random);
  if (item === 'LX-HBVDNA') {
    const load = conditions.includes('hepatitis-b') ? 10 ** (1.2 + 5 * random.next()) : 0;
    const [mantissa, exponent] = load.toExponential(2).split('e');
    return said(
      item,
      load < 100 ? '<1.00E+02' : `${mantissa}E+0${Number(exponent)}`,
      load >= 100,
      '<1.00E+02',
      'IU/mL',
    );
  }
  if (item === 'LM-SCUL')
    return {
      ...said(
        item,
        episode.infection && random.chance(0.5)
          ? random.pick(['肺炎克雷伯菌（ESBL阴性）', '肺炎链球菌', '流感嗜血杆菌'])
          : '正常口咽菌群生长',
        false,
        '正常口咽菌群',
      ),
      valueType: 'TX',
    };
  return undefined;
};
