import type { DemonstrationInstitution } from './region.ts';

/** How an institution makes up its local codes. */
export type CodeStyle = 'zero-padded' | 'numeric' | 'abbreviation' | 'initials' | 'loinc' | 'sectioned';

/** How an institution writes its units. `conventional` reports some quantities in mass units (mg/dL). */
export type UnitStyle = 'symbols' | 'ascii' | 'mixed' | 'conventional';

/** The habits of one sending system, all of them seen in the field. */
export interface Dialect {
  readonly institution: DemonstrationInstitution;
  /** MSH-3 and MSH-4. */
  readonly application: string;
  readonly facility: string;
  /** What the bytes are in. */
  readonly charset: 'UTF-8' | 'GB18030' | 'GBK';
  /** What MSH-18 says about it; empty when the system leaves the field empty. */
  readonly statedCharset: string;
  readonly version: '2.3' | '2.3.1' | '2.4' | '2.5' | '2.5.1' | '2.6';
  /** MSH-1 and MSH-2: field, component, repetition, escape, subcomponent. */
  readonly delimiters: string;
  readonly codeStyle: CodeStyle;
  readonly unitStyle: UnitStyle;
  /** `alias`: the names people use (谷丙转氨酶); `formal`: the catalogue's; `bracketed`: with the abbreviation behind. */
  readonly nameStyle: 'formal' | 'alias' | 'bracketed';
  /** Record numbers look like this: prefix, then the number padded to the width. */
  readonly recordNumber: { readonly prefix: string; readonly width: number };
  /** `repetitions`: all in PID-3; `record-only`: PID-3 has the record number, PID-19 the national ID. */
  readonly identifiers: 'repetitions' | 'record-only';
  readonly nameForm: 'whole' | 'parts';
  readonly sexForm: 'letters' | 'digits';
  /** Time stamps to the second, to the minute, or with the offset from UTC. */
  readonly timeForm: 'second' | 'minute' | 'offset';
  /** Specimen in OBR-15, or in a segment of its own (SPM, from version 2.5). */
  readonly specimenIn: 'OBR-15' | 'SPM';
  /** False: the laboratory never states when the specimen was collected. */
  readonly statesCollection: boolean;
  /** How yes and no are written in qualitative results. */
  readonly qualitative: readonly [negative: string, positive: string];
  /** True where control ids start anew each day. */
  readonly reusesControlIds: boolean;
  /** Analytical platform of the immunoassays: values of class C items are not comparable across platforms. */
  readonly platform: 'roche' | 'abbott' | 'mindray' | 'beckman';
}

const STANDARD = '|^~\\&';

const USUAL: Pick<
  Dialect,
  'delimiters' | 'statesCollection' | 'reusesControlIds' | 'nameForm' | 'sexForm' | 'timeForm' | 'identifiers'
> = {
  delimiters: STANDARD,
  statesCollection: true,
  reusesControlIds: false,
  nameForm: 'whole',
  sexForm: 'letters',
  timeForm: 'second',
  identifiers: 'repetitions',
};

