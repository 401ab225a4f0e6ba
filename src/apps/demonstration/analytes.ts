import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Condition } from './person.ts';

/** One partition of a reference interval: which people, and between which values. */
export interface ReferenceInterval {
  readonly low: number | null;
  readonly high: number | null;
  readonly sex: 'male' | 'female' | null;
  readonly ageFrom: number;
  readonly ageTo: number;
}

/** A measured quantity as the demonstration's laboratories know it, in the unit of `data/analytes.csv`. */
export interface Analyte {
  /** Catalogue item it answers. */
  readonly item: string;
  /** Unit of the values below, UCUM. */
  readonly unit: string;
  /** Variation within one person and between people, as fractions. */
  readonly within: number;
  readonly between: number;
  readonly intervals: readonly ReferenceInterval[];
  /** Where a healthy value lies when the interval has one end only, as a fraction of that end. */
  readonly typical: number;
  /** Digits after the point as printed. */
  readonly decimals: number;
  /** Below this the instrument prints `<`. */
  readonly detection: number | null;
}

/** Catalogue item, analyte of the table, digits after the point, typical fraction for one-ended intervals, detection limit. */
const PICKED: readonly (readonly [
  item: string,
  analyte: string,
  decimals: number,
  typical?: number,
  detection?: number,
])[] = [
  ['LC-K', 'K', 2],
  ['LC-NA', 'Na', 1],
  ['LC-CL', 'Cl', 1],
  ['LC-CA', 'Ca', 2],
  ['LC-P', 'P', 2],
  ['LC-MG', 'MG', 2],
  ['LC-GLU', 'GLU', 2],
  ['LC-UREA', 'UREA', 2],
  ['LC-UA', 'UA', 0],
  ['LC-CREA', 'CREA', 0],
  ['LC-CYSC', 'CYSC', 2],
  ['LC-TP', 'TP', 1],
  ['LC-ALB', 'ALB', 1],
  ['LC-PA', 'PA', 0],
  ['LC-TBIL', 'TBIL', 1, 0.47],
  ['LC-DBIL', 'DBIL', 1, 0.42],
  ['LC-ALT', 'ALT', 0],
  ['LC-AST', 'AST', 0],
  ['LC-ALP', 'ALP', 0],
  ['LC-GGT', 'GGT', 0],
  ['LC-LDH', 'LDH', 0],
  ['LC-CK', 'CK', 0],
  ['LC-CHE', 'CHE', 0],
  ['LC-TBA', 'TBA', 1, 0.32],
  ['LC-AMY', 'AMY', 0],
  ['LC-LIP', 'LIP', 0],
  ['LC-TC', 'TC', 2, 0.88],
  ['LC-TG', 'TG', 2, 0.66],
  ['LC-HDL', 'HDLC', 2, 1.36],
  ['LC-APOA1', 'APOA1', 2],
  ['LC-APOB', 'APOB', 2],
  ['LC-HCY', 'HCY', 1, 0.7],
  ['LC-HBA1C', 'HBA1C', 1],
  ['LC-FE', 'FE', 1],
  ['LC-FER', 'FERR', 1],
  ['LC-CRP', 'CRP', 2, 0.12, 0.5],
  ['LC-PCT', 'PCT', 2, 0.6, 0.02],
  ['LC-HSTNI', 'HSTNI', 1, 0.15],
  ['LC-CKMBM', 'CKMB_M', 2, 0.3],
  ['LC-MYO', 'MYO', 1, 0.45],
  ['LC-NTBNP', 'NTPROBNP', 0, 0.4],
  ['LC-VITD', 'VITD', 1, 1.1],
  ['LI-CEA', 'CEA', 2, 0.38],
  ['LI-AFP', 'AFP', 2, 0.4],
  ['LI-CA125', 'CA125', 1, 0.35],
  ['LI-CA153', 'CA153', 1, 0.42],
  ['LI-CA199', 'CA199', 1, 0.32, 2],
  ['LI-CA724', 'CA724', 2, 0.35],
  ['LI-TPSA', 'TPSA', 3, 0.25],
  ['LI-NSE', 'NSE', 1, 0.6],
  ['LI-CYFRA', 'CYFRA', 2, 0.55],
  ['LI-SCC', 'SCC', 2, 0.5],
  ['LI-TSH', 'TSH', 3, 1, 0.005],
  ['LI-FT3', 'FT3', 2],
  ['LI-FT4', 'FT4', 2],
  ['LI-T3', 'TT3', 2],
  ['LI-T4', 'TT4', 1],
  ['LI-IGG', 'IGG', 2],
  ['LI-IGA', 'IGA', 2],
  ['LI-IGM', 'IGM', 2],
  ['LI-C3', 'C3', 2],
  ['LI-C4', 'C4', 2],
  ['LI-RF', 'RF', 1, 0.4],
  ['LI-ASO', 'ASO', 0, 0.35],
  ['LI-BHCG', 'HCG', 2, 0.2, 0.6],
  ['LH-WBC', 'WBC', 2],
  ['LH-RBC', 'RBC', 2],
  ['LH-MCV', 'MCV', 1],
  ['LH-MCHC', 'MCHC', 0],
  ['LH-PLT', 'PLT', 0],
  ['LH-ESR', 'ESR', 0, 0.5],
  ['LH-HGB', 'HGB', 0],
  ['LH-MCH', 'MCH', 1],
  ['LH-NEUTN', 'NEUT', 2],
  ['LH-LYMN', 'LYMPH', 2],
  ['LH-MONN', 'MONO', 2],
  ['LH-EOSN', 'EOS', 2],
  ['LC-LDL', 'LDLC', 2, 0.76],
  ['LG-INR', 'INR', 2],
  ['LG-PT', 'PT', 1],
  ['LG-APTT', 'APTT', 1],
  ['LG-FIB', 'FIB', 2],
  ['LG-TT', 'TT', 1],
  ['LG-DD', 'DDIMER', 2, 0.5, 0.1],
];

