import { pinyin } from 'pinyin-pro';
import { nameOf } from './catalogue-names.ts';
import { DIALECTS, type Dialect } from './dialects.ts';
import { EXAMINATION_BY_ITEM, EXAMINATION_ROOMS } from './examinations.ts';
import type { DemonstrationInstitution } from './region.ts';
import {
  compositionOf,
  LABORATORIES,
  type LaboratoryService,
  type PanelComposition,
} from './laboratory-services.ts';

/** A code of an institution's own catalogue and what it means in ours. */
export interface LocalCode {
  readonly code: string;
  readonly nameZh: string;
  /** Name of the coding system as the institution writes it in OBX-3.3. */
  readonly system: string;
  readonly item: string;
  readonly side?: 'left' | 'right';
  /** LOINC as alternate coding, where the institution sends it. */
  readonly loinc?: string;
  /** Method class of `data/methods.json` and the words the report carries. */
  readonly methodClass?: string;
  readonly methodZh?: string;
  /** False: the institution uses the code, but its code map does not have it yet. */
  readonly mapped: boolean;
}

/** A panel in an institution's own catalogue. */
export interface LocalPanel extends PanelComposition {
  readonly service: LaboratoryService;
  readonly code: string;
}

/** An institution's own catalogue of what it can order and report. */
export interface LocalCatalogue {
  readonly institution: DemonstrationInstitution;
  readonly panels: ReadonlyMap<LaboratoryService, LocalPanel>;
  /** Analytes by catalogue item. */
  readonly analytes: ReadonlyMap<string, LocalCode>;
  /** Examinations by `item` or `item|side`. */
  readonly examinations: ReadonlyMap<string, LocalCode>;
}

/** Names that people really use beside the catalogue's. */
const ALIASES: Readonly<Record<string, string>> = {
  'LC-ALT': '谷丙转氨酶',
  'LC-AST': '谷草转氨酶',
  'LC-GGT': '谷氨酰转肽酶',
  'LC-TBIL': '总胆红素',
  'LC-UREA': '尿素氮',
  'LC-GLU': '血糖',
  'LC-HDL': '高密度脂蛋白',
  'LC-LDL': '低密度脂蛋白',
  'LC-AG': '白蛋白/球蛋白',
  'LC-TG': '三酰甘油',
  'LC-K': '血清钾',
  'LC-NA': '血清钠',
  'LC-CL': '血清氯',
  'LC-CA': '血清钙',
  'LC-P': '血清磷',
  'LC-MG': '血清镁',
  'LC-TCO2': '二氧化碳结合力',
  'LC-HBA1C': '糖化血红蛋白',
  'LC-CRP': 'C-反应蛋白',
  'LH-WBC': '白细胞',
  'LH-RBC': '红细胞',
  'LH-HCT': '红细胞压积',
  'LH-PLT': '血小板',
  'LH-NEUTP': '中性粒细胞比率',
  'LH-LYMP': '淋巴细胞比率',
  'LH-MONP': '单核细胞比率',
  'LH-NEUTN': '中性粒细胞数',
  'LH-LYMN': '淋巴细胞数',
  'LH-ESR': '血沉',
  'LI-HBSAG': '乙肝表面抗原',
  'LI-HBSAB': '乙肝表面抗体',
  'LI-HBEAG': '乙肝e抗原',
  'LI-HBEAB': '乙肝e抗体',
  'LI-HBCAB': '乙肝核心抗体',
  'LI-HCVAB': '丙肝抗体',
  'LI-HIV': '艾滋病抗体初筛',
  'LI-TPAB': '梅毒抗体',
  'LI-TSH': '促甲状腺素',
  'LI-FT3': '游离T3',
  'LI-FT4': '游离T4',
  'LI-T3': '三碘甲状腺原氨酸',
  'LI-T4': '甲状腺素',
  'LI-BHCG': '人绒毛膜促性腺激素',
  'LI-CA199': 'CA19-9',
  'LI-CA125': 'CA125',
  'LU-PRO': '尿蛋白',
  'LU-GLU': '尿糖',
  'LU-KET': '酮体',
  'LU-BLD': '潜血',
  'LU-LEU': '白细胞酯酶',
  'LU-NIT': '亚硝酸盐',
};

