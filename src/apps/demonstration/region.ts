import type {
  Institution,
  InstitutionCode,
  InstitutionDirectory,
  Region,
  RegionCode,
  RegionTable,
  Zone,
  ZoneCode,
  ZoneMembership,
  ZoneTable,
} from '../../organisation/index.ts';
import { creditCode, facilityCode, organisationCode } from './identity-numbers.ts';

/**
 * The invented region: province codes 48 and 49 are assigned to nobody in GB/T 2260, so neither its places nor the ID
 * numbers made from them can be anybody's.
 */
export const REGIONS: readonly Region[] = [
  { code: '480000' as RegionCode, nameZh: '云岫省', level: 'province' },
  { code: '480100' as RegionCode, nameZh: '青澜市', level: 'prefecture' },
  { code: '480102' as RegionCode, nameZh: '青澜市东湖区', level: 'county' },
  { code: '480200' as RegionCode, nameZh: '望溪市', level: 'prefecture' },
  { code: '480202' as RegionCode, nameZh: '望溪市城中区', level: 'county' },
  { code: '480225' as RegionCode, nameZh: '晏溪县', level: 'county' },
  { code: '490000' as RegionCode, nameZh: '星汉省', level: 'province' },
  { code: '490100' as RegionCode, nameZh: '河清市', level: 'prefecture' },
];

/** Institutions by the short codes by which every list names them. */
export const INSTITUTION_CODES = [
  'YX-COUNTY',
  'YX-TCM',
  'YX-QINGSHI',
  'YX-BAIMA',
  'WX-CENTRAL',
  'WX-SECOND',
  'WX-MCH',
  'WX-LAB',
  'WX-IMAGING',
  'QL-FIRST',
  'QL-TCM',
  'QL-DONGHU',
  'QL-MILITARY',
  'HQ-PROVINCIAL',
] as const;

/** Code of an institution of the demonstration region. */
export type DemonstrationInstitution = (typeof INSTITUTION_CODES)[number];

/** The county hospital at which the demonstration's doctor signs in. */
export const HOME_INSTITUTION: DemonstrationInstitution = 'YX-COUNTY';

interface Sketch extends Pick<Institution, 'nameZh' | 'shortNameZh' | 'nameEn' | 'tier' | 'grade' | 'kind'> {
  readonly code: DemonstrationInstitution;
  readonly region: string;
  readonly ownership?: Institution['ownership'];
  readonly campuses?: Institution['campuses'];
  /** Two characters of WS 218 for the institution's category. */
  readonly category: string;
}

const campus = (code: string, nameZh: string): Institution['campuses'][number] =>
  ({ code, nameZh }) as Institution['campuses'][number];