/** The dialects of the region, one per institution. */
export const DIALECTS: Readonly<Record<DemonstrationInstitution, Dialect>> = {
  'YX-COUNTY': {
    ...USUAL,
    institution: 'YX-COUNTY',
    application: 'LIS',
    facility: 'YXXRMYY',
    charset: 'GB18030',
    statedCharset: 'GB 18030-2000',
    version: '2.4',
    codeStyle: 'zero-padded',
    unitStyle: 'ascii',
    nameStyle: 'alias',
    recordNumber: { prefix: '', width: 10 },
    specimenIn: 'OBR-15',
    qualitative: ['阴性', '阳性'],
    platform: 'mindray',
  },
  'YX-TCM': {
    ...USUAL,
    institution: 'YX-TCM',
    application: 'ZYLIS',
    facility: 'YXXZYYY',
    charset: 'GB18030',
    statedCharset: '',
    version: '2.3.1',
    codeStyle: 'initials',
    unitStyle: 'symbols',
    nameStyle: 'alias',
    recordNumber: { prefix: 'ZY', width: 8 },
    identifiers: 'record-only',
    specimenIn: 'OBR-15',
    statesCollection: false,
    qualitative: ['阴性(-)', '阳性(+)'],
    platform: 'mindray',
  },
  'YX-QINGSHI': {
    ...USUAL,
    institution: 'YX-QINGSHI',
    application: 'JCLIS',
    facility: 'QSZWSY',
    charset: 'GBK',
    statedCharset: '',
    version: '2.3',
    codeStyle: 'numeric',
    unitStyle: 'ascii',
    nameStyle: 'alias',
    recordNumber: { prefix: '', width: 6 },
    identifiers: 'record-only',
    sexForm: 'digits',
    timeForm: 'minute',
    specimenIn: 'OBR-15',
    reusesControlIds: true,
    qualitative: ['-', '+'],
    platform: 'mindray',
  },
  'YX-BAIMA': {
    ...USUAL,
    institution: 'YX-BAIMA',
    application: 'JCLIS',
    facility: 'BMXWSY',
    charset: 'GBK',
    statedCharset: '',
    version: '2.3',
    codeStyle: 'numeric',
    unitStyle: 'ascii',
    nameStyle: 'alias',
    recordNumber: { prefix: '', width: 6 },
    identifiers: 'record-only',
    sexForm: 'digits',
    timeForm: 'minute',
    specimenIn: 'OBR-15',
    reusesControlIds: true,
    qualitative: ['-', '+'],
    platform: 'mindray',
  },
  'WX-CENTRAL': {
    ...USUAL,
    institution: 'WX-CENTRAL',
    application: 'IEP',
    facility: 'WXSZXYY',
    charset: 'UTF-8',
    statedCharset: 'UNICODE UTF-8',
    version: '2.5.1',
    codeStyle: 'loinc',
    unitStyle: 'symbols',
    nameStyle: 'formal',
    recordNumber: { prefix: 'M', width: 9 },
    timeForm: 'offset',
    specimenIn: 'SPM',
    qualitative: ['阴性', '阳性'],
    platform: 'roche',
  },
  'WX-SECOND': {
    ...USUAL,
    institution: 'WX-SECOND',
    application: 'EMLIS',
    facility: 'WXSDERMYY',
    charset: 'GBK',
    statedCharset: '',
    version: '2.4',
    delimiters: '|^#\\&',
    codeStyle: 'initials',
    unitStyle: 'mixed',
    nameStyle: 'bracketed',
    recordNumber: { prefix: 'EY', width: 7 },
    specimenIn: 'OBR-15',
    qualitative: ['NEG', 'POS'],
    platform: 'abbott',
  },
  'WX-MCH': {
    ...USUAL,
    institution: 'WX-MCH',
    application: 'FYHIS',
    facility: 'WXSFYBJY',
    charset: 'UTF-8',
    statedCharset: 'UNICODE UTF-8',
    version: '2.5',
    codeStyle: 'sectioned',
    unitStyle: 'symbols',
    nameStyle: 'alias',
    recordNumber: { prefix: 'FY', width: 8 },
    specimenIn: 'SPM',
    qualitative: ['阴性', '阳性'],
    platform: 'beckman',
  },
  'WX-LAB': {
    ...USUAL,
    institution: 'WX-LAB',
    application: 'KHLIMS',
    facility: 'KANGHENG',
    charset: 'UTF-8',
    statedCharset: 'UNICODE UTF-8',
    version: '2.6',
    codeStyle: 'abbreviation',
    unitStyle: 'symbols',
    nameStyle: 'bracketed',
    recordNumber: { prefix: 'KH', width: 10 },
    timeForm: 'offset',
    specimenIn: 'SPM',
    qualitative: ['阴性', '阳性'],
    platform: 'roche',
  },
  'WX-IMAGING': {
    ...USUAL,
    institution: 'WX-IMAGING',
    application: 'BYRIS',
    facility: 'BOYING',
    charset: 'UTF-8',
    statedCharset: 'UNICODE UTF-8',
    version: '2.5',
    codeStyle: 'abbreviation',
    unitStyle: 'symbols',
    nameStyle: 'formal',
    recordNumber: { prefix: 'BY', width: 8 },
    specimenIn: 'OBR-15',
    qualitative: ['阴性', '阳性'],
    platform: 'mindray',
  },
  'QL-FIRST': {
    ...USUAL,
    institution: 'QL-FIRST',
    application: 'ESB',
    facility: 'QLSDYRMYY',
    charset: 'UTF-8',
    statedCharset: 'UNICODE UTF-8',
    version: '2.4',
    codeStyle: 'abbreviation',
    unitStyle: 'mixed',
    nameStyle: 'bracketed',
    recordNumber: { prefix: '', width: 12 },
    nameForm: 'parts',
    specimenIn: 'OBR-15',
    qualitative: ['Negative', 'Positive'],
    platform: 'abbott',
  },
  'QL-TCM': {
    ...USUAL,
    institution: 'QL-TCM',
    application: 'LIS5',
    facility: 'QLSZYY',
    charset: 'GB18030',
    statedCharset: 'GB 18030-2000',
    version: '2.5',
    codeStyle: 'sectioned',
    unitStyle: 'ascii',
    nameStyle: 'formal',
    recordNumber: { prefix: 'T', width: 8 },
    specimenIn: 'SPM',
    qualitative: ['阴性', '阳性'],
    platform: 'beckman',
  },
  'QL-DONGHU': {
    ...USUAL,
    institution: 'QL-DONGHU',
    application: 'SQLIS',
    facility: 'DHSQ',
    charset: 'GBK',
    statedCharset: '',
    version: '2.3.1',
    codeStyle: 'numeric',
    unitStyle: 'ascii',
    nameStyle: 'alias',
    recordNumber: { prefix: 'DH', width: 6 },
    sexForm: 'digits',
    timeForm: 'minute',
    specimenIn: 'OBR-15',
    qualitative: ['阴性', '阳性'],
    platform: 'mindray',
  },
  'QL-MILITARY': {
    ...USUAL,
    institution: 'QL-MILITARY',
    application: 'JWLIS',
    facility: 'D997YY',
    charset: 'GBK',
    statedCharset: '',
    version: '2.3.1',
    codeStyle: 'zero-padded',
    unitStyle: 'conventional',
    nameStyle: 'bracketed',
    recordNumber: { prefix: 'J', width: 9 },
    specimenIn: 'OBR-15',
    qualitative: ['阴性', '阳性'],
    platform: 'abbott',
  },
  'HQ-PROVINCIAL': {
    ...USUAL,
    institution: 'HQ-PROVINCIAL',
    application: 'HIP',
    facility: 'XHSRMYY',
    charset: 'UTF-8',
    statedCharset: 'UNICODE UTF-8',
    version: '2.5.1',
    codeStyle: 'loinc',
    unitStyle: 'ascii',
    nameStyle: 'formal',
    recordNumber: { prefix: 'X', width: 10 },
    timeForm: 'offset',
    specimenIn: 'SPM',
    qualitative: ['阴性', '阳性'],
    platform: 'roche',
  },
};