const ANY_AGE = { sex: null, ageFrom: 0, ageTo: 200 } as const;

/** Quantities the table does not have, and the blood count of children, in values typical of Chinese laboratories. */
const added = (
  item: string,
  unit: string,
  [low, high]: readonly [number | null, number | null],
  [within, between]: readonly [number, number],
  decimals: number,
  typical = 0.5,
  detection: number | null = null,
): Analyte => ({
  item,
  unit,
  within,
  between,
  intervals: [{ low, high, ...ANY_AGE }],
  typical,
  decimals,
  detection,
});

const ADDED: readonly Analyte[] = [
  added('LH-RDWCV', '%', [11.5, 14.5], [0.02, 0.04], 1),
  added('LH-MPV', 'fL', [7, 11], [0.03, 0.07], 1),
  added('LC-TCO2', 'mmol/L', [22, 29], [0.04, 0.05], 1),
  added('LU-ACR', 'mg/g', [null, 30], [0.3, 0.5], 1, 0.25),
  added('LI-TPOAB', '[IU]/mL', [null, 34], [0.1, 0.5], 1, 0.35, 5),
  added('LI-TGAB', '[IU]/mL', [null, 115], [0.1, 0.5], 1, 0.15, 10),
  added('LI-PROG', 'nmol/L', [0.2, 40], [0.25, 0.4], 2, 1, 0.16),
  added('LI-HBSAB', 'm[IU]/mL', [null, 10], [0.1, 0.5], 2, 0.1, 2),
  // Calculated from others: only the interval and the unit are used.
  added('LC-GLB', 'g/L', [20, 40], [0.05, 0.1], 1),
  added('LC-AG', '{ratio}', [1.2, 2.4], [0.05, 0.1], 2),
  added('LC-IBIL', 'umol/L', [3, 18], [0.2, 0.3], 1),
  added('LC-EGFR', 'mL/min/{1.73_m2}', [90, null], [0.05, 0.14], 1),
  added('LH-HCT', '%', [36, 50], [0.03, 0.06], 1),
  added('LH-NEUTP', '%', [40, 75], [0.1, 0.15], 1),
  added('LH-LYMP', '%', [20, 50], [0.1, 0.15], 1),
  added('LH-MONP', '%', [3, 10], [0.1, 0.15], 1),
  added('LH-EOSP', '%', [0.4, 8], [0.15, 0.5], 1),
  added('LG-DDU', 'mg/L{DDU}', [null, 0.25], [0.23, 0.26], 2, 0.5, 0.05),
];

const child = (low: number, high: number, ageFrom = 0, ageTo = 13): ReferenceInterval => ({
  low,
  high,
  sex: null,
  ageFrom,
  ageTo,
});

const CHILD_INTERVALS: Readonly<Record<string, readonly ReferenceInterval[]>> = {
  'LH-WBC': [child(5.1, 14.1, 0, 2), child(4.4, 11.9, 2, 6), child(4.3, 11.3, 6, 13)],
  'LH-RBC': [child(4.0, 5.5)],
  'LH-HGB': [child(97, 141, 0, 2), child(112, 149, 2, 13)],
  'LH-HCT': [child(30, 43)],
  'LH-MCV': [child(76, 88)],
  'LH-MCH': [child(25, 31)],
  'LH-PLT': [child(188, 472)],
  'LH-NEUTN': [child(1.0, 7.0, 0, 6), child(1.6, 7.8, 6, 13)],
  'LH-NEUTP': [child(22, 65, 0, 6), child(31, 70, 6, 13)],
  'LH-LYMN': [child(1.8, 8.0, 0, 6), child(1.5, 4.6, 6, 13)],
  'LH-LYMP': [child(23, 69, 0, 6), child(23, 59, 6, 13)],
};

const numberOr = (text: string | undefined, otherwise: number): number =>
  text === undefined || text === '' ? otherwise : Number(text);

