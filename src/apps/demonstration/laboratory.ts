import { civilDateText } from '../../kernel/civil-day.ts';
import type { Instant } from '../../kernel/instant.ts';
import { ANALYTES, intervalFor, type ReferenceInterval } from './analytes.ts';
import { DIALECTS, type Dialect, type PrintedUnit, printedUnit } from './dialects.ts';
import { localCatalogueOf } from './local-codes.ts';
import { ageOn, type DemonstrationPerson } from './person.ts';
import type { Body, Episode } from './physiology.ts';
import type { PrintedResult } from './printed-result.ts';
import { qualitativeResult } from './qualitative.ts';
import { type Random, randomStream } from './random.ts';
import type { DemonstrationInstitution } from './region.ts';

/** What a laboratory knows about the sample it measures. */
export interface Sample {
  readonly person: DemonstrationPerson;
  readonly body: Body;
  readonly episode: Episode;
  readonly at: Instant;
  /** Institution that measures: its method and platform shape the value. */
  readonly performer: DemonstrationInstitution;
  /** Institution whose report it becomes: its units and names. */
  readonly reporter: DemonstrationInstitution;
  /** Chance of this measurement: imprecision. */
  readonly noise: Random;
  /** Potassium leaks out of broken red cells. */
  readonly haemolysed?: boolean;
}

/** CKD-EPI 2009 without the race term, creatinine in µmol/L. */
const filtrationRate = (creatinine: number, sex: 'male' | 'female', age: number): number => {
  const [kappa, alpha, factor] =
    sex === 'female' ? ([61.9, -0.329, 144 / 141] as const) : ([79.6, -0.411, 1] as const);
  const ratio = creatinine / kappa;
  return 141 * Math.min(ratio, 1) ** alpha * Math.max(ratio, 1) ** -1.209 * 0.993 ** age * factor;
};

/** Systematic deviation of a laboratory for an item; the same for ever. Immunoassays follow their platform. */
const biasOf = (performer: DemonstrationInstitution, item: string): number => {
  const analyte = ANALYTES.get(item);
  const immunoassay = item.startsWith('LI-');
  const stream = randomStream(
    immunoassay ? `bias/${DIALECTS[performer].platform}/${item}` : `bias/${performer}/${item}`,
  );
  return stream.normal() * Math.min(immunoassay ? 0.07 : 0.02, (analyte?.between ?? 0.04) * 0.4);
};

/** Values of one sample, each quantity measured once, calculated ones from the measured. */
export const measure = (sample: Sample): ((item: string) => number) => {
  const { person, body, episode, at, performer, noise } = sample;
  const age = ageOn(person.birthDate, civilDateText(at).replaceAll('-', ''));
  const values = new Map<string, number>();
  const cells = { neutrophils: 0, monocytes: 0, eosinophils: 0 };
  cells.neutrophils = body.neutrophils(age, episode);
  cells.monocytes = 0.05 + 0.03 * noise.next();
  cells.eosinophils = 0.005 + 0.035 * noise.next();
  const lymphocytes = (): number =>
    Math.max(0.04, 0.995 - cells.neutrophils - cells.monocytes - cells.eosinophils);

  const calculated: Readonly<Record<string, () => number>> = {
    // A whole that leaves too little for the globulins is raised, so that the parts still add up to it.
    'LC-TP': () => Math.max(measured('LC-TP'), of('LC-ALB') + 14),
    'LC-GLB': () => of('LC-TP') - of('LC-ALB'),
    'LC-AG': () => of('LC-ALB') / of('LC-GLB'),
    'LC-IBIL': () => Math.max(0.5, of('LC-TBIL') - of('LC-DBIL')),
    'LC-DBIL': () => Math.min(measured('LC-DBIL'), of('LC-TBIL') * 0.8),
    'LC-LDL': () => Math.max(0.6, of('LC-TC') - of('LC-HDL') - of('LC-TG') / 2.2),
    'LC-EGFR': () => Math.min(140, filtrationRate(of('LC-CREA'), person.sex, age)),
    'LC-K': () => measured('LC-K') * (sample.haemolysed ? 1.28 : 1),
    'LH-HGB': () => (of('LH-RBC') * of('LH-MCV') * of('LH-MCHC')) / 1000,
    'LH-HCT': () => (of('LH-RBC') * of('LH-MCV')) / 10,
    'LH-MCH': () => (of('LH-MCV') * of('LH-MCHC')) / 1000,
    'LH-NEUTP': () => cells.neutrophils * 100,
    'LH-LYMP': () => lymphocytes() * 100,
    'LH-MONP': () => cells.monocytes * 100,
    'LH-EOSP': () => cells.eosinophils * 100,
    'LH-NEUTN': () => of('LH-WBC') * cells.neutrophils,
    'LH-LYMN': () => of('LH-WBC') * lymphocytes(),
    'LH-MONN': () => of('LH-WBC') * cells.monocytes,
    'LH-EOSN': () => of('LH-WBC') * cells.eosinophils,
    'LG-INR': () => of('LG-PT') / 12.3,
    'LG-DDU': () => of('LG-DD') / 2,
    'LI-HBSAB': () => (body.positive('LI-HBSAB') ? 10 + 180 * noise.next() : 1),
  };
  const measured = (item: string): number => {
    const imprecision = Math.min(0.015, (ANALYTES.get(item)?.within ?? 0.03) * 0.5);
    return (
      body.value(item, at, age, episode) * (1 + biasOf(performer, item)) * (1 + noise.normal() * imprecision)
    );
  };
  const of = (item: string): number => {
    let value = values.get(item);
    if (value === undefined) {
      value = (calculated[item] ?? (() => measured(item)))();
      values.set(item, value);
    }
    return value;
  };
  return of;
};