const SKETCHES: readonly Sketch[] = [
  {
    code: 'YX-COUNTY',
    nameZh: '晏溪县人民医院',
    shortNameZh: '县人民医院',
    nameEn: 'Yanxi County People’s Hospital',
    region: '480225',
    tier: '二级',
    grade: '甲等',
    kind: 'hospital',
    category: 'A100',
    campuses: [campus('MAIN', '本部'), campus('XINQU', '新区院区')],
  },
  {
    code: 'YX-TCM',
    nameZh: '晏溪县中医医院',
    shortNameZh: '县中医院',
    nameEn: 'Yanxi County Hospital of Chinese Medicine',
    region: '480225',
    tier: '二级',
    grade: '乙等',
    kind: 'traditional-medicine-hospital',
    category: 'A210',
  },
  {
    code: 'YX-QINGSHI',
    nameZh: '晏溪县青石镇中心卫生院',
    shortNameZh: '青石卫生院',
    nameEn: 'Qingshi Township Health Centre',
    region: '480225',
    tier: '一级',
    grade: '甲等',
    kind: 'township-health-centre',
    category: 'C220',
  },
  {
    code: 'YX-BAIMA',
    nameZh: '晏溪县白马乡卫生院',
    shortNameZh: '白马卫生院',
    nameEn: 'Baima Township Health Centre',
    region: '480225',
    tier: '一级',
    grade: '未定等',
    kind: 'township-health-centre',
    category: 'C220',
  },
  {
    code: 'WX-CENTRAL',
    nameZh: '望溪市中心医院',
    shortNameZh: '市中心医院',
    nameEn: 'Wangxi Central Hospital',
    region: '480202',
    tier: '三级',
    grade: '甲等',
    kind: 'hospital',
    category: 'A100',
    campuses: [campus('NORTH', '北院区'), campus('SOUTH', '南院区')],
  },
  {
    code: 'WX-SECOND',
    nameZh: '望溪市第二人民医院',
    shortNameZh: '市二院',
    nameEn: 'Wangxi Second People’s Hospital',
    region: '480202',
    tier: '三级',
    grade: '乙等',
    kind: 'hospital',
    category: 'A100',
  },
  {
    code: 'WX-MCH',
    nameZh: '望溪市妇幼保健院',
    shortNameZh: '市妇幼',
    nameEn: 'Wangxi Maternal and Child Health Hospital',
    region: '480202',
    tier: '三级',
    grade: '乙等',
    kind: 'maternal-and-child-hospital',
    category: 'B100',
  },
  {
    code: 'WX-LAB',
    nameZh: '望溪康衡医学检验实验室',
    shortNameZh: '康衡检验',
    nameEn: 'Kangheng Medical Laboratory',
    region: '480202',
    tier: '未定级',
    grade: '未定等',
    kind: 'independent-laboratory',
    ownership: 'private',
    category: 'P300',
  },
  {
    code: 'WX-IMAGING',
    nameZh: '望溪博影医学影像诊断中心',
    shortNameZh: '博影影像',
    nameEn: 'Boying Imaging Centre',
    region: '480202',
    tier: '未定级',
    grade: '未定等',
    kind: 'imaging-centre',
    ownership: 'private',
    category: 'P400',
  },
  {
    code: 'QL-FIRST',
    nameZh: '青澜市第一人民医院',
    shortNameZh: '青澜一院',
    nameEn: 'Qinglan First People’s Hospital',
    region: '480102',
    tier: '三级',
    grade: '甲等',
    kind: 'hospital',
    category: 'A100',
    campuses: [campus('MAIN', '本部'), campus('DONGHU', '东湖院区')],
  },
  {
    code: 'QL-TCM',
    nameZh: '青澜市中医院',
    shortNameZh: '青澜中医院',
    nameEn: 'Qinglan Hospital of Chinese Medicine',
    region: '480102',
    tier: '三级',
    grade: '甲等',
    kind: 'traditional-medicine-hospital',
    category: 'A210',
  },
  {
    code: 'QL-DONGHU',
    nameZh: '青澜市东湖街道社区卫生服务中心',
    shortNameZh: '东湖社区',
    nameEn: 'Donghu Community Health Centre',
    region: '480102',
    tier: '一级',
    grade: '甲等',
    kind: 'community-health-centre',
    category: 'C100',
  },
  {
    code: 'QL-MILITARY',
    nameZh: '联勤保障部队第九九七医院',
    shortNameZh: '九九七医院',
    nameEn: 'The 997th Hospital (military)',
    region: '480102',
    tier: '三级',
    grade: '甲等',
    kind: 'military-hospital',
    ownership: 'military',
    category: 'A100',
  },
  {
    code: 'HQ-PROVINCIAL',
    nameZh: '星汉省人民医院',
    shortNameZh: '星汉省医',
    nameEn: 'Xinghan Provincial People’s Hospital',
    region: '490100',
    tier: '三级',
    grade: '甲等',
    kind: 'hospital',
    category: 'A100',
  },
];

