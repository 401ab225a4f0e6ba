import { civilDateText } from '../../kernel/civil-day.ts';
import { DAY_MS, type Instant, instant } from '../../kernel/instant.ts';
import type { InstitutionCode, InstitutionList, TierRules, ZoneCode } from '../../organisation/index.ts';
import type { ConsortiumStandard, Grant, GrantTable } from '../../quality/index.ts';
import { type DemonstrationInstitution, ZONE_MEMBERS, ZONES } from './region.ts';

/** The civil day in China so many days before now (negative: after). */
const dayAgo = (now: Instant, days: number): string => civilDateText(instant(now - days * DAY_MS));

const SINCE = '2024-07-01';

const MARKS: Readonly<Record<string, { readonly markZh: string; readonly issuerZh: string }>> = {
  [ZONES.wangxi]: { markZh: '望溪HR', issuerZh: '望溪市临床检验与医学影像质量控制中心（演练）' },
  [ZONES.qinglan]: { markZh: '青澜HR', issuerZh: '青澜市医疗质量控制中心（演练）' },
  [ZONES.province]: { markZh: '云岫HR', issuerZh: '云岫省临床检验中心（演练）' },
  [ZONES.cross]: { markZh: '云汉HR', issuerZh: '云岫、星汉两省联合质控组（演练）' },
  [ZONES.nation]: { markZh: '全国HR', issuerZh: '国家级质控中心（演练）' },
};

const LABORATORY = ['lab-chem', 'lab-haem', 'lab-coag', 'lab-immuno', 'lab-urine'];
const IMAGING = ['img-xray', 'img-ct', 'img-mr', 'img-us', 'ecg'];
const ALL = [...LABORATORY, 'lab-micro', 'lab-molecular', ...IMAGING];

interface Sketch {
  readonly scope: ZoneCode;
  readonly categories: readonly string[];
  /** Days from now to the end; negative when it has ended. */
  readonly endsInDays?: number;
  readonly revocation?: {
    readonly revokedDaysAgo: number;
    readonly effectiveDaysAgo: number;
    readonly reasonZh: string;
  };
}

const SKETCHES: Readonly<Partial<Record<DemonstrationInstitution, readonly Sketch[]>>> = {
  'YX-COUNTY': [
    { scope: ZONES.wangxi, categories: ALL },
    {
      scope: ZONES.province,
      categories: ['lab-chem', 'lab-haem', 'lab-coag', 'img-xray', 'img-ct', 'img-us'],
    },
  ],
  'WX-CENTRAL': [
    { scope: ZONES.wangxi, categories: ALL },
    { scope: ZONES.province, categories: ALL },
    { scope: ZONES.cross, categories: ALL },
    { scope: ZONES.nation, categories: ALL },
  ],
  'WX-SECOND': [
    {
      scope: ZONES.wangxi,
      categories: ['lab-chem', 'lab-haem', 'lab-coag', 'lab-urine', 'lab-micro', 'img-xray', 'img-us', 'ecg'],
    },
    { scope: ZONES.wangxi, categories: ['lab-immuno'], endsInDays: -30 },
    {
      scope: ZONES.wangxi,
      categories: ['img-ct'],
      revocation: {
        revokedDaysAgo: 20,
        effectiveDaysAgo: 90,
        reasonZh: '设备状态检测不合格仍出具报告，追溯撤销（演练）',
      },
    },
    {
      scope: ZONES.wangxi,
      categories: ['img-mr'],
      revocation: { revokedDaysAgo: 15, effectiveDaysAgo: 15, reasonZh: '未参加年度室间质评（演练）' },
    },
  ],
  'WX-MCH': [
    {
      scope: ZONES.wangxi,
      categories: ['lab-chem', 'lab-haem', 'lab-immuno', 'lab-urine', 'img-xray', 'img-us', 'ecg'],
    },
    { scope: ZONES.province, categories: ['lab-haem', 'img-xray'] },
  ],
  'WX-LAB': [{ scope: ZONES.wangxi, categories: ['lab-chem', 'lab-immuno', 'lab-molecular', 'lab-coag'] }],
  'WX-IMAGING': [{ scope: ZONES.wangxi, categories: ['img-xray', 'img-ct', 'img-mr', 'img-us'] }],
  'QL-FIRST': [
    { scope: ZONES.qinglan, categories: ALL },
    { scope: ZONES.province, categories: ALL },
    { scope: ZONES.cross, categories: ALL },
    { scope: ZONES.nation, categories: ALL },
  ],
  'QL-TCM': [
    { scope: ZONES.qinglan, categories: [...LABORATORY, 'img-xray', 'img-us', 'ecg'] },
    { scope: ZONES.province, categories: ['lab-chem', 'lab-haem', 'img-xray'] },
  ],
  'QL-MILITARY': [
    { scope: ZONES.qinglan, categories: ALL },
    { scope: ZONES.province, categories: [...LABORATORY, 'img-ct', 'img-mr'] },
  ],
  'QL-DONGHU': [
    { scope: ZONES.qinglan, categories: ['lab-haem', 'lab-urine', 'img-us'] },
    { scope: ZONES.province, categories: ['img-us'] },
  ],
  'HQ-PROVINCIAL': [
    { scope: ZONES.cross, categories: ALL },
    { scope: ZONES.nation, categories: ALL },
  ],
};

