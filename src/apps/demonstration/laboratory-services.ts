import type { DemonstrationInstitution } from './region.ts';

/** Laboratory services (panels) that the region's laboratories offer, each in its own composition. */
export type LaboratoryService =
  | 'CBC'
  | 'URINE'
  | 'LIVER'
  | 'RENAL'
  | 'LIPID'
  | 'GLUCOSE'
  | 'HBA1C'
  | 'ELECTROLYTES'
  | 'CHEMISTRY'
  | 'COAGULATION'
  | 'DDIMER'
  | 'THYROID'
  | 'HBV'
  | 'INFECTION'
  | 'TUMOUR'
  | 'CARDIAC'
  | 'INFLAMMATION'
  | 'ESR'
  | 'HCG'
  | 'HBVDNA'
  | 'ACR'
  | 'IRON'
  | 'CULTURE';

/** How large a laboratory is; decides which composition of a panel it runs. */
export type LaboratorySize = 'large' | 'middle' | 'chinese' | 'small';

/** A panel in one composition. */
export interface PanelComposition {
  readonly nameZh: string;
  readonly members: readonly string[];
}

const items = (prefix: string, codes: string): readonly string[] =>
  codes.split(' ').map((code) => prefix + code);

const CBC = items(
  'LH-',
  'WBC RBC HGB HCT PLT MCV MCH MCHC RDWCV MPV NEUTN NEUTP LYMN LYMP MONN MONP EOSN EOSP',
);
const LIVER8 = items('LC-', 'TP ALB TBIL DBIL ALT AST ALP GGT');
const LIVER11 = items('LC-', 'TP ALB GLB AG TBIL DBIL IBIL ALT AST ALP GGT');
const DIPSTICK = items('LU-', 'COLOR CLAR SG PH PRO GLU KET BIL URO NIT LEU BLD');
const ELECTROLYTES = items('LC-', 'K NA CL CA');

/** Compositions by size; a size that is missing takes the composition of the next one named. */
export const PANELS: Readonly<
  Record<
    LaboratoryService,
    Partial<Record<LaboratorySize, PanelComposition>> & { readonly large: PanelComposition }
  >
> = {
  CBC: {
    large: { nameZh: '血细胞分析（五分类）', members: CBC },
    middle: { nameZh: '血常规', members: CBC },
    chinese: { nameZh: '血液分析', members: CBC },
    small: {
      nameZh: '血常规（三分类）',
      members: items('LH-', 'WBC RBC HGB HCT PLT MCV MCH MCHC NEUTP LYMP'),
    },
  },
  URINE: {
    large: { nameZh: '尿液分析+沉渣', members: [...DIPSTICK, 'LU-SWBC', 'LU-SRBC'] },
    middle: { nameZh: '尿常规', members: DIPSTICK },
  },
  LIVER: {
    large: { nameZh: '肝功能十五项', members: [...LIVER11, ...items('LC-', 'TBA CHE PA LDH')] },
    middle: { nameZh: '肝功能十二项', members: [...LIVER11, 'LC-TBA'] },
    chinese: { nameZh: '肝功能十二项', members: [...LIVER11, 'LC-CHE'] },
    small: { nameZh: '肝功八项', members: LIVER8 },
  },
  RENAL: {
    large: { nameZh: '肾功能五项', members: items('LC-', 'UREA CREA UA CYSC EGFR') },
    middle: { nameZh: '肾功能', members: items('LC-', 'UREA CREA UA CYSC') },
    small: { nameZh: '肾功三项', members: items('LC-', 'UREA CREA UA') },
  },
  LIPID: {
    large: { nameZh: '血脂六项', members: items('LC-', 'TC TG HDL LDL APOA1 APOB') },
    middle: { nameZh: '血脂四项', members: items('LC-', 'TC TG HDL LDL') },
  },
  GLUCOSE: {
    large: { nameZh: '葡萄糖测定', members: ['LC-GLU'] },
    small: { nameZh: '血糖', members: ['LC-GLU'] },
  },
  HBA1C: { large: { nameZh: '糖化血红蛋白', members: ['LC-HBA1C'] } },
  ELECTROLYTES: {
    large: { nameZh: '电解质七项', members: [...ELECTROLYTES, ...items('LC-', 'P MG TCO2')] },
    middle: { nameZh: '电解质六项', members: [...ELECTROLYTES, ...items('LC-', 'P MG')] },
    small: { nameZh: '电解质四项', members: ELECTROLYTES },
  },
  CHEMISTRY: {
    large: {
      nameZh: '生化全套',
      members: [
        ...LIVER11,
        ...items('LC-', 'TBA CHE LDH CK UREA CREA UA CYSC GLU TC TG HDL LDL'),
        ...ELECTROLYTES,
      ],
    },
    middle: {
      nameZh: '生化全项',
      members: [...LIVER11, ...items('LC-', 'TBA UREA CREA UA GLU TC TG HDL LDL'), ...ELECTROLYTES],
    },
  },
  COAGULATION: { large: { nameZh: '凝血四项', members: items('LG-', 'PT INR APTT TT FIB') } },
  DDIMER: { large: { nameZh: 'D-二聚体', members: ['LG-DD'] } },
  THYROID: {
    large: { nameZh: '甲功七项', members: items('LI-', 'TSH FT3 FT4 T3 T4 TPOAB TGAB') },
    middle: { nameZh: '甲功五项', members: items('LI-', 'TSH FT3 FT4 T3 T4') },
    chinese: { nameZh: '甲功三项', members: items('LI-', 'TSH FT3 FT4') },
  },
  HBV: { large: { nameZh: '乙肝五项', members: items('LI-', 'HBSAG HBSAB HBEAG HBEAB HBCAB') } },
  INFECTION: { large: { nameZh: '感染性疾病筛查四项', members: items('LI-', 'HBSAG HCVAB HIV TPAB') } },
  TUMOUR: {
    large: { nameZh: '肿瘤标志物七项', members: items('LI-', 'AFP CEA CA199 CA125 CA153 CYFRA NSE') },
    middle: { nameZh: '肿瘤标志物三项', members: items('LI-', 'AFP CEA CA199') },
  },
  CARDIAC: { large: { nameZh: '心肌损伤标志物', members: items('LC-', 'HSTNI CKMBM MYO NTBNP') } },
  INFLAMMATION: {
    large: { nameZh: '炎症指标', members: ['LC-CRP', 'LC-PCT'] },
    small: { nameZh: 'C反应蛋白', members: ['LC-CRP'] },
  },
  ESR: { large: { nameZh: '血沉', members: ['LH-ESR'] } },
  HCG: {
    large: { nameZh: '绒毛膜促性腺激素', members: ['LI-BHCG'] },
    middle: { nameZh: '早孕检查', members: ['LI-BHCG', 'LI-PROG'] },
  },
  HBVDNA: { large: { nameZh: '乙肝病毒DNA定量', members: ['LX-HBVDNA'] } },
  ACR: { large: { nameZh: '尿微量白蛋白/肌酐', members: ['LU-ACR'] } },
  IRON: { large: { nameZh: '铁代谢', members: ['LC-FE', 'LC-FER'] } },
  CULTURE: { large: { nameZh: '痰培养+药敏', members: ['LM-SCUL'] } },
};