/** Codes that an institution uses but has not mapped yet: their results wait visibly. */
const UNMAPPED: Readonly<Partial<Record<DemonstrationInstitution, readonly string[]>>> = {
  'YX-BAIMA': ['LU-SG', 'LU-PH'],
  'QL-TCM': ['LC-CHE', 'LH-MPV'],
  'QL-DONGHU': ['LU-URO'],
};

const SECTION: Readonly<Record<string, string>> = {
  LC: 'SH',
  LH: 'XC',
  LG: 'NX',
  LI: 'MY',
  LU: 'TY',
  LM: 'WS',
  LX: 'FZ',
  XR: 'DR',
  CT: 'CT',
  MR: 'MR',
  US: 'US',
  EC: 'XD',
};

/** Immunoassays, whose values follow the platform. */
const PLATFORM_DEPENDENT =
  /^LI-(CEA|AFP|CA|NSE|CYFRA|SCC|TSH|FT|T3|T4|TPOAB|TGAB|BHCG|PROG)|^LC-(HSTNI|CKMBM|MYO|NTBNP|PCT|VITD)/;

type Method = Pick<LocalCode, 'methodClass' | 'methodZh'>;

const PLATFORM_METHODS: Readonly<Record<Dialect['platform'], Method>> = {
  roche: { methodClass: 'eclia', methodZh: '电化学发光法' },
  abbott: { methodClass: 'cmia', methodZh: '化学发光微粒子免疫检测法' },
  beckman: { methodClass: 'clia', methodZh: '化学发光法' },
  mindray: { methodClass: 'clia', methodZh: '磁微粒化学发光法' },
};

/** Methods of other items whose values depend on theirs; the two cities measure bilirubin in different ways. */
const methodOf = (item: string, dialect: Dialect): Method => {
  if (PLATFORM_DEPENDENT.test(item)) return PLATFORM_METHODS[dialect.platform];
  switch (item) {
    case 'LC-DBIL':
    case 'LC-IBIL':
      return dialect.institution.startsWith('QL-')
        ? { methodClass: 'diazo', methodZh: '重氮法' }
        : { methodClass: 'bilirubin-oxidase', methodZh: '胆红素氧化酶法' };
    case 'LC-CHE':
      return { methodClass: 'rate', methodZh: '速率法' };
    case 'LG-PT':
    case 'LG-APTT':
    case 'LG-TT':
      return { methodClass: 'clotting', methodZh: '凝固法' };
    case 'LG-DD':
    case 'LG-DDU':
      return { methodClass: 'immunoturbidimetry', methodZh: '免疫比浊法' };
    case 'LH-ESR':
      return { methodClass: 'westergren', methodZh: '魏氏法' };
    case 'LH-MPV':
      return { methodClass: 'impedance-flow', methodZh: '自动化分析' };
    case 'LU-COLOR':
    case 'LU-CLAR':
      return { methodClass: 'dry-chemistry', methodZh: '干化学' };
    case 'LU-SWBC':
    case 'LU-SRBC':
      return { methodClass: 'microscopy', methodZh: '镜检' };
    default:
      return {};
  }
};

const abbreviationOf = (item: string): string => item.slice(item.indexOf('-') + 1);
const initialsOf = (name: string): string =>
  pinyin(name, { pattern: 'first', toneType: 'none', type: 'array', nonZh: 'consecutive' })
    .join('')
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase();

/** LOINC of an item; panels have none. */
const loincOf = (item: string): string | null => (item.startsWith('PANEL-') ? null : nameOf(item).loinc);

/** Gives codes in an institution's style; no code is given twice. */
const codeGiver = (dialect: Dialect): ((item: string, name: string, side?: string) => string) => {
  const given = new Set<string>();
  let serial = 0;
  const unique = (wanted: string): string => {
    let code = wanted;
    for (let copy = 2; given.has(code); copy++) code = `${wanted}${copy}`;
    given.add(code);
    return code;
  };
  const start = [...dialect.facility].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 40;
  return (item, name, side) => {
    serial++;
    const number = start + serial * 3;
    const suffix = side === undefined ? '' : side === 'left' ? 'L' : 'R';
    switch (dialect.codeStyle) {
      case 'zero-padded':
        return unique(`000${String(1000 + number)}`);
      case 'numeric':
        return unique(String(2000 + number));
      case 'abbreviation':
        return unique(abbreviationOf(item) + suffix);
      case 'initials':
        return unique(initialsOf(name.replace(/\([A-Z0-9]+\)$/, '')));
      case 'loinc':
        return unique((side === undefined ? loincOf(item) : null) ?? `L${String(number).padStart(5, '0')}`);
      case 'sectioned':
        return unique(`${SECTION[item.slice(0, 2)] ?? 'QT'}${String(number).padStart(4, '0')}`);
    }
  };
};