/** Text per unit (UCUM, as `data/analytes.csv` writes it) in the styles `symbols`, `ascii`, `mixed`. */
const UNIT_TEXTS: Readonly<Record<string, readonly [string, string, string]>> = {
  'umol/L': ['μmol/L', 'umol/L', 'umol/l'],
  'mmol/L': ['mmol/L', 'mmol/L', 'mmol/l'],
  '10*9/L': ['×10⁹/L', '10^9/L', '10*9/L'],
  '10*12/L': ['×10¹²/L', '10^12/L', '10*12/L'],
  'U/L': ['U/L', 'U/L', 'IU/L'],
  'm[IU]/L': ['mIU/L', 'uIU/mL', 'mIU/L'],
  'ug/L': ['μg/L', 'ng/mL', 'ug/L'],
  'k[IU]/L': ['U/mL', 'U/mL', 'KU/L'],
  '[IU]/mL': ['IU/mL', 'IU/mL', 'IU/ml'],
  '[IU]/L': ['mIU/mL', 'mIU/mL', 'IU/L'],
  'ng/L': ['ng/L', 'pg/mL', 'ng/L'],
  'ug/mL{FEU}': ['mg/L FEU', 'ug/mL FEU', 'mg/L(FEU)'],
  'mg/L{DDU}': ['mg/L DDU', 'mg/L DDU', 'mg/L(DDU)'],
  s: ['s', '秒', 'sec'],
  'mL/min/{1.73_m2}': ['mL/min/1.73m²', 'ml/min/1.73m2', 'ml/min/1.73m2'],
  '/[HPF]': ['/HP', '/HPF', '个/HP'],
  '{ratio}': ['', '', ''],
  '{INR}': ['', '', ''],
  '[pH]': ['', '', ''],
};