/** Reads the quantities out of `data/analytes.csv` (variation and intervals with their sources). */
export const readAnalytes = (csv: string): ReadonlyMap<string, Analyte> => {
  const rows = parse(csv, { columns: true }) as Record<string, string>[];
  const table = new Map<string, Analyte>(
    ADDED.map((analyte) => [
      analyte.item,
      { ...analyte, intervals: [...(CHILD_INTERVALS[analyte.item] ?? []), ...analyte.intervals] },
    ]),
  );
  for (const [item, code, decimals, typical = 0.5, detection = null] of PICKED) {
    const own = rows.filter((row) => row['analyte'] === code);
    const first = own[0];
    if (!first) throw new RangeError(`no analyte ${code} in the table`);
    const intervals = own.map(
      (row): ReferenceInterval => ({
        low: row['ref_low'] ? Number(row['ref_low']) : null,
        high: row['ref_high'] ? Number(row['ref_high']) : null,
        sex: row['sex'] === 'M' ? 'male' : row['sex'] === 'F' ? 'female' : null,
        ageFrom: numberOr(row['age_from'], 0),
        ageTo: numberOr(row['age_to'], 200) + (Number(row['age_from']) >= 18 ? 1 : 0),
      }),
    );
    table.set(item, {
      item,
      unit: item === 'LG-INR' ? '{INR}' : (first['unit'] as string),
      within: numberOr(first['CVi'], 15) / 100,
      between: numberOr(first['CVg'], 25) / 100,
      intervals: [...(CHILD_INTERVALS[item] ?? []), ...intervals],
      typical,
      decimals,
      detection,
    });
  }
  return table;
};

/** The table as shipped. */
export const ANALYTES = readAnalytes(
  readFileSync(new URL('../../../data/analytes.csv', import.meta.url), 'utf8'),
);

/** The interval a laboratory prints for such a person: the fitting partition, else that of the nearest age. */
export const intervalFor = (analyte: Analyte, sex: 'male' | 'female', age: number): ReferenceInterval => {
  const ofSex = analyte.intervals.filter((interval) => interval.sex === null || interval.sex === sex);
  const candidates = ofSex.length > 0 ? ofSex : analyte.intervals;
  const distance = ({ ageFrom, ageTo }: ReferenceInterval): number =>
    age < ageFrom ? ageFrom - age : age >= ageTo ? age - ageTo + 0.5 : 0;
  return candidates.reduce((best, candidate) => (distance(candidate) < distance(best) ? candidate : best));
};

/** By which factor a condition of middling severity moves a quantity. */
export const SHIFTS: Readonly<Record<Condition | 'infection', Readonly<Record<string, number>>>> = {
  diabetes: { 'LC-GLU': 1.7, 'LC-HBA1C': 1.5, 'LC-TG': 1.5, 'LU-ACR': 4 },
  hypertension: { 'LC-UA': 1.12, 'LC-CREA': 1.08, 'LU-ACR': 1.8 },
  ckd: {
    'LC-CREA': 2.9,
    'LC-UREA': 2.4,
    'LC-CYSC': 2.4,
    'LC-UA': 1.3,
    'LC-K': 1.1,
    'LC-P': 1.25,
    'LH-RBC': 0.8,
    'LU-ACR': 12,
    'LC-TCO2': 0.85,
  },
  'hepatitis-b': { 'LC-ALT': 2.3, 'LC-AST': 1.9, 'LC-GGT': 1.6, 'LC-TBA': 2, 'LI-AFP': 1.4, 'LC-TBIL': 1.3 },
  hyperthyroid: {
    'LI-TSH': 0.004,
    'LI-FT3': 2.3,
    'LI-FT4': 2.1,
    'LI-T3': 1.9,
    'LI-T4': 1.7,
    'LI-TPOAB': 8,
    'LC-TC': 0.82,
  },
  hypothyroid: { 'LI-TSH': 5, 'LI-FT4': 0.7, 'LI-T4': 0.75, 'LI-TPOAB': 14, 'LI-TGAB': 6, 'LC-TC': 1.2 },
  'thyroid-nodule': {},
  tumour: { 'LI-CEA': 4, 'LI-CA199': 3, 'LI-CYFRA': 2, 'LH-RBC': 0.9, 'LC-ALB': 0.92 },
  coronary: { 'LC-NTBNP': 3, 'LC-HCY': 1.3, 'LC-HSTNI': 1.5 },
  gout: { 'LC-UA': 1.55 },
  hyperlipidaemia: { 'LC-TC': 1.35, 'LC-TG': 1.7, 'LC-HDL': 0.85, 'LC-APOB': 1.4 },
  anaemia: { 'LH-RBC': 0.92, 'LH-MCV': 0.83, 'LC-FER': 0.2, 'LC-FE': 0.45, 'LH-RDWCV': 1.25 },
  knee: {},
  spine: {},
  pregnancy: {
    'LC-ALB': 0.86,
    'LH-RBC': 0.9,
    'LC-ALP': 1.4,
    'LG-FIB': 1.4,
    'LG-DD': 3,
    'LI-PROG': 4,
    'LC-TC': 1.2,
  },
  infection: { 'LH-WBC': 1.7, 'LC-CRP': 28, 'LC-PCT': 5, 'LH-ESR': 2.6, 'LH-PLT': 1.15 },
};
