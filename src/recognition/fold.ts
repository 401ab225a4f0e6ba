import type { CheckOutcome, VerdictGrade } from './verdict.ts';

/** One row of the table from findings to verdict. */
export interface FoldRow {
  readonly row: string;
  readonly grade: VerdictGrade;
  /**
   * What the doctor is shown: the result to recognise, the result to read for reference, or nothing. A result past its
   * window is worth reading and no reason to interrupt.
   */
  readonly offer: 'recognise' | 'reference' | 'none';
  /** The row applies when a check came to one of these; `unknown` stands for any unknown outcome not named elsewhere. */
  readonly findings: readonly string[];
}

/** Stands in a row's findings for every unknown outcome that no other row names. */
export const ANY_UNKNOWN = '*unknown';

/**
 * From the findings of the checks to the verdict: the first row that applies wins. Ordered from the least to the most, so
 * a further failing check can only move a verdict up the table, never down.
 */
export const FOLD: readonly FoldRow[] = [
  {
    row: 'other-person',
    grade: 'excluded',
    offer: 'none',
    findings: ['identity-weak', 'identity-none', 'identity-disputed'],
  },
  {
    row: 'report-void',
    grade: 'excluded',
    offer: 'none',
    findings: ['report-withdrawn', 'report-cancelled', 'report-entered-in-error', 'result-not-obtained'],
  },
  {
    row: 'other-examination',
    grade: 'excluded',
    offer: 'none',
    findings: [
      'other-item',
      'item-not-in-catalogue',
      'other-specimen',
      'other-side',
      'other-body-part',
      'side-not-stated',
    ],
  },
  { row: 'not-final', grade: 'view-only', offer: 'reference', findings: ['not-final'] },
  {
    row: 'images-not-fit',
    grade: 'view-only',
    offer: 'reference',
    findings: ['images-absent', 'images-none-but-documents', 'images-incomplete', 'images-unfit'],
  },
  {
    row: 'specimen-not-fit',
    grade: 'view-only',
    offer: 'reference',
    findings: [
      'specimen-spoilt',
      'time-point-of-a-dynamic-test',
      'point-of-care-not-accepted',
      'not-fasting',
    ],
  },
  {
    row: 'not-comparable',
    grade: 'view-only',
    offer: 'reference',
    findings: ['method-differs', 'unit-not-convertible'],
  },
  {
    row: 'no-zone',
    grade: 'not-covered',
    offer: 'reference',
    findings: ['no-common-zone', 'item-not-listed', 'no-window'],
  },
  {
    row: 'institution-not-covered',
    grade: 'not-covered',
    offer: 'reference',
    findings: [
      'institution-not-listed',
      'institution-suspended',
      'institution-removed',
      'institution-suspended-then',
    ],
  },
  { row: 'direction-not', grade: 'not-covered', offer: 'reference', findings: ['direction-not'] },
  { row: 'out-of-scope', grade: 'not-covered', offer: 'reference', findings: ['out-of-scope'] },
  { row: 'window-passed', grade: 'may-consider', offer: 'reference', findings: ['window-passed'] },
  { row: 'intervened', grade: 'may-consider', offer: 'reference', findings: ['intervention-since'] },
  {
    row: 'no-quality-basis',
    grade: 'may-consider',
    offer: 'recognise',
    findings: [
      'no-quality-basis',
      'grant-out-of-scope',
      'grant-revoked',
      'grant-expired',
      'grant-not-begun',
      'grant-for-other-campus',
      'grant-for-other-method',
    ],
  },
  { row: 'exempt', grade: 'may-consider', offer: 'recognise', findings: ['exempt'] },
  { row: 'direction-may', grade: 'may-consider', offer: 'recognise', findings: ['direction-may'] },
  { row: 'draft', grade: 'may-consider', offer: 'recognise', findings: ['list-in-draft', 'basis-in-draft'] },
  { row: 'unknown', grade: 'may-consider', offer: 'recognise', findings: [ANY_UNKNOWN] },
  { row: 'all-pass', grade: 'must-consider', offer: 'recognise', findings: [] },
];

const ROW_OF_FINDING = new Map(
  FOLD.flatMap(({ findings }, index) => findings.map((one) => [one, index] as const)),
);
const ROW_OF_UNKNOWN = ROW_OF_FINDING.get(ANY_UNKNOWN) as number;
const LAST_ROW = FOLD.length - 1;

/** The place in the table that one outcome alone would lead to. A failure that no row names excludes: never guessed. */
const rowOf = ({ outcome, finding }: CheckOutcome): number => {
  if (outcome === 'pass' || outcome === 'assumed-by-policy') return LAST_ROW;
  return ROW_OF_FINDING.get(finding) ?? (outcome === 'unknown' ? ROW_OF_UNKNOWN : 0);
};

/** The place (from 0) of the first row of `FOLD` that applies to the outcomes. The further down, the more favourable. */
export const foldIndex = (outcomes: readonly CheckOutcome[]): number => {
  let first = LAST_ROW;
  for (const outcome of outcomes) {
    const row = rowOf(outcome);
    if (row < first) first = row;
  }
  return first;
};

/** The row of the fold that decided a verdict. */
export const foldRow = (row: string): FoldRow => FOLD.find((one) => one.row === row) ?? (FOLD[0] as FoldRow);

/** Place of a row in the table; the further down, the more favourable to the patient's earlier result. */
export const rowRank = (row: string): number => FOLD.findIndex((one) => one.row === row);