/** Quantities that `conventional` laboratories report in mass units: factor from the SI value, unit text, digits. */
const CONVENTIONAL: Readonly<
  Record<
    string,
    { readonly factor: number; readonly text: string; readonly ucum: string; readonly decimals: number }
  >
> = {
  'LC-CREA': { factor: 1 / 88.42, text: 'mg/dL', ucum: 'mg/dL', decimals: 2 },
  'LC-GLU': { factor: 18.016, text: 'mg/dL', ucum: 'mg/dL', decimals: 0 },
  'LC-UA': { factor: 1 / 59.48, text: 'mg/dL', ucum: 'mg/dL', decimals: 1 },
  'LC-TC': { factor: 38.67, text: 'mg/dL', ucum: 'mg/dL', decimals: 0 },
  'LC-TG': { factor: 88.57, text: 'mg/dL', ucum: 'mg/dL', decimals: 0 },
  'LC-HDL': { factor: 38.67, text: 'mg/dL', ucum: 'mg/dL', decimals: 0 },
  'LC-LDL': { factor: 38.67, text: 'mg/dL', ucum: 'mg/dL', decimals: 0 },
  'LC-TBIL': { factor: 1 / 17.104, text: 'mg/dL', ucum: 'mg/dL', decimals: 2 },
  'LC-DBIL': { factor: 1 / 17.104, text: 'mg/dL', ucum: 'mg/dL', decimals: 2 },
  'LC-ALB': { factor: 0.1, text: 'g/dL', ucum: 'g/dL', decimals: 1 },
  'LC-TP': { factor: 0.1, text: 'g/dL', ucum: 'g/dL', decimals: 1 },
  'LH-HGB': { factor: 0.1, text: 'g/dL', ucum: 'g/dL', decimals: 1 },
};

/** How an institution prints a quantity: the unit as written and in UCUM, and the factor from the analyte's own unit. */
export interface PrintedUnit {
  readonly text: string;
  readonly ucum: string;
  readonly factor: number;
  readonly decimals: number;
}

/** The unit an institution prints for an item whose values are kept in `ucum` with so many digits. */
export const printedUnit = (dialect: Dialect, item: string, ucum: string, decimals: number): PrintedUnit => {
  const conventional = dialect.unitStyle === 'conventional' ? CONVENTIONAL[item] : undefined;
  if (conventional) return conventional;
  const style = dialect.unitStyle === 'symbols' ? 0 : dialect.unitStyle === 'mixed' ? 2 : 1;
  return { text: UNIT_TEXTS[ucum]?.[style] ?? ucum, ucum, factor: 1, decimals };
};