/** Specimens as the laboratories take them. */
export type SpecimenKind = 'serum' | 'citrate-blood' | 'edta-blood' | 'citrate-plasma' | 'urine' | 'sputum';

const SPECIMENS: Readonly<Partial<Record<LaboratoryService, SpecimenKind>>> = {
  CBC: 'edta-blood',
  HBA1C: 'edta-blood',
  COAGULATION: 'citrate-plasma',
  DDIMER: 'citrate-plasma',
  ESR: 'citrate-blood',
  URINE: 'urine',
  ACR: 'urine',
  CULTURE: 'sputum',
};

/** The specimen a service needs; most run on serum. */
export const specimenOf = (service: LaboratoryService): SpecimenKind => SPECIMENS[service] ?? 'serum';

const SMALL: readonly LaboratoryService[] = [
  'CBC',
  'URINE',
  'LIVER',
  'RENAL',
  'LIPID',
  'GLUCOSE',
  'ELECTROLYTES',
  'INFLAMMATION',
];
const MIDDLE: readonly LaboratoryService[] = [
  ...SMALL,
  'HBA1C',
  'CHEMISTRY',
  'COAGULATION',
  'DDIMER',
  'THYROID',
  'HBV',
  'INFECTION',
  'TUMOUR',
  'CARDIAC',
  'ESR',
  'HCG',
  'ACR',
];
const LARGE = Object.keys(PANELS) as LaboratoryService[];

/** Size of each laboratory and the services it performs itself. */
export const LABORATORIES: Readonly<
  Record<
    DemonstrationInstitution,
    { readonly size: LaboratorySize; readonly services: readonly LaboratoryService[] }
  >
> = {
  'YX-COUNTY': { size: 'middle', services: [...MIDDLE, 'CULTURE'] },
  'YX-TCM': { size: 'chinese', services: MIDDLE.filter((service) => service !== 'HCG') },
  'YX-QINGSHI': { size: 'small', services: SMALL },
  'YX-BAIMA': { size: 'small', services: ['CBC', 'URINE', 'GLUCOSE', 'LIVER', 'RENAL'] },
  'WX-CENTRAL': { size: 'large', services: LARGE },
  'WX-SECOND': { size: 'middle', services: [...MIDDLE, 'HBVDNA', 'CULTURE'] },
  'WX-MCH': { size: 'middle', services: [...MIDDLE, 'IRON'] },
  'WX-LAB': {
    size: 'large',
    services: ['TUMOUR', 'THYROID', 'HBV', 'HBVDNA', 'HBA1C', 'IRON', 'HCG', 'COAGULATION'],
  },
  'WX-IMAGING': { size: 'small', services: [] },
  'QL-FIRST': { size: 'large', services: LARGE },
  'QL-TCM': { size: 'chinese', services: MIDDLE },
  'QL-DONGHU': { size: 'small', services: SMALL },
  'QL-MILITARY': { size: 'large', services: LARGE.filter((service) => service !== 'CULTURE') },
  'HQ-PROVINCIAL': { size: 'large', services: LARGE },
};

const FALLBACK: Readonly<Record<LaboratorySize, readonly LaboratorySize[]>> = {
  large: ['large'],
  middle: ['middle', 'large'],
  chinese: ['chinese', 'middle', 'large'],
  small: ['small', 'middle', 'large'],
};

/** The composition in which a laboratory of that size runs the service. */
export const compositionOf = (service: LaboratoryService, size: LaboratorySize): PanelComposition => {
  const variants = PANELS[service];
  for (const wanted of FALLBACK[size]) {
    const found = variants[wanted];
    if (found) return found;
  }
  return variants.large;
};
