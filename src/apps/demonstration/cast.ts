import type { Instant } from '../../kernel/instant.ts';
import type { EncounterClass, OrderPurpose, VerdictGrade } from '../../recognition/index.ts';
import { nationalId } from './identity-numbers.ts';
import { dayBefore } from './people.ts';
import { localCatalogueOf } from './local-codes.ts';
import type { Condition, DemonstrationPerson, Home } from './person.ts';
import { HOME_INSTITUTION } from './region.ts';
import type { LaboratoryService } from './laboratory-services.ts';

/** What a story expects Huren to say about one item when the county hospital's doctor orders it now. */
export interface ExpectedVerdict {
  readonly item: string;
  readonly side?: 'left' | 'right';
  /** `none`: there is no earlier result of this person to speak of. */
  readonly grade: VerdictGrade | 'none';
}

/** The order of a story, placed at the county hospital. */
export interface CastOrder {
  readonly encounterClass: EncounterClass;
  readonly purpose: OrderPurpose;
  readonly diagnoses: readonly string[];
  /** Laboratory services and examinations as the order form has them. */
  readonly services: readonly LaboratoryService[];
  readonly examinations: readonly { readonly item: string; readonly side?: 'left' | 'right' }[];
}

/** Somebody a visitor can look up: who, why, what to order and what to expect. */
export interface CastMember {
  readonly key: string;
  readonly person: DemonstrationPerson;
  /** What the story shows, in one sentence a visitor reads. */
  readonly storyZh: string;
  readonly order: CastOrder;
  readonly expected: readonly ExpectedVerdict[];
}

interface Sketch {
  readonly key: string;
  readonly name: string;
  readonly sex: 'male' | 'female';
  /** Birth date, or days before now for those who were just born. */
  readonly born: string | number;
  /** Three-digit sequence of the ID number; null for those who have none. */
  readonly sequence: string | null;
  readonly conditions?: readonly Condition[];
  readonly home?: Home;
  readonly mother?: string;
  readonly birthOrder?: number;
  readonly storyZh: string;
  readonly order?: Partial<CastOrder>;
  readonly expected?: readonly ExpectedVerdict[];
}

const expects = (grade: ExpectedVerdict['grade'], ...items: readonly string[]): readonly ExpectedVerdict[] =>
  items.map((item) => ({ item, grade }));