/** The directory of the region, each institution with its official identifiers and their check characters. */
export const institutionDirectory = (): InstitutionDirectory => ({
  institutions: SKETCHES.map(({ category, region, ownership, campuses, code, ...rest }, index) => {
    const serial = `4800${String(1001 + index * 37)}`;
    const organisation = organisationCode(serial);
    const registered = ownership === 'private' ? '91' : ownership === 'military' ? 'A1' : '12';
    return {
      ...rest,
      code: code as string as InstitutionCode,
      region: region as RegionCode,
      ownership: ownership ?? 'public',
      identifiers: [
        { type: 'uscc', value: creditCode(registered, region, organisation) },
        { type: 'ws218', value: facilityCode(organisation, region, category) },
        { type: 'nhsa', value: `H${region}${String(101 + index).padStart(5, '0')}` },
      ],
      campuses: campuses ?? [],
    };
  }),
});

/** The regions the directory needs. */
export const regionTable = (): RegionTable => ({ edition: '演练-2026', regions: REGIONS });

/** Zones of the region by code. */
export const ZONES = {
  consortium: 'YX-CONSORTIUM' as ZoneCode,
  wangxi: 'WX-CITY' as ZoneCode,
  qinglan: 'QL-CITY' as ZoneCode,
  province: 'YUNXIU' as ZoneCode,
  cross: 'YUNXIU-XINGHAN' as ZoneCode,
  nation: 'CN-DRAFT' as ZoneCode,
} as const;

const FOUNDED = '2024-01-01';
const CONSORTIUM: readonly DemonstrationInstitution[] = ['YX-COUNTY', 'YX-TCM', 'YX-QINGSHI', 'YX-BAIMA'];
const WANGXI: readonly DemonstrationInstitution[] = [
  ...CONSORTIUM,
  'WX-CENTRAL',
  'WX-SECOND',
  'WX-MCH',
  'WX-LAB',
  'WX-IMAGING',
];
const QINGLAN: readonly DemonstrationInstitution[] = ['QL-FIRST', 'QL-TCM', 'QL-DONGHU', 'QL-MILITARY'];
const CROSS: readonly DemonstrationInstitution[] = ['YX-COUNTY', 'WX-CENTRAL', 'QL-FIRST', 'HQ-PROVINCIAL'];

const members = (codes: readonly DemonstrationInstitution[]): readonly ZoneMembership[] =>
  codes.map((code) => ({ institution: code as string as InstitutionCode, from: FOUNDED }));

/** Members of a zone's kind: who sits in it. */
export const ZONE_MEMBERS: Readonly<Record<keyof typeof ZONES, readonly DemonstrationInstitution[]>> = {
  consortium: CONSORTIUM,
  wangxi: WANGXI,
  qinglan: QINGLAN,
  province: [...WANGXI, ...QINGLAN],
  cross: CROSS,
  nation: CROSS,
};

/** The zones, narrow to wide. The county's institutions sit in four of them. */
export const zoneTable = (): ZoneTable => {
  const zone = (
    key: keyof typeof ZONES,
    level: Zone['level'],
    nameZh: string,
    nameEn: string,
    rest: Partial<Zone> = {},
  ): Zone => ({
    code: ZONES[key],
    nameZh,
    nameEn,
    level,
    recognisesAllItems: false,
    members: members(ZONE_MEMBERS[key]),
    ...rest,
  });
  return {
    zones: [
      zone('consortium', 'consortium', '晏溪县紧密型县域医共体', 'Yanxi County Consortium', {
        region: '480225' as RegionCode,
        lead: 'YX-COUNTY' as InstitutionCode,
        recognisesAllItems: true,
      }),
      zone('wangxi', 'city', '望溪市', 'Wangxi', { region: '480200' as RegionCode }),
      zone('qinglan', 'city', '青澜市', 'Qinglan', { region: '480100' as RegionCode }),
      zone('province', 'province', '云岫省', 'Yunxiu Province', { region: '480000' as RegionCode }),
      zone('cross', 'cross-province', '云岫星汉两省', 'Yunxiu and Xinghan'),
      zone('nation', 'nation', '全国目录草案试读区', 'Readers of the national draft'),
    ],
  };
};