const grantOf = (institution: string, sketch: Sketch, index: number, now: Instant): Grant => {
  const mark = MARKS[sketch.scope] as (typeof MARKS)[string];
  const { revocation } = sketch;
  return {
    code: `${institution}-${String(index + 1).padStart(2, '0')}`,
    items: [],
    categories: sketch.categories,
    scope: sketch.scope,
    ...mark,
    validFrom: SINCE,
    validTo: dayAgo(now, -(sketch.endsInDays ?? 365)),
    evidence: [`演练-EQA-${sketch.scope}-${String(index + 1).padStart(2, '0')}`],
    ...(revocation
      ? {
          revocation: {
            revokedOn: dayAgo(now, revocation.revokedDaysAgo),
            effectiveFrom: dayAgo(now, revocation.effectiveDaysAgo),
            reasonZh: revocation.reasonZh,
          },
        }
      : {}),
  };
};

/** The grants of the HR mark: valid, expired, revoked, and revoked for cause with effect on the past. */
export const grantTables = (now: Instant): readonly GrantTable[] =>
  Object.entries(SKETCHES).map(([institution, sketches]) => ({
    institution: institution as InstitutionCode,
    grants: sketches.map((sketch, index) => grantOf(institution, sketch, index, now)),
  }));

/** The consortium's own standard, met by its four institutions for all items. */
export const consortiumStandard = (): ConsortiumStandard => ({
  zone: ZONES.consortium,
  titleZh: '晏溪县医共体检查检验同质化质量标准（演练）',
  rows: ZONE_MEMBERS.consortium.map((institution) => ({
    institution: institution as string as InstitutionCode,
    items: 'all',
    validFrom: '2024-01-01',
    validTo: '2100-01-01',
  })),
});

/** Who takes part in a zone; the imaging centre is suspended in its city and province. */
export const institutionList = (zone: keyof typeof ZONES, now: Instant): InstitutionList => ({
  zone: ZONES[zone],
  rows: ZONE_MEMBERS[zone].flatMap((code): InstitutionList['rows'] => {
    const institution = code as string as InstitutionCode;
    const listed = { institution, scope: 'all', state: 'listed', from: '2024-01-01' } as const;
    if (code !== 'WX-IMAGING') return [listed];
    return [
      listed,
      {
        institution,
        scope: 'all',
        state: 'suspended',
        from: dayAgo(now, 150),
        reasonZh: '影像质量抽查未达标，暂停互认、限期整改（演练）',
      },
    ];
  }),
});

const RULES: TierRules['rules'] = [
  {
    code: 'T1',
    textZh: '同一紧密型医联体内互认',
    source: {},
    target: {},
    sameConsortium: true,
    direction: 'should',
  },
  {
    code: 'T2',
    textZh: '认可通过质评的独立检验实验室和影像中心',
    source: { kinds: ['independent-laboratory', 'imaging-centre'] },
    target: {},
    direction: 'should',
  },
  {
    code: 'T3',
    textZh: '同级互认，下级认可上级',
    source: {},
    target: {},
    relation: 'source-higher-or-same',
    direction: 'should',
  },
];

/** Direction rules: in the cities a higher level may take a lower one's results, across the province it does not. */
export const tierRules = (zone: ZoneCode, lower: 'may' | 'not'): TierRules => ({
  zone,
  sourceZh: '云岫省检查检验结果互认实施细则（演练）',
  rules: [
    ...RULES,
    {
      code: 'T4',
      textZh: lower === 'may' ? '上级可以认可下级' : '上级不认下级（医联体内除外）',
      source: {},
      target: {},
      relation: 'source-lower',
      direction: lower,
    },
  ],
  default: 'not',
});