const SKETCHES: readonly Sketch[] = [
  {
    key: 'child',
    name: '周小满',
    sex: 'male',
    born: '20200521',
    sequence: '017',
    storyZh: '五天前在市妇幼做过胸部DR和血常规：DR可互认，血常规已超参考时限，只需重做血常规。',
    order: { services: ['CBC'], examinations: [{ item: 'XR-CHEST-PA' }], diagnoses: ['J20.900'] },
    expected: [...expects('must-consider', 'XR-CHEST-PA'), ...expects('may-consider', 'LH-WBC')],
  },
  {
    key: 'pre-operative',
    name: '何秀兰',
    sex: 'female',
    born: '19680312',
    sequence: '026',
    storyZh: '二十天前在市中心医院查过乙肝表面抗原，现术前再查：属重大措施前（N3），重做不计入可避免重复。',
    order: {
      services: ['INFECTION'],
      encounterClass: 'inpatient',
      purpose: 'pre-operative',
      diagnoses: ['K80.200'],
    },
    expected: expects('may-consider', 'LI-HBSAG', 'LI-HCVAB'),
  },
  {
    key: 'liver-panel',
    name: '冯德胜',
    sex: 'male',
    born: '19611109',
    sequence: '035',
    conditions: ['hepatitis-b'],
    storyZh:
      '四天前在县中医院做肝功能十二项（GB18030，无采样时间）：清单允许以接收时间代替的项目可互认，其余仅供参考；本院组套缺总胆汁酸。',
    order: { services: ['LIVER'], diagnoses: ['B18.100'] },
    expected: [
      ...expects('must-consider', 'LC-ALT', 'LC-ALB'),
      ...expects('may-consider', 'LC-TBIL'),
      ...expects('none', 'LC-TBA'),
    ],
  },
  {
    key: 'potassium-five',
    name: '许国强',
    sex: 'male',
    born: '19590204',
    sequence: '041',
    conditions: ['hypertension'],
    storyZh: '五天前在市中心医院查过电解质，血钾参考时限七天之内：可互认。',
    order: { services: ['ELECTROLYTES'], diagnoses: ['I10.x00'] },
    expected: expects('must-consider', 'LC-K', 'LC-NA'),
  },
  {
    key: 'potassium-eight',
    name: '许国栋',
    sex: 'male',
    born: '19630819',
    sequence: '057',
    conditions: ['hypertension'],
    storyZh: '八天前在市中心医院查过电解质，血钾已超七天参考时限：可供参考。',
    order: { services: ['ELECTROLYTES'], diagnoses: ['I10.x00'] },
    expected: expects('may-consider', 'LC-K'),
  },
  {
    key: 'cross-province',
    name: '孙海燕',
    sex: 'female',
    born: '19750623',
    sequence: '068',
    storyZh:
      '九天前在邻省星汉省人民医院做过胸部CT和甲状腺超声：两省互认清单有胸部CT，甲状腺超声只在全国目录草案里，草案至多供参考。',
    order: {
      services: [],
      examinations: [{ item: 'CT-CHEST-P' }, { item: 'US-THY' }],
      diagnoses: ['R91.x00'],
    },
    expected: [...expects('must-consider', 'CT-CHEST-P'), ...expects('may-consider', 'US-THY')],
  },
  {
    key: 'suspended',
    name: '郑立新',
    sex: 'male',
    born: '19711130',
    sequence: '073',
    storyZh: '六天前在博影影像中心做过胸部CT，该机构已被暂停互认：不纳入。',
    order: { services: [], examinations: [{ item: 'CT-CHEST-P' }], diagnoses: ['R05.x00'] },
    expected: expects('not-covered', 'CT-CHEST-P'),
  },
  {
    key: 'revoked',
    name: '罗玉梅',
    sex: 'female',
    born: '19660718',
    sequence: '082',
    storyZh: '十天前在市二院做过头颅CT，市二院的CT互认标识因质量问题被追溯撤销：可供参考。',
    order: { services: [], examinations: [{ item: 'CT-HEAD-P' }], diagnoses: ['R51.x00'] },
    expected: expects('may-consider', 'CT-HEAD-P'),
  },
  {
    key: 'expired',
    name: '杜文娟',
    sex: 'female',
    born: '19890215',
    sequence: '094',
    conditions: ['hypothyroid'],
    storyZh: '八天前在市二院查过甲功五项，市二院免疫类标识一个月前到期未续：可供参考。',
    order: { services: ['THYROID'], diagnoses: ['E03.900'] },
    expected: expects('may-consider', 'LI-TSH'),
  },
  {
    key: 'withdrawn',
    name: '高建军',
    sex: 'male',
    born: '19780925',
    sequence: '101',
    storyZh: '三天前市中心医院发出的胸部CT报告次日被撤回：永不提供，只在解释里列出。',
    order: { services: [], examinations: [{ item: 'CT-CHEST-P' }], diagnoses: ['J18.900'] },
    expected: expects('excluded', 'CT-CHEST-P'),
  },
  {
    key: 'corrected',
    name: '林晓燕',
    sex: 'female',
    born: '19820407',
    sequence: '114',
    conditions: ['ckd'],
    storyZh: '四天前在青澜一院查过肾功能，肌酐次日更正：按更正后的版本互认。',
    order: { services: ['RENAL'], diagnoses: ['N18.903'] },
    expected: expects('must-consider', 'LC-CREA'),
  },
  {
    key: 'preliminary',
    name: '梁文斌',
    sex: 'male',
    born: '19550301',
    sequence: '125',
    storyZh: '昨天市二院的痰培养只有初步报告：仅供查阅。',
    order: { services: ['CULTURE'], diagnoses: ['J18.900'] },
    expected: expects('view-only', 'LM-SCUL'),
  },
  {
    key: 'other-side',
    name: '宋玉芬',
    sex: 'female',
    born: '19640912',
    sequence: '136',
    conditions: ['knee'],
    storyZh: '十二天前在市中心医院做过左膝MR：开左膝可互认，开右膝绝不提供。',
    order: {
      services: [],
      examinations: [
        { item: 'MR-KNEE-P', side: 'left' },
        { item: 'MR-KNEE-P', side: 'right' },
      ],
      diagnoses: ['M17.900'],
    },
    expected: [
      { item: 'MR-KNEE-P', side: 'left', grade: 'must-consider' },
      { item: 'MR-KNEE-P', side: 'right', grade: 'excluded' },
    ],
  },
  {
    key: 'namesake-one',
    name: '张伟',
    sex: 'male',
    born: '19850416',
    sequence: '113',
    conditions: ['hyperlipidaemia'],
    storyZh: '与另一位张伟同名同日生，身份证号只差一位顺序码：六天前的血脂属于他。',
    order: { services: ['LIPID'], diagnoses: ['E78.500'] },
    expected: expects('must-consider', 'LC-TC'),
  },
  {
    key: 'namesake-two',
    name: '张伟',
    sex: 'male',
    born: '19850416',
    sequence: '115',
    storyZh: '另一位张伟：没有血脂结果，绝不会看到同名者的结果。',
    order: { services: ['LIPID'], diagnoses: ['E78.500'] },
    expected: expects('none', 'LC-TC'),
  },
  {
    key: 'mother-of-twins',
    name: '陈静',
    sex: 'female',
    born: '19950802',
    sequence: '142',
    conditions: ['pregnancy'],
    storyZh: '双胞胎的母亲：新生儿尚无身份证，以“陈静之大女、之小女”登记，两人不会相混。',
    order: { services: ['CBC'], diagnoses: ['Z39.200'] },
  },
  {
    key: 'twin-one',
    name: '陈静之大女',
    sex: 'female',
    born: 12,
    sequence: null,
    mother: 'mother-of-twins',
    birthOrder: 1,
    storyZh: '双胞胎长女，两天前在市妇幼查过血常规。',
    order: { services: ['CBC'], diagnoses: ['P59.900'] },
  },
  {
    key: 'twin-two',
    name: '陈静之小女',
    sex: 'female',
    born: 12,
    sequence: null,
    mother: 'mother-of-twins',
    birthOrder: 2,
    storyZh: '双胞胎次女，没有血常规：绝不能看到姐姐的结果。',
    order: { services: ['CBC'], diagnoses: ['P59.900'] },
    expected: expects('none', 'LH-WBC'),
  },
  {
    key: 'serial-hcg',
    name: '何雨桐',
    sex: 'female',
    born: '19960318',
    sequence: '158',
    conditions: ['pregnancy'],
    storyZh: '三天前在青澜一院、昨天在市妇幼各测过β-hCG：两个平台不可比，动态监测不打扰医生。',
    order: { services: ['HCG'], purpose: 'serial-monitoring', diagnoses: ['O20.000'] },
  },
  {
    key: 'own-institution',
    name: '唐志明',
    sex: 'male',
    born: '19700506',
    sequence: '163',
    conditions: ['hyperlipidaemia'],
    storyZh: '十天前就在本院查过血脂：显示“本院近期已检”，不算机构间互认。',
    order: { services: ['LIPID'], diagnoses: ['E78.500'] },
  },
  {
    key: 'haemolysed',
    name: '彭建华',
    sex: 'male',
    born: '19730111',
    sequence: '175',
    storyZh: '两天前在市中心医院查过电解质，标本溶血：血钾仅供查阅，血钠仍可互认。',
    order: { services: ['ELECTROLYTES'], diagnoses: ['E87.500'] },
    expected: [...expects('view-only', 'LC-K'), ...expects('must-consider', 'LC-NA')],
  },
  {
    key: 'sent-out',
    name: '曹雪梅',
    sex: 'female',
    born: '19690827',
    sequence: '186',
    storyZh: '九天前青石卫生院采血、送康衡检验做的糖化血红蛋白：以实际检测机构的质量依据为准。',
    order: { services: ['HBA1C'], diagnoses: ['E11.900'] },
    expected: expects('must-consider', 'LC-HBA1C'),
  },
  {
    key: 'lower-tier',
    name: '余小红',
    sex: 'female',
    born: '19910204',
    sequence: '192',
    home: 'qinglan',
    storyZh: '七天前在青澜东湖社区做过腹部超声：省内规则上级不认下级（医联体内除外），不纳入。',
    order: { services: [], examinations: [{ item: 'US-ABD' }], diagnoses: ['R10.400'] },
    expected: expects('not-covered', 'US-ABD'),
  },
  {
    key: 'rare-name',
    name: '王䶮',
    sex: 'male',
    born: '19930615',
    sequence: '203',
    storyZh: '姓名含生僻字：县医院、市中心医院写作“䶮”，青石卫生院只能写“YAN”，仍是同一个人。',
    order: { services: ['GLUCOSE'], diagnoses: ['R73.900'] },
    expected: expects('must-consider', 'LC-GLU'),
  },
  {
    key: 'emergency',
    name: '韩立军',
    sex: 'male',
    born: '19570919',
    sequence: '215',
    conditions: ['coronary'],
    storyZh: '昨天在市中心医院做过心电图和血常规，现急诊：不打扰医生，仍记为一次机会。',
    order: {
      services: ['CBC'],
      examinations: [{ item: 'EC-12' }],
      encounterClass: 'emergency',
      diagnoses: ['I20.000'],
    },
  },
  {
    key: 'unmapped',
    name: '谢秋实',
    sex: 'male',
    born: '19800730',
    sequence: '227',
    storyZh: '五天前在青澜中医院做过肝功能，其中胆碱酯酶尚未对码：结果在等待对码，看得见，不参与互认。',
    order: { services: ['LIVER'], diagnoses: ['R74.000'] },
    expected: expects('must-consider', 'LC-ALT'),
  },
  {
    key: 'three-orders',
    name: '沈立群',
    sex: 'male',
    born: '19660226',
    sequence: '249',
    storyZh:
      '八天前在市中心医院做过胸部CT，五天前查过肝功能和血常规：CT与肝功能可互认，血常规已超参考时限。可在模拟HIS里开这三项。',
    order: {
      services: ['CBC', 'LIVER'],
      examinations: [{ item: 'CT-CHEST-P' }],
      diagnoses: ['J98.400'],
    },
    expected: [
      ...expects('must-consider', 'CT-CHEST-P', 'LC-ALT', 'LC-TBA'),
      ...expects('may-consider', 'LH-WBC'),
    ],
  },
  {
    key: 'merged',
    name: '蒋梅香',
    sex: 'female',
    born: '19620425',
    sequence: '238',
    storyZh: '在本院登记过两次，昨天合并（A40）；两份病历的结果都看得到。',
    order: { services: ['RENAL'], diagnoses: ['N28.900'] },
  },
  {
    key: 'three-hospitals',
    name: '邵文清',
    sex: 'male',
    born: '19540216',
    sequence: '251',
    conditions: ['ckd', 'hypertension'],
    storyZh:
      '两年来在三家医院查肌酐，其中一家以 mg/dL 报告：换算后连成一条曲线；两个平台的甲胎蛋白不可比，不连线。',
    order: { services: ['RENAL'], diagnoses: ['N18.903'] },
    expected: expects('must-consider', 'LC-CREA'),
  },
  {
    key: 'daughter',
    name: '邵雨晴',
    sex: 'female',
    born: '19830911',
    sequence: '264',
    storyZh: '邵文清的女儿，已在服务台登记为父亲代办：在手机上看父亲的结果、谁看过、为什么重做。',
    order: { services: ['CBC'], diagnoses: ['Z00.000'] },
  },
  {
    key: 'nodule-thick',
    name: '丁守业',
    sex: 'male',
    born: '19580417',
    sequence: '273',
    storyZh:
      '九天前在青石卫生院做过胸部CT，层厚 5 mm：诊断编码填 R91.x00 时，肺结节随访要求薄层（≤ 1.25 mm），影像不满足，仅供查阅；可向该院反映。',
    order: { services: [], examinations: [{ item: 'CT-CHEST-P' }], diagnoses: ['R91.x00'] },
  },
  {
    key: 'nodule-thin',
    name: '方静怡',
    sex: 'female',
    born: '19710806',
    sequence: '284',
    storyZh:
      '两月前在青石卫生院做 5 mm 胸部CT发现结节，七天前在市中心医院以 1.25 mm 薄层复查：薄层可互认，两次影像可并排比较，本院可加会诊意见。',
    order: { services: [], examinations: [{ item: 'CT-CHEST-P' }], diagnoses: ['R91.x00'] },
    expected: expects('must-consider', 'CT-CHEST-P'),
  },
  {
    key: 'right-knee',
    name: '陆长河',
    sex: 'male',
    born: '19790115',
    sequence: '295',
    conditions: ['knee'],
    storyZh:
      '六天前在市二院做过右膝MR（影像头为 UTF-8，侧别只写在部位里）：开右膝供参考（该院影像标识已撤销），开左膝绝不提供。',
    order: {
      services: [],
      examinations: [
        { item: 'MR-KNEE-P', side: 'right' },
        { item: 'MR-KNEE-P', side: 'left' },
      ],
      diagnoses: ['M23.300'],
    },
    expected: [
      { item: 'MR-KNEE-P', side: 'right', grade: 'may-consider' },
      { item: 'MR-KNEE-P', side: 'left', grade: 'excluded' },
    ],
  },
];