const printedReference = ({ low, high }: ReferenceInterval, unit: PrintedUnit, dialect: Dialect): string => {
  const digits = (value: number): string => (value * unit.factor).toFixed(Math.min(unit.decimals, 2));
  const dash = dialect.nameStyle === 'alias' ? '--' : dialect.nameStyle === 'formal' ? '～' : '-';
  if (low !== null && high !== null) return `${digits(low)}${dash}${digits(high)}`;
  return high !== null ? `<${digits(high)}` : `>${digits(low as number)}`;
};

/** What laboratories telephone: the usual items of a critical value list (危急值). */
const CRITICAL_ITEMS: ReadonlySet<string> = new Set(
  'LC-K LC-NA LC-CA LC-GLU LC-CREA LC-UREA LC-HSTNI LH-WBC LH-HGB LH-PLT LG-INR LG-APTT LG-FIB'.split(' '),
);

const flagOf = (value: number, { low, high }: ReferenceInterval, item: string): string => {
  if (item === 'LI-HBSAB') return '';
  const isCritical = CRITICAL_ITEMS.has(item);
  if (high !== null && value > high) return isCritical && value > high * 2.5 ? 'HH' : 'H';
  if (low !== null && value < low) return isCritical && value < low * 0.5 ? 'LL' : 'L';
  return '';
};

const numericResult = (item: string, value: number, sample: Sample): PrintedResult => {
  const analyte = ANALYTES.get(item);
  if (!analyte) throw new RangeError(`no analyte for ${item}`);
  const dialect = DIALECTS[sample.reporter];
  const age = ageOn(sample.person.birthDate, civilDateText(sample.at).replaceAll('-', ''));
  const interval = intervalFor(analyte, sample.person.sex, age);
  const unit = printedUnit(dialect, item, analyte.unit, analyte.decimals);
  const below = analyte.detection !== null && value < analyte.detection;
  const digits = ((below ? (analyte.detection as number) : value) * unit.factor).toFixed(unit.decimals);
  return {
    item,
    valueType: !below ? 'NM' : dialect.version.startsWith('2.5') ? 'SN' : 'ST',
    value: below ? (dialect.version.startsWith('2.5') ? `<^${digits}` : `<${digits}`) : digits,
    unitText: unit.text,
    referenceText: printedReference(interval, unit, dialect),
    flag: flagOf(value, interval, item),
  };
};

/** The lines of a panel as the reporting institution prints them. */
export const printPanel = (sample: Sample, members: readonly string[]): readonly PrintedResult[] => {
  const of = measure(sample);
  const catalogue = localCatalogueOf(sample.reporter);
  return members
    .filter((item) => catalogue.analytes.has(item))
    .map((item) => {
      const words = qualitativeResult(
        item,
        sample.body,
        sample.person.conditions,
        sample.episode,
        DIALECTS[sample.reporter],
        sample.noise,
      );
      return words ?? numericResult(item, of(item), sample);
    });
};