const localName = (dialect: Dialect, item: string): string => {
  const formal = nameOf(item).nameZh;
  if (dialect.nameStyle === 'alias') return ALIASES[item] ?? formal;
  return dialect.nameStyle === 'bracketed' ? `${formal}(${abbreviationOf(item)})` : formal;
};

/** The members of a panel at an institution: one hospital's D-dimer is in DDU, which is another item. */
export const membersAt = (
  institution: DemonstrationInstitution,
  composition: PanelComposition,
): readonly string[] =>
  institution === 'WX-SECOND'
    ? composition.members.map((item) => (item === 'LG-DD' ? 'LG-DDU' : item))
    : composition.members;

const SENT_OUT: readonly LaboratoryService[] = ['TUMOUR', 'THYROID', 'HBVDNA', 'HBA1C'];

/** The services an institution can order: its own and those it sends to the independent laboratory. */
export const orderableServices = (institution: DemonstrationInstitution): readonly LaboratoryService[] => {
  const own = LABORATORIES[institution].services;
  if (own.length === 0 || institution === 'WX-LAB') return own;
  return [...own, ...SENT_OUT.filter((service) => !own.includes(service))];
};

const buildCatalogue = (institution: DemonstrationInstitution): LocalCatalogue => {
  const dialect = DIALECTS[institution];
  const give = codeGiver(dialect);
  const size = LABORATORIES[institution].size;
  const panels = new Map<LaboratoryService, LocalPanel>();
  const analytes = new Map<string, LocalCode>();
  const examinations = new Map<string, LocalCode>();
  const unmapped = UNMAPPED[institution] ?? [];
  const own = LABORATORIES[institution].services;
  const system = dialect.codeStyle === 'loinc' ? 'LN' : 'L';

  for (const service of orderableServices(institution)) {
    const composition = compositionOf(service, size);
    const members = membersAt(institution, composition);
    panels.set(service, {
      service,
      code: give(`PANEL-${service}`, composition.nameZh),
      nameZh: composition.nameZh,
      members,
    });
    for (const item of members) {
      if (analytes.has(item)) continue;
      const nameZh = localName(dialect, item);
      const code = give(item, nameZh);
      const loinc = nameOf(item).loinc;
      analytes.set(item, {
        code,
        nameZh,
        system: code === loinc ? 'LN' : system === 'LN' ? 'L' : system,
        item,
        ...(dialect.version === '2.6' && loinc ? { loinc } : {}),
        ...methodOf(item, own.includes(service) || institution === 'WX-LAB' ? dialect : DIALECTS['WX-LAB']),
        mapped: !unmapped.includes(item),
      });
    }
  }
  for (const item of EXAMINATION_ROOMS[institution] ?? []) {
    const examination = EXAMINATION_BY_ITEM.get(item);
    if (!examination) continue;
    const base =
      examination.modality === 'DX'
        ? `${examination.nameZh}DR`
        : examination.modality === 'US'
          ? `${examination.nameZh}超声`
          : `${examination.nameZh}${examination.modality === 'ECG' ? '' : examination.modality}`;
    for (const side of examination.hasSide ? (['left', 'right'] as const) : [undefined]) {
      const nameZh = `${side === undefined ? '' : side === 'left' ? '左' : '右'}${base}`;
      const code = give(item, nameZh, side);
      examinations.set(side === undefined ? item : `${item}|${side}`, {
        code,
        nameZh,
        system: code === nameOf(item).loinc ? 'LN' : 'L',
        item,
        ...(side === undefined ? {} : { side }),
        mapped: true,
      });
    }
  }
  return { institution, panels, analytes, examinations };
};

const built = new Map<DemonstrationInstitution, LocalCatalogue>();

/** The own catalogue of an institution. The same every time: codes do not depend on a seed. */
export const localCatalogueOf = (institution: DemonstrationInstitution): LocalCatalogue => {
  let catalogue = built.get(institution);
  if (!catalogue) {
    catalogue = buildCatalogue(institution);
    built.set(institution, catalogue);
  }
  return catalogue;
};