const NO_ORDER: CastOrder = {
  encounterClass: 'outpatient',
  purpose: 'diagnosis',
  diagnoses: [],
  services: [],
  examinations: [],
};

/** The people of the stories. Their numbers and names are the same in every installation; newborns follow `now`. */
export const demonstrationCast = (now: Instant): readonly CastMember[] => {
  const people = new Map<string, DemonstrationPerson>();
  return SKETCHES.map((sketch, index): CastMember => {
    const birthDate = typeof sketch.born === 'number' ? dayBefore(now, sketch.born) : sketch.born;
    const mother = sketch.mother === undefined ? undefined : people.get(sketch.mother);
    const home = sketch.home ?? 'consortium';
    const person: DemonstrationPerson = {
      key: sketch.key,
      number: index + 1,
      name: sketch.name,
      sex: sketch.sex,
      birthDate,
      nationalId:
        sketch.sequence === null
          ? null
          : nationalId(home === 'qinglan' ? '480102' : '480225', birthDate, sketch.sequence),
      phone: mother?.phone ?? `1540000${String(1000 + index)}`,
      address: mother?.address ?? `望溪市晏溪县城关镇文庙街${index + 1}号`,
      home,
      conditions: sketch.conditions ?? [],
      ...(mother ? { mother } : {}),
      ...(sketch.birthOrder === undefined ? {} : { birthOrder: sketch.birthOrder, multipleBirth: true }),
    };
    people.set(sketch.key, person);
    return {
      key: sketch.key,
      person,
      storyZh: sketch.storyZh,
      order: { ...NO_ORDER, ...sketch.order },
      expected: sketch.expected ?? [],
    };
  });
};

/** One line of an order form. */
export interface OrderFormLine {
  readonly code: string;
  readonly nameZh: string;
  /** Catalogue items behind it: the members of a panel, or the one examination. */
  readonly items: readonly string[];
  readonly side?: 'left' | 'right';
}

/** A story's order in the local codes of the county hospital, as its order form sends it. */
export const orderFormOf = ({ order }: CastMember): readonly OrderFormLine[] => {
  const { panels, examinations } = localCatalogueOf(HOME_INSTITUTION);
  return [
    ...order.services.map((service) => {
      const panel = panels.get(service);
      if (!panel) throw new RangeError(`the county hospital cannot order ${service}`);
      return { code: panel.code, nameZh: panel.nameZh, items: panel.members };
    }),
    ...order.examinations.map(({ item, side }) => {
      const code = examinations.get(side === undefined ? item : `${item}|${side}`);
      if (!code) throw new RangeError(`the county hospital cannot order ${item}`);
      return { code: code.code, nameZh: code.nameZh, items: [item], ...(side === undefined ? {} : { side }) };
    }),
  ];
};
