import { type DicomDataSet, itemsOf, textIn } from './data-set.ts';

/** Storage classes of structured reports. */
const STRUCTURED_REPORTS = '1.2.840.10008.5.1.4.1.1.88.';
const CONTENT = '0040A730';
const CONCEPT = '0040A043';
const MEASURED = '0040A300';
const NUMBER = '0040A30A';
const UNIT = '004008EA';
const CODE = '00080100';
/** CT Dose Length Product Total and Mean CTDIvol (DCM, PS3.16 TID 10012 and 10013). */
const DOSE_LENGTH_TOTAL = '113813';
const MEAN_CTDIVOL = '113830';
const DEPTH_MAX = 8;

/** What a dose report of computed tomography states. */
export interface ReportedDose {
  /** In all; null: not stated. */
  readonly doseLengthMGyCm: number | null;
  /** Of the acquisition that took most. */
  readonly ctdiVolMGy: number | null;
}

const codeIn = (dataSet: DicomDataSet | undefined, sequence: string): string | null =>
  dataSet ? textIn(itemsOf(dataSet, sequence)[0], CODE) : null;

/** A number of a content item in one unit only: one in another is not converted, it is left out. */
const measuredIn = (item: DicomDataSet, unit: string): readonly number[] =>
  itemsOf(item, MEASURED).flatMap((measured) => {
    const number = Number(textIn(measured, NUMBER) ?? Number.NaN);
    return codeIn(measured, UNIT) === unit && Number.isFinite(number) && number >= 0 ? [number] : [];
  });

const contentOf = (dataSet: DicomDataSet, depth = 0): readonly DicomDataSet[] =>
  depth > DEPTH_MAX ? [] : itemsOf(dataSet, CONTENT).flatMap((item) => [item, ...contentOf(item, depth + 1)]);

/** Reads a dose report; undefined: the instance is no structured report. */
export const doseOfReport = (dataSet: DicomDataSet): ReportedDose | undefined => {
  if (!(textIn(dataSet, '00080016') ?? '').startsWith(STRUCTURED_REPORTS)) return undefined;
  const content = contentOf(dataSet);
  const greatestOf = (concept: string, unit: string): number | null => {
    const values = content
      .filter((item) => codeIn(item, CONCEPT) === concept)
      .flatMap((item) => measuredIn(item, unit));
    return values.length === 0 ? null : Math.max(...values);
  };
  return {
    doseLengthMGyCm: greatestOf(DOSE_LENGTH_TOTAL, 'mGy.cm'),
    ctdiVolMGy: greatestOf(MEAN_CTDIVOL, 'mGy'),
  };
};
